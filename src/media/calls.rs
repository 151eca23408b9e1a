//! Calls of the store, each on a thread of its own, for the library opens and closes files on whatever thread it is called.
//! A call of a folder that hangs cannot be taken back: its thread stays until the folder answers, whoever waited for it.
//! So there are only so many at a time, and nobody waits for long.

use ezw_actors::task;
use object_store::Error;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{AcquireError, Semaphore},
    task::JoinHandle,
    time::timeout,
};

/// On each node. Each is a part of an image at most, and has a second thread that the library works on.
const CALLS: usize = 32;
/// For one, with the wait for its turn.
const ANSWER: Duration = Duration::from_secs(10);

/// Why a call came to nothing.
#[derive(Debug)]
pub(super) enum Failed {
    /// There is no such file.
    Missing,
    /// The store does not do it, or not in time.
    Trouble(String),
}

#[derive(Clone, Debug)]
pub(super) struct Calls {
    runtime: Handle,
    turns: Arc<Semaphore>,
    answer: Duration,
}

impl Calls {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, turns: Arc::new(Semaphore::new(CALLS)), answer: ANSWER }
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.turns.available_permits()
    }

    #[cfg(test)]
    pub(super) fn impatient(self) -> Self {
        Self { answer: Duration::from_millis(50), ..self }
    }

    /// Makes a call, and says what it came to if that is in time. What is too late goes on by itself.
    pub(super) async fn make<T: Send + 'static>(
        &self,
        what: &'static str,
        call: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Failed> {
        let in_turn = async {
            let made = self.begin(call).await.map_err(trouble)?.await.map_err(trouble)?;
            made.map_err(|error| match error {
                Error::NotFound { .. } => Failed::Missing,
                error => trouble(error),
            })
        };
        let late = || Failed::Trouble(format!("{what}: no answer within {:?}", self.answer));
        timeout(self.answer, in_turn).await.unwrap_or_else(|_elapsed| Err(late()))
    }

    /// Makes a call that nobody waits for, when it is its turn.
    pub(super) fn make_later(&self, call: impl Future<Output = ()> + Send + 'static) {
        let calls = self.clone();
        task::spawn_on(&self.runtime, "a call of the media store", async move {
            if let Ok(made) = calls.begin(call).await {
                // A panic of the library is its own; what is left is swept.
                let _ = made.await;
            }
        });
    }

    async fn begin<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>, AcquireError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await?;
        let runtime = self.runtime.clone();
        Ok(self.runtime.spawn_blocking(move || {
            let made = runtime.block_on(call);
            drop(turn);
            made
        }))
    }
}

fn trouble(error: impl fmt::Display) -> Failed {
    Failed::Trouble(error.to_string())
}
