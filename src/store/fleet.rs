//! Who owns what, as the rows have it: for operators, who see all organizations. Moving a line is their order.

use super::StoreError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// A process that runs, or ran within a day.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRow {
    /// Its name, as it was given.
    pub name: String,
    /// This start of it.
    pub incarnation: Uuid,
    /// The program's version.
    pub version: String,
    /// When it entered.
    pub started_at: DateTime<Utc>,
    /// Since its last heartbeat, by the database's clock.
    pub heartbeat_age_seconds: f64,
    /// `alive`; `takes_none` while it stops, has just come or cannot open the accounts; `silent` when its heartbeat passed and nobody marked it yet; `dead`.
    pub state: String,
    /// Its death would be seen at once, by the lock that its connection holds.
    pub holds_lock: bool,
    /// Lines that it owns by their rows.
    pub lines: i64,
    /// Those of them that can send.
    pub connected: i64,
}

/// All nodes, the living ones first.
///
/// # Errors
/// When the store does not answer.
pub async fn nodes(conn: &mut PgConnection) -> Result<Vec<NodeRow>, StoreError> {
    let nodes = sqlx::query_as!(
        NodeRow,
        r#"
        SELECT n.name, n.incarnation, n.version, n.started_at,
            greatest(extract(epoch FROM clock_timestamp() - n.heartbeat_at), 0)::float8 AS "heartbeat_age_seconds!",
            CASE WHEN n.dead_at IS NOT NULL THEN 'dead' WHEN n.heartbeat_until < clock_timestamp() THEN 'silent'
                 WHEN NOT n.takes_lines THEN 'takes_none' ELSE 'alive' END AS "state!",
            n.holds_lock AND n.dead_at IS NULL AS "holds_lock!",
            count(l.id) AS "lines!",
            count(l.id) FILTER (WHERE l.state = 'connected' AND n.heartbeat_until >= clock_timestamp()) AS "connected!"
        FROM nodes n LEFT JOIN lines l ON l.owner_incarnation = n.incarnation
        GROUP BY n.incarnation
        ORDER BY n.dead_at DESC NULLS FIRST, n.name, n.started_at
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(nodes)
}

/// A line and whose it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnedLine {
    /// Its organization.
    pub organization_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// As people call it.
    pub display_name: String,
    /// The actor's own word.
    pub state: String,
    /// Since then.
    pub since: DateTime<Utc>,
    /// Of its present start: each start of its actor has the next one.
    pub epoch: i64,
    /// The node that owns it; none when nobody runs it.
    pub node: Option<String>,
    /// That start of the node.
    pub incarnation: Option<Uuid>,
    /// Since the owner's last heartbeat.
    pub heartbeat_age_seconds: Option<f64>,
    /// The owner is marked dead: any node takes the line.
    pub owner_dead: bool,
    /// Replies that wait.
    pub queue_depth: i64,
}

/// Which lines to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this organization.
    pub organization: Option<Uuid>,
    /// Only of the node of this name.
    pub node: Option<String>,
    /// So many at most, from the one after this id on.
    pub page: (Option<Uuid>, i64),
}

/// Lines that are not archived, by their ids.
///
/// # Errors
/// When the store does not answer.
pub async fn lines(conn: &mut PgConnection, filter: &Filter) -> Result<Vec<OwnedLine>, StoreError> {
    let (after, most) = filter.page;
    let lines = sqlx::query_as!(
        OwnedLine,
        r#"
        SELECT l.organization_id, l.id, l.display_name, l.state, l.since, l.epoch, n.name AS "node?",
            n.incarnation AS "incarnation?",
            greatest(extract(epoch FROM clock_timestamp() - n.heartbeat_at), 0)::float8 AS heartbeat_age_seconds,
            coalesce(n.dead_at IS NOT NULL AND n.incarnation IS NOT NULL, false) AS "owner_dead!",
            (SELECT count(*) FROM outbound o WHERE o.line_id = l.id AND o.status = 'queued') AS "queue_depth!"
        FROM lines l LEFT JOIN nodes n ON n.incarnation = l.owner_incarnation
        WHERE l.archived_at IS NULL AND ($1::uuid IS NULL OR l.organization_id = $1)
            AND ($2::text IS NULL OR n.name = $2) AND ($3::uuid IS NULL OR l.id > $3)
        ORDER BY l.id LIMIT $4
        "#,
        filter.organization,
        filter.node,
        after,
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(lines)
}

/// What became of an order to move a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Its owner was told; that start of the node is to take it.
    Ordered(Uuid),
    /// That node owns it.
    ThereAlready,
    /// Nobody runs the line: there is nothing to move.
    NotRunning,
    /// No line has this id, or it is archived.
    NoLine,
    /// No node of this name takes lines.
    NoNode,
}

/// Orders that a running line moves to the node of this name. Its owner finds the order within a second and lets the line
/// go; for `patience` nobody else than that node takes it.
///
/// # Errors
/// When the store does not do it.
pub async fn order_move(
    conn: &mut PgConnection,
    line: Uuid,
    node: &str,
    patience: Duration,
) -> Result<Move, StoreError> {
    let owner = sqlx::query_scalar!(
        "SELECT owner_incarnation FROM lines WHERE id = $1 AND archived_at IS NULL FOR UPDATE",
        line
    );
    let Some(owner) = owner.fetch_optional(&mut *conn).await? else { return Ok(Move::NoLine) };
    let target = sqlx::query_scalar!(
        r#"
        SELECT incarnation FROM nodes
        WHERE name = $1 AND dead_at IS NULL AND takes_lines AND heartbeat_until > clock_timestamp()
        ORDER BY started_at DESC LIMIT 1
        "#,
        node,
    );
    let Some(target) = target.fetch_optional(&mut *conn).await? else { return Ok(Move::NoNode) };
    match owner {
        None => return Ok(Move::NotRunning),
        Some(owner) if owner == target => return Ok(Move::ThereAlready),
        Some(_) => {}
    }
    sqlx::query!(
        "UPDATE lines SET move_to = $2, move_until = now() + make_interval(secs => $3) WHERE id = $1",
        line,
        target,
        patience.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(Move::Ordered(target))
}

/// Who owns a line now, and under which epoch.
///
/// # Errors
/// When the store does not answer.
pub async fn owner_of(
    conn: &mut PgConnection,
    line: Uuid,
) -> Result<Option<(Option<Uuid>, i64)>, StoreError> {
    let row = sqlx::query!("SELECT owner_incarnation, epoch FROM lines WHERE id = $1", line);
    Ok(row.fetch_optional(conn).await?.map(|row| (row.owner_incarnation, row.epoch)))
}
