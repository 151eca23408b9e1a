//! The pool, and the only way to use it: a unit of work in a task of its own.
//!
//! A dropped HTTP future must not cancel a unit half way: with sqlx 0.9.0 a cancelled `Pool::begin` left a
//! transaction open on the pooled connection, and the next borrower's acknowledged write was lost (upstream issues
//! 4385 and 4393). So units run on the service's own runtime, and every connection that comes back is rolled back.

use super::error::StoreError;
use crate::config::Database;
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret as _;
use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Handle, sync::Notify};

/// Postgres, as the rest of the service sees it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    runtime: Handle,
    hints: Arc<Notify>,
    /// The last connection asked for did not come.
    silent: Arc<AtomicBool>,
}

impl Db {
    /// Makes the pool; connections are opened when first needed, so the service starts while Postgres is away.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn new(settings: &Database, application: &str, runtime: Handle) -> Result<Self, StoreError> {
        let options = connect_options(settings, application)?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            .idle_timeout(Duration::from_secs(600))
            .after_release(|connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        let (hints, silent) = (Arc::new(Notify::new()), Arc::default());
        Ok(Self { pool, runtime, hints, silent })
    }

    /// A connection outside the pool, for heartbeats and listeners that must not wait behind requests.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn own_connection(&self) -> Result<PgConnection, StoreError> {
        let options = self.pool.connect_options();
        let runtime = self.runtime.clone();
        let task = runtime.spawn(async move { PgConnection::connect_with(&options).await });
        joined(task.await)?.map_err(StoreError::from)
    }

    /// Runs reads, or a single statement, on a connection of the pool.
    ///
    /// # Errors
    /// What `work` answers, or that Postgres does not.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        let task = self.runtime.spawn(async move {
            let mut connection = db.heard(db.pool.acquire().await)?;
            work(&mut connection).await
        });
        joined(task.await)?
    }

    /// Runs `work` in one transaction: committed when it answers Ok, rolled back otherwise.
    ///
    /// # Errors
    /// What `work` answers, or that Postgres does not.
    pub async fn unit<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        let task = self.runtime.spawn(async move {
            let mut transaction = db.heard(db.pool.begin().await)?;
            let answer = work(&mut transaction).await?;
            transaction.commit().await.map_err(StoreError::from)?;
            Ok(answer)
        });
        joined(task.await)?
    }

    /// Whether Postgres answered when it was last asked for a connection: for who needs no row, but must not speak
    /// before the store does. Costs nothing, and may be old by a few seconds.
    #[must_use]
    pub fn answers(&self) -> bool {
        !self.silent.load(Ordering::Relaxed)
    }

    fn heard<T>(&self, connected: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        self.silent.store(connected.is_err(), Ordering::Relaxed);
        connected.map_err(StoreError::from)
    }

    /// Rung after a commit that wrote hints: whoever numbers them need not wait for the next look.
    #[must_use]
    pub fn hints(&self) -> Arc<Notify> {
        Arc::clone(&self.hints)
    }

    /// Closes the pool, waiting for units under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Connections open and idle now.
    #[must_use]
    pub fn pool_use(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }
}

fn connect_options(settings: &Database, application: &str) -> Result<PgConnectOptions, StoreError> {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    Ok(PgConnectOptions::from_str(settings.url.expose_secret())?.application_name(application).options([
        // The ROLLBACK of every released connection would warn that there was nothing to roll back.
        ("client_min_messages", "error".to_owned()),
        ("statement_timeout", milliseconds(settings.statement_timeout)),
        ("lock_timeout", milliseconds(settings.lock_timeout)),
        ("idle_in_transaction_session_timeout", milliseconds(settings.idle_in_transaction_timeout)),
    ]))
}

fn joined<T>(outcome: Result<T, tokio::task::JoinError>) -> Result<T, StoreError> {
    outcome.map_err(|error| {
        let why = format!("a unit of work ended early: {error}");
        // Cancelled: this process is ending. The other way is a panic.
        if error.is_cancelled() { StoreError::Unavailable(why) } else { StoreError::Broken(why) }
    })
}
