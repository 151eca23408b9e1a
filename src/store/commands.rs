//! Pair, stop and wakeup: admitted purely (`ezw_actors::command`) under the line row's lock, then written as rows.
//! Ring the line after the commit.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    billing::BillingState,
    lines::{LineFacts, lock_line_facts},
    live_events::{self, Hint},
};
use ezw_actors::{
    command::{
        PAIR_QUEUE_SECONDS, PairAdmission, StopAdmission, WAKEUP_LIFE_SECONDS, WakeupAdmission, WakeupBy,
        WakeupOutcome, admit_pair, admit_stop, admit_wakeup,
    },
    id::LineId,
    machine::{Reason, RestingState, Time, view},
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// A command as clients read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Ours, whatever key the caller gave.
    pub id: Uuid,
    /// pair, wakeup or stop.
    pub kind: String,
    /// queued, running, succeeded, failed or expired.
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ended.
    pub settled_at: Option<Time>,
}

/// A request to link a number.
#[derive(Clone, Debug, Default)]
pub struct PairRequest {
    /// Makes a retry the same command.
    pub key: Option<String>,
    /// With a pairing code for this number, not a QR code.
    pub code_for: Option<String>,
    /// The name a line is being created with: a retry of the creation must give the same.
    pub creates: Option<String>,
}

/// What became of a request to link a number.
#[derive(Clone, Debug)]
pub enum Pair {
    /// This command stands for it; `new` says whether it was written now.
    Accepted {
        /// The command.
        command: Command,
        /// Written now.
        new: bool,
    },
    /// The line is linked.
    AlreadyPaired,
    /// The provider's cool-down runs.
    CoolingDown {
        /// Its end.
        until: Time,
    },
    /// The line is archived.
    Archived,
    /// Billing does not allow it.
    BillingRestricted,
    /// More lines than slots.
    SlotLimit,
    /// The organization has no such line.
    NoLine,
}

/// The same, and whether it is what the caller's key was answered with before.
#[derive(Clone, Debug)]
pub struct Paired {
    /// What became of it.
    pub pair: Pair,
    /// The key stood for it already.
    pub replayed: bool,
}

impl From<Pair> for Paired {
    fn from(pair: Pair) -> Self {
        Self { pair, replayed: false }
    }
}

/// Admits and writes a pair command, for callers to whom a replay is as good as any other answer.
///
/// # Errors
/// When the store does not do it.
pub async fn pair(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    request: &PairRequest,
) -> Result<Pair, StoreError> {
    Ok(pair_once(conn, scope, by, line, request).await?.pair)
}

/// Admits and writes a pair command, or finds what the key was answered with.
///
/// # Errors
/// When the store does not do it.
pub async fn pair_once(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    request: &PairRequest,
) -> Result<Paired, StoreError> {
    let Some(row) = hold(conn, scope, line).await? else { return Ok(Pair::NoLine.into()) };
    if row.archived_at.is_none() && !may_pair(&row) {
        return Ok(Pair::BillingRestricted.into());
    }
    if let Some(command) = keyed(conn, scope, by, line, request.key.as_deref()).await? {
        return Ok(Paired { pair: Pair::Accepted { command, new: false }, replayed: true });
    }
    let pair = match admit_pair(row.as_of, &row.situation(row.overlay_by_row())) {
        PairAdmission::Archived => Pair::Archived,
        PairAdmission::BillingRestricted => Pair::BillingRestricted,
        PairAdmission::AlreadyPaired => Pair::AlreadyPaired,
        PairAdmission::CoolingDown { until } => Pair::CoolingDown { until },
        PairAdmission::Open => join_open(conn, scope, by, line, request).await?,
        PairAdmission::New { .. } if over_slots(conn, scope).await? => Pair::SlotLimit,
        PairAdmission::New { before } => {
            let command = write_pair(conn, scope, by, line, request, &before).await?;
            Pair::Accepted { command, new: true }
        }
    };
    Ok(pair.into())
}

/// The open command answers, whatever way of linking it was for.
async fn join_open(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    request: &PairRequest,
) -> Result<Pair, StoreError> {
    let Some(command) = open_command(conn, scope, line, "pair").await? else {
        return Err(StoreError::Broken(format!("line {line}: the open pair command vanished")));
    };
    if let Some(key) = &request.key {
        keep_key(conn, scope, by, command.id, key).await?;
    }
    Ok(Pair::Accepted { command, new: false })
}

/// From now on the key stands for a command that was open when it came, so that a retry after its end does not start
/// another. A command holds one key, of the person who asked for it.
async fn keep_key(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    command: Uuid,
    key: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE line_commands SET idempotency_key = $4
        WHERE organization_id = $1 AND id = $2 AND requested_by = $3 AND idempotency_key IS NULL
        "#,
        scope.organization.0,
        command,
        by,
        key,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_pair(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    request: &PairRequest,
    before: &RestingState,
) -> Result<Command, StoreError> {
    let mut data = json!({ "before": before });
    if let Some(phone) = &request.code_for {
        data["codeFor"] = json!(phone);
    }
    if let Some(name) = &request.creates {
        data["creates"] = json!(name);
    }
    let new = NewCommand { kind: "pair", key: request.key.as_deref(), by: Some(by), data };
    // A line that is not linked carries no stop order; one that a logout overtook must not outlive it.
    sqlx::query!(
        "UPDATE lines SET stopped_at = NULL WHERE organization_id = $1 AND id = $2 AND stopped_at IS NOT NULL",
        scope.organization.0,
        line.0,
    )
    .execute(&mut *conn)
    .await?;
    let command = insert(conn, scope, line, new, PAIR_QUEUE_SECONDS).await?;
    let method = if request.code_for.is_some() { "code" } else { "qr" };
    let data = json!({ "commandId": command.id, "method": method });
    record(conn, scope, Actor::User(by), "line.pairing_requested", line, data).await?;
    Ok(command)
}

async fn over_slots(conn: &mut PgConnection, scope: OrgScope) -> Result<bool, StoreError> {
    let over = sqlx::query_scalar!(
        r#"
        SELECT (SELECT count(*) FROM lines WHERE organization_id = $1 AND archived_at IS NULL) > b.line_slots AS "over!"
        FROM billing b
        WHERE b.organization_id = $1
        "#,
        scope.organization.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(over.unwrap_or(true))
}

/// What became of a stop order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It holds; `changed` says whether it changed anything.
    Done {
        /// Something changed: ring the line.
        changed: bool,
    },
    /// The line is archived.
    Archived,
    /// The organization has no such line.
    NoLine,
}

/// Stops a line, or only the pairing that is open on it.
///
/// # Errors
/// When the store does not do it.
pub async fn stop(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
) -> Result<Stop, StoreError> {
    let Some(row) = hold(conn, scope, line).await? else { return Ok(Stop::NoLine) };
    let event = match admit_stop(&row.situation(row.overlay_by_row())) {
        StopAdmission::Archived => return Ok(Stop::Archived),
        StopAdmission::NoOp => return Ok(Stop::Done { changed: false }),
        StopAdmission::EndsPairing => {
            settle_stopped(conn, scope, line, "pair").await?;
            "line.pairing_stopped"
        }
        StopAdmission::Stops => {
            order_stop(conn, scope, line).await?;
            settle_stopped(conn, scope, line, "wakeup").await?;
            "line.stopped"
        }
    };
    record(conn, scope, Actor::User(by), event, line, json!({})).await?;
    Ok(Stop::Done { changed: true })
}

async fn order_stop(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    let stopped = sqlx::query!(
        r#"
        UPDATE lines SET stopped_at = now(), desired = 'stopped'
        WHERE organization_id = $1 AND id = $2 AND stopped_at IS NULL AND archived_at IS NULL
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    one_row(stopped.rows_affected(), line)
}

async fn settle_stopped(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    kind: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE line_commands
        SET state = 'failed', reason = 'stopped', settled_at = now(), data = data - 'passkeyResponse'
        WHERE organization_id = $1 AND line_id = $2 AND kind = $3 AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        line.0,
        kind,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What became of a wakeup.
#[derive(Clone, Debug)]
pub struct Wakeup {
    /// What the caller is told.
    pub outcome: WakeupOutcome,
    /// Why not, if not.
    pub reason: Option<Reason>,
    /// The command that is open now, if one is.
    pub command: Option<Command>,
    /// Something was written: ring the line.
    pub changed: bool,
    /// The line as it was found.
    pub line: Box<LineFacts>,
}

/// Admits a wakeup and writes what it needs. None when the organization has no such line. A caller with a view that
/// already answers (a running line) should not come here: this takes the row's lock.
///
/// # Errors
/// When the store does not do it.
pub async fn wakeup(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: WakeupBy,
    actor: Actor,
    line: LineId,
) -> Result<Option<Wakeup>, StoreError> {
    let Some(row) = hold(conn, scope, line).await? else { return Ok(None) };
    let overlay = row.overlay_by_row();
    let admitted = admit_wakeup(row.as_of, by, &row.situation(overlay));
    let changed = apply_wakeup(conn, scope, by, actor, &row, admitted).await?;
    let refused = matches!(admitted.outcome, WakeupOutcome::NotWakeable | WakeupOutcome::RateLimited);
    Ok(Some(Wakeup {
        outcome: admitted.outcome,
        reason: view(&row.state, overlay).reason.filter(|_| refused),
        command: open_command(conn, scope, line, "wakeup").await?,
        changed,
        line: Box::new(row),
    }))
}

async fn apply_wakeup(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: WakeupBy,
    actor: Actor,
    row: &LineFacts,
    admitted: WakeupAdmission,
) -> Result<bool, StoreError> {
    let line = LineId(row.id);
    let queued = admitted.outcome == WakeupOutcome::Queued;
    let (word, user) = match (by, actor) {
        (WakeupBy::Health, _) => ("health", None),
        (WakeupBy::Operator, Actor::User(user)) => ("operator", Some(user)),
        (WakeupBy::Operator, Actor::System) => ("operator", None),
    };
    if queued {
        let data = json!({ "by": word, "was": row.state.name(), "resetsBudget": admitted.resets_budget });
        let new = NewCommand { kind: "wakeup", key: None, by: user, data };
        insert(conn, scope, line, new, WAKEUP_LIFE_SECONDS).await?;
    }
    if admitted.outcome == WakeupOutcome::AlreadyQueued && admitted.resets_budget {
        reset_budget_of_open(conn, scope, line).await?;
    }
    if by == WakeupBy::Operator && (queued || admitted.clears_stop) {
        want_running(conn, scope, line).await?;
    }
    let changed = queued || admitted.clears_stop;
    if changed {
        let data = json!({ "by": word, "clearsStop": admitted.clears_stop });
        record(conn, scope, actor, "line.wakeup_requested", line, data).await?;
    }
    Ok(changed)
}

/// An operator's wakeup resets the restart budget also when a poller's was queued before it.
async fn reset_budget_of_open(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE line_commands SET data = data || '{"resetsBudget": true}'
        WHERE organization_id = $1 AND line_id = $2 AND kind = 'wakeup' AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A line that was never linked has nothing to run by itself: its open command alone brings a node to it.
async fn want_running(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    let wanted = sqlx::query!(
        r#"
        UPDATE lines
        SET stopped_at = NULL, next_start_at = least(next_start_at, now()),
            desired = CASE WHEN phone_number IS NULL THEN desired ELSE 'running' END
        WHERE organization_id = $1 AND id = $2 AND archived_at IS NULL
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    one_row(wanted.rows_affected(), line)
}

struct NewCommand<'a> {
    kind: &'a str,
    key: Option<&'a str>,
    by: Option<Uuid>,
    data: Value,
}

async fn insert(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    new: NewCommand<'_>,
    life_seconds: i64,
) -> Result<Command, StoreError> {
    let command = sqlx::query_as!(
        Command,
        r#"
        INSERT INTO line_commands
            (organization_id, id, line_id, kind, state, idempotency_key, requested_by, data, expires_at)
        VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, now() + make_interval(secs => $8))
        RETURNING id, kind, state, reason, created_at, settled_at
        "#,
        scope.organization.0,
        Uuid::now_v7(),
        line.0,
        new.kind,
        new.key,
        new.by,
        new.data,
        life_seconds as f64,
    )
    .fetch_one(conn)
    .await?;
    Ok(command)
}

/// The row alone, with commands that nobody took in time out of the way.
async fn hold(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
) -> Result<Option<LineFacts>, StoreError> {
    let Some(row) = lock_line_facts(conn, scope, line).await? else { return Ok(None) };
    if !(row.open_pair.is_some() || row.wakeup_open) || expire_overdue(conn, scope, line).await? == 0 {
        return Ok(Some(row));
    }
    lock_line_facts(conn, scope, line).await
}

fn may_pair(row: &LineFacts) -> bool {
    BillingState::read(row.billing.as_deref()).policy().can_pair
}

/// A queued command nobody took in time is over, whether or not somebody came by to say so.
async fn expire_overdue(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<u64, StoreError> {
    let expired = sqlx::query!(
        r#"
        UPDATE line_commands SET state = 'expired', reason = 'not_started', settled_at = now()
        WHERE organization_id = $1 AND line_id = $2 AND state = 'queued' AND expires_at <= now()
        "#,
        scope.organization.0,
        line.0,
    )
    .execute(conn)
    .await?;
    Ok(expired.rows_affected())
}

pub async fn open_command(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    kind: &str,
) -> Result<Option<Command>, StoreError> {
    let command = sqlx::query_as!(
        Command,
        r#"
        SELECT id, kind, state, reason, created_at, settled_at FROM line_commands
        WHERE organization_id = $1 AND line_id = $2 AND kind = $3 AND state IN ('queued', 'running')
        "#,
        scope.organization.0,
        line.0,
        kind,
    )
    .fetch_optional(conn)
    .await?;
    Ok(command)
}

/// What a person's key was answered with. Keys of different people are different keys.
async fn keyed(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Uuid,
    line: LineId,
    key: Option<&str>,
) -> Result<Option<Command>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let command = sqlx::query_as!(
        Command,
        r#"
        SELECT id, kind, state, reason, created_at, settled_at FROM line_commands
        WHERE organization_id = $1 AND line_id = $2 AND kind = 'pair' AND requested_by = $3 AND idempotency_key = $4
        "#,
        scope.organization.0,
        line.0,
        by,
        key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(command)
}

pub(super) async fn record(
    conn: &mut PgConnection,
    scope: OrgScope,
    actor: Actor,
    event_type: &'static str,
    line: LineId,
    data: Value,
) -> Result<(), StoreError> {
    let entry = Entry { event_type, actor, target_type: "line", target_id: line.0, data };
    audit::add(conn, scope, entry).await?;
    live_events::add(conn, scope, Hint::Line { line, user: None }).await
}

fn one_row(affected: u64, line: LineId) -> Result<(), StoreError> {
    if affected == 1 { Ok(()) } else { Err(StoreError::Broken(format!("line {line}: {affected} rows"))) }
}
