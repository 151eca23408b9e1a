//! `ezw migrate`.

use clap::Args;

use super::{Exit, say};
use crate::config::Config;
use crate::migrations;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say what is missing; exit 1 when something is
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> Result<(), Exit> {
    let Some(database) = config.database else {
        return Err(Exit::Usage(anyhow::anyhow!("DATABASE_URL is missing: name the database to migrate")));
    };
    let missing = if arguments.check {
        migrations::pending(&database.url).await?
    } else {
        migrations::apply(&database.url).await?
    };
    for migration in &missing {
        say(&format!("{} {migration}", if arguments.check { "missing" } else { "applied" }));
    }
    if missing.is_empty() {
        say("the schema is up to date");
    } else if arguments.check {
        return Err(Exit::Code(1));
    }
    Ok(())
}
