//! `ezw dev` and what belongs to it.

use clap::{Args, Subcommand};

use super::Exit;
use crate::config::Config;
use crate::dev;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// Delete the data of earlier runs first
    #[arg(long)]
    reset: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a command beside a throw-away PostgreSQL and Redis, named by EZW_TEST_DATABASE_URL and EZW_TEST_REDIS_URL
    Exec {
        #[arg(required = true, last = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// Walk through the running environment over HTTP, as a client would
    #[command(hide = true)]
    Demo,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> Result<(), Exit> {
    match arguments.command {
        Some(Command::Exec { command }) => match dev::exec(&command).await? {
            0 => Ok(()),
            code => Err(Exit::Code(code)),
        },
        Some(Command::Demo) => Ok(dev::demo(&config.data_dir).await?),
        None => Ok(dev::up(config, arguments.reset, crate::app::serve).await?),
    }
}
