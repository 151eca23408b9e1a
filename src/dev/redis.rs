//! A private Redis: loopback only, a random password, nothing kept on disk, because it only carries hints.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};

use super::place::Place;
use super::process::{Process, Program, is_leftover, stop_leftover};
use super::{port, secret};

const START_DEADLINE: Duration = Duration::from_secs(10);
const STOP_STEPS: &[(Signal, Duration)] = &[(Signal::SIGTERM, Duration::from_secs(3))];

/// A running private server, or a stopped one that can be started again on its port.
#[derive(Debug)]
pub struct PrivateRedis {
    place: Place,
    binary: PathBuf,
    password: SecretString,
    port: u16,
    process: Option<Process>,
}

impl PrivateRedis {
    pub async fn start(data_dir: &Path) -> anyhow::Result<Self> {
        let binary = find_binary()?;
        let place = Place::prepare(data_dir, "redis")?;
        stop_previous(&place.folder).await;
        let password = secret::password()?.into();
        let port = port::keep(&place.folder.join("port"))?;
        let mut server = Self { place, binary, password, port, process: None };
        if let Err(first) = server.launch().await {
            tracing::debug!(error = %first, "Redis did not start; trying another port");
            server.port = port::renew(&server.place.folder.join("port"))?;
            server.launch().await?;
        }
        Ok(server)
    }

    #[must_use]
    pub fn url(&self) -> SecretString {
        format!("redis://default:{}@127.0.0.1:{}", self.password.expose_secret(), self.port).into()
    }

    /// For people: no password, but where it is kept.
    #[must_use]
    pub fn shown_url(&self) -> String {
        format!("redis://127.0.0.1:{} (password in {})", self.port, self.settings_file().display())
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process while it runs.
    pub fn process(&mut self) -> Option<&mut Process> {
        self.process.as_mut()
    }

    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop(STOP_STEPS).await;
        }
    }

    /// Ends it as a crash would.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop(&[]).await;
        }
    }

    /// Starts it again on the same port and with the same password, stopping it first when it runs.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await;
        self.launch().await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        // The password goes into a file: an argument would be visible to every user of the machine.
        self.place.write_private(&self.settings_file(), &self.settings())?;
        let program = Program {
            name: "Redis",
            binary: self.binary.clone(),
            arguments: vec![self.settings_file().display().to_string()],
            environment: Vec::new(),
            run_as: self.place.run_as,
            on_our_death: Signal::SIGTERM,
            log: self.place.folder.join("server.log"),
            hold_input: false,
        };
        let mut process = program.start()?;
        fs::write(self.place.folder.join("pid"), process.pid().to_string())?;
        process.wait_until(START_DEADLINE, || answers(self.port, self.password.expose_secret())).await?;
        self.process = Some(process);
        Ok(())
    }

    fn settings_file(&self) -> PathBuf {
        self.place.folder.join("redis.conf")
    }

    fn settings(&self) -> String {
        let (port, password) = (self.port, self.password.expose_secret());
        let folder = self.place.folder.display();
        format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir \"{folder}\"\nsave \"\"\nappendonly no\n\
             maxmemory 64mb\nmaxmemory-policy allkeys-lru\ndaemonize no\n"
        )
    }
}

/// In `PATH`, as `redis-server` or its successor `valkey-server`.
pub fn find_binary() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin"), PathBuf::from("/usr/sbin")])
        .flat_map(|folder| [folder.join("redis-server"), folder.join("valkey-server")])
        .find(|binary| binary.exists())
        .ok_or_else(|| anyhow!("no Redis server found: run `make setup`, or give REDIS_URL"))
}

/// Whether our own server answers: another one on this port would refuse the password.
fn answers(port: u16, password: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        write!(stream, "AUTH {password}\r\n")?;
        let mut answer = [0_u8; 5];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+OK\r\n")
    };
    ask().unwrap_or(false)
}

async fn stop_previous(folder: &Path) {
    let pid = fs::read_to_string(folder.join("pid")).context("no earlier run");
    if let Some(pid) = pid.ok().and_then(|text| text.trim().parse().ok())
        && (is_leftover(pid, folder, "redis") || is_leftover(pid, folder, "valkey"))
    {
        tracing::warn!(pid, "stopping a Redis that an earlier run left");
        stop_leftover(pid, STOP_STEPS).await;
    }
}
