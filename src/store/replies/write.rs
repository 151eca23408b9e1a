//! Writing an accepted reply: every table in one statement, because each round trip of an accept costs throughput.

use super::{Accepted, Facts, Refusal, Reply};
use crate::store::{
    OrgScope, StoreError,
    attachments::{self, NewAttachment},
    conversations::{self, Conversation},
    messages::Message,
    violates,
};
use ezw_actors::machine::Time;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What the statement answers.
struct Written {
    version: i64,
    created_at: Time,
    expires_at: Time,
}

pub(super) async fn write(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    target: &Conversation,
    facts: &Facts,
) -> Result<Accepted, Refusal> {
    // Only an erased contact has neither: there is nobody to write to any more.
    let recipient = facts.recipient.as_deref().ok_or(Refusal::NotFound)?;
    let message = Uuid::now_v7();
    let written = insert(conn, scope, reply, target, (message, recipient, facts.reply_expiry_seconds)).await;
    match written {
        Ok(written) => Ok(Accepted {
            message: accepted_message(reply, target, message, &written),
            conversation_version: written.version,
            replayed: false,
        }),
        Err(error) if violates(&error, "idempotency_pkey") => Err(Refusal::Twin),
        Err(error) => Err(StoreError::from(error).into()),
    }
}

/// Times are those of the statement, not of the transaction: the locks were waited for in between, and what is later
/// in the conversation must not look earlier.
async fn insert(
    conn: &mut PgConnection,
    scope: OrgScope,
    reply: &Reply,
    target: &Conversation,
    (message, recipient, expiry_seconds): (Uuid, &str, i32),
) -> Result<Written, sqlx::Error> {
    let image = attachments::columns(reply.image.as_ref());
    sqlx::query_as!(
        Written,
        r#"
        WITH clock AS MATERIALIZED (
            SELECT clock_timestamp() AS at, clock_timestamp() + make_interval(secs => $13) AS expires_at
        ), conversation AS (
            UPDATE conversations SET version = version + 1, last_outbound_seq = last_outbound_seq + 1, unread_count = 0,
                last_message_at = greatest(last_message_at, clock.at), last_message_preview = $10 FROM clock
            WHERE organization_id = $1 AND id = $4 RETURNING version, last_outbound_seq
        ), attachment AS (
            INSERT INTO attachments (organization_id, id, content_type, size_bytes, sha256, storage_key, created_by)
            SELECT $1, $19, $20, $21, $22, $23, $7 WHERE $19::uuid IS NOT NULL
        ), message AS (
            INSERT INTO messages (organization_id, id, line_id, conversation_id, direction, kind, body_text, attachment_id,
                                  provider_message_id, sent_by, created_at)
            SELECT $1, $2, $3, $4, 'outbound', CASE WHEN $19::uuid IS NULL THEN 'text' ELSE 'image' END, $5, $19, $6, $7,
                   clock.at FROM clock
        ), queue AS (
            INSERT INTO outbound (organization_id, message_id, line_id, conversation_id, seq, recipient, provider_message_id,
                                  status, next_attempt_at, expires_at, traceparent, accepted_at, updated_at)
            SELECT $1, $2, $3, $4, conversation.last_outbound_seq, $8, $6, 'queued', clock.at, clock.expires_at, $9, clock.at,
                   clock.at FROM clock, conversation
        ), kept_key AS (
            INSERT INTO idempotency (organization_id, user_id, endpoint, line_id, key, fingerprint, message_id)
            VALUES ($1, $7, 'send', $3, $11, $12, $2)
        ), audited AS (
            INSERT INTO audit_log (organization_id, id, event_type, actor_user_id, target_type, target_id, data)
            VALUES ($1, $14, 'reply.accepted', $7, 'message', $2::uuid::text, $15)
        ), told AS (
            INSERT INTO live_events (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
            VALUES ($1, $16, 'message.updated', $3, $4, $2, $18), ($1, $17, 'conversation.updated', $3, $4, NULL, $18)
        )
        SELECT conversation.version AS "version!", clock.at AS "created_at!", clock.expires_at AS "expires_at!"
        FROM clock, conversation
        "#,
        scope.organization.0,
        message,
        reply.line.0,
        target.id.0,
        reply.body_text,
        reply.provider_message_id,
        reply.user,
        recipient,
        reply.traceparent,
        conversations::preview_of("image", reply.body_text.as_deref()),
        reply.key,
        reply.fingerprint.0.as_slice(),
        f64::from(expiry_seconds),
        Uuid::now_v7(),
        json!({ "lineId": reply.line, "conversationId": target.id }),
        Uuid::now_v7(),
        Uuid::now_v7(),
        target.assignee,
        image.id,
        image.content_type,
        image.size_bytes,
        image.sha256,
        image.storage_key,
    )
    .fetch_one(conn)
    .await
}

fn accepted_message(reply: &Reply, target: &Conversation, id: Uuid, written: &Written) -> Message {
    let image = reply.image.as_ref();
    Message {
        id,
        conversation_id: target.id.0,
        direction: "outbound".to_owned(),
        kind: if image.is_some() { "image" } else { "text" }.to_owned(),
        unsupported_kind: None,
        body_text: reply.body_text.clone(),
        attachment_id: image.map(|image| image.id),
        content_type: image.map(|image| image.kept.content_type.clone()),
        size_bytes: image.map(NewAttachment::size_bytes),
        status: "queued".to_owned(),
        failure_reason: None,
        provider_message_id: reply.provider_message_id.clone(),
        sent_by: Some(reply.user),
        created_at: written.created_at,
        updated_at: written.created_at,
        expires_at: Some(written.expires_at),
        edited_at: None,
        deleted_at: None,
    }
}
