//! The pool, and the only way to use it: a unit of work in a task of its own.
//!
//! A dropped HTTP future must not cancel a unit half way: with sqlx 0.9.0 a cancelled `Pool::begin` left a
//! transaction open on the pooled connection, and the next borrower's acknowledged write was lost (upstream issues
//! 4385 and 4393). So units run on the service's own runtime, and every connection that comes back is rolled back.
//!
//! Whoever wants a connection waits for a place first, and only as many as there are connections go on to the pool.
//! The pool's own queue (0.9.0) does not bear a crowd: its patience covers the check of the connection too, so that
//! under a crowd the head of the queue has nothing left for it, gives up in the middle, and its connection is closed.
//! Two thousand lines that started at once lost every connection that way, and none was ever open again.
//!
//! Postgres keeps its own limits on statements, but a network that swallows its answers keeps none: work has a deadline
//! here as well, and a connection that was silent for so long is never used again.

use super::error::StoreError;
use crate::config::Database;
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret as _;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::error::Elapsed,
};

/// A unit of work has time for so many statements at their limit, and for one wait for a lock: 12 s by default.
const STATEMENTS: u32 = 2;
/// A connection that came back so lately is taken to be alive: under load a ping would be a third of all round trips.
const TRUSTED: Duration = Duration::from_secs(1);
/// For a connection of its own to be there.
const WATCHED: Duration = Duration::from_secs(2);
/// For the ROLLBACK of a connection that comes back.
const RELEASE: Duration = Duration::from_secs(3);

/// Postgres, as the rest of the service sees it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    runtime: Handle,
    /// For a unit of work, its COMMIT included.
    deadline: Duration,
    hints: Arc<Notify>,
    /// The last connection asked for did not come, or the last work had no answer.
    silent: Arc<AtomicBool>,
    /// One for each connection; first come, first served.
    places: Arc<Semaphore>,
    patience: Duration,
    /// How many of the places lines may have at a time.
    share: Arc<Semaphore>,
    is_for_lines: bool,
}

/// Leave to use a connection, until it is dropped.
struct Place {
    _place: OwnedSemaphorePermit,
    _share: Option<OwnedSemaphorePermit>,
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
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for >= TRUSTED {
                        // An error closes the connection, and the next one is tried.
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_release(|connection, _| {
                Box::pin(async move {
                    let rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut *connection);
                    // An error closes the connection at once.
                    tokio::time::timeout(RELEASE, rolled_back).await.map_err(std::io::Error::from)??;
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        let connections = usize::try_from(settings.max_connections).unwrap_or(usize::MAX);
        Ok(Self {
            pool,
            runtime,
            deadline: settings.statement_timeout * STATEMENTS + settings.lock_timeout,
            hints: Arc::new(Notify::new()),
            silent: Arc::default(),
            places: Arc::new(Semaphore::new(connections)),
            patience: settings.acquire_timeout,
            share: Arc::new(Semaphore::new((connections / 2).max(1))),
            is_for_lines: false,
        })
    }

    /// The same for the actors of lines, all of them together: they take half of the connections at most, so that
    /// requests, claims and hints go on while a whole fleet starts; and they wait for their turn as long as it takes,
    /// because a transition that gives up only comes again.
    #[must_use]
    pub fn for_lines(&self) -> Self {
        Self { is_for_lines: true, ..self.clone() }
    }

    /// A connection outside the pool, for heartbeats and listeners that must not wait behind requests; watched for its end.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn watched_connection(&self) -> Result<Watched, StoreError> {
        let options = self.pool.connect_options().as_ref().clone();
        let task = self.runtime.spawn(async move {
            // A pool of its own: a listener lives in none that others borrow from.
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(WATCHED).max_lifetime(None);
            let pool = pool.connect_lazy_with(options);
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            Ok::<_, sqlx::Error>(listener)
        });
        // Nobody waits for it any more: it must not knock on, with others, once Postgres is back.
        let task = tokio_util::task::AbortOnDropHandle::new(task);
        Ok(Watched(joined(task.await)??))
    }

    /// Runs reads, or a single statement, on a connection of the pool.
    ///
    /// # Errors
    /// What `work` answers, or that Postgres does not within the deadline.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        let task = self.runtime.spawn(async move {
            let _place = db.place().await?;
            let mut connection = db.heard(db.pool.acquire().await)?;
            let done = tokio::time::timeout(db.deadline, work(&mut connection)).await;
            db.answered(done).unwrap_or_else(|| Err(db.given_up(connection).into()))
        });
        joined(task.await)?
    }

    /// Runs `work` in one transaction: committed when it answers Ok, rolled back otherwise.
    ///
    /// # Errors
    /// What `work` answers, or that Postgres does not within the deadline. It may have committed all the same when only
    /// the answer to COMMIT was lost: whoever must know looks, or does again what is safe to do again.
    pub async fn unit<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        let task = self.runtime.spawn(async move {
            let _place = db.place().await?;
            let mut connection = db.heard(db.pool.acquire().await)?;
            let done = tokio::time::timeout(db.deadline, transact(&mut connection, work)).await;
            db.answered(done).unwrap_or_else(|| Err(db.given_up(connection).into()))
        });
        joined(task.await)?
    }

    /// What went over this connection may still be under way: it must not reach the next borrower. Closed without a
    /// goodbye, which the same silence would swallow.
    fn given_up(&self, connection: PoolConnection<Postgres>) -> StoreError {
        drop(connection.detach());
        self.silent.store(true, Ordering::Relaxed);
        StoreError::Unavailable(format!("no answer within {:?}", self.deadline))
    }

    /// Whether Postgres answered when it was last asked for a connection: for who needs no row, but must not speak
    /// before the store does. Costs nothing, and may be old by a few seconds.
    #[must_use]
    pub fn answers(&self) -> bool {
        !self.silent.load(Ordering::Relaxed)
    }

    async fn place(&self) -> Result<Place, StoreError> {
        let share = match self.is_for_lines {
            true => Some(self.turn(&self.share).await?),
            false => None,
        };
        let place = tokio::time::timeout(self.patience, self.turn(&self.places)).await;
        let place = place.map_err(|_| StoreError::Unavailable("every connection is in use".to_owned()))??;
        Ok(Place { _place: place, _share: share })
    }

    async fn turn(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        // Nobody closes these.
        Arc::clone(of).acquire_owned().await.map_err(|error| StoreError::Broken(error.to_string()))
    }

    /// A connection that is there says little: it may not have been tried.
    fn heard<T>(&self, connected: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        if connected.is_err() {
            self.silent.store(true, Ordering::Relaxed);
        }
        connected.map_err(StoreError::from)
    }

    /// None when there was no answer in time.
    fn answered<T>(&self, done: Result<T, Elapsed>) -> Option<T> {
        let done = done.ok()?;
        self.silent.store(false, Ordering::Relaxed);
        Some(done)
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

/// A connection of its own whose loss is seen at once, not when it is used next.
#[derive(Debug)]
pub struct Watched(PgListener);

impl Watched {
    /// For statements.
    ///
    /// # Errors
    /// When it was lost.
    pub async fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        Ok(sqlx::Acquire::acquire(&mut self.0).await?)
    }

    /// Whether the other end answers still: a network that swallows everything ends no connection.
    ///
    /// # Errors
    /// When it does not within `patience`.
    pub async fn check(&mut self, patience: Duration) -> Result<(), StoreError> {
        let pong = async { Ok::<_, StoreError>(self.connection().await?.ping().await?) };
        let silent = || StoreError::Unavailable("no answer in time".to_owned());
        tokio::time::timeout(patience, pong).await.unwrap_or_else(|_elapsed| Err(silent()))
    }

    /// Hears what is notified on `channel` from now on.
    ///
    /// # Errors
    /// When it was lost.
    pub async fn listen(&mut self, channel: &str) -> Result<(), StoreError> {
        Ok(self.0.listen(channel).await?)
    }

    /// The next notification; none when the connection is lost. May be dropped at any time.
    pub async fn heard(&mut self) -> Option<String> {
        match self.0.try_recv().await {
            Ok(notification) => notification.map(|heard| heard.payload().to_owned()),
            Err(_) => None,
        }
    }
}

async fn transact<T, E, F>(connection: &mut PgConnection, work: F) -> Result<T, E>
where
    E: From<StoreError>,
    F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>>,
{
    let mut transaction = connection.begin().await.map_err(StoreError::from)?;
    let answer = work(&mut transaction).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(answer)
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
