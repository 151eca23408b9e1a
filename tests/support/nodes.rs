//! Several processes of the service over one database and one simulator, each with a way of its own to PostgreSQL.

use std::path::PathBuf;

use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};

use super::TestBed;
use super::process::{Running, service_binary};
use super::way::Way;

/// One process, or the place of one that is down.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) way: Way,
    /// Stays the same over restarts.
    pub(crate) base: String,
    /// Another version's, from its next start on.
    pub(crate) program: PathBuf,
    environment: Vec<(String, String)>,
    log: PathBuf,
    running: Option<Running>,
}

impl Node {
    /// Starts it in the environment of the bed's own service, which need not run.
    pub(crate) async fn start(bed: &TestBed, name: &str, database: &SecretString) -> Self {
        Self::start_of(service_binary(), bed, name, database).await
    }

    /// The same of another version's program.
    pub(crate) async fn start_of(
        program: PathBuf,
        bed: &TestBed,
        name: &str,
        database: &SecretString,
    ) -> Self {
        let way = Way::to(database).await;
        let own = [
            ("EZW_NODE_NAME", name.to_owned()),
            ("EZW_HTTP_ADDR", "127.0.0.1:0".to_owned()),
            ("DATABASE_URL", way.url.expose_secret().to_owned()),
        ];
        let mut environment = bed.environment().to_vec();
        environment.retain(|(set, _)| own.iter().all(|(name, _)| name != set));
        environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let log = bed.data_dir().join(format!("{name}.log"));
        let (name, base) = (name.to_owned(), String::new());
        let mut node = Self { name, way, base, program, environment, log, running: None };
        node.launch().await;
        node
    }

    /// Starts it again where it was.
    pub(crate) async fn launch(&mut self) {
        assert!(self.running.is_none(), "{} runs already", self.name);
        let running = Running::service_of(&self.program, &self.environment, &self.log).await;
        self.base.clone_from(&running.address);
        let address = running.address.trim_start_matches("http://");
        for (name, value) in &mut self.environment {
            if name == "EZW_HTTP_ADDR" {
                address.clone_into(value);
            }
        }
        self.running = Some(running);
    }

    pub(crate) fn is_up(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.running.as_ref().expect("it runs").pid()
    }

    /// No goodbye at all.
    pub(crate) fn kill9(&mut self) {
        self.running.take().expect("it runs").kill9();
    }

    /// SIGTERM and wait; the exit must be clean.
    pub(crate) async fn stop(&mut self) {
        self.running.take().expect("it runs").stop().await;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.running.as_ref().expect("it runs").signal(signal);
    }

    /// What it logged since the beginning of the test.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its open sockets to a port of this machine, half-closed ones too.
    pub(crate) fn sockets_to(&self, port: u16) -> usize {
        let folder = format!("/proc/{}", self.pid());
        let table = std::fs::read_to_string(format!("{folder}/net/tcp")).expect("Linux says so");
        let far = format!(":{port:04X}");
        let to_there = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(2).is_some_and(|remote| remote.ends_with(&far)).then(|| words[9].to_owned())
        };
        let inodes: Vec<String> = table.lines().filter_map(to_there).collect();
        let files = std::fs::read_dir(format!("{folder}/fd")).expect("it runs");
        let links = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        let held = |link: &PathBuf| {
            inodes.iter().any(|inode| link.as_os_str() == format!("socket:[{inode}]").as_str())
        };
        links.filter(held).count()
    }
}
