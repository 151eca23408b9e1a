//! Configuration: read once at the start from an optional file and the environment (which wins), checked in full,
//! then handed on as plain values. Nothing else in the service reads the environment.
//!
//! A value outside its limits refuses the start; it is never clamped, because a clamped limit is a limit nobody chose.

mod credentials;
mod http;
mod identity;
mod lines;
mod media;
mod setting;
mod source;
mod storage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use url::Url;

pub use credentials::CredentialsKey;
pub(crate) use credentials::parse as parse_credentials_key;
pub use http::{Http, Metrics};
pub use identity::{Identity, MAKE_A_KEY};
pub use lines::LinesConfig;
pub(crate) use media::parse as parse_media_key;
pub use media::{Media, MediaKey};
pub use setting::{ConfigError, Kind, Setting};
pub use storage::{Database, Redis};

use source::{Source, invalid};

/// Everything the process was told.
#[derive(Debug, Clone)]
pub struct Config {
    pub http: Http,
    pub metrics: Metrics,
    pub node: Node,
    /// `None` unless named: a service that talks to a simulator by accident would look healthy and reach nobody.
    pub provider: Option<ProviderKind>,
    /// What the provider is told the client is.
    pub client_version: String,
    pub simulator_url: Url,
    pub data_dir: PathBuf,
    pub database: Option<Database>,
    pub redis: Option<Redis>,
    pub identity: Identity,
    /// Seals the accounts of lines at rest.
    pub credentials_key: Option<CredentialsKey>,
    pub lines: LinesConfig,
    pub media: Media,
    /// Set by `ezw dev` alone.
    pub dev: Option<DevSettings>,
    pub log: Log,
    /// Messages about variables that nothing reads, for the log.
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub name: String,
    /// Nodes ring each other, and see a death at once.
    pub hints: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ProviderKind {
    Simulated,
}

/// Conveniences of a development environment. No variable sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevSettings {
    pub auto_verify_email: bool,
    pub auto_activate_billing: bool,
}

#[derive(Debug, Clone)]
pub struct Log {
    pub format: LogFormat,
    /// In the syntax of `RUST_LOG`.
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

const NODE_NAME: Setting =
    Setting::text("EZW_NODE_NAME", "node.name", "name of this node, unique; default: the host name");
const HINTS: Setting = Setting::flag(
    "EZW_NODE_HINTS",
    "node.hints",
    true,
    "nodes ring each other over Postgres and Redis, and see a death at once; without it they look once a second, and a death shows when its heartbeat passed",
);
const PROVIDER: Setting = Setting::text("EZW_PROVIDER", "provider", "`simulated`; no default");
const CLIENT_VERSION: Setting = Setting::text(
    "EZW_PROVIDER_CLIENT_VERSION",
    "provider_client_version",
    "client version the provider is told; default: the version of this program",
);
const SIMULATOR_URL: Setting =
    Setting::text("EZW_SIMULATOR_URL", "simulator_url", "the simulator, http://127.0.0.1:8090");
const DATA_DIR: Setting = Setting::text("EZW_DATA_DIR", "data_dir", "folder for local files, .ezw");
const LOG_FORMAT: Setting = Setting::text("EZW_LOG_FORMAT", "log.format", "`text` or `json`; default: text");
const LOG_FILTER: Setting = Setting::text("EZW_LOG_FILTER", "log.filter", "filter in RUST_LOG syntax, info");

const SETTINGS: &[Setting] =
    &[NODE_NAME, HINTS, PROVIDER, CLIENT_VERSION, SIMULATOR_URL, DATA_DIR, LOG_FORMAT, LOG_FILTER];

/// Every setting there is, for the documentation and for the search of misspelt names.
pub fn all_settings() -> impl Iterator<Item = &'static Setting> {
    [
        SETTINGS,
        http::SETTINGS,
        storage::SETTINGS,
        identity::SETTINGS,
        credentials::SETTINGS,
        media::SETTINGS,
        lines::SETTINGS,
    ]
    .into_iter()
    .flatten()
}

fn is_secret(setting: &Setting) -> bool {
    setting.variable == storage::DATABASE_URL.variable
        || setting.variable == storage::REDIS_URL.variable
        || identity::SECRETS.contains(&setting.variable)
        || credentials::SECRETS.contains(&setting.variable)
        || media::SECRETS.contains(&setting.variable)
}

impl Config {
    /// Reads the environment of this process and, when given, a TOML file.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        // Names and values that aren't UTF-8 can't be ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::from_environment(&environment, file)
    }

    /// The same from given variables, so that tests need not change the process.
    pub fn from_environment(
        environment: &BTreeMap<String, String>,
        file: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let source = Source::new(environment, file)?;
        if let Some(variable) = source.dev_variables.first() {
            let why = "development conveniences are switched on by `ezw dev` alone, never by a variable";
            return Err(ConfigError::Refused { variable: variable.clone(), why });
        }
        Ok(Self {
            http: Http::read(&source)?,
            metrics: Metrics::read(&source)?,
            node: Node { name: node_name(&source)?, hints: source.flag(&HINTS)? },
            provider: source.parsed(&PROVIDER, "give `simulated`")?,
            client_version: client_version(&source)?,
            simulator_url: simulator_url(&source)?,
            data_dir: source.text(&DATA_DIR)?.map_or_else(|| PathBuf::from(".ezw"), PathBuf::from),
            database: Database::read(&source)?,
            redis: Redis::read(&source)?,
            identity: Identity::read(&source)?,
            credentials_key: credentials::read(&source)?,
            lines: LinesConfig::read(&source)?,
            media: Media::read(&source)?,
            dev: None,
            log: Log {
                format: source.parsed(&LOG_FORMAT, "give `text` or `json`")?.unwrap_or(LogFormat::Text),
                filter: source
                    .text(&LOG_FILTER)?
                    .unwrap_or_else(|| "info,actix_server=warn,actix_http=off".into()),
            },
            warnings: source.warnings,
        })
    }

    /// What `serve` needs beyond valid values. Without Postgres it does start: endpoints answer 501 and the node is
    /// not ready, which a deployment can see, while a missing provider or key would only show later.
    pub fn check_serve(&self) -> Result<(), ConfigError> {
        if self.provider.is_none() {
            let how = "name the provider, EZW_PROVIDER=simulated; there is no default".into();
            return Err(ConfigError::Missing { setting: PROVIDER.to_string(), how });
        }
        if self.database.is_some() && self.identity.signing_key_pem.is_none() {
            let how = MAKE_A_KEY.into();
            return Err(ConfigError::Missing { setting: identity::SIGNING_KEY.to_string(), how });
        }
        if self.database.is_some() && self.credentials_key.is_none() {
            let how = credentials::MAKE_A_KEY.into();
            return Err(ConfigError::Missing { setting: credentials::KEY.to_string(), how });
        }
        Ok(())
    }

    /// Whether the variable or key for the simulator was given, so that `ezw dev` need not start one.
    #[must_use]
    pub fn simulator_was_given() -> bool {
        std::env::var_os(SIMULATOR_URL.variable).is_some_and(|value| !value.is_empty())
    }
}

fn node_name(source: &Source) -> Result<String, ConfigError> {
    const WANTED: &str = "give 1 to 63 letters, digits, dots or hyphens";
    let name = match source.text(&NODE_NAME)? {
        Some(name) => name,
        None => nix::unistd::gethostname()
            .ok()
            .and_then(|name| name.into_string().ok())
            .unwrap_or_else(|| "localhost".into()),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 63 || !name.chars().all(plain) {
        return Err(invalid(&NODE_NAME, &name, WANTED));
    }
    Ok(name)
}

fn client_version(source: &Source) -> Result<String, ConfigError> {
    const WANTED: &str = "give 1 to 64 letters, digits, dots, hyphens or underscores";
    let version = source.text(&CLIENT_VERSION)?.unwrap_or_else(|| env!("CARGO_PKG_VERSION").into());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if version.is_empty() || version.len() > 64 || !version.chars().all(plain) {
        return Err(invalid(&CLIENT_VERSION, &version, WANTED));
    }
    Ok(version)
}

fn simulator_url(source: &Source) -> Result<Url, ConfigError> {
    const WANTED: &str = "give an http URL, for example http://127.0.0.1:8090";
    let text = source.text(&SIMULATOR_URL)?.unwrap_or_else(|| "http://127.0.0.1:8090".into());
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err(invalid(&SIMULATOR_URL, &text, WANTED)),
    }
}
