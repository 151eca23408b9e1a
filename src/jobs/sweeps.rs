//! Ends what waited too long, and forgets what nobody may ask for any more.

use super::Jobs;
use crate::store::{StoreError, deliveries, retention};
use ezw_actors::lines::Evidence;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// Between sweeps: a reply or command may outlive its time by as much.
const EVERY: Duration = Duration::from_secs(5);
/// Sweeps between two of the slow kind.
const SLOW: u32 = 60;
/// Signs of life are written down this often, in one statement.
const EVIDENCE_EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(jobs: Jobs) {
    for round in 0_u32.. {
        if let Err(error) = sweep(&jobs, round.is_multiple_of(SLOW)).await {
            tracing::debug!(%error, "sweeping waits for Postgres");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn sweep(jobs: &Jobs, slow: bool) -> Result<(), StoreError> {
    // One at a time: work has a deadline, and a slow first one must not keep the last from ever being done.
    let db = &jobs.db;
    db.run(|conn| Box::pin(deliveries::expire_overdue(conn))).await?;
    db.run(|conn| Box::pin(deliveries::rescue_abandoned(conn))).await?;
    db.run(|conn| Box::pin(retention::expire_commands(conn))).await?;
    if slow {
        db.run(|conn| Box::pin(deliveries::settle_old_unknowns(conn))).await?;
        db.run(|conn| Box::pin(retention::forget_old_keys(conn))).await?;
        while db.run(|conn| Box::pin(retention::forget_old_sign_ins(conn))).await? {}
    }
    Ok(())
}

pub(super) async fn flush_evidence(jobs: Jobs) {
    let mut flushed: HashMap<uuid::Uuid, Evidence> = HashMap::new();
    loop {
        tokio::time::sleep(EVIDENCE_EVERY).await;
        let owned = jobs.lines.owned();
        let still: HashSet<_> = owned.iter().map(|line| line.0).collect();
        flushed.retain(|line, _| still.contains(line));
        let mut news = Vec::new();
        for line in owned {
            let Some(evidence) = jobs.lines.peek(line).map(|peek| peek.evidence) else { continue };
            if flushed.insert(line.0, evidence) != Some(evidence) {
                news.push((line.0, evidence));
            }
        }
        let written = jobs
            .db
            .run(move |conn| Box::pin(async move { retention::keep_evidence(conn, &news).await }))
            .await;
        if let Err(error) = written {
            flushed.clear();
            tracing::debug!(%error, "evidence waits for Postgres");
        }
    }
}
