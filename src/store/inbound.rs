//! What comes in from the provider: committed here before the provider is told, once whatever how often it is
//! delivered. The actors' inbound port on Postgres.
//!
//! Locks: the line, then the contact, then the conversation, then messages.

use super::{
    Db, OrgScope, StoreError,
    attachments::{self, NewAttachment},
    contacts::{self, Address},
    conversations::{self, Conversation},
    deliveries,
    live_events::{self, Hint},
};
use async_trait::async_trait;
use ezw_actors::{
    id::{Generation, LineId},
    port::{InboundBatch, InboundError, InboundKind, InboundMessage, InboundSink},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Inbound on Postgres.
#[derive(Clone, Debug)]
pub struct PgInbound {
    db: Db,
}

impl PgInbound {
    /// On `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl InboundSink for PgInbound {
    async fn commit(&self, batch: InboundBatch) -> Result<usize, InboundError> {
        let committed: Result<usize, StoreError> = self
            .db
            .unit(move |conn| {
                Box::pin(async move {
                    let scope = OrgScope::of(batch.organization);
                    hold_line(conn, scope, batch.line).await?;
                    let mut new = 0;
                    for message in &batch.messages {
                        new +=
                            usize::from(commit(conn, scope, (batch.line, batch.generation), message).await?);
                    }
                    Ok(new)
                })
            })
            .await;
        let new = committed.map_err(|error| match error {
            // A broken store is put right some day: what it could not take until then is delivered again.
            StoreError::Unavailable(why) | StoreError::Broken(why) => InboundError::Later(why),
            StoreError::Unfit(why) => InboundError::Never(why),
        })?;
        self.db.hints().notify_one();
        Ok(new)
    }
}

/// Before all else: what is written refers to the line, and would ask for it only after the conversation.
async fn hold_line(conn: &mut PgConnection, scope: OrgScope, line: LineId) -> Result<(), StoreError> {
    let held = sqlx::query_scalar!(
        r#"SELECT 1 AS "one!" FROM lines WHERE organization_id = $1 AND id = $2 FOR KEY SHARE"#,
        scope.organization.0,
        line.0,
    )
    .fetch_optional(conn)
    .await?;
    held.map(drop).ok_or_else(|| StoreError::Broken(format!("line {line} is gone")))
}

/// What a message becomes in the inbox.
struct Stored<'a> {
    kind: &'static str,
    unsupported_kind: Option<&'a str>,
    body: Option<&'a str>,
    image: Option<NewAttachment>,
}

impl<'a> Stored<'a> {
    fn unsupported(kind: &'a str, body: Option<&'a str>) -> Self {
        Self { kind: "unsupported", unsupported_kind: Some(kind), body, image: None }
    }
}

async fn commit(
    conn: &mut PgConnection,
    scope: OrgScope,
    (line, generation): (LineId, Generation),
    message: &InboundMessage,
) -> Result<bool, StoreError> {
    let stored = match &message.kind {
        // Acknowledged and counted by the caller, not kept.
        InboundKind::Group => return Ok(false),
        InboundKind::Edit { target, text } => {
            return change(conn, scope, (line, generation), message, target, Some(text)).await;
        }
        InboundKind::Delete { target } => {
            return change(conn, scope, (line, generation), message, target, None).await;
        }
        InboundKind::Text(text) => {
            Stored { kind: "text", unsupported_kind: None, body: Some(text), image: None }
        }
        InboundKind::Image { image: Some(image), caption } => {
            let image = Some(NewAttachment { id: Uuid::now_v7(), kept: image.clone() });
            Stored { kind: "image", unsupported_kind: None, body: caption.as_deref(), image }
        }
        InboundKind::Image { image: None, caption } => Stored::unsupported("image", caption.as_deref()),
        InboundKind::Unsupported(kind) => Stored::unsupported(kind, None),
    };
    // Our own reply, shown by the provider on the owner's devices: proof that it was taken, and no second message.
    if message.from_me {
        let session = (line, generation);
        let id = &message.provider_message_id;
        if deliveries::echoed(conn, scope, session, id, message.at).await? {
            return Ok(false);
        }
    }
    let conversation = place(conn, scope, line, message).await?;
    let id = Uuid::now_v7();
    if !insert(conn, scope, &conversation, id, message, &stored).await? {
        return Ok(false);
    }
    let preview = conversations::preview_of(stored.unsupported_kind.unwrap_or(stored.kind), stored.body);
    if message.from_me {
        let provider_message_id = &message.provider_message_id;
        deliveries::meet(conn, scope, line, provider_message_id).await?;
        insert_sent(conn, scope, &conversation, id, message).await?;
        deliveries::catch_up(conn, scope, line, provider_message_id).await?;
        conversations::note_from_phone(conn, scope, &conversation, &preview).await?;
    } else {
        conversations::note_inbound(conn, scope, &conversation, &preview, message.at).await?;
    }
    tell(conn, scope, &conversation, id).await?;
    Ok(true)
}

async fn place(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    message: &InboundMessage,
) -> Result<Conversation, StoreError> {
    let contact = contacts::resolve(conn, scope, &address(message)).await?;
    conversations::open(conn, scope, line, contact).await
}

/// Where it belongs, if something was said there before.
async fn place_known(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    message: &InboundMessage,
) -> Result<Option<Conversation>, StoreError> {
    let Some(contact) = contacts::known(conn, scope, &address(message)).await? else { return Ok(None) };
    conversations::lock_of_contact(conn, scope, line, contact).await
}

fn address(message: &InboundMessage) -> Address {
    // What the owner typed says nothing about what the customer calls themselves.
    let push_name = message.push_name.clone().filter(|_| !message.from_me);
    Address { phone: message.phone_number.clone(), lid: message.lid.clone(), push_name }
}

async fn insert(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: &Conversation,
    id: Uuid,
    message: &InboundMessage,
    stored: &Stored<'_>,
) -> Result<bool, StoreError> {
    let image = attachments::columns(stored.image.as_ref());
    let inserted = sqlx::query_scalar!(
        r#"
        WITH message AS (
            INSERT INTO messages
                (organization_id, id, line_id, conversation_id, direction, kind, unsupported_kind, body_text,
                 provider_message_id, provider_at, attachment_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (organization_id, line_id, conversation_id, direction, provider_message_id) DO NOTHING
            RETURNING id
        ), attachment AS (
            INSERT INTO attachments (organization_id, id, content_type, size_bytes, sha256, storage_key)
            SELECT $1, $11, $12, $13, $14, $15 FROM message WHERE $11::uuid IS NOT NULL
        )
        SELECT id FROM message
        "#,
        scope.organization.0,
        id,
        conversation.line.0,
        conversation.id.0,
        if message.from_me { "outbound" } else { "inbound" },
        stored.kind,
        stored.unsupported_kind,
        stored.body,
        message.provider_message_id,
        message.at,
        image.id,
        image.content_type,
        image.size_bytes,
        image.sha256,
        image.storage_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(inserted.is_some())
}

/// Typed by the owner on the phone: outbound, and sent already.
async fn insert_sent(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: &Conversation,
    id: Uuid,
    message: &InboundMessage,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        WITH place AS (
            UPDATE conversations SET last_outbound_seq = last_outbound_seq + 1
            WHERE organization_id = $1 AND id = $3
            RETURNING last_outbound_seq AS seq
        )
        INSERT INTO outbound
            (organization_id, message_id, line_id, conversation_id, seq, recipient, provider_message_id, status,
             settled_at)
        SELECT $1, $2, $4, $3, seq, $5, $6, 'sent', now() FROM place
        "#,
        scope.organization.0,
        id,
        conversation.id.0,
        conversation.line.0,
        message.phone_number.as_deref().or(message.lid.as_deref()).unwrap_or_default(),
        message.provider_message_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An edit (`text`) or a taking back of an earlier message of the same side. One that never arrived changes nothing. What
/// is taken back shows its image no more. What the owner's phone changes was sent: it is not sent again, emptied.
async fn change(
    conn: &mut PgConnection,
    scope: OrgScope,
    (line, generation): (LineId, Generation),
    message: &InboundMessage,
    target: &str,
    text: Option<&String>,
) -> Result<bool, StoreError> {
    let Some(conversation) = place_known(conn, scope, line, message).await? else { return Ok(false) };
    if message.from_me {
        deliveries::echoed(conn, scope, (line, generation), target, message.at).await?;
    }
    let changed = sqlx::query!(
        r#"
        WITH before AS (
            SELECT organization_id, id, attachment_id FROM messages
            WHERE organization_id = $1 AND conversation_id = $2 AND direction = $3 AND provider_message_id = $4
                AND deleted_at IS NULL AND ($5::text IS NULL OR body_text IS DISTINCT FROM $5)
            FOR NO KEY UPDATE
        )
        UPDATE messages m
        SET body_text = $5,
            attachment_id = CASE WHEN $5::text IS NULL THEN NULL ELSE m.attachment_id END,
            edited_at = CASE WHEN $5::text IS NULL THEN m.edited_at ELSE now() END,
            deleted_at = CASE WHEN $5::text IS NULL THEN now() END
        FROM before b
        WHERE m.organization_id = b.organization_id AND m.id = b.id
        RETURNING m.id, b.attachment_id AS "image?"
        "#,
        scope.organization.0,
        conversation.id.0,
        if message.from_me { "outbound" } else { "inbound" },
        target,
        text,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(changed) = changed else { return Ok(false) };
    if let Some(image) = changed.image.filter(|_| text.is_none()) {
        attachments::drop_unshown(conn, scope, image).await?;
    }
    tell(conn, scope, &conversation, changed.id).await?;
    Ok(true)
}

async fn tell(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: &Conversation,
    message: Uuid,
) -> Result<(), StoreError> {
    let hint = Hint::Message {
        line: conversation.line,
        conversation: conversation.id,
        message: message.into(),
        assignee_before: conversation.assignee,
    };
    live_events::add(conn, scope, hint).await
}
