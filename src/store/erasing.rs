//! Erasing a contact: who they were and what was said goes, that something was said stays. One transaction, so that
//! nothing of it is left when it is told as done.
//!
//! Locks: the contact, then its conversations, then their messages and replies. Whoever writes what comes in holds the contact first
//! (`contacts::resolve`), whoever accepts a reply its conversation: both are before this, and erased with it, or after it,
//! and then there is nobody of this number.

use super::{
    OrgScope, StoreError,
    audit::{self, Actor, Entry},
    contacts::ContactId,
    live_events::{self, Hint},
};
use ezw_actors::id::{ConversationId, LineId};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Messages whose words are gone.
    pub messages: u64,
    /// Images that nothing shows any more; the sweep of the media store takes their bytes.
    pub attachments: u64,
    /// Notes of colleagues.
    pub notes: u64,
    /// Replies that waited, and will not be sent.
    pub replies: u64,
}

/// The contact's conversations, locked.
struct Held {
    id: Uuid,
    line_id: Uuid,
    assignee_user_id: Option<Uuid>,
}

/// Erases a contact of the organization. None when there is no such contact, or it was erased before.
///
/// Gives up after half a second of waiting for others (`Unavailable`): they are people at work and customers who write, and
/// whoever erases can try again.
///
/// # Errors
/// When the store does not do it.
pub async fn erase(
    conn: &mut PgConnection,
    scope: OrgScope,
    by: Actor,
    contact: ContactId,
) -> Result<Option<Erased>, StoreError> {
    sqlx::query!("SET LOCAL lock_timeout = '500ms'").execute(&mut *conn).await?;
    if !forget(conn, scope, contact).await? {
        return Ok(None);
    }
    let held = hold_conversations(conn, scope, contact).await?;
    let places: Vec<Uuid> = held.iter().map(|conversation| conversation.id).collect();
    let images = attachments(conn, scope, &places).await?;
    let messages = empty_messages(conn, scope, &places).await?;
    let attachments = drop_attachments(conn, scope, &images).await?;
    let notes = drop_notes(conn, scope, &places).await?;
    // Last: receipts for what was said wait for these rows, and the other messages may be many.
    let replies = let_go_replies(conn, scope, &places).await?;
    let erased = Erased { messages, attachments, notes, replies };
    let entry = Entry {
        event_type: "contact.erased",
        actor: by,
        target_type: "contact",
        target_id: contact.0,
        data: json!({ "messages": messages, "attachments": attachments, "notes": notes, "failedReplies": replies }),
    };
    audit::add(conn, scope, entry).await?;
    for conversation in held {
        let hint = Hint::Conversation {
            line: LineId(conversation.line_id),
            conversation: ConversationId(conversation.id),
            assignee_before: conversation.assignee_user_id,
        };
        live_events::add(conn, scope, hint).await?;
    }
    Ok(Some(erased))
}

/// False when there is nobody to forget.
async fn forget(conn: &mut PgConnection, scope: OrgScope, contact: ContactId) -> Result<bool, StoreError> {
    let forgotten = sqlx::query!(
        r#"
        UPDATE contacts
        SET phone_number = NULL, lid = NULL, display_name = NULL, push_name = NULL, erased_at = now()
        WHERE organization_id = $1 AND id = $2 AND erased_at IS NULL
        "#,
        scope.organization.0,
        contact.0,
    )
    .execute(conn)
    .await?;
    Ok(forgotten.rows_affected() == 1)
}

async fn hold_conversations(
    conn: &mut PgConnection,
    scope: OrgScope,
    contact: ContactId,
) -> Result<Vec<Held>, StoreError> {
    let held = sqlx::query_as!(
        Held,
        r#"
        WITH held AS (
            SELECT organization_id, id FROM conversations
            WHERE organization_id = $1 AND contact_id = $2
            ORDER BY id
            FOR NO KEY UPDATE
        )
        UPDATE conversations c SET last_message_preview = NULL, unread_count = 0
        FROM held h
        WHERE c.organization_id = h.organization_id AND c.id = h.id
        RETURNING c.id, c.line_id, c.assignee_user_id
        "#,
        scope.organization.0,
        contact.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(held)
}

/// What waits fails; what is on its way goes nowhere after that, and its outcome is a fact that is still to come. One
/// statement for both: what a fact puts back into the queue just now is seen as it is under its lock.
async fn let_go_replies(
    conn: &mut PgConnection,
    scope: OrgScope,
    places: &[Uuid],
) -> Result<u64, StoreError> {
    let failed = sqlx::query!(
        r#"
        WITH failed AS (
            UPDATE outbound
            SET recipient = NULL, resend_ordered_at = NULL,
                status = CASE status WHEN 'queued' THEN 'failed' ELSE status END,
                failure_reason = CASE status WHEN 'queued' THEN 'contact_erased' ELSE failure_reason END,
                settled_at = CASE status WHEN 'queued' THEN now() ELSE settled_at END,
                updated_at = CASE status WHEN 'queued' THEN now() ELSE updated_at END
            WHERE organization_id = $1 AND conversation_id = ANY ($2)
            RETURNING organization_id, line_id, conversation_id, message_id,
                failure_reason = 'contact_erased' AND settled_at = now() AS is_new
        )
        INSERT INTO live_events
            (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
        SELECT f.organization_id, gen_random_uuid(), 'message.updated', f.line_id, f.conversation_id, f.message_id,
            c.assignee_user_id
        FROM failed f
        JOIN conversations c ON c.organization_id = f.organization_id AND c.id = f.conversation_id
        WHERE f.is_new
        "#,
        scope.organization.0,
        places,
    )
    .execute(conn)
    .await?;
    Ok(failed.rows_affected())
}

async fn attachments(
    conn: &mut PgConnection,
    scope: OrgScope,
    places: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let images = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT attachment_id AS "id!" FROM messages
        WHERE organization_id = $1 AND conversation_id = ANY ($2) AND attachment_id IS NOT NULL
        "#,
        scope.organization.0,
        places,
    )
    .fetch_all(conn)
    .await?;
    Ok(images)
}

async fn empty_messages(
    conn: &mut PgConnection,
    scope: OrgScope,
    places: &[Uuid],
) -> Result<u64, StoreError> {
    let emptied = sqlx::query!(
        r#"
        UPDATE messages
        SET body_text = NULL, attachment_id = NULL, deleted_at = coalesce(deleted_at, now())
        WHERE organization_id = $1 AND conversation_id = ANY ($2)
        "#,
        scope.organization.0,
        places,
    )
    .execute(conn)
    .await?;
    Ok(emptied.rows_affected())
}

/// Only those that no other message shows.
async fn drop_attachments(
    conn: &mut PgConnection,
    scope: OrgScope,
    images: &[Uuid],
) -> Result<u64, StoreError> {
    let dropped = sqlx::query!(
        r#"
        DELETE FROM attachments a
        WHERE a.organization_id = $1 AND a.id = ANY ($2)
            AND NOT EXISTS (SELECT FROM messages m WHERE m.organization_id = a.organization_id AND m.attachment_id = a.id)
        "#,
        scope.organization.0,
        images,
    )
    .execute(conn)
    .await?;
    Ok(dropped.rows_affected())
}

/// What colleagues wrote among themselves is about this person too.
async fn drop_notes(conn: &mut PgConnection, scope: OrgScope, places: &[Uuid]) -> Result<u64, StoreError> {
    let dropped = sqlx::query!(
        "DELETE FROM notes WHERE organization_id = $1 AND conversation_id = ANY ($2)",
        scope.organization.0,
        places,
    )
    .execute(conn)
    .await?;
    Ok(dropped.rows_affected())
}
