//! Listing, creating and naming lines. A slot is counted under the billing row's lock, so that two requests at once cannot
//! share the last one.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    billing::BillingState,
    commands::{self, Command, Pair, PairRequest},
    lines::{LineFacts, facts, line_facts, lock_line_facts},
    live_events::{self, Hint},
    visibility::Viewer,
};
use ezw_actors::{
    id::LineId,
    machine::{LineState, Time},
};
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// Which lines to list.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// This one, archived or not.
    pub line: Option<LineId>,
    /// Archived ones too.
    pub include_archived: bool,
    /// Older than this one.
    pub before: Option<Uuid>,
    /// At most so many; none means all, which the slots bound.
    pub limit: Option<i64>,
}

/// Lines the viewer may see, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    filter: Filter,
) -> Result<Vec<LineFacts>, StoreError> {
    let rows = facts!(
        r#"
        LEFT JOIN line_permissions p
            ON p.organization_id = l.organization_id AND p.line_id = l.id AND p.user_id = $2
        WHERE l.organization_id = $1
          AND ($3::boolean OR coalesce(p.can_view, true))
          AND ($4::uuid IS NULL OR l.id = $4)
          AND ($5::boolean OR $4::uuid IS NOT NULL OR l.archived_at IS NULL)
          AND ($6::uuid IS NULL OR l.id < $6)
        ORDER BY l.id DESC
        LIMIT $7
        "#,
        scope.organization.0,
        viewer.user,
        viewer.sees_all,
        filter.line.map(|line| line.0),
        filter.include_archived,
        filter.before,
        filter.limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One line, if the viewer may see it.
///
/// # Errors
/// When the store does not answer.
pub async fn visible(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    line: LineId,
) -> Result<Option<LineFacts>, StoreError> {
    let filter = Filter { line: Some(line), include_archived: true, before: None, limit: Some(1) };
    Ok(list(conn, scope, viewer, filter).await?.pop())
}

/// One step of a line's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: Time,
    /// From this state.
    pub from_state: String,
    /// To this one.
    pub to_state: String,
    /// Because of this.
    pub event: String,
    /// Which was for this reason.
    pub reason: Option<String>,
    /// Under this assignment.
    pub epoch: i64,
}

/// A line's transitions, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn timeline(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Transition>, StoreError> {
    let rows = sqlx::query_as!(
        Transition,
        r#"
        SELECT version, at, from_state, to_state, event, reason, epoch
        FROM line_transitions
        WHERE organization_id = $1 AND line_id = $2 AND version < $3
        ORDER BY version DESC
        LIMIT $4
        "#,
        scope.organization.0,
        line.0,
        before.unwrap_or(i64::MAX),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

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
        line: Box<LineFacts>,
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
    let Some(slots) = slots.filter(Slots::may_pair) else {
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
    let row = line_facts(conn, scope, line).await?;
    let row = row.ok_or_else(|| StoreError::Broken(format!("line {line} vanished")))?;
    Ok(Create::Done { line: Box::new(row), command, new })
}

struct Slots {
    state: String,
    total: i32,
    used: i64,
}

impl Slots {
    fn may_pair(&self) -> bool {
        self.state.parse::<BillingState>().is_ok_and(|state| state.policy().can_pair)
    }
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
    Done(Box<LineFacts>),
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
    let Some(mut row) = lock_line_facts(conn, scope, line).await? else { return Ok(Rename::NoLine) };
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
