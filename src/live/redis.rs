//! The connection to Redis. Every call has a limit in time; a Redis that is away costs the caller that and no more.

use crate::config;
use ::redis::{
    Client, Cmd, FromRedisValue,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use futures_util::StreamExt as _;
use secrecy::ExposeSecret as _;
use std::{fmt, time::Duration};
use thiserror::Error;
use tokio::{runtime::Handle, sync::mpsc};

/// Redis did not do what was asked, or not in time.
#[derive(Debug, Error)]
pub enum RedisError {
    /// The address cannot be used.
    #[error("the address of Redis cannot be used: {0}")]
    Address(String),
    /// No answer in time.
    #[error("Redis did not answer in time")]
    Timeout,
    /// An answer, or a connection error.
    #[error("Redis: {0}")]
    Refused(String),
}

/// Redis, as the rest of the service sees it.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    timeout: Duration,
    runtime: Handle,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// The shortest and the longest pause before a lost subscription is tried again.
const RESUBSCRIBE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

impl Redis {
    /// Reads the address; connects when first needed, so the service starts while Redis is away.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(settings: &config::Redis, runtime: Handle) -> Result<Self, RedisError> {
        let address = |error: ::redis::RedisError| RedisError::Address(error.category().to_owned());
        let client = Client::open(settings.url.expose_secret()).map_err(address)?;
        let limits = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(settings.timeout))
            .set_response_timeout(Some(settings.timeout))
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(100));
        let _on_the_runtime = runtime.enter();
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), limits).map_err(address)?;
        Ok(Self { client, manager, timeout: settings.timeout, runtime })
    }

    /// Runs one command. A connection found dead is opened anew once within the time limit.
    ///
    /// # Errors
    /// When Redis does not answer in time, or refuses.
    pub async fn run<T>(&self, command: Cmd) -> Result<T, RedisError>
    where
        T: FromRedisValue + Send + 'static,
    {
        let mut manager = self.manager.clone();
        // On the service's own runtime: a dropped request must not take the connection's driver with it.
        let work = self.runtime.spawn(async move {
            match command.query_async(&mut manager).await {
                Err(error) if error.is_io_error() => command.query_async(&mut manager).await,
                answer => answer,
            }
        });
        let joined = tokio::time::timeout(self.timeout, work).await.map_err(|_| RedisError::Timeout)?;
        let answer = joined.map_err(|error| RedisError::Refused(error.to_string()))?;
        answer.map_err(|error| RedisError::Refused(error.to_string()))
    }

    /// Whether Redis answers now.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), RedisError> {
        self.run::<String>(::redis::cmd("PING")).await.map(drop)
    }

    /// Hands every message of `channel` to `sink` until that is closed, subscribing again with a growing pause when
    /// the connection is lost. Messages sent in between are lost: they are hints.
    pub async fn listen(self, channel: &'static str, sink: mpsc::Sender<String>) {
        let mut pause = RESUBSCRIBE.0;
        while !sink.is_closed() {
            if self.listen_once(channel, &sink).await.is_ok() {
                pause = RESUBSCRIBE.0;
            }
            tokio::select! {
                () = sink.closed() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(RESUBSCRIBE.1),
            }
        }
    }

    async fn listen_once(&self, channel: &str, sink: &mpsc::Sender<String>) -> Result<(), RedisError> {
        let subscribe = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(channel).await?;
            Ok::<_, ::redis::RedisError>(connection)
        };
        let connection = tokio::time::timeout(self.timeout, subscribe)
            .await
            .map_err(|_| RedisError::Timeout)?
            .map_err(|error| RedisError::Refused(error.to_string()))?;
        let mut messages = connection.into_on_message();
        loop {
            let message = tokio::select! {
                () = sink.closed() => return Ok(()),
                message = messages.next() => message,
            };
            let Some(message) = message else { return Ok(()) };
            // A full sink already holds a hint that says "look now": another adds nothing.
            if let Ok(text) = message.get_payload::<String>() {
                let _ = sink.try_send(text);
            }
        }
    }
}
