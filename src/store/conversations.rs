//! What a line and a contact have said to each other, as a whole. `version` moves on assignment changes and accepted
//! replies only: a chatty customer must not fail a claim.

use super::{
    OrgScope, StoreError,
    contacts::ContactId,
    live_events::{self, Hint},
    visibility::Viewer,
};
use ezw_actors::{
    id::{ConversationId, LineId},
    machine::Time,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// A conversation's own row, locked by the caller's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// On this line.
    pub line: LineId,
    /// With this person.
    pub contact: ContactId,
    /// Who has it.
    pub assignee: Option<Uuid>,
    /// What a claim or assignment must know.
    pub version: i64,
    /// The number of the last reply.
    pub last_outbound_seq: i64,
    /// When the contact last wrote; none when never.
    pub last_inbound_at: Option<Time>,
}

struct Row {
    id: Uuid,
    line_id: Uuid,
    contact_id: Uuid,
    assignee_user_id: Option<Uuid>,
    version: i64,
    last_outbound_seq: i64,
    last_inbound_at: Option<Time>,
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            line: row.line_id.into(),
            contact: ContactId(row.contact_id),
            assignee: row.assignee_user_id,
            version: row.version,
            last_outbound_seq: row.last_outbound_seq,
            last_inbound_at: row.last_inbound_at,
        }
    }
}

/// The conversation of `line` with `contact`, locked; opened for the line's default assignee when there is none yet.
///
/// # Errors
/// When the store does not do it.
pub async fn open(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    contact: ContactId,
) -> Result<Conversation, StoreError> {
    if let Some(found) = lock_of_contact(conn, scope, line, contact).await? {
        return Ok(found);
    }
    sqlx::query!(
        r#"
        INSERT INTO conversations (organization_id, id, line_id, contact_id, assignee_user_id)
        SELECT l.organization_id, $3, l.id, $4, m.user_id
        FROM lines l
        LEFT JOIN memberships m
            ON m.organization_id = l.organization_id AND m.user_id = l.assignee_user_id AND m.status = 'active'
        WHERE l.organization_id = $1 AND l.id = $2
        ON CONFLICT (organization_id, line_id, contact_id) DO NOTHING
        "#,
        scope.organization.0,
        line.0,
        Uuid::now_v7(),
        contact.0,
    )
    .execute(&mut *conn)
    .await?;
    lock_of_contact(conn, scope, line, contact)
        .await?
        .ok_or_else(|| StoreError::Broken(format!("line {line} or its contact is gone")))
}

/// The conversation of `line` with `contact`, locked, if there is one.
///
/// # Errors
/// When the store does not answer.
pub async fn lock_of_contact(
    conn: &mut PgConnection,
    scope: OrgScope,
    line: LineId,
    contact: ContactId,
) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT id, line_id, contact_id, assignee_user_id, version, last_outbound_seq, last_inbound_at
        FROM conversations
        WHERE organization_id = $1 AND line_id = $2 AND contact_id = $3
        FOR NO KEY UPDATE
        "#,
        scope.organization.0,
        line.0,
        contact.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Conversation::from))
}

/// The conversation, locked, if the organization has it.
///
/// # Errors
/// When the store does not answer.
pub async fn lock(
    conn: &mut PgConnection,
    scope: OrgScope,
    id: ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT id, line_id, contact_id, assignee_user_id, version, last_outbound_seq, last_inbound_at
        FROM conversations
        WHERE organization_id = $1 AND id = $2
        FOR NO KEY UPDATE
        "#,
        scope.organization.0,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Conversation::from))
}

/// The contact wrote: one more unread, a new preview, the version untouched. Tells the live stream.
///
/// # Errors
/// When the store does not do it.
pub async fn note_inbound(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: &Conversation,
    preview: &str,
    written_at: Time,
) -> Result<(), StoreError> {
    // When it was written counts for "wrote within 24 hours": a backlog may be days old.
    let noted = sqlx::query!(
        r#"
        UPDATE conversations
        SET last_message_at = greatest(last_message_at, clock_timestamp()), last_message_preview = $3,
            last_inbound_at = greatest(last_inbound_at, least($4, clock_timestamp())), unread_count = unread_count + 1
        WHERE organization_id = $1 AND id = $2
        "#,
        scope.organization.0,
        conversation.id.0,
        preview,
        written_at,
    )
    .execute(&mut *conn)
    .await?;
    one_row(noted.rows_affected(), conversation.id)?;
    tell(conn, scope, conversation).await
}

/// The owner of the number wrote on the phone itself: nothing is unread any more, the version stays.
///
/// # Errors
/// When the store does not do it.
pub async fn note_from_phone(
    conn: &mut PgConnection,
    scope: OrgScope,
    conversation: &Conversation,
    preview: &str,
) -> Result<(), StoreError> {
    let noted = sqlx::query!(
        r#"
        UPDATE conversations
        SET last_message_at = greatest(last_message_at, clock_timestamp()), last_message_preview = $3, unread_count = 0
        WHERE organization_id = $1 AND id = $2
        "#,
        scope.organization.0,
        conversation.id.0,
        preview,
    )
    .execute(&mut *conn)
    .await?;
    one_row(noted.rows_affected(), conversation.id)?;
    tell(conn, scope, conversation).await
}

async fn tell(conn: &mut PgConnection, scope: OrgScope, changed: &Conversation) -> Result<(), StoreError> {
    let hint = Hint::Conversation {
        line: changed.line,
        conversation: changed.id,
        assignee_before: changed.assignee,
    };
    live_events::add(conn, scope, hint).await
}

fn one_row(affected: u64, id: ConversationId) -> Result<(), StoreError> {
    if affected == 1 {
        Ok(())
    } else {
        Err(StoreError::Broken(format!("conversation {id}: {affected} rows")))
    }
}

/// The longest preview, in characters.
const PREVIEW_CHARACTERS: usize = 120;

/// The first words of a message on one line, for the list of conversations.
#[must_use]
pub fn preview(body: Option<&str>) -> String {
    let mut words = String::new();
    for word in body.unwrap_or_default().split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.chars().count() > PREVIEW_CHARACTERS {
            let cut: String = words.chars().take(PREVIEW_CHARACTERS - 1).collect();
            return cut + "…";
        }
    }
    words
}

/// The same for a message of this kind: one without words says what it is.
#[must_use]
pub fn preview_of(kind: &str, body: Option<&str>) -> String {
    match body {
        Some(_) => preview(body),
        None => format!("[{kind}]"),
    }
}

/// A conversation as the inbox lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: Uuid,
    /// On this line.
    pub line_id: Uuid,
    /// With this person.
    pub contact_id: Uuid,
    /// The organization's own name for the person.
    pub contact_name: Option<String>,
    /// The person's number, if known.
    pub phone_number: Option<String>,
    /// Who has it.
    pub assignee_user_id: Option<Uuid>,
    /// For claims and assignments.
    pub version: i64,
    /// When something was last said.
    pub last_message_at: Time,
    /// The first words of it.
    pub last_message_preview: Option<String>,
    /// Inbound messages since the last outbound one.
    pub unread_count: i32,
}

/// Whose conversations to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Anybody's.
    Any,
    /// Nobody's.
    Nobody,
    /// This person's.
    User(Uuid),
}

/// Which conversations to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of this line.
    pub line: Option<LineId>,
    /// This one.
    pub conversation: Option<ConversationId>,
    /// Of these people.
    pub assignee: Assignee,
    /// With this number.
    pub phone: Option<String>,
    /// After this one, in the order of the list.
    pub after: Option<(Time, Uuid)>,
    /// At most so many.
    pub limit: i64,
}

/// Conversations the viewer may see, the one with the newest message first. Run it in a unit: the plan is made for
/// the filter at hand, since one plan for all filters would walk the whole inbox for a quiet line.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    filter: &Filter,
) -> Result<Vec<Listed>, StoreError> {
    sqlx::query!("SET LOCAL plan_cache_mode = force_custom_plan").execute(&mut *conn).await?;
    let assignee = match filter.assignee {
        Assignee::User(user) => Some(user),
        Assignee::Any | Assignee::Nobody => None,
    };
    let rows = sqlx::query_as!(
        Listed,
        r#"
        SELECT c.id, c.line_id, c.contact_id, p.display_name AS contact_name, p.phone_number, c.assignee_user_id,
               c.version, c.last_message_at, c.last_message_preview, c.unread_count
        FROM conversations c
        JOIN contacts p ON p.organization_id = c.organization_id AND p.id = c.contact_id
        WHERE c.organization_id = $1
          AND ($2::uuid IS NULL OR c.line_id = $2)
          AND ($3::uuid IS NULL OR c.id = $3)
          AND ($4::uuid IS NULL OR c.assignee_user_id = $4)
          AND (NOT $5::boolean OR c.assignee_user_id IS NULL)
          AND ($6::text IS NULL OR c.contact_id = (
              SELECT o.id FROM contacts o WHERE o.organization_id = $1 AND o.phone_number = $6))
          AND ($7::timestamptz IS NULL OR (c.last_message_at, c.id) < ($7, $8::uuid))
          AND ($9::boolean OR (
              (c.assignee_user_id IS NULL OR c.assignee_user_id = $10)
              AND NOT EXISTS (
                  SELECT 1 FROM line_permissions lp
                  WHERE lp.organization_id = $1 AND lp.line_id = c.line_id AND lp.user_id = $10 AND NOT lp.can_view)))
        ORDER BY c.last_message_at DESC, c.id DESC
        LIMIT $11
        "#,
        scope.organization.0,
        filter.line.map(|line| line.0),
        filter.conversation.map(|conversation| conversation.0),
        assignee,
        filter.assignee == Assignee::Nobody,
        filter.phone,
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id),
        viewer.sees_all,
        viewer.user,
        filter.limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Whether the viewer may see this conversation.
///
/// # Errors
/// When the store does not answer.
pub async fn is_visible(
    conn: &mut PgConnection,
    scope: OrgScope,
    viewer: Viewer,
    id: ConversationId,
) -> Result<bool, StoreError> {
    let visible = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM conversations c
            WHERE c.organization_id = $1 AND c.id = $2
              AND ($3::boolean OR (
                  (c.assignee_user_id IS NULL OR c.assignee_user_id = $4)
                  AND NOT EXISTS (
                      SELECT 1 FROM line_permissions lp
                      WHERE lp.organization_id = $1 AND lp.line_id = c.line_id AND lp.user_id = $4
                        AND NOT lp.can_view)))) AS "visible!"
        "#,
        scope.organization.0,
        id.0,
        viewer.sees_all,
        viewer.user,
    )
    .fetch_one(conn)
    .await?;
    Ok(visible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_preview_is_one_line_of_words() {
        assert_eq!(preview(Some("  Hello\n\tthere  ")), "Hello there");
        assert_eq!(preview(None), "");
    }

    proptest! {
        #[test]
        fn a_preview_never_grows_past_its_limit(body in "(?s).{0,600}") {
            prop_assert!(preview(Some(&body)).chars().count() <= PREVIEW_CHARACTERS);
        }
    }
}
