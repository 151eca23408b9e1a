//! Renews this process's lease, on a connection of its own that never waits behind requests.

use super::{Jobs, Node};
use crate::store::{StoreError, ownership};
use ezw_actors::{backoff::Doubling, id::Incarnation, lease::RENEW_EVERY};
use sqlx::PgConnection;
use std::time::{Duration, Instant};

/// For Postgres to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// For fenced lines to close.
const FENCE_PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(jobs: Jobs) {
    let mut waits = Doubling::new(Duration::from_millis(200), Duration::from_secs(3));
    loop {
        if let Err(error) = renew_while_it_works(&jobs, &mut waits).await {
            jobs.node.lease.missed();
            tracing::warn!(%error, "the heartbeat waits for Postgres");
        }
        tokio::time::sleep(waits.next_wait()).await;
    }
}

async fn renew_while_it_works(jobs: &Jobs, waits: &mut Doubling) -> Result<(), StoreError> {
    let mut connection = bounded(jobs.db.own_connection()).await?;
    let mut incarnation = jobs.node.incarnation();
    loop {
        let current = match incarnation {
            Some(current) => current,
            None => bounded(enter(jobs, &mut connection)).await?,
        };
        incarnation = Some(current);
        let asked = Instant::now();
        if let Some(nodes) = bounded(ownership::renew(&mut connection, current)).await? {
            jobs.supervisor.share_connects(nodes);
            jobs.node.lease.renewed(asked);
            waits.succeeded();
            tokio::time::sleep(RENEW_EVERY).await;
        } else {
            // Marked dead: what this process owned is others' by now, or soon.
            jobs.node.lease.lost();
            let left = jobs.supervisor.fence_all(FENCE_PATIENCE).await;
            tracing::warn!(left, "this process was marked dead: its lines are closed, it enters anew");
            incarnation = None;
        }
    }
}

/// A connection that says nothing is given up long before the kernel would.
async fn bounded<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(outcome) => outcome,
        Err(_elapsed) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

async fn enter(jobs: &Jobs, connection: &mut PgConnection) -> Result<Incarnation, StoreError> {
    let fresh = Node::fresh();
    ownership::enter(connection, fresh, &jobs.node.name).await?;
    jobs.node.entered(fresh);
    jobs.lines.set_incarnation(fresh);
    tracing::info!(node = %jobs.node.name, incarnation = %fresh, "entered");
    Ok(fresh)
}
