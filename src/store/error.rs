//! What can go wrong with the store, apart from what a function's own answer says.

use thiserror::Error;

/// The store did not do what was asked, and nothing of it was kept (a lost answer to COMMIT excepted: then nobody knows).
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Postgres does not answer, or is out of connections, or a limit (statement, lock) passed. Try again later.
    #[error("Postgres is not answering: {0}")]
    Unavailable(String),
    /// A row or a statement is not as this code expects: a defect, not weather.
    #[error("the store broke: {0}")]
    Broken(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_weather(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Broken(error.to_string())
        }
    }
}

/// Connection trouble (08), out of resources (53), operator action (57), deadlock and serialization (40), and passed
/// limits (55P03) end by themselves; anything else is ours.
fn is_weather(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
                || matches!(code.as_ref(), "55P03" | "25P03" | "28000" | "28P01" | "3D000")
        }),
        _ => false,
    }
}

/// Whether `error` is the unique index or constraint `name` saying no.
#[must_use]
pub fn violates(error: &sqlx::Error, name: &str) -> bool {
    error.as_database_error().is_some_and(|error| error.constraint() == Some(name))
}
