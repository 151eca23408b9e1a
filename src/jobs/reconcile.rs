//! Compares the lines that are this process's by their rows with its actors. A row that no actor stands behind (the answer
//! to a claim was lost, or an actor ended without its lease) is let go, so that anyone takes it. An actor whose row is
//! another's, or behind it, ends: the rows may be those of a PostgreSQL that took over and lacked the last commits.

use super::Jobs;
use crate::store::{StoreError, ownership};
use ezw_actors::{
    AtWork,
    id::{Epoch, LineId},
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// Between looks. What is wrong at two looks is put right, so what is just being started or written down is not.
const EVERY: Duration = Duration::from_secs(3);

/// What a look found wrong.
#[derive(Debug, Default)]
struct Found {
    /// Rows without an actor.
    alone: HashSet<(LineId, Epoch)>,
    /// Actors whose line is not this start's by its row.
    strangers: HashSet<(LineId, Epoch)>,
    /// Actors that know more than their rows, and the version they know.
    ahead: HashSet<(LineId, Epoch, i64)>,
}

pub(super) async fn run(jobs: Jobs) {
    let mut before = Found::default();
    loop {
        tokio::time::sleep(EVERY).await;
        match look(&jobs, &before).await {
            Ok(found) => before = found,
            Err(error) => tracing::debug!(%error, "reconciling waits for Postgres"),
        }
    }
}

async fn look(jobs: &Jobs, before: &Found) -> Result<Found, StoreError> {
    let Some(node) = jobs.node.incarnation() else { return Ok(Found::default()) };
    // Before the rows: an actor that is ahead of what is read after it is ahead for good.
    let at_work = jobs.supervisor.at_work();
    let owned = jobs.db.run(move |conn| Box::pin(ownership::owned_by(conn, node))).await?;
    let found = compare(&at_work, &owned, |line| jobs.lines.holds(line));
    for &(line, epoch) in found.alone.intersection(&before.alone) {
        let gone = jobs.db.run(move |conn| Box::pin(ownership::let_go(conn, node, line, epoch))).await?;
        if gone {
            tracing::warn!(%line, epoch = epoch.0, "a line of ours had no actor; it is let go");
        }
    }
    for &(line, epoch) in found.strangers.intersection(&before.strangers) {
        tracing::warn!(%line, epoch = epoch.0, "an actor works on a line that is not its own by the row; it ends");
        jobs.supervisor.fence(line, epoch);
    }
    for &(line, epoch, version) in found.ahead.intersection(&before.ahead) {
        tracing::warn!(%line, epoch = epoch.0, version, "a row is behind its actor; the line is started anew from it");
        jobs.supervisor.start_anew(line, epoch);
    }
    Ok(found)
}

fn compare(at_work: &[AtWork], owned: &[(LineId, Epoch, i64)], holds: impl Fn(LineId) -> bool) -> Found {
    let rows: HashMap<LineId, (Epoch, i64)> =
        owned.iter().map(|&(line, epoch, version)| (line, (epoch, version))).collect();
    let alone = owned.iter().filter(|(line, ..)| !holds(*line)).map(|&(line, epoch, _)| (line, epoch));
    let mut found = Found { alone: alone.collect(), ..Found::default() };
    for actor in at_work {
        match rows.get(&actor.line) {
            Some((epoch, version)) if *epoch == actor.epoch => {
                if *version < actor.version {
                    found.ahead.insert((actor.line, actor.epoch, actor.version));
                }
            }
            Some(_) | None => {
                found.strangers.insert((actor.line, actor.epoch));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_actors_are_compared_by_owner_epoch_and_version() {
        let [agreed, alone, ahead, older, strange] =
            [1, 2, 3, 4, 5].map(|id| LineId(uuid::Uuid::from_u128(id)));
        let actor = |line, epoch, version| AtWork { line, epoch: Epoch(epoch), version };
        let row = |line, epoch, version| (line, Epoch(epoch), version);
        let at_work = [actor(agreed, 1, 5), actor(ahead, 1, 5), actor(older, 1, 5), actor(strange, 1, 5)];
        let owned = [row(agreed, 1, 7), row(alone, 3, 1), row(ahead, 1, 4), row(older, 2, 9)];
        let found = compare(&at_work, &owned, |line| line != alone);
        assert_eq!(found.alone, HashSet::from([(alone, Epoch(3))]));
        assert_eq!(found.ahead, HashSet::from([(ahead, Epoch(1), 5)]));
        assert_eq!(found.strangers, HashSet::from([(older, Epoch(1)), (strange, Epoch(1))]));
    }
}
