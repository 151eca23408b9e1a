//! Takes lines that have something to do and nobody alive to do it.

use super::Jobs;
use crate::store::{StoreError, breaker, ownership, poison};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The doorbell only buys time: polling finds the same.
const EVERY: Duration = Duration::from_secs(1);
/// Lines in one claim.
const MOST: i64 = 500;
/// Between two looks at whether the accounts open with this process's key by now.
const KEY_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(jobs: Jobs) {
    with_the_key(&jobs).await;
    loop {
        if let Err(error) = claim(&jobs).await {
            tracing::warn!(%error, "claiming waits for Postgres");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = jobs.lines.unowned_rang() => {}
        }
    }
}

/// A node with another credentials key than the rest would give up every line it takes, and put off every account that is
/// to be unlinked, so it takes none.
pub(super) async fn with_the_key(jobs: &Jobs) {
    loop {
        let sealer = Arc::clone(&jobs.sealer);
        let looked =
            jobs.db.run(move |conn| Box::pin(async move { poison::key_fits(conn, &sealer).await })).await;
        let wait = match looked {
            Ok(true) => return,
            Ok(false) => {
                tracing::error!("EZW_CREDENTIALS_KEY opens no stored account: this node takes no lines");
                KEY_EVERY
            }
            Err(StoreError::Unavailable(error)) => {
                tracing::warn!(%error, "claiming waits for Postgres");
                EVERY
            }
            Err(error @ (StoreError::Unfit(_) | StoreError::Broken(_))) => {
                tracing::error!(%error, "claiming waits for the store");
                EVERY
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn claim(jobs: &Jobs) -> Result<(), StoreError> {
    loop {
        let now = Instant::now();
        let trusted = jobs.node.lease.holds(now) && !jobs.draining.is_cancelled();
        let Some(node) = jobs.node.incarnation().filter(|_| trusted) else { return Ok(()) };
        if jobs.node.lease.judges(now) {
            let dead = jobs.db.run(|conn| Box::pin(ownership::mark_dead(conn))).await?;
            if dead > 0 {
                tracing::warn!(dead, "nodes whose heartbeat passed are marked dead");
            }
        }
        let (sealer, client) = (Arc::clone(&jobs.sealer), Arc::clone(&jobs.client));
        let known = jobs.supervisor.known_of_client();
        let (claimed, refused) = jobs
            .db
            .unit(move |conn| {
                Box::pin(async move {
                    let claimed = ownership::claim_due(&mut *conn, &sealer, node, &client, MOST).await?;
                    Ok::<_, StoreError>((claimed, breaker::is_tripped(conn, &client).await?))
                })
            })
            .await?;
        jobs.supervisor.set_client_refused(known, refused);
        let full = i64::try_from(claimed.len()).is_ok_and(|taken| taken == MOST);
        for line in claimed {
            jobs.supervisor.start(line);
        }
        if !full {
            return Ok(());
        }
    }
}
