//! `ezw dev`: starts every part in order, watches them, and stops them in the opposite order.

use std::fs::{File, OpenOptions};
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, raise};
use secrecy::SecretString;
use url::Url;

use super::announce::{Addresses, announce, say};
use super::api::{Api, until};
use super::postgres::PrivatePostgres;
use super::process::Process;
use super::redis::PrivateRedis;
use super::seed::{self, Demo};
use super::simulator::{self, Simulator};
use super::{node_env, place, port, secret};
use crate::config::{Config, Database, DevSettings, ProviderKind, Redis};
use crate::migrations;

/// For the service to finish its work once it was asked to stop.
const DRAIN_SECONDS: u64 = 5;
const SERVE_PATIENCE: Duration = Duration::from_secs(DRAIN_SECONDS + 2);
const READY_PATIENCE: Duration = Duration::from_secs(30);

/// The children; `None` where an address was given instead.
#[derive(Debug, Default)]
struct Children {
    postgres: Option<PrivatePostgres>,
    redis: Option<PrivateRedis>,
    simulator: Option<Simulator>,
}

/// Brings everything up and stays until Ctrl-C, SIGTERM, or the end of one part. `serve` is the service itself, which
/// ends by itself on those signals.
pub async fn up<F, S>(mut config: Config, reset: bool, serve: S) -> anyhow::Result<()>
where
    S: FnOnce(Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let lock = lock(&config.data_dir)?;
    config.data_dir = config.data_dir.canonicalize()?;
    seed::forget(&config.data_dir);
    node_env::forget(&config.data_dir);
    if reset {
        forget_everything(&config)?;
    }
    let mut children = Children::default();
    let outcome = match start(&mut children, &mut config).await {
        Ok(addresses) => run(&mut children, config.clone(), addresses, serve).await,
        Err(error) => Err(error),
    };
    seed::forget(&config.data_dir);
    node_env::forget(&config.data_dir);
    children.stop().await;
    drop(lock);
    outcome
}

async fn start(children: &mut Children, config: &mut Config) -> anyhow::Result<Addresses> {
    let data_dir = config.data_dir.clone();
    let mut addresses = Addresses {
        postgres: "as given in DATABASE_URL".into(),
        redis: "as given in REDIS_URL".into(),
        logs: format!("{}, and here", data_dir.display()),
    };
    let database = match config.database.take() {
        Some(database) => database,
        None => {
            let server = children.postgres.insert(PrivatePostgres::start(&data_dir).await?);
            if let Some(note) = server.note() {
                say(note);
            }
            addresses.postgres = server.shown_url();
            database_at(server.url())
        }
    };
    let applied =
        migrations::apply(&database.url).await.context("the schema could not be brought up to date")?;
    tracing::info!(applied = applied.len(), "the schema is up to date");
    config.database = Some(database);
    if config.redis.is_none() {
        let server = children.redis.insert(PrivateRedis::start(&data_dir).await?);
        addresses.redis = server.shown_url();
        config.redis = Some(Redis { url: server.url(), timeout: Duration::from_millis(500) });
    }
    if !Config::simulator_was_given() {
        let wanted = ([127, 0, 0, 1], config.simulator_url.port().unwrap_or(8090)).into();
        let addr = port::prefer(wanted)?;
        children.simulator = Some(Simulator::start(&data_dir, addr).await?);
        config.simulator_url = Url::parse(&format!("http://{addr}"))?;
    }
    complete(config)?;
    Ok(addresses)
}

/// What a deployment must say itself and a development environment need not.
fn complete(config: &mut Config) -> anyhow::Result<()> {
    if config.identity.signing_key_pem.is_none() {
        config.identity.signing_key_pem =
            Some(secret::signing_key(&config.data_dir.join("signing-key.pem"))?);
    }
    if config.credentials_key.is_none() {
        config.credentials_key = Some(secret::credentials_key(&config.data_dir.join("credentials-key"))?);
    }
    if config.media.key.is_none() {
        config.media.key = Some(secret::media_key(&config.data_dir.join("media-key"))?);
    }
    config.provider = config.provider.or(Some(ProviderKind::Simulated));
    config.dev = Some(DevSettings { auto_verify_email: true, auto_activate_billing: true });
    config.http.shutdown_seconds = config.http.shutdown_seconds.min(DRAIN_SECONDS);
    config.http.addr = port::prefer(config.http.addr)?;
    config.metrics.addr = port::prefer(config.metrics.addr)?;
    config.check_serve()?;
    Ok(())
}

async fn run<F, S>(
    children: &mut Children,
    config: Config,
    addresses: Addresses,
    serve: S,
) -> anyhow::Result<()>
where
    S: FnOnce(Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let mut serving = pin!(serve(config.clone()));
    let mut preparing = pin!(prepare(&config, &addresses));
    let mut prepared = false;
    let fault = loop {
        tokio::select! {
            ended = &mut serving => return ended,
            outcome = &mut preparing, if !prepared => match outcome {
                Ok(()) => prepared = true,
                Err(error) => break error,
            },
            error = children.watch() => break error,
        }
    };
    // The service drains on a signal, so it is given the one that Ctrl-C would have been.
    raise(Signal::SIGTERM)?;
    tokio::time::timeout(SERVE_PATIENCE, serving).await.ok();
    Err(fault)
}

/// Waits for the service, makes the demo data, and says where everything is.
async fn prepare(config: &Config, addresses: &Addresses) -> anyhow::Result<()> {
    let base = format!("http://{}", config.http.addr);
    let api = Api::new(&base)?;
    until("the service is ready", READY_PATIENCE, || async {
        let answer = api.get("/readyz").await?;
        Ok((answer.status == 200).then_some(()))
    })
    .await?;
    let password = seed::password(&config.data_dir)?;
    let lines = seed::seed(&api, &password).await.context("the demo data could not be made")?;
    if let Some(database) = &config.database {
        seed::members(&api, database, &password).await.context("the demo members could not be made")?;
    }
    let members = seed::MEMBERS.iter().map(|(email, _, _)| *email);
    let demo = Demo {
        api: base,
        metrics: format!("http://{}/metrics", config.metrics.addr),
        simulator: config.simulator_url.as_str().trim_end_matches('/').to_owned(),
        password,
        logins: std::iter::once(seed::OWNER).chain(members).map(str::to_owned).collect(),
        lines,
    };
    node_env::write(config)?;
    demo.write(&config.data_dir)?;
    announce(&demo, addresses);
    Ok(())
}

impl Children {
    /// Ends when one of them has, with its name and the end of its log.
    async fn watch(&mut self) -> anyhow::Error {
        let mut interval = tokio::time::interval(Duration::from_millis(200));
        loop {
            interval.tick().await;
            let postgres = self.postgres.as_mut().and_then(PrivatePostgres::process);
            let redis = self.redis.as_mut().and_then(PrivateRedis::process);
            let simulator = self.simulator.as_mut().map(|simulator| &mut simulator.process);
            for process in [postgres, redis, simulator].into_iter().flatten() {
                if let Some(error) = ended(process) {
                    return error;
                }
            }
        }
    }

    async fn stop(&mut self) {
        if let Some(simulator) = &mut self.simulator {
            simulator.stop().await;
        }
        if let Some(redis) = &mut self.redis {
            redis.stop().await;
        }
        if let Some(postgres) = &mut self.postgres {
            postgres.stop().await;
        }
    }
}

fn ended(process: &mut Process) -> Option<anyhow::Error> {
    let status = process.exit()?;
    Some(anyhow!(
        "{} ended unexpectedly ({status}), so everything stops; its log ends:\n{}",
        process.name(),
        process.log_tail()
    ))
}

/// The limits of a deployment with the address of the private server.
fn database_at(url: SecretString) -> Database {
    Database {
        url,
        max_connections: 16,
        acquire_timeout: Duration::from_secs(3),
        statement_timeout: Duration::from_secs(5),
        lock_timeout: Duration::from_secs(2),
        idle_in_transaction_timeout: Duration::from_secs(3),
    }
}

fn forget_everything(config: &Config) -> anyhow::Result<()> {
    if config.database.is_some() {
        bail!(
            "--reset deletes private data only, and DATABASE_URL names a server of yours: empty it yourself"
        );
    }
    place::remove_all(&config.data_dir, &["postgres", "redis"])?;
    simulator::forget(&config.data_dir);
    for name in ["signing-key.pem", "credentials-key", "media-key", "demo.password"] {
        std::fs::remove_file(config.data_dir.join(name)).ok();
    }
    for name in ["outbox", "media"] {
        std::fs::remove_dir_all(config.data_dir.join(name)).ok();
    }
    Ok(())
}

/// One environment per data folder. The kernel lets go of the lock when we end, however we end.
fn lock(data_dir: &Path) -> anyhow::Result<Flock<File>> {
    std::fs::create_dir_all(data_dir).with_context(|| data_dir.display().to_string())?;
    let path: PathBuf = data_dir.join("dev.lock");
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            lock.set_len(0)?;
            lock.write_all(std::process::id().to_string().as_bytes())?;
            Ok(lock)
        }
        Err((mut file, _)) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).ok();
            bail!(
                "another `ezw dev` (process {holder}) runs on {}: stop it, or set EZW_DATA_DIR",
                data_dir.display()
            )
        }
    }
}
