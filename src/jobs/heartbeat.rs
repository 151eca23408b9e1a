//! Renews this process's lease, on a connection of its own that never waits behind requests. With hints on, that connection
//! also holds the lock that shows others that this process lives: to lose it is to be taken for dead.

use super::{Jobs, Node};
use crate::store::{
    StoreError, Watched,
    nodes::{self, Duties},
};
use ezw_actors::{backoff::Doubling, id::Incarnation, lease::RENEW_EVERY};
use std::time::{Duration, Instant};

/// For Postgres to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// For fenced lines to close.
const FENCE_PATIENCE: Duration = Duration::from_secs(5);

/// What a connection of the heartbeat is for.
struct Pulse {
    connection: Watched,
    /// The incarnation that shows by its lock that it lives.
    shown: Option<Incarnation>,
}

pub(super) async fn run(jobs: Jobs) {
    let mut waits = Doubling::new(Duration::from_millis(20), Duration::from_secs(3));
    loop {
        match bounded(jobs.db.watched_connection()).await {
            Ok(connection) => {
                let mut pulse = Pulse { connection, shown: None };
                let Err(error) = renew_while_it_works(&jobs, &mut pulse, &mut waits).await;
                if pulse.shown.is_some() {
                    // Before the connection is let go: from then on others may take the lines.
                    jobs.node.lease.lost();
                } else {
                    jobs.node.lease.missed();
                }
                tracing::warn!(%error, "the heartbeat lost its connection");
            }
            Err(error) => {
                jobs.node.lease.missed();
                tracing::warn!(%error, "the heartbeat waits for Postgres");
            }
        }
        tokio::time::sleep(waits.next_wait()).await;
    }
}

async fn renew_while_it_works(
    jobs: &Jobs,
    pulse: &mut Pulse,
    waits: &mut Doubling,
) -> Result<std::convert::Infallible, StoreError> {
    let mut incarnation = jobs.node.incarnation();
    loop {
        let current = match incarnation {
            Some(current) => current,
            None => enter(jobs, pulse).await?,
        };
        incarnation = Some(current);
        let duties = show(jobs, pulse, current).await?;
        let asked = Instant::now();
        let conn = pulse.connection.connection().await?;
        if let Some(renewed) = bounded(nodes::renew(conn, current, duties)).await? {
            jobs.supervisor.share_connects(renewed.alive);
            jobs.node.renewed(asked, renewed);
            waits.succeeded();
            rest(jobs, pulse).await?;
        } else {
            // Marked dead: what this process owned is others' by now, or soon.
            jobs.node.lease.lost();
            let left = jobs.supervisor.fence_all(FENCE_PATIENCE).await;
            if jobs.draining.is_cancelled() {
                // It left, or is about to: nobody must find it among the nodes again.
                return std::future::pending().await;
            }
            tracing::warn!(left, "this process was marked dead: its lines are closed, it enters anew");
            incarnation = None;
        }
    }
}

/// Until the next renewal is due, or something to say comes up. Nobody speaks on this connection, so all that can be heard
/// is its end.
async fn rest(jobs: &Jobs, pulse: &mut Pulse) -> Result<(), StoreError> {
    tokio::select! {
        () = tokio::time::sleep(RENEW_EVERY) => Ok(()),
        () = jobs.node.duties_changed() => Ok(()),
        None = pulse.connection.heard() => Err(StoreError::Unavailable("the connection ended".to_owned())),
    }
}

/// Shows that `node` lives, unless a connection that Postgres does not know to be gone yet does so still.
async fn show(jobs: &Jobs, pulse: &mut Pulse, node: Incarnation) -> Result<Duties, StoreError> {
    if jobs.hints && pulse.shown != Some(node) {
        let conn = pulse.connection.connection().await?;
        pulse.shown = bounded(nodes::hold_lock(conn, node)).await?.then_some(node);
    }
    Ok(Duties { holds_lock: pulse.shown == Some(node), takes_lines: jobs.node.takes_lines() })
}

/// Nobody waits for a connection that says nothing as long as the kernel would.
async fn bounded<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(outcome) => outcome,
        Err(_elapsed) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

async fn enter(jobs: &Jobs, pulse: &mut Pulse) -> Result<Incarnation, StoreError> {
    let fresh = Node::fresh();
    // The lock before the row: nobody must find this node without it.
    let duties = show(jobs, pulse, fresh).await?;
    let conn = pulse.connection.connection().await?;
    bounded(nodes::enter(conn, fresh, &jobs.node.name, duties)).await?;
    jobs.node.entered(fresh);
    jobs.lines.set_incarnation(fresh);
    tracing::info!(node = %jobs.node.name, incarnation = %fresh, "entered");
    let conn = pulse.connection.connection().await?;
    if bounded(nodes::has_namesake(conn, fresh, &jobs.node.name)).await? {
        let name = &jobs.node.name;
        tracing::warn!(%name, "a node of this name lives, or died a moment ago: EZW_NODE_NAME should be unique");
    }
    Ok(fresh)
}
