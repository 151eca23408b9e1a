//! Lines whose rows no start can read: given up as `failed`/`poison`, so that they hold nobody else up.

use super::{StoreError, sealed::Sealer};
use ezw_actors::{
    id::LineId,
    machine::{Reason, StateName},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Until the next try: whatever is wrong with such a row, no number of tries mends it.
const RETRY_SECONDS: f64 = 3_600.0;
/// So many accounts that a key does not open speak against the key, fewer against the accounts.
const WITNESSES: usize = 3;
/// Accounts that are tried at most.
const TRIED: i64 = 20;

/// Gives up lines that were just taken: `failed` for `poison`, let go, tried again in an hour if they are to run. Their
/// open commands end, or the line would be taken again at once.
///
/// # Errors
/// When the store does not do it.
pub(super) async fn give_up(conn: &mut PgConnection, lines: &[Uuid]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        WITH given_up AS (
            UPDATE lines l
            SET owner_incarnation = NULL, version = l.version + 1, since = now(), state = $2,
                state_detail = jsonb_build_object('state', $2::text, 'reason', $3::text, 'retry_at',
                    CASE l.desired WHEN 'running' THEN to_jsonb(now() + make_interval(secs => $4)) END),
                next_start_at = now() + make_interval(secs => $4)
            WHERE l.id = ANY ($1)
            RETURNING l.organization_id, l.id, l.version, l.state, l.state_detail, l.epoch
        ), written AS (
            INSERT INTO line_transitions
                (organization_id, line_id, version, from_state, to_state, event, reason, epoch, state_detail)
            SELECT organization_id, id, version, 'starting', state, 'started', $3, epoch, state_detail FROM given_up
        ), told AS (
            INSERT INTO live_events (organization_id, id, type, line_id)
            SELECT organization_id, gen_random_uuid(), 'line.updated', id FROM given_up
        )
        UPDATE line_commands c SET state = 'failed', reason = $3, settled_at = now(), data = c.data - 'passkeyResponse'
        FROM given_up g
        WHERE c.organization_id = g.organization_id AND c.line_id = g.id AND c.kind IN ('pair', 'wakeup')
            AND c.state IN ('queued', 'running')
        "#,
        lines,
        <&'static str>::from(StateName::Failed),
        <&'static str>::from(Reason::Poison),
        RETRY_SECONDS,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the key of this process is the one that accounts are sealed with: it opens one of those kept last (those to be
/// unlinked among them), or there are too few to tell: where other nodes take lines, one that does not open tells. A node with
/// another key must take no lines: it would give them all up. Sees all organizations.
///
/// # Errors
/// When the store does not answer.
pub async fn key_fits(conn: &mut PgConnection, sealer: &Sealer) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        r#"
        (SELECT line_id AS "line_id!", sealed AS "sealed!" FROM line_credentials
         WHERE namespace = 'session' AND key = ''
         ORDER BY updated_at DESC LIMIT $1)
        UNION ALL
        (SELECT line_id, sealed FROM unlinkings ORDER BY created_at DESC LIMIT $1)
        "#,
        TRIED,
    )
    .fetch_all(&mut *conn)
    .await?;
    let others = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM nodes WHERE dead_at IS NULL AND takes_lines AND heartbeat_until > clock_timestamp()
        ) AS "others!"
        "#
    );
    let witnesses = if others.fetch_one(&mut *conn).await? { 1 } else { WITNESSES };
    let opens = kept.iter().any(|row| sealer.open(LineId(row.line_id), &row.sealed).is_ok());
    Ok(opens || kept.len() < witnesses)
}
