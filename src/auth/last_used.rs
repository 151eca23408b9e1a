//! When a line token was last used: to the minute, off the request's path, many in one statement. Losing one is no
//! loss; the queue is bounded and what does not fit is dropped.

use crate::store::{Db, StoreError, api_tokens};
use ezw_actors::task;
use std::{collections::HashMap, time::Duration};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Uses that wait to be written at most.
const QUEUE: usize = 4_096;
/// Uses of as many tokens in one statement at most.
const BATCH: usize = 1_000;
/// How long uses are gathered.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes note of uses.
#[derive(Clone, Debug)]
pub struct LastUsed {
    queue: mpsc::Sender<api_tokens::TokenUse>,
}

impl LastUsed {
    /// Starts the writer on the current runtime; it ends when the last handle is dropped.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (queue, uses) = mpsc::channel(QUEUE);
        task::spawn("token last-used writer", write_all(db, uses));
        Self { queue }
    }

    /// Takes note of one use, if there is room.
    pub fn note(&self, used: api_tokens::TokenUse) {
        if self.queue.try_send(used).is_err() {
            tracing::debug!("the last use of a token was not noted: the queue is full");
        }
    }
}

async fn write_all(db: Db, mut uses: mpsc::Receiver<api_tokens::TokenUse>) {
    let mut gathered = Vec::with_capacity(BATCH);
    while uses.recv_many(&mut gathered, BATCH).await > 0 {
        let latest: HashMap<Uuid, api_tokens::TokenUse> =
            gathered.drain(..).map(|used| (used.token, used)).collect();
        let batch: Vec<_> = latest.into_values().collect();
        let written: Result<(), StoreError> =
            db.run(move |conn| Box::pin(async move { api_tokens::record_uses(conn, &batch).await })).await;
        if let Err(error) = written {
            tracing::warn!(%error, "the last uses of line tokens were not written");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
