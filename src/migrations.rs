//! The schema, inside the binary: applied by `ezw migrate` before a release starts, never by `serve`, because several
//! nodes start at once and a failed migration must not take the running ones along.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::{Migrate as _, Migrator};
use sqlx::{Connection as _, PgConnection};

static MIGRATOR: Migrator = {
    let mut migrator = sqlx::migrate!("./migrations");
    // A newer release migrates first, and this one may be started again beside it: what it does not know is not its affair.
    migrator.ignore_missing = true;
    migrator
};

/// One migration, by the number and name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    pub version: i64,
    pub name: String,
}

impl std::fmt::Display for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04} {}", self.version, self.name)
    }
}

/// Applies what is missing and says what that was. Several callers at once are put in order by an advisory lock.
pub async fn apply(url: &SecretString) -> anyhow::Result<Vec<Migration>> {
    let missing = pending(url).await?;
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    MIGRATOR.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(missing)
}

/// What `apply` would do.
pub async fn pending(url: &SecretString) -> anyhow::Result<Vec<Migration>> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let mut connection = tokio::time::timeout(PATIENCE, PgConnection::connect(url.expose_secret())).await??;
    let there: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut connection)
        .await?;
    let applied =
        if there { connection.list_applied_migrations("_sqlx_migrations").await? } else { Vec::new() };
    connection.close().await?;
    let is_applied = |version| applied.iter().any(|done| done.version == version);
    Ok(MIGRATOR
        .iter()
        .filter(|migration| !migration.migration_type.is_down_migration() && !is_applied(migration.version))
        .map(|migration| Migration { version: migration.version, name: migration.description.to_string() })
        .collect())
}

/// The numbers of all migrations in the binary.
pub fn versions() -> impl Iterator<Item = i64> {
    MIGRATOR
        .iter()
        .filter(|migration| !migration.migration_type.is_down_migration())
        .map(|migration| migration.version)
}
