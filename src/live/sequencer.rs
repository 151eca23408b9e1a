//! Numbers hints after their transactions committed. One node at a time: whoever holds the advisory lock. Numbers of an
//! organization so become visible in their order, and a busy organization's writes never queue behind a counter.

use crate::store::{Db, StoreError};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// "ezw live" in letters: the advisory lock of the one sequencer.
const LOCK: i64 = 0x657a_775f_6c69_7665;
/// Hints numbered in one transaction.
const BATCH: i64 = 1_000;
/// Between looks while there was work lately, and how long "lately" is; and otherwise.
pub(super) const BUSY_PAUSE: Duration = Duration::from_millis(200);
pub(super) const BUSY_FOR: Duration = Duration::from_secs(3);
pub(super) const IDLE_PAUSE: Duration = Duration::from_secs(1);
/// Between prunings, and how long numbered hints are kept.
pub(super) const PRUNE_EVERY: Duration = Duration::from_secs(60);
const KEPT_HOURS: f64 = 24.0;

/// An organization's numbers after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) organization_id: Uuid,
    pub(super) last_seq: i64,
}

/// What one look found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing waits.
    Nothing,
    /// Another node is at it; what it has not seen is for the next look.
    Elsewhere,
    /// These organizations have new numbers; `more` may wait.
    Numbered { organizations: Vec<Numbered>, more: bool },
}

/// Numbers what waits, at most one batch.
pub(super) async fn look(db: &Db) -> Result<Look, StoreError> {
    let waits = db.run(|conn| Box::pin(anything_waits(conn))).await?;
    if !waits {
        return Ok(Look::Nothing);
    }
    db.unit(|conn| Box::pin(number(conn))).await
}

async fn anything_waits(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let waits =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM live_events WHERE seq IS NULL) AS "waits!""#)
            .fetch_one(conn)
            .await?;
    Ok(waits)
}

/// The lock comes in a statement of its own: the next one must see what the holder before committed.
async fn try_lock(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "locked!""#, LOCK)
        .fetch_one(conn)
        .await?;
    Ok(locked)
}

async fn number(conn: &mut PgConnection) -> Result<Look, StoreError> {
    if !try_lock(conn).await? {
        return Ok(Look::Elsewhere);
    }
    let rows = sqlx::query!(
        r#"
        WITH batch AS MATERIALIZED (
            SELECT organization_id, id, row_number() OVER (PARTITION BY organization_id ORDER BY id) AS place
            FROM (SELECT organization_id, id FROM live_events WHERE seq IS NULL ORDER BY id LIMIT $1) waiting
        ), counted AS (
            SELECT organization_id, count(*) AS events FROM batch GROUP BY organization_id
        ), bumped AS (
            INSERT INTO live_sequences (organization_id, last_seq)
            SELECT organization_id, events FROM counted
            ON CONFLICT (organization_id)
                DO UPDATE SET last_seq = live_sequences.last_seq + excluded.last_seq
            RETURNING organization_id, last_seq
        ), numbered AS (
            UPDATE live_events e
            SET seq = bumped.last_seq - counted.events + batch.place
            FROM batch
            JOIN counted USING (organization_id)
            JOIN bumped USING (organization_id)
            WHERE e.organization_id = batch.organization_id AND e.id = batch.id
        )
        SELECT bumped.organization_id AS "organization_id!", bumped.last_seq AS "last_seq!",
               (SELECT count(*) FROM batch) AS "events!"
        FROM bumped
        "#,
        BATCH,
    )
    .fetch_all(conn)
    .await?;
    let more = rows.first().is_some_and(|row| row.events == BATCH);
    let organizations = rows
        .into_iter()
        .map(|row| Numbered { organization_id: row.organization_id, last_seq: row.last_seq })
        .collect();
    Ok(Look::Numbered { organizations, more })
}

/// Forgets hints that are a day old; a client that asks for one of them gets a gap event. Answers whether more wait.
pub(super) async fn prune(db: &Db) -> Result<bool, StoreError> {
    db.unit(|conn| Box::pin(prune_batch(conn))).await
}

async fn prune_batch(conn: &mut PgConnection) -> Result<bool, StoreError> {
    if !try_lock(conn).await? {
        return Ok(false);
    }
    let pruned = sqlx::query_scalar!(
        r#"
        WITH old AS MATERIALIZED (
            SELECT organization_id, id, seq FROM live_events
            WHERE at < now() - make_interval(hours => 1) * $1 AND seq IS NOT NULL
            ORDER BY at
            LIMIT $2
        ), raised AS (
            UPDATE live_sequences s
            SET first_kept_seq = greatest(s.first_kept_seq, o.highest + 1)
            FROM (SELECT organization_id, max(seq) AS highest FROM old GROUP BY organization_id) o
            WHERE s.organization_id = o.organization_id
        ), gone AS (
            DELETE FROM live_events e USING old
            WHERE e.organization_id = old.organization_id AND e.id = old.id
            RETURNING 1
        )
        SELECT count(*) AS "pruned!" FROM gone
        "#,
        KEPT_HOURS,
        BATCH,
    )
    .fetch_one(conn)
    .await?;
    Ok(pruned == BATCH)
}

/// When to look again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    busy_until: Option<std::time::Instant>,
}

impl Pace {
    /// There was work.
    pub(super) fn worked(&mut self, now: std::time::Instant) {
        self.busy_until = now.checked_add(BUSY_FOR);
    }

    /// The pause before the next look.
    pub(super) fn pause(&self, now: std::time::Instant) -> Duration {
        if self.busy_until.is_some_and(|until| now < until) { BUSY_PAUSE } else { IDLE_PAUSE }
    }
}

/// The hint that other processes get.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LookNow {
    pub(super) organization_id: Uuid,
    pub(super) seq: i64,
}
