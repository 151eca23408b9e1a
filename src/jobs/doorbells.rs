//! Rings lines of this process whose rows changed. Whoever changes a row rings at once; this finds what was missed.

use super::Jobs;
use crate::store::{StoreError, ownership};
use ezw_actors::{id::LineId, lines::Doorbell};
use std::time::Duration;

/// A missed doorbell is found within so long.
const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(jobs: Jobs) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = ring(&jobs).await {
            tracing::debug!(%error, "ringing waits for Postgres");
        }
    }
}

async fn ring(jobs: &Jobs) -> Result<(), StoreError> {
    if jobs.lines.count() == 0 {
        return Ok(());
    }
    let Some(node) = jobs.node.incarnation() else { return Ok(()) };
    let (due, ordered, leaving) = jobs
        .db
        .run(move |conn| {
            Box::pin(async move {
                let due = ownership::due_at(&mut *conn, node).await?;
                let ordered = ownership::ordered_at(&mut *conn, node).await?;
                let leaving = ownership::to_move(conn, node).await?;
                Ok::<_, StoreError>((due, ordered, leaving))
            })
        })
        .await?;
    for line in due {
        jobs.lines.ring_here(LineId(line), Doorbell::Outbound);
    }
    for line in ordered {
        jobs.lines.ring_here(LineId(line), Doorbell::Orders);
    }
    for line in leaving {
        jobs.supervisor.release(LineId(line));
    }
    Ok(())
}
