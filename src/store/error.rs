//! What can go wrong with the store, apart from what a function's own answer says.

use thiserror::Error;

/// The store did not do what was asked, and nothing of it was kept (a lost answer to COMMIT excepted: then nobody knows).
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Postgres does not answer, or is out of connections, or a limit (statement, lock) passed. Try again later.
    #[error("Postgres is not answering: {0}")]
    Unavailable(String),
    /// The rows cannot hold these values: the same again would fail again, however well the store is.
    #[error("the rows cannot hold it: {0}")]
    Unfit(String),
    /// The schema, a statement or a stored row is not as this code expects: a defect, not weather, and none of the
    /// values that were to be written. Once it is put right, the same works.
    #[error("the store broke: {0}")]
    Broken(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_weather(&error) {
            Self::Unavailable(error.to_string())
        } else if is_unfit(&error) {
            Self::Unfit(error.to_string())
        } else {
            Self::Broken(error.to_string())
        }
    }
}

/// Data exceptions (22: a NUL, a number out of range) and violated constraints (23) alone speak of the values. Whoever
/// gives up on a value for any other error loses it to what ails the whole store.
fn is_unfit(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["22", "23"].iter().any(|class| code.starts_with(class)))
}

/// Connection trouble (08), out of resources (53), operator action (57), the server's disk (58), deadlock and
/// serialization (40), a standby that is about to take over (25006), and passed limits (55P03) end by themselves.
fn is_weather(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
                || matches!(code.as_ref(), "55P03" | "25006" | "25P03" | "28000" | "28P01" | "3D000")
        }),
        _ => false,
    }
}

/// Whether `error` is the unique index or constraint `name` saying no.
#[must_use]
pub fn violates(error: &sqlx::Error, name: &str) -> bool {
    error.as_database_error().is_some_and(|error| error.constraint() == Some(name))
}
