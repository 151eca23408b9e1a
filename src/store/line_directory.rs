//! Creating and naming lines. A slot is counted under the billing row's lock, so that two requests at once cannot
//! share the last one.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    commands::{self, Command, Pair, PairRequest},
    line_rows::{self, BillingPolicy, LineRow},
    live_events::{self, Hint},
};
use ezw_actors::id::LineId;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// A line to be.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// What colleagues call it.
    pub display_name: String,
    /// Makes a retry the same line.
    pub key: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub enum Create {
    /// The line, and the pair command queued for it.
    Done {
        /// The row.
        line: Box<LineRow>,
        /// The command.
        command: Command,
        /// Written now; otherwise this is a retry.
        new: bool,
    },
    /// The key was used for a line of another name.
    KeyReused,
    /// Billing does not allow it.
    BillingRestricted,
    /// Every slot is in use.
    SlotLimit,
}

/// Creates a line and queues its first pairing.
///
/// # Errors
/// When the store does not do it.
pub async fn create(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    new: &NewLine,
) -> Result<Create, StoreError> {
    let slots = hold_slots(conn, scope).await?;
    if let Some(key) = &new.key
        && let Some(found) = created_before(conn, scope, by, key).await?
    {
        return replay(conn, scope, new, found).await;
    }
    let Some(slots) = slots.filter(|slots| BillingPolicy::of(Some(&slots.state)).pair) else {
        return Ok(Create::BillingRestricted);
    };
    if slots.used >= i64::from(slots.total) {
        return Ok(Create::SlotLimit);
    }
    let line = insert(conn, scope, by, new).await?;
    let entry = Entry {
        event_type: "line.created",
        actor: Actor::User(by),
        target_type: "line",
        target_id: line.0,
        data: json!({ "displayName": new.display_name }),
    };
    audit::add(conn, scope, entry).await?;
    let request = PairRequest { creates: Some(new.display_name.clone()), ..PairRequest::default() };
    match commands::pair(conn, scope, by, line, &request).await? {
        Pair::Accepted { command, .. } => done(conn, scope, line, command, true).await,
        refused => Err(StoreError::Broken(format!("a new line was refused its pairing: {refused:?}"))),
    }
}

async fn done(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    command: Command,
    new: bool,
) -> Result<Create, StoreError> {
    let row = line_rows::read(conn, scope, line).await?;
    let row = row.ok_or_else(|| StoreError::Broken(format!("line {line} vanished")))?;
    Ok(Create::Done { line: Box::new(row), command, new })
}

struct Slots {
    state: String,
    total: i32,
    used: i64,
}

async fn hold_slots(conn: &mut PgConnection, scope: OrgScope) -> Result<Option<Slots>, StoreError> {
    let organization = scope.organization.0;
    let held = sqlx::query!(
        "SELECT state, line_slots FROM billing WHERE organization_id = $1 FOR UPDATE",
        organization,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(held) = held else { return Ok(None) };
    // Counted after the lock, in a statement of its own: one that waited for the lock counts as of before the wait.
    let used = sqlx::query_scalar!(
        r#"SELECT count(*) AS "used!" FROM lines WHERE organization_id = $1 AND archived_at IS NULL"#,
        organization,
    )
    .fetch_one(conn)
    .await?;
    Ok(Some(Slots { state: held.state, total: held.line_slots, used }))
}

async fn insert(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    new: &NewLine,
) -> Result<LineId, StoreError> {
    let line = LineId(Uuid::now_v7());
    sqlx::query!(
        r#"
        INSERT INTO lines (organization_id, id, display_name, created_by, creation_key)
        VALUES ($1, $2, $3, $4, $5)
        "#,
        scope.organization.0,
        line.0,
        new.display_name,
        by,
        new.key,
    )
    .execute(conn)
    .await?;
    Ok(line)
}

async fn created_before(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    key: &str,
) -> Result<Option<LineId>, StoreError> {
    let line = sqlx::query_scalar!(
        "SELECT id FROM lines WHERE organization_id = $1 AND created_by = $2 AND creation_key = $3",
        scope.organization.0,
        by,
        key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(line.map(LineId))
}

/// The line may have been renamed since: the name it was created with is with its first command.
async fn replay(
    conn: &mut PgConnection,
    scope: OrgScope,
    new: &NewLine,
    line: LineId,
) -> Result<Create, StoreError> {
    let first = sqlx::query!(
        r#"
        SELECT id, kind, state, reason, created_at, settled_at, data ->> 'creates' AS name
        FROM line_commands
        WHERE organization_id = $1 AND line_id = $2 AND kind = 'pair' AND data ? 'creates'
        "#,
        scope.organization.0,
        line.0,
    )
    .fetch_one(&mut *conn)
    .await?;
    if first.name.as_deref() != Some(new.display_name.as_str()) {
        return Ok(Create::KeyReused);
    }
    let command = Command {
        id: first.id,
        kind: first.kind,
        state: first.state,
        reason: first.reason,
        created_at: first.created_at,
        settled_at: first.settled_at,
    };
    done(conn, scope, line, command, false).await
}

/// What became of a new name.
#[derive(Debug)]
pub enum Rename {
    /// It holds.
    Done(Box<LineRow>),
    /// The line is archived.
    Archived,
    /// The organization has no such line.
    NoLine,
}

/// Renames a line.
///
/// # Errors
/// When the store does not do it.
pub async fn rename(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    display_name: &str,
) -> Result<Rename, StoreError> {
    let Some(mut row) = line_rows::hold(conn, scope, line).await? else { return Ok(Rename::NoLine) };
    if row.archived_at.is_some() {
        return Ok(Rename::Archived);
    }
    if row.display_name == display_name {
        return Ok(Rename::Done(Box::new(row)));
    }
    let renamed = sqlx::query!(
        "UPDATE lines SET display_name = $3 WHERE organization_id = $1 AND id = $2",
        scope.organization.0,
        line.0,
        display_name,
    )
    .execute(&mut *conn)
    .await?;
    if renamed.rows_affected() != 1 {
        return Err(StoreError::Broken(format!("line {line} vanished under its lock")));
    }
    let entry = Entry {
        event_type: "line.renamed",
        actor: Actor::User(by),
        target_type: "line",
        target_id: line.0,
        data: json!({ "from": row.display_name, "to": display_name }),
    };
    audit::add(conn, scope, entry).await?;
    live_events::add(conn, scope, Hint::Line { line, user: None }).await?;
    display_name.clone_into(&mut row.display_name);
    Ok(Rename::Done(Box::new(row)))
}
