//! A child process that can't outlive us: started through `setpriv`, which asks the kernel to signal it when the
//! thread that started it ends. `kill -9` of `ezw dev` therefore leaves nothing behind.
//!
//! That ties a child to a *thread*: start children from the main thread (or from a test's own), never from a pool.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::place::RunAs;

/// How often a state that has no event of its own is looked at again.
const POLL: Duration = Duration::from_millis(20);

/// What is started, as whom, and where its output goes.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) binary: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) run_as: Option<RunAs>,
    /// Sent by the kernel when we die.
    pub(super) on_our_death: Signal,
    pub(super) log: PathBuf,
    /// Whether its input stays open as long as we live, for a program that watches for its end.
    pub(super) hold_input: bool,
}

/// A running child.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    on_drop: Signal,
    exited: Option<ExitStatus>,
}

impl Program {
    /// Starts it in a process group of its own, so that Ctrl-C in a terminal reaches us alone and we choose the order.
    pub(super) fn start(&self) -> anyhow::Result<Process> {
        let log = open_log(&self.log)?;
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig").arg(self.on_our_death.as_str().trim_start_matches("SIG"));
        if let Some(run_as) = &self.run_as {
            command.args(run_as.setpriv_arguments());
        }
        command.arg("--").arg(&self.binary).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let input = if self.hold_input { Stdio::piped() } else { Stdio::null() };
        command.stdin(input).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = command.spawn().with_context(|| {
            format!("{} could not be started through setpriv (Debian package util-linux)", self.name)
        })?;
        Ok(Process {
            name: self.name,
            child,
            log: self.log.clone(),
            on_drop: self.on_our_death,
            exited: None,
        })
    }
}

impl Process {
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The exit status once it has ended.
    pub fn exit(&mut self) -> Option<ExitStatus> {
        if self.exited.is_none() {
            self.exited = self.child.try_wait().ok().flatten();
        }
        self.exited
    }

    /// Waits until `ready` says so; an early end of the child or the deadline is an error that shows its log.
    pub async fn wait_until(
        &mut self,
        deadline: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.exit() {
                bail!("{} ended while starting ({status}); its log ends:\n{}", self.name, self.log_tail());
            }
            if ready() {
                return Ok(());
            }
            if start.elapsed() > deadline {
                bail!("{} was not ready after {deadline:?}; its log ends:\n{}", self.name, self.log_tail());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub fn signal(&self, signal: Signal) {
        if self.exited.is_none() {
            send(self.pid(), signal);
        }
    }

    /// Sends each signal in turn and gives the child its time; returns whether the first was enough.
    pub async fn stop(&mut self, steps: &[(Signal, Duration)]) -> bool {
        for (index, (signal, patience)) in steps.iter().enumerate() {
            self.signal(*signal);
            let start = Instant::now();
            while start.elapsed() < *patience {
                if self.exit().is_some() {
                    return index == 0;
                }
                tokio::time::sleep(POLL).await;
            }
        }
        self.signal(Signal::SIGKILL);
        self.exited = self.child.wait().ok();
        false
    }

    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    /// The last resort, for a test that panics or an error on the way up: a short blocking wait, then the end.
    fn drop(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(3);
        if self.exit().is_some() {
            return;
        }
        self.signal(self.on_drop);
        let start = Instant::now();
        while self.exit().is_none() && start.elapsed() < PATIENCE {
            std::thread::sleep(POLL);
        }
        if self.exited.is_none() {
            self.signal(Signal::SIGKILL);
            self.exited = self.child.wait().ok();
        }
    }
}

/// A process of an earlier run, recognised by its working directory and name, so that a number given to a stranger
/// since is never signalled.
#[must_use]
pub(super) fn is_leftover(pid: u32, directory: &Path, name: &str) -> bool {
    let of = |file: &str| PathBuf::from(format!("/proc/{pid}/{file}"));
    let works_there = std::fs::read_link(of("cwd")).is_ok_and(|cwd| {
        let wanted = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
        cwd == wanted
    });
    works_there && std::fs::read_to_string(of("comm")).is_ok_and(|comm| comm.trim().starts_with(name))
}

/// Ends a process that isn't our child: signals in turn, then waits for it to be gone.
pub(super) async fn stop_leftover(pid: u32, steps: &[(Signal, Duration)]) {
    // A zombie has ended; only its parent has not looked yet, and that isn't us.
    let gone = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_none_or(|state| state.is_empty() || state.starts_with('Z'))
    };
    for (signal, patience) in steps.iter().copied().chain([(Signal::SIGKILL, Duration::from_secs(5))]) {
        send(pid, signal);
        let start = Instant::now();
        while start.elapsed() < patience {
            if gone() {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

fn send(pid: u32, signal: Signal) {
    // ESRCH only says that it is gone already, which is what every caller wants.
    if let Ok(pid) = i32::try_from(pid)
        && pid > 1
    {
        kill(Pid::from_raw(pid), signal).ok();
    }
}

fn open_log(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("the log {} can't be written", path.display()))
}

fn tail(path: &Path) -> std::io::Result<String> {
    const BYTES: u64 = 2_000;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
