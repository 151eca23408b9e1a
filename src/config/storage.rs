//! Postgres, the truth, and Redis, the hints.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::setting::{ConfigError, Setting};
use super::source::{Source, invalid};

#[derive(Debug, Clone)]
pub struct Database {
    pub url: SecretString,
    pub max_connections: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
    pub idle_in_transaction_timeout: Duration,
}

#[derive(Debug, Clone)]
pub struct Redis {
    pub url: SecretString,
    /// For one command, and for connecting.
    pub timeout: Duration,
}

pub(super) const DATABASE_URL: Setting =
    Setting::text("DATABASE_URL", "database.url", "Postgres, postgres://user:password@host:5432/name");
pub(super) const REDIS_URL: Setting =
    Setting::text("REDIS_URL", "redis.url", "Redis, redis://:password@host:6379");
const MAX_CONNECTIONS: Setting = Setting::number(
    "EZW_DATABASE_MAX_CONNECTIONS",
    "database.max_connections",
    (16, 2, 500),
    "connections",
    "Postgres connections of this node; two more are for its heartbeat and for hints",
);
const ACQUIRE: Setting = Setting::number(
    "EZW_DATABASE_ACQUIRE_TIMEOUT_MILLISECONDS",
    "database.acquire_timeout_milliseconds",
    (3_000, 50, 60_000),
    "milliseconds",
    "wait for a free connection",
);
const STATEMENT: Setting = Setting::number(
    "EZW_DATABASE_STATEMENT_TIMEOUT_MILLISECONDS",
    "database.statement_timeout_milliseconds",
    (5_000, 100, 120_000),
    "milliseconds",
    "longest statement",
);
const LOCK: Setting = Setting::number(
    "EZW_DATABASE_LOCK_TIMEOUT_MILLISECONDS",
    "database.lock_timeout_milliseconds",
    (2_000, 50, 60_000),
    "milliseconds",
    "longest wait for a lock",
);
const IDLE: Setting = Setting::number(
    "EZW_DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MILLISECONDS",
    "database.idle_in_transaction_timeout_milliseconds",
    (3_000, 100, 60_000),
    "milliseconds",
    "longest pause inside a transaction",
);
const REDIS_TIMEOUT: Setting = Setting::number(
    "EZW_REDIS_TIMEOUT_MILLISECONDS",
    "redis.timeout_milliseconds",
    (500, 10, 30_000),
    "milliseconds",
    "longest Redis command",
);

pub(super) const SETTINGS: &[Setting] =
    &[DATABASE_URL, MAX_CONNECTIONS, ACQUIRE, STATEMENT, LOCK, IDLE, REDIS_URL, REDIS_TIMEOUT];

impl Database {
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ConfigError> {
        let limits = Self {
            url: SecretString::from(""),
            max_connections: source.number(&MAX_CONNECTIONS)?,
            acquire_timeout: source.milliseconds(&ACQUIRE)?,
            statement_timeout: source.milliseconds(&STATEMENT)?,
            lock_timeout: source.milliseconds(&LOCK)?,
            idle_in_transaction_timeout: source.milliseconds(&IDLE)?,
        };
        let url = address(source, &DATABASE_URL, &["postgres", "postgresql"])?;
        Ok(url.map(|url| Self { url, ..limits }))
    }
}

impl Redis {
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ConfigError> {
        let timeout = source.milliseconds(&REDIS_TIMEOUT)?;
        let url = address(source, &REDIS_URL, &["redis", "rediss", "unix", "redis+unix"])?;
        Ok(url.map(|url| Self { url, timeout }))
    }
}

/// A URL that may hold a password: checked, and never shown in the refusal.
fn address(
    source: &Source,
    setting: &Setting,
    schemes: &[&str],
) -> Result<Option<SecretString>, ConfigError> {
    let Some(secret) = source.secret(setting)? else { return Ok(None) };
    let known = Url::parse(secret.expose_secret()).is_ok_and(|url| schemes.contains(&url.scheme()));
    if !known {
        return Err(invalid(
            setting,
            "",
            &format!("give a URL that begins with {}://", schemes.join(":// or ")),
        ));
    }
    Ok(Some(secret))
}
