//! The command line. Results go to stdout, the log and failures to stderr.
//! Exit codes: 0 done, 1 failed, 2 wrong usage or configuration; `health` has its own three, see its help.

mod contacts;
mod dev;
mod doctor;
mod fleet;
mod health;
mod migrate;

use std::ffi::OsString;
use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::config::{Config, ConfigError};
use crate::telemetry;

/// Open files this process asks for, if the hard limit allows.
const OPEN_FILES: u64 = 65_536;

/// Supervises WhatsApp support lines and their replies.
#[derive(Debug, Parser)]
#[command(name = "ezw", version, propagate_version = true)]
struct Cli {
    /// Settings file (TOML); environment variables win over it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    Serve,
    /// Bring the database schema up to date and say what was applied
    Migrate(migrate::Arguments),
    /// Run everything on this machine: private PostgreSQL, Redis, simulator, service, demo data
    Dev(dev::Arguments),
    /// Check configuration, PostgreSQL, Redis, provider, folder and disk, and say what to do
    Doctor(doctor::Arguments),
    /// Ask a running service for the health of one line
    Health(health::Arguments),
    /// The processes of this database: heartbeats, and how many lines each owns
    Nodes(fleet::Nodes),
    /// The lines of this database: who owns each, since which start; `move` moves one
    Lines(fleet::Lines),
    /// What an organization knows of its contacts
    #[command(subcommand)]
    Contacts(contacts::Contacts),
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
}

/// How the process ends when it doesn't succeed.
#[derive(Debug)]
pub enum Exit {
    /// The message for stderr, and code 1.
    Failed(anyhow::Error),
    /// The message for stderr, and code 2.
    Usage(anyhow::Error),
    /// Everything was said already.
    Code(u8),
}

impl From<anyhow::Error> for Exit {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ConfigError> for Exit {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.into())
    }
}

/// Runs the command line and answers with the exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" of the parser, with code 0 and on stdout.
            error.print().ok();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    allow_many_files();
    match execute(cli) {
        Ok(()) => 0,
        Err(Exit::Code(code)) => code,
        Err(Exit::Failed(error)) => complain(&error, 1),
        Err(Exit::Usage(error)) => complain(&error, 2),
    }
}

/// A line is a socket, and so is a caller: the usual soft limit of 1,024 open files would end a fleet below a thousand
/// lines. What is started from here, such as the tests, inherits it.
fn allow_many_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard.min(OPEN_FILES)
    {
        // Refused, it stays what it was.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(OPEN_FILES), hard);
    }
}

fn execute(cli: Cli) -> Result<(), Exit> {
    match cli.command {
        // The monitoring check reads no settings, so that a broken file can't turn a red line into "unknown".
        Command::Health(arguments) => block_on(health::run(arguments)),
        Command::Doctor(arguments) => block_on(doctor::run(arguments, cli.config)),
        Command::Openapi => openapi(),
        Command::Migrate(arguments) => block_on(migrate::run(arguments, load(cli.config)?)),
        Command::Nodes(arguments) => block_on(fleet::nodes(arguments, load(cli.config)?)),
        Command::Lines(arguments) => block_on(fleet::lines(arguments, load(cli.config)?)),
        Command::Contacts(command) => block_on(contacts::run(command, load(cli.config)?)),
        Command::Dev(arguments) => block_on(dev::run(arguments, load(cli.config)?)),
        Command::Serve => block_on(serve(load(cli.config)?)),
    }
}

async fn serve(config: Config) -> Result<(), Exit> {
    config.check_serve()?;
    crate::app::serve(config).await.map_err(Exit::Failed)
}

fn openapi() -> Result<(), Exit> {
    say(crate::http::openapi_json().trim_end());
    Ok(())
}

/// Reads the configuration and installs the log it asks for.
fn load(file: Option<PathBuf>) -> Result<Config, Exit> {
    let config = Config::load(file.as_deref())?;
    telemetry::init(&config.log).map_err(Exit::Usage)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// Runs on the main thread: the actors need an actix system, and the children of `dev` are tied to this thread.
fn block_on<T>(future: impl Future<Output = Result<T, Exit>>) -> Result<T, Exit> {
    actix_web::rt::System::new().block_on(future)
}

fn complain(error: &anyhow::Error, code: u8) -> u8 {
    // The alternate form joins the causes in one line.
    writeln!(std::io::stderr(), "ezw: {error:#}").ok();
    code
}

/// A line of result. A closed pipe (`| head`) is the reader's choice, not a failure.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}
