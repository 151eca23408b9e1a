//! `ezw dev exec -- COMMAND`: a throw-away PostgreSQL and Redis around one command, for tests and for `sqlx` checks.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{SignalKind, signal};

use super::postgres::PrivatePostgres;
use super::redis::PrivateRedis;

/// Runs the command and answers with its exit code (128 + the signal that ended it, as a shell does).
pub async fn exec(command: &[String]) -> anyhow::Result<u8> {
    let Some((program, arguments)) = command.split_first() else { bail!("no command given") };
    let folder = Folder::make()?;
    let mut postgres = PrivatePostgres::start(&folder.0).await?;
    let mut redis = PrivateRedis::start(&folder.0).await?;
    let child = Command::new(program)
        .args(arguments)
        .env("EZW_TEST_DATABASE_URL", postgres.url().expose_secret())
        .env("EZW_TEST_REDIS_URL", redis.url().expose_secret())
        .spawn()
        .with_context(|| format!("{program} could not be started"));
    let status = match child {
        Ok(child) => wait(child).await,
        Err(error) => Err(error),
    };
    redis.stop().await;
    postgres.stop().await;
    let status = status?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    Ok(u8::try_from(code).unwrap_or(1))
}

/// The command sits in our process group, so Ctrl-C reaches it by itself; we only have to outlive it. A SIGTERM is sent
/// to us alone and is passed on.
async fn wait(mut child: Child) -> anyhow::Result<ExitStatus> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut poll = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                if let Ok(pid) = i32::try_from(child.id()) {
                    nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGTERM).ok();
                }
            }
            _ = poll.tick() => {
                if let Some(status) = child.try_wait()? {
                    return Ok(status);
                }
            }
        }
    }
}

/// A folder that goes away with us.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("ezw-exec-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        super::place::remove_all(&self.0, &["postgres", "redis"]).ok();
        std::fs::remove_dir_all(Path::new(&self.0)).ok();
    }
}
