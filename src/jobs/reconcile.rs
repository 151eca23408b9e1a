//! Finds lines that are this process's by their rows and that no actor stands behind: the answer to a claim was lost, or
//! an actor ended without its lease. Lets them go, so that anyone takes them.

use super::Jobs;
use crate::store::{StoreError, ownership};
use ezw_actors::id::{Epoch, LineId};
use std::{collections::HashSet, time::Duration};

/// Between looks. A line is let go at the second look that finds it alone, so one that is just being started is not.
const EVERY: Duration = Duration::from_secs(3);

pub(super) async fn run(jobs: Jobs) {
    let mut alone = HashSet::new();
    loop {
        tokio::time::sleep(EVERY).await;
        match look(&jobs, &alone).await {
            Ok(found) => alone = found,
            Err(error) => tracing::debug!(%error, "reconciling waits for Postgres"),
        }
    }
}

async fn look(
    jobs: &Jobs,
    before: &HashSet<(LineId, Epoch)>,
) -> Result<HashSet<(LineId, Epoch)>, StoreError> {
    let Some(node) = jobs.node.incarnation() else { return Ok(HashSet::new()) };
    let owned = jobs.db.run(move |conn| Box::pin(ownership::owned_by(conn, node))).await?;
    let alone: HashSet<_> = owned.into_iter().filter(|(line, _)| !jobs.lines.holds(*line)).collect();
    for &(line, epoch) in alone.intersection(before) {
        let gone = jobs.db.run(move |conn| Box::pin(ownership::let_go(conn, node, line, epoch))).await?;
        if gone {
            tracing::warn!(%line, epoch = epoch.0, "a line of ours had no actor; it is let go");
        }
    }
    Ok(alone)
}
