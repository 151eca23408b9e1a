//! Unlinks accounts that nobody wants, and that could not be unlinked when their line let go of them.

use super::{Jobs, claims};
use crate::store::{
    StoreError,
    unlinkings::{self, Due},
};
use ezw_actors::{backoff::Doubling, metric};
use futures_util::future::join_all;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Between looks.
const EVERY: Duration = Duration::from_secs(1);
/// The longest pause while Postgres does not answer.
const AWAY: Duration = Duration::from_secs(30);
/// Taken and tried at a time: so few that a provider that hangs leaves this node its connects, and that none waits here
/// for its try until it is due again.
const AT_ONCE: usize = 4;

pub(super) async fn run(jobs: Jobs) {
    claims::with_the_key(&jobs).await;
    let mut waits = Doubling::new(EVERY, AWAY);
    loop {
        let pause = match look(&jobs).await {
            Ok(()) => {
                waits.succeeded();
                EVERY
            }
            Err(error @ StoreError::Unavailable(_)) => {
                tracing::debug!(%error, "unlinking waits for Postgres");
                waits.next_wait()
            }
            Err(error @ (StoreError::Unfit(_) | StoreError::Broken(_))) => {
                tracing::error!(%error, "unlinking waits for the store");
                waits.next_wait()
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn look(jobs: &Jobs) -> Result<(), StoreError> {
    if !jobs.node.lease.holds(Instant::now()) || jobs.draining.is_cancelled() {
        return Ok(());
    }
    let (sealer, timings) = (Arc::clone(&jobs.sealer), *jobs.supervisor.timings());
    let most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    let taken = jobs
        .db
        .run(move |conn| Box::pin(async move { unlinkings::take_due(conn, &sealer, &timings, most).await }));
    join_all(taken.await?.into_iter().map(|due| unlink(jobs, due))).await;
    Ok(())
}

async fn unlink(jobs: &Jobs, due: Due) {
    let Due { organization, id, line, account, last } = due;
    let unlinked = match account {
        Ok(account) => jobs.supervisor.unlink(&account).await,
        Err(error) => {
            tracing::error!(%line, %error, "an account that is to be unlinked cannot be opened");
            false
        }
    };
    if unlinked || !last {
        return;
    }
    tracing::error!(%line, account = %id, "a number could not be unlinked in time and is given up");
    metric::unlinking("given_up");
    let forgotten =
        jobs.db.run(move |conn| Box::pin(async move { unlinkings::forget(conn, organization, id).await }));
    if let Err(error) = forgotten.await {
        // Given up again at its next try.
        tracing::warn!(%line, %error, "an account that was given up stays written down");
    }
}
