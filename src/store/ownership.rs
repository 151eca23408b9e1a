//! Which process owns which line: claims, moves, releases. Serves claims, so it sees all organizations; every
//! row it hands out names its own.

use super::{StoreError, billing::BillingState, breaker::Client, poison, sealed::Sealer};
use chrono::{DateTime, TimeDelta, Utc};
use ezw_actors::{
    id::{CommandId, Epoch, Fence, Generation, Incarnation, LineId},
    machine::{FailReason, History, Reason, StateName, Taking},
    metric,
    port::{Claimed, Orders, Standing},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An actor has so long to load.
const START_SECONDS: f64 = 45.0;
/// States that say nothing while nobody owns the line: `LineState::needs_owner`.
const NEED_OWNER: [StateName; 10] = [
    StateName::Starting,
    StateName::WaitingPermit,
    StateName::Connecting,
    StateName::Syncing,
    StateName::Pairing,
    StateName::Connected,
    StateName::Degraded,
    StateName::Throttled,
    StateName::Restricted,
    StateName::Reconnecting,
];

/// A line as a claim reads it.
struct Row {
    organization_id: Uuid,
    id: Uuid,
    version: i64,
    epoch: i64,
    // Read one by one: a line that cannot be read must not keep the others of its claim from starting.
    state: Value,
    history: Value,
    lived_until: Option<DateTime<Utc>>,
    phone_number: Option<String>,
    generation: i64,
    sealed: Option<Vec<u8>>,
    pair_command: Option<Uuid>,
    pair_code_for: Option<String>,
    reset_budget: bool,
    archived: bool,
    stopped: bool,
    billing: Option<String>,
}

/// Takes lines that have something to do and nobody alive to do it (also archived ones that are still linked), whatever
/// a dead node still held, and what was given up for a client version other than ours: each passes to `starting` under
/// a new epoch, and replies that were on their way turn to unknown. One that was let go in a state that only an owner
/// ends (half way through its pairing, say) has something to do, whatever is wished of it. One that cannot be read is
/// given up and not handed out. A claimer that is marked dead itself takes nothing. Nobody takes more than the share of one
/// of the nodes that take lines, but for what waited for 2 s. Must run in a transaction.
///
/// # Errors
/// When the store does not answer.
pub async fn claim_due(
    conn: &mut PgConnection,
    sealer: &Sealer,
    node: Incarnation,
    client: &Client,
    most: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let due = sqlx::query_file_scalar!(
        "src/store/claim_due.sql",
        most,
        node.0,
        client.provider,
        client.version,
        &NEED_OWNER.map(|state| state.to_string()),
    )
    .fetch_all(&mut *conn)
    .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    take(conn, sealer, node, &due, Taking::Claimed).await
}

/// Takes a line of this process anew, after its actor ended: none when it is not this start's any more. A counted death
/// is written down with it.
///
/// # Errors
/// When the store does not answer.
pub async fn retake(
    conn: &mut PgConnection,
    sealer: &Sealer,
    fence: Fence,
    counted: Option<TimeDelta>,
) -> Result<Option<Claimed>, StoreError> {
    let held = sqlx::query!(
        r#"
        SELECT history AS "history: Value", now() AS "now!" FROM lines
        WHERE organization_id = $1 AND id = $2 AND owner_incarnation = $3 AND epoch = $4
        FOR UPDATE
        "#,
        fence.organization.0,
        fence.line.0,
        fence.owner.0,
        fence.epoch.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(held) = held else { return Ok(None) };
    // One that cannot be read is given up below.
    let history = serde_json::from_value::<History>(held.history).ok();
    if let (Some(healthy), Some(history)) = (counted, history) {
        let history = history.died(healthy, held.now);
        sqlx::query!(
            "UPDATE lines SET history = $3 WHERE organization_id = $1 AND id = $2",
            fence.organization.0,
            fence.line.0,
            sqlx::types::Json(&history) as _,
        )
        .execute(&mut *conn)
        .await?;
    }
    let mut taken = take(conn, sealer, fence.owner, &[fence.line.0], Taking::Restarted).await?;
    Ok(taken.pop())
}

/// What the start before had under way has an unknown fate, and an order to send it again is used up.
async fn break_off(conn: &mut PgConnection, lines: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        WITH broken_off AS (
            UPDATE outbound
            SET status = 'unknown', unknown_since = coalesce(unknown_since, now()), deadline_at = NULL,
                resend_ordered_at = NULL, updated_at = now()
            WHERE line_id = ANY ($1) AND (status = 'sending' OR (status = 'unknown' AND deadline_at IS NOT NULL))
            RETURNING organization_id, line_id, conversation_id, message_id
        )
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
        SELECT b.organization_id, gen_random_uuid(), 'message.updated', b.line_id, b.conversation_id, b.message_id,
            c.assignee_user_id
        FROM broken_off b
        JOIN conversations c ON c.organization_id = b.organization_id AND c.id = b.conversation_id
        "#,
        lines,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The lines must be locked by the caller.
async fn take(
    conn: &mut PgConnection,
    sealer: &Sealer,
    node: Incarnation,
    lines: &[Uuid],
    how: Taking,
) -> Result<Vec<Claimed>, StoreError> {
    break_off(conn, lines).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"
        WITH before AS (
            SELECT l.organization_id, l.id, l.state, n.heartbeat_at AS lived_until,
                CASE l.state WHEN 'starting' THEN l.state_detail -> 'from' ELSE l.state_detail END AS detail
            FROM lines l LEFT JOIN nodes n ON n.incarnation = l.owner_incarnation AND n.dead_at IS NOT NULL
            WHERE l.id = ANY ($1)
        ), taken AS (
            UPDATE lines l
            SET owner_incarnation = $2, epoch = l.epoch + 1, version = l.version + 1, since = now(),
                move_to = NULL, move_until = NULL,
                state = 'starting',
                state_detail = jsonb_build_object(
                    'state', 'starting', 'from', b.detail, 'deadline', to_jsonb(now() + make_interval(secs => $3)))
            FROM before b
            WHERE l.organization_id = b.organization_id AND l.id = b.id
            RETURNING l.*, b.state AS from_state, b.lived_until
        ), written AS (
            INSERT INTO line_transitions
                (organization_id, line_id, version, from_state, to_state, event, reason, epoch, state_detail)
            SELECT organization_id, id, version, from_state, state, $4, $5, epoch, state_detail FROM taken
        ), told AS (
            INSERT INTO live_events (organization_id, id, type, line_id)
            SELECT organization_id, gen_random_uuid(), 'line.updated', id FROM taken
        )
        SELECT t.organization_id AS "organization_id!", t.id AS "id!", t.version AS "version!", t.epoch AS "epoch!",
            t.state_detail AS "state!", t.history AS "history!", t.lived_until AS "lived_until?",
            t.phone_number, t.generation AS "generation!", s.sealed AS "sealed?",
            p.id AS "pair_command?", p.data ->> 'codeFor' AS pair_code_for,
            EXISTS (
                SELECT 1 FROM line_commands w
                WHERE w.organization_id = t.organization_id AND w.line_id = t.id AND w.kind = 'wakeup'
                    AND w.state IN ('queued', 'running') AND w.data ->> 'resetsBudget' = 'true'
            ) AS "reset_budget!",
            t.archived_at IS NOT NULL AS "archived!", t.stopped_at IS NOT NULL AS "stopped!", b.state AS "billing?"
        FROM taken t
        LEFT JOIN billing b ON b.organization_id = t.organization_id
        LEFT JOIN line_credentials s
            ON s.organization_id = t.organization_id AND s.line_id = t.id AND s.namespace = 'session' AND s.key = ''
        LEFT JOIN line_commands p
            ON p.organization_id = t.organization_id AND p.line_id = t.id AND p.kind = 'pair'
            AND p.state IN ('queued', 'running') AND p.expires_at > now()
        "#,
        lines,
        node.0,
        START_SECONDS,
        <&'static str>::from(how),
        <&'static str>::from(Reason::Starting),
    )
    .fetch_all(&mut *conn)
    .await?;
    read(conn, sealer, node, rows).await
}

/// Those that can be read; the others are given up.
async fn read(
    conn: &mut PgConnection,
    sealer: &Sealer,
    node: Incarnation,
    rows: Vec<Row>,
) -> Result<Vec<Claimed>, StoreError> {
    let (mut taken, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let line = LineId(row.id);
        match claimed(sealer, node, row) {
            Ok(claimed) => taken.push(claimed),
            Err(error) => {
                tracing::error!(%line, %error, "a line cannot be read and is given up for an hour");
                unreadable.push(line.0);
            }
        }
    }
    poison::give_up(conn, &unreadable).await?;
    let count = u64::try_from(unreadable.len()).unwrap_or(u64::MAX);
    metrics::counter!(metric::GIVEN_UP, "reason" => FailReason::Poison.word()).increment(count);
    Ok(taken)
}

/// Fails for a state or a history of another program's, and for an account sealed with another key.
fn claimed(sealer: &Sealer, node: Incarnation, row: Row) -> Result<Claimed, StoreError> {
    let line = LineId(row.id);
    let unreadable = |error: serde_json::Error| StoreError::Broken(error.to_string());
    let fence =
        Fence { organization: row.organization_id.into(), line, owner: node, epoch: Epoch(row.epoch) };
    Ok(Claimed {
        fence,
        version: row.version,
        state: serde_json::from_value(row.state).map_err(unreadable)?,
        history: serde_json::from_value(row.history).map_err(unreadable)?,
        lived_until: row.lived_until,
        phone_number: row.phone_number,
        generation: Generation(row.generation),
        credentials: row.sealed.map(|sealed| sealer.open(line, &sealed)).transpose()?,
        standing: Standing {
            orders: Orders {
                archived: row.archived,
                stopped: row.stopped,
                billing_restricted: !BillingState::read(row.billing.as_deref()).policy().can_send,
            },
            pair: row.pair_command.map(|id| (CommandId(id), row.pair_code_for)),
            passkey: None,
            reset_budget: row.reset_budget,
        },
    })
}

/// Lines of this node with something to look at: replies that are due, or whose fate became unknown a while ago (whoever
/// found that: its line may know no time to look at it again).
///
/// # Errors
/// When the store does not answer.
pub async fn due_at(conn: &mut PgConnection, node: Incarnation) -> Result<Vec<Uuid>, StoreError> {
    let due = sqlx::query_scalar!(
        r#"
        SELECT l.id FROM lines l
        WHERE l.owner_incarnation = $1
            AND l.state IN ('connected', 'restricted')
            AND (EXISTS (SELECT 1 FROM outbound o
                         WHERE o.line_id = l.id AND o.status = 'queued' AND o.next_attempt_at <= now())
                 OR EXISTS (SELECT 1 FROM outbound o
                            WHERE o.line_id = l.id AND o.resend_ordered_at IS NOT NULL AND o.status = 'unknown'
                                AND o.deadline_at IS NULL AND o.next_attempt_at <= now() AND o.expires_at > now())
                 OR EXISTS (SELECT 1 FROM outbound o
                            WHERE o.line_id = l.id AND o.status = 'unknown' AND o.deadline_at IS NULL
                                AND o.updated_at <= now() - interval '15 seconds'
                                AND o.updated_at > now() - interval '75 seconds' AND o.expires_at > now()))
        "#,
        node.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(due)
}

/// Lines of this node whose rows ask for a look: stopped, archived, restricted by billing, a pairing whose own command is
/// not open any more (another one may be), one whose passkey was answered, or a wakeup of a line that was at work already.
/// A start ends the wakeup it came by itself.
///
/// # Errors
/// When the store does not answer.
pub async fn ordered_at(conn: &mut PgConnection, node: Incarnation) -> Result<Vec<Uuid>, StoreError> {
    let ordered = sqlx::query_scalar!(
        r#"
        SELECT l.id FROM lines l
        JOIN billing b ON b.organization_id = l.organization_id
        WHERE l.owner_incarnation = $1
            AND (l.archived_at IS NOT NULL OR l.stopped_at IS NOT NULL OR b.state NOT IN ('active', 'past_due')
                 OR ((l.state = 'pairing' OR l.state_detail -> 'purpose' ->> 'for' = 'pair') AND NOT EXISTS (
                        SELECT 1 FROM line_commands c
                        WHERE c.organization_id = l.organization_id AND c.line_id = l.id AND c.kind = 'pair'
                            AND c.state IN ('queued', 'running')
                            AND c.id::text = coalesce(l.state_detail #>> '{pairing,command}',
                                                      l.state_detail #>> '{purpose,pairing,command}')))
                 OR (l.state NOT IN ('starting', 'waiting_permit') AND EXISTS (
                        SELECT 1 FROM line_commands w
                        WHERE w.organization_id = l.organization_id AND w.line_id = l.id AND w.kind = 'wakeup'
                            AND w.state IN ('queued', 'running')))
                 OR (l.state = 'pairing' AND EXISTS (
                        SELECT 1 FROM line_commands c
                        WHERE c.organization_id = l.organization_id AND c.line_id = l.id AND c.kind = 'pair'
                            AND c.state IN ('queued', 'running')
                            AND (c.data -> 'passkeyResponse' ->> 'epoch')::bigint = l.epoch)))
        "#,
        node.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(ordered)
}

/// Lines of this node that are to move to another one.
///
/// # Errors
/// When the store does not answer.
pub async fn to_move(conn: &mut PgConnection, node: Incarnation) -> Result<Vec<Uuid>, StoreError> {
    let leaving = sqlx::query_scalar!(
        "SELECT id FROM lines WHERE owner_incarnation = $1 AND move_to <> $1 AND move_until > now()",
        node.0
    );
    Ok(leaving.fetch_all(conn).await?)
}

/// Every line this node owns by its row, with its epoch and version.
///
/// # Errors
/// When the store does not answer.
pub async fn owned_by(
    conn: &mut PgConnection,
    node: Incarnation,
) -> Result<Vec<(LineId, Epoch, i64)>, StoreError> {
    let rows = sqlx::query!("SELECT id, epoch, version FROM lines WHERE owner_incarnation = $1", node.0)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (LineId(row.id), Epoch(row.epoch), row.version)).collect())
}

/// Lets a line go that this node owns by its row and has no actor for: it is due at once, for anyone.
///
/// # Errors
/// When the store does not answer.
pub async fn let_go(
    conn: &mut PgConnection,
    node: Incarnation,
    line: LineId,
    epoch: Epoch,
) -> Result<bool, StoreError> {
    let gone = sqlx::query!(
        r#"
        UPDATE lines SET owner_incarnation = NULL, next_start_at = least(next_start_at, now())
        WHERE id = $1 AND owner_incarnation = $2 AND epoch = $3
        "#,
        line.0,
        node.0,
        epoch.0,
    )
    .execute(conn)
    .await?;
    Ok(gone.rows_affected() == 1)
}
