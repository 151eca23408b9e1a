//! The processes over this database: heartbeats by the database's clock, deaths. Sees all organizations: a node has none.

use super::StoreError;
use chrono::{DateTime, Utc};
use ezw_actors::{id::Incarnation, lease};
use sqlx::PgConnection;
use uuid::Uuid;

/// What a process says of itself with each heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    /// The connection of the heartbeat holds the lock of this incarnation.
    pub holds_lock: bool,
    /// It takes lines now.
    pub takes_lines: bool,
}

/// Takes the lock that lives as long as `conn`: whoever gets it after that knows that this process, or its connection, is
/// gone. False while a connection that is not known to be gone yet still has it.
///
/// # Errors
/// When the store does not answer.
pub async fn hold_lock(conn: &mut PgConnection, node: Incarnation) -> Result<bool, StoreError> {
    let held = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock(hashtextextended('ezw node ' || $1::uuid::text, 0)) AS "held!""#,
        node.0
    );
    Ok(held.fetch_one(conn).await?)
}

/// Enters this process among the nodes.
///
/// # Errors
/// When the store does not do it.
pub async fn enter(
    conn: &mut PgConnection,
    node: Incarnation,
    name: &str,
    duties: Duties,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO nodes (incarnation, name, version, heartbeat_until, holds_lock, takes_lines)
        VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5, $6)
        "#,
        node.0,
        name,
        env!("CARGO_PKG_VERSION"),
        lease::TTL.as_secs_f64(),
        duties.holds_lock,
        duties.takes_lines,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether another process that is alive has this name: people could not tell the two apart.
///
/// # Errors
/// When the store does not answer.
pub async fn has_namesake(
    conn: &mut PgConnection,
    node: Incarnation,
    name: &str,
) -> Result<bool, StoreError> {
    let namesake = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (SELECT 1 FROM nodes WHERE name = $2 AND incarnation <> $1 AND dead_at IS NULL AND holds_lock
                           AND heartbeat_at > clock_timestamp() - interval '4 seconds') AS "namesake!"
        "#,
        node.0,
        name,
    );
    Ok(namesake.fetch_one(conn).await?)
}

/// A heartbeat that was renewed.
#[derive(Clone, Copy, Debug)]
pub struct Renewed {
    /// How many processes are not marked dead, this one among them.
    pub alive: u32,
    /// Its time in the row.
    pub at: DateTime<Utc>,
}

/// Renews the heartbeat; none when this incarnation is marked dead. One whose heartbeat passed is renewed, and counts whoever it is: after an outage of Postgres the fleet
/// must not reconnect, nor must each take the whole connect budget because it is the first to renew.
///
/// # Errors
/// When the store does not answer.
pub async fn renew(
    conn: &mut PgConnection,
    node: Incarnation,
    duties: Duties,
) -> Result<Option<Renewed>, StoreError> {
    let renewed = sqlx::query!(
        r#"
        UPDATE nodes
        SET heartbeat_at = clock_timestamp(), heartbeat_until = clock_timestamp() + make_interval(secs => $2),
            holds_lock = $3, takes_lines = $4
        WHERE incarnation = $1 AND dead_at IS NULL
        RETURNING heartbeat_at, (SELECT greatest(count(*), 1) FROM nodes WHERE dead_at IS NULL) AS "alive!"
        "#,
        node.0,
        lease::TTL.as_secs_f64(),
        duties.holds_lock,
        duties.takes_lines,
    )
    .fetch_optional(conn)
    .await?;
    Ok(renewed
        .map(|row| Renewed { alive: u32::try_from(row.alive).unwrap_or(u32::MAX), at: row.heartbeat_at }))
}

/// This process is about to let its lines go: it has no share of them any more.
///
/// # Errors
/// When the store does not answer.
pub async fn take_no_more(conn: &mut PgConnection, node: Incarnation) -> Result<(), StoreError> {
    sqlx::query!("UPDATE nodes SET takes_lines = false WHERE incarnation = $1", node.0).execute(conn).await?;
    Ok(())
}

/// Leaves in good order: others need not wait for the heartbeat to pass.
///
/// # Errors
/// When the store does not answer.
pub async fn leave(conn: &mut PgConnection, node: Incarnation) -> Result<(), StoreError> {
    sqlx::query!("UPDATE nodes SET dead_at = now() WHERE incarnation = $1 AND dead_at IS NULL", node.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Who judges others: a node, and the time of its last heartbeat as it knows it. A judgement counts for 5 s from then, and
/// only while that heartbeat is the last: the process, the network or Postgres itself may have stood still since it was asked
/// for, and heartbeats that wait there would all look passed.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// The node.
    pub node: Incarnation,
    /// Its last heartbeat.
    pub renewed_at: DateTime<Utc>,
}

/// Marks nodes dead whose heartbeat has passed; an update, so it waits on a renewal in flight. Also forgets nodes that died
/// a day ago and own nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn mark_dead(conn: &mut PgConnection, judge: Judge) -> Result<u64, StoreError> {
    let marked = sqlx::query!(
        r#"
        UPDATE nodes SET dead_at = clock_timestamp()
        WHERE dead_at IS NULL AND heartbeat_until < clock_timestamp()
            AND EXISTS (SELECT 1 FROM nodes me
                        WHERE me.incarnation = $1 AND me.dead_at IS NULL AND me.heartbeat_at = $2
                            AND clock_timestamp() < $2 + interval '5 seconds')
        "#,
        judge.node.0,
        judge.renewed_at,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM nodes n
        WHERE n.dead_at < now() - interval '1 day'
            AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.owner_incarnation = n.incarnation)
        "#
    )
    .execute(conn)
    .await?;
    Ok(marked.rows_affected())
}

/// Marks those of `suspects` dead whose lock is free, and answers everybody whose lock is: the suspects of the next look.
/// A connection that broke and is there again a moment later is no death, so it takes two looks. The lock is held while the
/// mark is written: whoever takes it again sees the mark. After a failover all locks are free, so nobody says anything of
/// others whose own is: its heartbeat has not noticed yet.
///
/// # Errors
/// When the store does not answer.
pub async fn mark_lost(
    conn: &mut PgConnection,
    judge: Judge,
    suspects: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let free = sqlx::query_scalar!(
        r#"
        WITH sound AS MATERIALIZED (
            SELECT 1 FROM nodes
            WHERE incarnation = $1 AND dead_at IS NULL AND holds_lock AND heartbeat_at = $3
                AND clock_timestamp() < $3 + interval '5 seconds'
                AND NOT pg_try_advisory_xact_lock(hashtextextended('ezw node ' || $1::uuid::text, 0))
        ), others AS MATERIALIZED (
            SELECT incarnation FROM nodes
            WHERE dead_at IS NULL AND holds_lock AND incarnation <> $1 AND EXISTS (SELECT 1 FROM sound)
        ), free AS MATERIALIZED (
            SELECT incarnation FROM others
            WHERE pg_try_advisory_xact_lock(hashtextextended('ezw node ' || incarnation::text, 0))
        ), marked AS (
            UPDATE nodes n SET dead_at = clock_timestamp() FROM free f
            WHERE n.incarnation = f.incarnation AND f.incarnation = ANY ($2) AND n.dead_at IS NULL AND n.holds_lock
        )
        SELECT incarnation FROM free
        "#,
        judge.node.0,
        suspects,
        judge.renewed_at,
    )
    .fetch_all(conn)
    .await?;
    Ok(free)
}

/// Says `words` to whoever listens on `channel`: other nodes, that is. For hints alone, for they may be lost; never in a
/// transaction that others wait for, for Postgres commits those one by one.
///
/// # Errors
/// When the store does not answer.
pub async fn notify(conn: &mut PgConnection, channel: &str, words: &str) -> Result<(), StoreError> {
    sqlx::query!(r#"SELECT pg_notify($1, $2) AS "said!: ()""#, channel, words).fetch_one(conn).await?;
    Ok(())
}
