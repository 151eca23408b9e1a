//! What ends or is forgotten by itself. Serves jobs, so it sees all organizations.

use super::StoreError;
use ezw_actors::{lines::Evidence, machine::Time};
use sqlx::PgConnection;
use uuid::Uuid;

/// Ends commands whose time passed.
///
/// # Errors
/// When the store does not answer.
pub async fn expire_commands(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let expired = sqlx::query!(
        r#"
        UPDATE line_commands
        SET reason = CASE state WHEN 'queued' THEN 'not_started' ELSE 'timed_out' END, state = 'expired', settled_at = now(),
            data = data - 'passkeyResponse'
        WHERE state IN ('queued', 'running') AND expires_at <= now()
        "#
    )
    .execute(conn)
    .await?;
    Ok(expired.rows_affected())
}

/// Forgets idempotency keys older than a day whose message is final, and counts of new contacts older than a day.
///
/// # Errors
/// When the store does not answer.
pub async fn forget_old_keys(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        DELETE FROM idempotency i
        USING outbound o
        WHERE i.created_at < now() - interval '25 hours'
            AND o.organization_id = i.organization_id AND o.message_id = i.message_id AND o.settled_at IS NOT NULL
        "#
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM new_contact_sends WHERE at < now() - interval '1 day'").execute(conn).await?;
    Ok(())
}

/// Rows forgotten at once, so that no statement takes long.
const AT_ONCE: u32 = 10_000;

/// Forgets secrets that ended more than a day ago, and wrong passwords that have no consequence any more: a few after
/// an hour, because anybody can make up addresses, and more, which lengthen the next lock, after a day. At most 10,000 of
/// each: true when there may be more, and somebody who makes them up must not be faster than this.
///
/// # Errors
/// When the store does not answer.
pub async fn forget_old_sign_ins(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let tokens = sqlx::query!(
        r#"
        DELETE FROM refresh_tokens WHERE id IN (
            SELECT id FROM refresh_tokens WHERE expires_at < now() - interval '1 day' LIMIT $1)
        "#,
        i64::from(AT_ONCE),
    )
    .execute(&mut *conn)
    .await?;
    let codes = sqlx::query!(
        r#"
        DELETE FROM one_time_codes WHERE id IN (
            SELECT id FROM one_time_codes WHERE expires_at < now() - interval '1 day' LIMIT $1)
        "#,
        i64::from(AT_ONCE),
    )
    .execute(&mut *conn)
    .await?;
    let failures = sqlx::query!(
        r#"
        DELETE FROM login_failures WHERE address_hash IN (
            SELECT address_hash FROM login_failures
            WHERE updated_at < now() - interval '1 hour'
                AND (failures < 5 OR updated_at < now() - interval '1 day')
            LIMIT $1)
        "#,
        i64::from(AT_ONCE),
    )
    .execute(conn)
    .await?;
    Ok([tokens, codes, failures].iter().any(|done| done.rows_affected() == u64::from(AT_ONCE)))
}

/// Writes signs of life down, and answers of which lines. Only ever forward: an older one takes nothing back. A line
/// whose row somebody holds is left out: waiting for it would hold the rows of all others, and sends with them.
///
/// # Errors
/// When the store does not answer.
pub async fn keep_evidence(
    conn: &mut PgConnection,
    news: &[(Uuid, Evidence)],
) -> Result<Vec<Uuid>, StoreError> {
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<Uuid> = news.iter().map(|(line, _)| *line).collect();
    let column = |of: fn(&Evidence) -> Option<Time>| news.iter().map(|(_, e)| of(e)).collect::<Vec<_>>();
    let frames = column(|evidence| evidence.last_frame_at);
    let acks = column(|evidence| evidence.last_ack_at);
    let inbound = column(|evidence| evidence.last_inbound_at);
    let written = sqlx::query_scalar!(
        r#"
        WITH free AS (
            SELECT id FROM lines WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE lines l
        SET last_frame_at = greatest(l.last_frame_at, e.frame),
            last_ack_at = greatest(l.last_ack_at, e.ack),
            last_inbound_at = greatest(l.last_inbound_at, e.inbound)
        FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[]) AS e (line, frame, ack, inbound)
        JOIN free ON free.id = e.line
        WHERE l.id = e.line
        RETURNING l.id
        "#,
        &lines,
        &frames as &[Option<Time>],
        &acks as &[Option<Time>],
        &inbound as &[Option<Time>],
    )
    .fetch_all(conn)
    .await?;
    Ok(written)
}
