//! Takes lines that have something to do and nobody alive to do it.

use super::Jobs;
use crate::store::{StoreError, breaker, ownership};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The doorbell only buys time: polling finds the same.
const EVERY: Duration = Duration::from_secs(1);
/// Lines in one claim.
const MOST: i64 = 500;

pub(super) async fn run(jobs: Jobs) {
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

async fn claim(jobs: &Jobs) -> Result<(), StoreError> {
    loop {
        let now = Instant::now();
        let trusted = jobs.node.trust.holds(now) && !jobs.draining.is_cancelled();
        let Some(node) = jobs.node.incarnation().filter(|_| trusted) else { return Ok(()) };
        if jobs.node.judges(now) {
            let dead = jobs.db.run(|conn| Box::pin(ownership::mark_dead(conn))).await?;
            if dead > 0 {
                tracing::warn!(dead, "nodes whose heartbeat passed are marked dead");
            }
        }
        let (sealer, client) = (Arc::clone(&jobs.sealer), Arc::clone(&jobs.client));
        let (claimed, refused) = jobs
            .db
            .unit(move |conn| {
                Box::pin(async move {
                    let claimed = ownership::claim_due(&mut *conn, &sealer, node, &client, MOST).await?;
                    Ok::<_, StoreError>((claimed, breaker::is_tripped(conn, &client).await?))
                })
            })
            .await?;
        jobs.supervisor.set_client_refused(refused);
        let full = i64::try_from(claimed.len()).is_ok_and(|taken| taken == MOST);
        for line in claimed {
            jobs.supervisor.start(line);
        }
        if !full {
            return Ok(());
        }
    }
}
