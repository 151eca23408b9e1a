//! Messages as the inbox shows them. What became of an outbound one is in `outbound`.

use super::{OrgScope, StoreError};
use ezw_actors::{
    id::{ConversationId, MessageId},
    machine::Time,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which.
    pub id: Uuid,
    /// Of this conversation.
    pub conversation_id: Uuid,
    /// inbound or outbound.
    pub direction: String,
    /// text, image or unsupported.
    pub kind: String,
    /// What an unsupported one was.
    pub unsupported_kind: Option<String>,
    /// Its words, or an image's caption.
    pub body_text: Option<String>,
    /// Its image.
    pub attachment_id: Option<Uuid>,
    /// The image's type.
    pub content_type: Option<String>,
    /// The image's size.
    pub size_bytes: Option<i64>,
    /// What became of it.
    pub status: String,
    /// Why it failed or expired.
    pub failure_reason: Option<String>,
    /// The provider's name for it.
    pub provider_message_id: String,
    /// Who replied; none for what the phone's owner wrote there.
    pub sent_by: Option<Uuid>,
    /// When we took it.
    pub created_at: Time,
    /// When anything about it last changed.
    pub updated_at: Time,
    /// When a queued one is given up.
    pub expires_at: Option<Time>,
    /// When the customer changed it.
    pub edited_at: Option<Time>,
    /// When the customer took it back.
    pub deleted_at: Option<Time>,
}

/// A conversation's messages, newest first; `before` is the last one of the page before.
///
/// The status never goes backwards: waiting for another attempt is still `sending`, and an unknown one that is sent
/// again stays `unknown` until its outcome.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: ConversationId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query_as!(
        Message,
        r#"
        SELECT m.id, m.conversation_id, m.direction, m.kind, m.unsupported_kind, m.body_text, m.attachment_id,
               a.content_type AS "content_type?", a.size_bytes AS "size_bytes?",
               CASE
                   WHEN m.direction = 'inbound' THEN 'received'
                   WHEN o.status IN ('queued', 'sending') AND o.unknown_since IS NOT NULL THEN 'unknown'
                   WHEN o.status = 'queued' AND o.attempt_started_at IS NOT NULL THEN 'sending'
                   ELSE coalesce(o.status, 'sent')
               END AS "status!",
               o.failure_reason AS "failure_reason?", m.provider_message_id, m.sent_by, m.created_at,
               greatest(m.created_at, o.updated_at, m.edited_at, m.deleted_at) AS "updated_at!",
               o.expires_at AS "expires_at?", m.edited_at, m.deleted_at
        FROM messages m
        LEFT JOIN outbound o ON o.organization_id = m.organization_id AND o.message_id = m.id
        LEFT JOIN attachments a ON a.organization_id = m.organization_id AND a.id = m.attachment_id
        WHERE m.organization_id = $1 AND m.conversation_id = $2
          AND m.id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
        ORDER BY m.id DESC
        LIMIT $4
        "#,
        scope.organization.0,
        conversation.0,
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One message of the organization.
///
/// # Errors
/// When the store does not answer.
pub async fn get(
    conn: &mut PgConnection,
    scope: OrgScope,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let row = sqlx::query_as!(
        Message,
        r#"
        SELECT m.id, m.conversation_id, m.direction, m.kind, m.unsupported_kind, m.body_text, m.attachment_id,
               a.content_type AS "content_type?", a.size_bytes AS "size_bytes?",
               CASE
                   WHEN m.direction = 'inbound' THEN 'received'
                   WHEN o.status IN ('queued', 'sending') AND o.unknown_since IS NOT NULL THEN 'unknown'
                   WHEN o.status = 'queued' AND o.attempt_started_at IS NOT NULL THEN 'sending'
                   ELSE coalesce(o.status, 'sent')
               END AS "status!",
               o.failure_reason AS "failure_reason?", m.provider_message_id, m.sent_by, m.created_at,
               greatest(m.created_at, o.updated_at, m.edited_at, m.deleted_at) AS "updated_at!",
               o.expires_at AS "expires_at?", m.edited_at, m.deleted_at
        FROM messages m
        LEFT JOIN outbound o ON o.organization_id = m.organization_id AND o.message_id = m.id
        LEFT JOIN attachments a ON a.organization_id = m.organization_id AND a.id = m.attachment_id
        WHERE m.organization_id = $1 AND m.id = $2
        "#,
        scope.organization.0,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}
