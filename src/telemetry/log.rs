//! The log: one line an event on stderr, as text for people or JSON for collectors.
//!
//! JSON lines carry `timestamp`, `level`, `target`, `fields` (with `message`), and the fields of the spans around them.
//! Tokens, passwords, keys, message bodies and whole phone numbers are never logged: secrets are `SecretString`, whose
//! debug output hides them, and requests are logged by route, not by URL.

use std::io::IsTerminal as _;

use anyhow::{Context as _, anyhow};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Installs the log for the whole process. A filter that can't be read refuses the start.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).with_context(|| {
        format!("EZW_LOG_FILTER is {:?}: give a filter such as info,ezw=debug", log.filter)
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match log.format {
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(false)
                    .with_current_span(false)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        LogFormat::Text => registry
            .with(fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr))
            .try_init(),
    };
    installed.map_err(|error| anyhow!("the log could not be installed: {error}"))
}
