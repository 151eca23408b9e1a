//! The simulator as a child of `ezw dev`: the program beside ours, with its state in the data folder, so that paired
//! lines stay paired from run to run.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;

use super::process::{Process, Program};

const START_DEADLINE: Duration = Duration::from_secs(10);
const STOP_STEPS: &[(Signal, Duration)] = &[(Signal::SIGTERM, Duration::from_secs(2))];

#[derive(Debug)]
pub(super) struct Simulator {
    pub(super) process: Process,
}

impl Simulator {
    pub(super) async fn start(data_dir: &Path, addr: SocketAddr) -> anyhow::Result<Self> {
        let ours = std::env::current_exe().context("our own program file")?;
        let binary = ours.with_file_name("ezw-simulator");
        if !binary.exists() {
            bail!("{} is missing: build it with `cargo build --workspace`", binary.display());
        }
        let file = |name: &str| data_dir.join(name).display().to_string();
        let mut arguments = vec!["--listen".to_owned(), addr.to_string()];
        arguments.extend(["--state".to_owned(), file("simulator.state.json")]);
        arguments.extend(["--journal".to_owned(), file("simulator.journal.jsonl")]);
        arguments.push("--exit-with-parent".to_owned());
        let program = Program {
            name: "the simulator",
            binary,
            arguments,
            environment: Vec::new(),
            run_as: None,
            on_our_death: Signal::SIGTERM,
            log: data_dir.join("simulator.log"),
            hold_input: true,
        };
        let mut process = program.start()?;
        process.wait_until(START_DEADLINE, || TcpStream::connect(addr).is_ok()).await?;
        Ok(Self { process })
    }

    pub(super) async fn stop(&mut self) {
        self.process.stop(STOP_STEPS).await;
    }
}

/// Deletes what the simulator keeps.
pub(super) fn forget(data_dir: &Path) {
    for name in ["simulator.state.json", "simulator.journal.jsonl"] {
        std::fs::remove_file(data_dir.join(name)).ok();
    }
}
