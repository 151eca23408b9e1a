//! Takes lines that have something to do and nobody alive to do it.

use super::Jobs;
use crate::store::{
    StoreError, breaker,
    nodes::{self, Judge},
    ownership, poison,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The doorbell only buys time: polling finds the same.
const EVERY: Duration = Duration::from_secs(1);
/// A connection that is there again within so long was no death.
const BLIP: Duration = Duration::from_millis(800);
/// Lines in one claim.
const MOST: i64 = 500;
/// And a second, of a node that has just come: a fleet that starts at once must not end up on the first of its nodes.
const MOST_AT_FIRST: i64 = 50;
/// Between two looks at whether the accounts open with this process's key by now.
const KEY_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(jobs: Jobs) {
    with_the_key(&jobs).await;
    jobs.node.take_lines(!jobs.draining.is_cancelled());
    let mut suspects = Suspects::default();
    loop {
        if let Err(error) = claim(&jobs, &mut suspects).await {
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

/// Nodes whose lock was free at the last look, and when that was.
#[derive(Debug, Default)]
struct Suspects {
    nodes: Vec<Uuid>,
    seen: Option<Instant>,
}

/// Marks nodes dead: whose heartbeat passed, and whose connection is gone and was not there again a moment later.
async fn judge(jobs: &Jobs, judge: Judge, suspects: &mut Suspects) -> Result<(), StoreError> {
    let dead = jobs.db.run(move |conn| Box::pin(nodes::mark_dead(conn, judge))).await?;
    if dead > 0 {
        tracing::warn!(dead, "nodes whose heartbeat passed are marked dead");
    }
    let now = Instant::now();
    if !jobs.hints || suspects.seen.is_some_and(|seen| now.duration_since(seen) < BLIP) {
        return Ok(());
    }
    let known = std::mem::take(&mut suspects.nodes);
    let before = known.clone();
    let free =
        jobs.db.run(move |conn| Box::pin(async move { nodes::mark_lost(conn, judge, &known).await })).await?;
    for node in before.iter().filter(|node| free.contains(node)) {
        tracing::warn!(%node, "a node that lost its connection is marked dead");
    }
    suspects.nodes = free;
    suspects.seen = Some(now);
    Ok(())
}

async fn claim(jobs: &Jobs, suspects: &mut Suspects) -> Result<(), StoreError> {
    loop {
        let now = Instant::now();
        let trusted = jobs.node.lease.holds(now) && !jobs.draining.is_cancelled();
        let Some(node) = jobs.node.incarnation().filter(|_| trusted) else { return Ok(()) };
        if let Some(as_judge) = jobs.node.judge(now) {
            judge(jobs, as_judge, suspects).await?;
        } else {
            *suspects = Suspects::default();
        }
        let (sealer, client) = (Arc::clone(&jobs.sealer), Arc::clone(&jobs.client));
        let known = jobs.supervisor.known_of_client();
        let most = if jobs.node.is_new(now) { MOST_AT_FIRST } else { MOST };
        let (claimed, refused) = jobs
            .db
            .unit(move |conn| {
                Box::pin(async move {
                    let claimed = ownership::claim_due(&mut *conn, &sealer, node, &client, most).await?;
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
