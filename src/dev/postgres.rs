//! A private PostgreSQL: its own cluster, loopback only, a random password, `fsync` on.
//!
//! It is the same server a deployment has, so nothing here switches a guarantee off to be quicker.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection};

use super::place::Place;
use super::process::{Process, Program, is_leftover, stop_leftover};
use super::{port, secret};

const USER: &str = "ezw";
const DATABASE: &str = "ezw";
/// Enough for a test run's many small pools.
const MAX_CONNECTIONS: u16 = 200;
const START_DEADLINE: Duration = Duration::from_secs(30);
/// "Fast" rolls open transactions back and writes a checkpoint; "immediate" leaves the rest to recovery.
const STOP_STEPS: &[(Signal, Duration)] =
    &[(Signal::SIGINT, Duration::from_secs(8)), (Signal::SIGQUIT, Duration::from_secs(2))];

/// A running private server, or a stopped one that can be started again on its port.
#[derive(Debug)]
pub struct PrivatePostgres {
    place: Place,
    binaries: PathBuf,
    password: SecretString,
    port: u16,
    process: Option<Process>,
}

impl PrivatePostgres {
    /// Starts the server of `data_dir`, making its cluster on the first run.
    pub async fn start(data_dir: &Path) -> anyhow::Result<Self> {
        let binaries = find_binaries()?;
        let place = Place::prepare(data_dir, "postgres")?;
        stop_previous(&cluster_of(&place)).await?;
        let password = keep_password(&place)?;
        make_cluster(&place, &binaries)?;
        let port = port::keep(&place.folder.join("port"))?;
        let mut server = Self { place, binaries, password, port, process: None };
        if let Err(first) = server.launch().await {
            // Somebody may have taken the port between the look and the start; a real fault fails again.
            tracing::debug!(error = %first, "Postgres did not start; trying another port");
            server.port = port::renew(&server.place.folder.join("port"))?;
            server.launch().await?;
        }
        server.make_database().await?;
        Ok(server)
    }

    /// Address with user, password and database.
    #[must_use]
    pub fn url(&self) -> SecretString {
        self.url_of(DATABASE)
    }

    /// The same for people: no password, but where it is kept.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let file = self.place.folder.join("password");
        format!("postgres://{USER}@127.0.0.1:{}/{DATABASE} (password in {})", self.port, file.display())
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Said to the user when the files are not in the data folder.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.place.note.as_deref()
    }

    /// The server's process while it runs.
    pub fn process(&mut self) -> Option<&mut Process> {
        self.process.as_mut()
    }

    /// Ends it as an administrator would: connections are closed, transactions rolled back.
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

    /// Starts it again on the same port, stopping it first when it runs.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await;
        stop_previous(&cluster_of(&self.place)).await?;
        self.launch().await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        const ATTEMPTS: u32 = 20;
        let mut attempt = 1;
        loop {
            match self.launch_once().await {
                // Backends of a killed server hold its shared memory for a moment.
                Err(error) if attempt < ATTEMPTS && error.to_string().contains("shared memory block") => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Ok(process) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn launch_once(&self) -> anyhow::Result<Process> {
        let cluster = cluster_of(&self.place);
        let mut process = self.program(&cluster).start()?;
        let (status_file, port, pid) = (cluster.join("postmaster.pid"), self.port, process.pid());
        let ready = || {
            let text = fs::read_to_string(&status_file).unwrap_or_default();
            let of_this_one = text.lines().next() == Some(pid.to_string().as_str());
            let ready = text.lines().nth(7).is_some_and(|status| status.trim() == "ready");
            of_this_one && ready && TcpStream::connect(("127.0.0.1", port)).is_ok()
        };
        process.wait_until(START_DEADLINE, ready).await?;
        Ok(process)
    }

    fn program(&self, cluster: &Path) -> Program {
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            // No socket file: its path may be too long for a socket, and nothing needs it.
            "unix_socket_directories=".to_owned(),
            format!("max_connections={MAX_CONNECTIONS}"),
            "logging_collector=off".to_owned(),
            "fsync=on".to_owned(),
        ];
        let mut arguments = vec!["-D".to_owned(), cluster.display().to_string()];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        Program {
            name: "PostgreSQL",
            binary: self.binaries.join("postgres"),
            arguments,
            environment: vec![("LC_ALL".into(), "C.UTF-8".into())],
            run_as: self.place.run_as,
            on_our_death: Signal::SIGINT,
            log: self.place.folder.join("server.log"),
            hold_input: false,
        }
    }

    async fn make_database(&self) -> anyhow::Result<()> {
        let url = self.url_of("postgres");
        let mut connection = PgConnection::connect(url.expose_secret())
            .await
            .context("the private PostgreSQL runs but refuses its own password")?;
        let there: bool = sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut connection)
            .await?;
        if !there {
            sqlx::query("create database ezw").execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(())
    }

    fn url_of(&self, database: &str) -> SecretString {
        let password = self.password.expose_secret();
        format!("postgres://{USER}:{password}@127.0.0.1:{}/{database}", self.port).into()
    }
}

fn cluster_of(place: &Place) -> PathBuf {
    place.folder.join("cluster")
}

/// In `PATH`, else where Debian keeps the versions apart; the newest there.
pub fn find_binaries() -> anyhow::Result<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("postgres").exists() && folder.join("initdb").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(complete) {
        return Ok(folder);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, folder)| complete(folder))
        .max()
        .map(|(_, folder)| folder)
        .ok_or_else(|| anyhow!("no PostgreSQL server found: run `make setup`, or give DATABASE_URL"))
}

fn keep_password(place: &Place) -> anyhow::Result<SecretString> {
    let file = place.folder.join("password");
    if !file.exists() {
        place.write_private(&file, &secret::password()?)?;
    }
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(text.trim().to_owned().into())
}

/// Made beside its place and then renamed: a run killed half way leaves nothing that looks like a cluster.
fn make_cluster(place: &Place, binaries: &Path) -> anyhow::Result<()> {
    let cluster = cluster_of(place);
    if cluster.join("PG_VERSION").exists() {
        return check_version(&cluster, binaries);
    }
    let draft = place.folder.join("cluster.draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| draft.display().to_string())?;
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    if let Some(run_as) = place.run_as {
        command.args(run_as.setpriv_arguments());
    }
    command.arg("--").arg(binaries.join("initdb"));
    command.arg("--pgdata").arg(&draft).arg("--pwfile").arg(place.folder.join("password"));
    command.args([
        "--username",
        USER,
        "--auth",
        "scram-sha-256",
        "--encoding",
        "UTF8",
        "--locale",
        "C.UTF-8",
    ]);
    let output =
        command.current_dir("/").output().context("setpriv (Debian package util-linux) is missing")?;
    if !output.status.success() {
        bail!("initdb failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    fs::rename(&draft, &cluster).with_context(|| cluster.display().to_string())
}

fn check_version(cluster: &Path, binaries: &Path) -> anyhow::Result<()> {
    let made_by = fs::read_to_string(cluster.join("PG_VERSION")).unwrap_or_default();
    let output = Command::new(binaries.join("postgres")).arg("--version").output()?;
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let major = version.split_whitespace().nth(2).and_then(|number| number.split('.').next());
    if major != Some(made_by.trim()) {
        bail!(
            "the data in {} is of PostgreSQL {}, the server found is {}: use that version, or start anew with `ezw dev --reset`",
            cluster.display(),
            made_by.trim(),
            version.trim()
        );
    }
    Ok(())
}

/// Stops a server that an earlier run left, and clears a stale lock whose number now belongs to a stranger.
async fn stop_previous(cluster: &Path) -> anyhow::Result<()> {
    let lock = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&lock) else { return Ok(()) };
    let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    match pid {
        Some(pid) if is_leftover(pid, cluster, "postgres") => {
            tracing::warn!(pid, "stopping a PostgreSQL that an earlier run left");
            stop_leftover(pid, STOP_STEPS).await;
        }
        Some(_) | None => {
            fs::remove_file(&lock).with_context(|| lock.display().to_string())?;
        }
    }
    Ok(())
}
