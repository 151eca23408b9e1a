//! Replies whose time is over, in one way or another. Serves the sweeps, so it sees all organizations.

use super::StoreError;
use sqlx::PgConnection;

/// Replies whose time passed, in one statement.
const EXPIRED_AT_ONCE: i64 = 1_000;

/// Replies whose time passed while they waited: never sent. True when there may be more of them.
///
/// # Errors
/// When the store does not answer.
pub async fn expire_replies(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let expired = sqlx::query!(
        r#"
        WITH expired AS (
            UPDATE outbound SET status = 'expired', failure_reason = 'expired', settled_at = now(), updated_at = now()
            WHERE (organization_id, message_id) IN (
                SELECT organization_id, message_id FROM outbound
                WHERE status = 'queued' AND expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING organization_id, line_id, conversation_id, message_id
        )
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
        SELECT e.organization_id, gen_random_uuid(), 'message.updated', e.line_id, e.conversation_id, e.message_id,
            c.assignee_user_id
        FROM expired e
        JOIN conversations c ON c.organization_id = e.organization_id AND c.id = e.conversation_id
        "#,
        EXPIRED_AT_ONCE,
    )
    .execute(conn)
    .await?;
    Ok(i64::try_from(expired.rows_affected()).is_ok_and(|expired| expired >= EXPIRED_AT_ONCE))
}

/// Attempts that began 50 s ago, by the database's clock (their deadline is by their node's): their owner died, or the
/// answer to their claim was lost, and nobody waits for them any more. Nobody knows how far they got.
///
/// # Errors
/// When the store does not answer.
pub async fn rescue_abandoned(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let rescued = sqlx::query!(
        r#"
        WITH rescued AS (
            UPDATE outbound
            SET status = 'unknown', unknown_since = coalesce(unknown_since, now()), deadline_at = NULL,
                resend_ordered_at = NULL, updated_at = now()
            WHERE status IN ('sending', 'unknown') AND deadline_at IS NOT NULL
                AND attempt_started_at < now() - interval '50 seconds'
            RETURNING organization_id, line_id, conversation_id, message_id
        )
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
        SELECT r.organization_id, gen_random_uuid(), 'message.updated', r.line_id, r.conversation_id, r.message_id,
            c.assignee_user_id
        FROM rescued r
        JOIN conversations c ON c.organization_id = r.organization_id AND c.id = r.conversation_id
        "#
    )
    .execute(conn)
    .await?;
    Ok(rescued.rows_affected())
}

/// A fate that stayed unknown for a day is final as that; a later receipt still wins, and a person may still order that
/// it is sent again.
///
/// # Errors
/// When the store does not answer.
pub async fn settle_old_unknowns(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let settled = sqlx::query!(
        r#"
        WITH settled AS (
            UPDATE outbound
            SET failure_reason = 'outcome_unknown', resend_ordered_at = NULL, settled_at = now(), updated_at = now()
            WHERE status = 'unknown' AND settled_at IS NULL AND unknown_since < now() - interval '24 hours'
            RETURNING organization_id, line_id, conversation_id, message_id
        )
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
        SELECT s.organization_id, gen_random_uuid(), 'message.updated', s.line_id, s.conversation_id, s.message_id,
            c.assignee_user_id
        FROM settled s
        JOIN conversations c ON c.organization_id = s.organization_id AND c.id = s.conversation_id
        "#
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected())
}
