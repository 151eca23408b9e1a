//! The service and the simulator as child processes that announce their addresses on one line and end with the test.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const START_PATIENCE: Duration = Duration::from_secs(30);
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// A variable that `make test` sets.
pub(crate) fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run the tests through `make test`"))
}

/// The service's program; cargo builds it for these tests.
pub(crate) fn service_binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_ezw"))
}

/// The simulator is of another package, so cargo names it to nobody; it is built beside the service.
pub(crate) fn simulator_binary() -> PathBuf {
    let binary = service_binary().with_file_name("ezw-simulator");
    assert!(binary.exists(), "{} is missing: run the tests through `make test`", binary.display());
    binary
}

pub(crate) struct Running {
    child: Child,
    log: PathBuf,
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
    pub(crate) metrics: String,
}

impl Running {
    /// Waits for `ezw listening on http://… metrics http://…`.
    pub(crate) async fn service(environment: &[(String, String)], log: &Path) -> Self {
        Self::service_of(&service_binary(), environment, log).await
    }

    /// The same of another version's program.
    pub(crate) async fn service_of(program: &Path, environment: &[(String, String)], log: &Path) -> Self {
        Self::start(program, &["serve"], environment, log, "ezw listening on ").await
    }

    /// Starts a program and waits for the line that begins with `announcement`.
    pub(crate) async fn start(
        binary: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
        log: &Path,
        announcement: &str,
    ) -> Self {
        let errors = File::options().create(true).append(true).open(log).expect("a log file");
        // A test that is killed takes its children along: the kernel signals them when this thread ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(binary).args(arguments);
        for (name, _) in std::env::vars().filter(|(name, _)| is_setting(name)) {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().expect("setpriv of util-linux");
        let lines = lines_of(child.stdout.take().expect("piped"));
        let mut running = Self { child, log: log.to_owned(), address: String::new(), metrics: String::new() };
        let line = running.announced(&lines, announcement).await;
        let mut words = line.trim_start_matches(announcement).split_whitespace();
        running.address = words.next().expect("an address").to_owned();
        running.metrics = words.nth(1).unwrap_or_default().to_owned();
        running
    }

    async fn announced(&mut self, lines: &Receiver<String>, announcement: &str) -> String {
        let start = Instant::now();
        loop {
            if let Ok(line) = lines.try_recv() {
                if line.starts_with(announcement) {
                    return line;
                }
                continue;
            }
            let ended = self.child.try_wait().expect("our own child");
            let late = start.elapsed() > START_PATIENCE;
            assert!(
                ended.is_none() && !late,
                "no `{announcement}` ({ended:?}); its log:\n{}",
                self.log_text()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// SIGTERM; the process must end by itself, with code 0, in time.
    pub(crate) async fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                assert!(status.success(), "it ended with {status}; its log:\n{}", self.log_text());
                return;
            }
            assert!(start.elapsed() < STOP_PATIENCE, "it does not stop; its log:\n{}", self.log_text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("our own child")
    }

    pub(crate) fn kill9(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")), signal)
            .expect("our own child");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            println!("-- the log {}:\n{}", self.log.display(), self.log_text());
        }
    }
}

/// The caller's own settings must not reach a service under test.
pub(crate) fn is_setting(name: &str) -> bool {
    name.starts_with("EZW_") || name == "DATABASE_URL" || name == "REDIS_URL"
}

/// Reads on to the end, so that a child never waits for a full pipe.
fn lines_of(output: std::process::ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    receiver
}
