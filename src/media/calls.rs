//! Calls of the store, each in a task of its own. A call of a folder that hangs cannot be taken back: its thread stays
//! until the folder answers, whoever waited for it. So there are only so many at a time, and nobody waits for long.

use ezw_actors::task;
use object_store::Error;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{runtime::Handle, sync::Semaphore, time::timeout};

/// On each node. Each is a part of an image at most.
const CALLS: usize = 64;
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

    pub(super) fn runtime(&self) -> Handle {
        self.runtime.clone()
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
        let turns = Arc::clone(&self.turns);
        let in_turn = async {
            let turn = turns.acquire_owned().await.map_err(trouble)?;
            let task = task::spawn_on(&self.runtime, what, async move {
                let made = call.await;
                drop(turn);
                made
            });
            let made = task.await.map_err(trouble)?.ok_or_else(|| trouble("it panicked"))?;
            made.map_err(|error| match error {
                Error::NotFound { .. } => Failed::Missing,
                error => trouble(error),
            })
        };
        let late = || Failed::Trouble(format!("{what}: no answer within {:?}", self.answer));
        timeout(self.answer, in_turn).await.unwrap_or_else(|_elapsed| Err(late()))
    }
}

fn trouble(error: impl fmt::Display) -> Failed {
    Failed::Trouble(error.to_string())
}
