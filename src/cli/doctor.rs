//! `ezw doctor`: looks at everything `serve` will need, and says what to do about what it finds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};

use super::{Exit, say};
use crate::config::{Config, ConfigError, CredentialsKey};
use crate::media::Media;
use crate::migrations;
use crate::store::{poison, sealed::Sealer};

const PATIENCE: Duration = Duration::from_secs(5);
/// Below it a database or a log fills the disk within hours.
const LOW_DISK_BYTES: u64 = 1 << 30;
const OLDEST_POSTGRES: i32 = 140_000;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do; empty when all is well.
    advice: String,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, found: found.into(), advice: String::new() }
    }

    fn warn(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warn, found: found.into(), advice: advice.into() }
    }

    fn fail(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fail, found: found.into(), advice: advice.into() }
    }
}

pub(super) async fn run(arguments: Arguments, file: Option<PathBuf>) -> Result<(), Exit> {
    let findings = examine(Config::load(file.as_deref())).await;
    if arguments.json {
        say(&serde_json::to_string_pretty(&findings).map_err(|error| Exit::Failed(error.into()))?);
    } else {
        for finding in &findings {
            say(&format!("{:<5} {:<14} {}", finding.verdict.to_string(), finding.check, finding.found));
            if !finding.advice.is_empty() {
                say(&format!("{:<5} {:<14} -> {}", "", "", finding.advice));
            }
        }
    }
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    if failed { Err(Exit::Code(1)) } else { Ok(()) }
}

async fn examine(config: Result<Config, ConfigError>) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            return vec![Finding::fail(
                "configuration",
                error.to_string(),
                "correct the setting, then run this again",
            )];
        }
    };
    let mut findings = vec![configuration(&config)];
    findings.extend(
        config
            .warnings
            .iter()
            .map(|text| Finding::warn("configuration", text, "correct or remove the variable")),
    );
    match &config.database {
        Some(database) => {
            let key = config.credentials_key.as_ref();
            findings.extend(postgres(&database.url, database.max_connections, key).await);
        }
        None => findings.push(Finding::warn(
            "postgres",
            "DATABASE_URL is not given",
            "the endpoints will answer 501 and the node will not be ready",
        )),
    }
    findings.push(match &config.redis {
        Some(redis) => ping(&redis.url).await,
        None => Finding::warn("redis", "REDIS_URL is not given", "live stream and QR images will be missing"),
    });
    findings.push(provider(&config).await);
    findings.push(folder(DATA_FOLDER, &config.data_dir));
    findings.push(images(&config));
    findings.push(disk(&config.data_dir).await);
    findings
}

fn configuration(config: &Config) -> Finding {
    match config.check_serve() {
        Ok(()) => {
            Finding::ok("configuration", format!("node {}, API on {}", config.node.name, config.http.addr))
        }
        Err(error) => Finding::fail("configuration", error.to_string(), "`ezw serve` would refuse to start"),
    }
}

async fn postgres(url: &SecretString, pool: u32, key: Option<&CredentialsKey>) -> Vec<Finding> {
    const CHECK: &str = "postgres";
    let connect = tokio::time::timeout(PATIENCE, PgConnection::connect(url.expose_secret())).await;
    let mut connection = match connect {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            return vec![Finding::fail(
                CHECK,
                error.to_string(),
                "check DATABASE_URL, the server and the network",
            )];
        }
        Err(_) => {
            return vec![Finding::fail(CHECK, "no answer within 5 s", "check the address and the firewall")];
        }
    };
    let mut findings = match settings(&mut connection, pool).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::fail(CHECK, error.to_string(), "the user must be able to read settings")],
    };
    match migrations::pending(url).await {
        Ok(missing) if missing.is_empty() => {
            findings.push(Finding::ok("migrations", "up to date"));
            // Only there are the tables what this program takes them for.
            if let Some(key) = key {
                findings.push(accounts(&mut connection, key).await);
            }
        }
        Ok(missing) => {
            let found = format!("{} missing", missing.len());
            findings.push(Finding::fail("migrations", found, "run `ezw migrate`"));
        }
        Err(error) => {
            let advice = "the user must be able to read the schema";
            findings.push(Finding::fail("migrations", error.to_string(), advice));
        }
    }
    findings
}

async fn settings(connection: &mut PgConnection, pool: u32) -> Result<Vec<Finding>, sqlx::Error> {
    let (number, version, fsync, commit, maximum): (i32, String, String, String, i32) = sqlx::query_as(
        "select current_setting('server_version_num')::int, current_setting('server_version'),
                current_setting('fsync'), current_setting('synchronous_commit'),
                current_setting('max_connections')::int",
    )
    .fetch_one(connection)
    .await?;
    let mut findings = vec![if number < OLDEST_POSTGRES {
        Finding::fail("postgres", format!("version {version}"), "use PostgreSQL 14 or newer; 15 is tested")
    } else {
        Finding::ok("postgres", format!("version {version}"))
    }];
    if fsync != "on" || commit == "off" {
        let found = format!("fsync={fsync}, synchronous_commit={commit}");
        let advice = "switch both on: an accepted reply must survive a crash of the server";
        findings.push(Finding::fail("durability", found, advice));
    } else {
        findings.push(Finding::ok("durability", format!("fsync={fsync}, synchronous_commit={commit}")));
    }
    let found = format!("{pool} for this node, {maximum} on the server");
    findings.push(if i64::from(pool) * 2 > i64::from(maximum) {
        let advice =
            "a rolling update doubles the nodes: lower EZW_DATABASE_MAX_CONNECTIONS or raise max_connections";
        Finding::warn("connections", found, advice)
    } else {
        Finding::ok("connections", found)
    });
    Ok(findings)
}

/// The same look that a node takes before it takes lines.
async fn accounts(connection: &mut PgConnection, key: &CredentialsKey) -> Finding {
    const CHECK: &str = "accounts";
    let looked = match Sealer::new(&key.0) {
        Ok(sealer) => poison::key_fits(connection, &sealer).await,
        Err(error) => Err(error),
    };
    match looked {
        Ok(true) => Finding::ok(CHECK, "EZW_CREDENTIALS_KEY opens them, as far as there are any"),
        Ok(false) => Finding::fail(
            CHECK,
            "EZW_CREDENTIALS_KEY opens none of the newest: this node would take no lines",
            "give the key that they were sealed with",
        ),
        Err(error) => Finding::fail(CHECK, error.to_string(), "the user must be able to read them"),
    }
}

async fn ping(url: &SecretString) -> Finding {
    const CHECK: &str = "redis";
    let ask = async {
        let client = redis::Client::open(url.expose_secret())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut connection).await
    };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok(_)) => Finding::ok(CHECK, "answers"),
        Ok(Err(error)) => {
            Finding::fail(CHECK, error.to_string(), "check REDIS_URL, the server and the network")
        }
        Err(_) => Finding::fail(CHECK, "no answer within 5 s", "check the address and the firewall"),
    }
}

async fn provider(config: &Config) -> Finding {
    const CHECK: &str = "provider";
    if config.provider.is_none() {
        return Finding::fail(CHECK, "none is named", "set EZW_PROVIDER=simulated");
    }
    let Ok(url) = config.simulator_url.join("/healthz") else {
        return Finding::fail(CHECK, config.simulator_url.to_string(), "correct EZW_SIMULATOR_URL");
    };
    let ask = async { reqwest::get(url.clone()).await?.error_for_status() };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok(_)) => Finding::ok(CHECK, format!("the simulator answers at {}", config.simulator_url)),
        Ok(Err(error)) => {
            Finding::fail(CHECK, error.to_string(), "start `ezw-simulator`, check EZW_SIMULATOR_URL")
        }
        Err(_) => Finding::fail(CHECK, format!("no answer from {url} within 5 s"), "check EZW_SIMULATOR_URL"),
    }
}

const DATA_FOLDER: &str = "data folder";

fn images(config: &Config) -> Finding {
    const CHECK: &str = "images";
    if config.media.key.is_none() {
        return Finding::warn(
            CHECK,
            "EZW_MEDIA_KEY is not given",
            "no images are kept, and replies with one wait; give every node of the database the same key",
        );
    }
    let media = config.data_dir.join("media");
    // `serve` makes it, where it may.
    let is_missing = !media.exists() && config.data_dir.exists();
    if !is_missing && let Err(why) = Media::is_marked(&media) {
        return Finding::fail(CHECK, why, "mount it, or make that file if the folder is to be new");
    }
    folder(CHECK, if is_missing { &config.data_dir } else { &media })
}

fn folder(check: &'static str, data_dir: &Path) -> Finding {
    let probe = data_dir.join(format!(".doctor-{}", uuid::Uuid::now_v7().simple()));
    let shown = data_dir.display();
    if !data_dir.exists() {
        return Finding::warn(check, format!("{shown} is not there yet"), "it is made when it is needed");
    }
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::ok(check, format!("{shown} can be written")),
        Err(error) => Finding::fail(
            check,
            format!("{shown}: {error}"),
            "give this user the folder, or set EZW_DATA_DIR",
        ),
    }
}

/// Asks `df`, which every system has: the standard library knows no free space.
async fn disk(data_dir: &Path) -> Finding {
    const CHECK: &str = "disk";
    let existing = data_dir.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let output = tokio::process::Command::new("df").arg("-Pk").arg(existing).output().await;
    let free = output.ok().and_then(|output| {
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    match free.map(|kilobytes| kilobytes * 1_024) {
        None => Finding::warn(CHECK, "free space is unknown", "look with `df`"),
        Some(bytes) if bytes < LOW_DISK_BYTES => {
            Finding::warn(CHECK, format!("{} MiB free", bytes >> 20), "make room: below 1 GiB is little")
        }
        Some(bytes) => Finding::ok(CHECK, format!("{} GiB free", bytes >> 30)),
    }
}
