//! Connections that ask one thing after the other, each as soon as the last one is answered.

use futures_util::future::join_all;
use std::{
    cell::Cell,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What the kernel counts a process's time in.
const TICKS_PER_SECOND: f64 = 100.0;

pub(crate) struct Load {
    pub(crate) address: String,
    /// Whose time is looked at.
    pub(crate) server: u32,
    pub(crate) connections: usize,
    /// The status of the right answer.
    pub(crate) right: u16,
    /// The whole request of this number.
    pub(crate) request: Box<dyn Fn(usize) -> String>,
}

/// What came of one run.
pub(crate) struct Measured {
    elapsed: Duration,
    cpu_seconds: f64,
    /// In microseconds, shortest first.
    latencies: Vec<f64>,
    /// Answers with another status.
    pub(crate) wrong: u64,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn cpu_microseconds(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.latencies.len() as f64
    }

    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        percentile(&self.latencies, percent)
    }
}

pub(crate) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let index = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted.get(index.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

thread_local! {
    /// Of all runs: no two requests are one.
    static NEXT: Cell<usize> = const { Cell::new(0) };
}

impl Load {
    pub(crate) async fn run(&self, time: Duration) -> Measured {
        let (start, cpu) = (Instant::now(), cpu_seconds(self.server));
        let until = start + time;
        let done = join_all((0..self.connections).map(|_| self.connection(until))).await;
        let (elapsed, cpu_seconds) = (start.elapsed(), cpu_seconds(self.server) - cpu);
        let wrong = done.iter().map(|(_, wrong)| wrong).sum();
        let mut latencies: Vec<f64> = done.into_iter().flat_map(|(latencies, _)| latencies).collect();
        latencies.sort_by(f64::total_cmp);
        Measured { elapsed, cpu_seconds, latencies, wrong }
    }

    async fn connection(&self, until: Instant) -> (Vec<f64>, u64) {
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (mut latencies, mut wrong, mut buffer) = (Vec::new(), 0, Vec::with_capacity(8_192));
        while Instant::now() < until {
            let index = NEXT.replace(NEXT.get() + 1);
            let request = (self.request)(index);
            let asked = Instant::now();
            socket.write_all(request.as_bytes()).await.unwrap();
            let status = answer(&mut socket, &mut buffer).await;
            latencies.push(asked.elapsed().as_secs_f64() * 1e6);
            wrong += u64::from(status != self.right);
        }
        (latencies, wrong)
    }
}

/// Reads one answer to its end; its status.
async fn answer(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        assert!(socket.read_buf(buffer).await.unwrap() > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).unwrap();
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        let status = text[9..12].parse().unwrap();
        let missing = (head + 4 + length.unwrap_or(0)).saturating_sub(buffer.len());
        if missing > 0 {
            let mut rest = vec![0; missing];
            socket.read_exact(&mut rest).await.unwrap();
        }
        return status;
    }
}

/// User and system time of a process.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name before may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
