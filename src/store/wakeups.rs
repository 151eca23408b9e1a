//! Wakeup commands: rows that a node's claim finds; a bell only shortens the wait.

use super::{OrgScope, StoreError, lines::LineFacts};
use chrono::TimeDelta;
use ezw_actors::{
    command::WAKEUP_LIFE_SECONDS,
    id::LineId,
    machine::{LineState, Time},
};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// A command, as clients see it.
#[derive(Clone, Debug)]
pub struct CommandRow {
    /// The row.
    pub id: Uuid,
    /// pair, wakeup, stop.
    pub kind: String,
    /// queued, running, succeeded, failed, expired.
    pub state: String,
    /// Why it ended without success.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ended.
    pub settled_at: Option<Time>,
}

/// The open wakeup of a line.
///
/// # Errors
/// When the store does not answer.
pub async fn open_wakeup(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<CommandRow>, StoreError> {
    let row = sqlx::query_as!(
        CommandRow,
        r#"
        SELECT id, kind, state, reason, created_at, settled_at
          FROM line_commands
         WHERE organization_id = $1 AND line_id = $2 AND kind = 'wakeup' AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        line.0,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// Queues a wakeup that nobody in particular asked for. The caller holds the line's row and found it admissible; the
/// unique index on open commands stays the last word.
///
/// # Errors
/// When the store does not do it.
pub async fn queue_system_wakeup(
    conn: &mut PgConnection,
    facts: &LineFacts,
    id: Uuid,
    now: Time,
) -> Result<Option<CommandRow>, StoreError> {
    // Health may try a failed line once in five minutes: this is how the next caller knows.
    let was = if matches!(*facts.state, LineState::Failed { .. }) { "failed" } else { "unowned" };
    let row = sqlx::query_as!(
        CommandRow,
        r#"
        INSERT INTO line_commands (organization_id, id, line_id, kind, state, data, created_at, expires_at)
        VALUES ($1, $2, $3, 'wakeup', 'queued', $4, $5, $6)
        ON CONFLICT (organization_id, line_id, kind) WHERE state IN ('queued', 'running') DO NOTHING
        RETURNING id, kind, state, reason, created_at, settled_at
        "#,
        facts.organization_id,
        id,
        facts.id,
        json!({ "was": was }),
        now,
        now + TimeDelta::seconds(WAKEUP_LIFE_SECONDS),
    );
    Ok(row.fetch_optional(conn).await?)
}
