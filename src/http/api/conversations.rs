//! The inbox: which conversations there are.

use super::{pairing::phone_number, viewer};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem, Stamp,
        extract::{Cursor, Limit, Page, Query, parse_id},
    },
    store::conversations::{self, Assignee, Filter, Listed},
};
use actix_web::web;
use ezw_actors::id::{ConversationId, LineId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListConversations {
    /// Positive; 50 when absent, 200 at most.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
    /// Of this line.
    line_id: Option<Uuid>,
    /// This one.
    conversation_id: Option<Uuid>,
    /// `me`, `none` or a user's id.
    assignee: Option<String>,
    /// With this number.
    phone_number: Option<String>,
    /// Where the page before ended.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// The person on the other side.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contact)]
pub struct ContactBody {
    /// Which.
    pub id: Uuid,
    /// The organization's own name for them.
    pub display_name: Option<String>,
    /// Their number, if known.
    pub phone_number: Option<String>,
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conversation)]
pub struct ConversationBody {
    /// Which.
    pub id: Uuid,
    /// On this line.
    pub line_id: Uuid,
    /// With this person.
    pub contact: ContactBody,
    /// Who has it.
    pub assignee_user_id: Option<Uuid>,
    /// For claims and assignments.
    pub version: i64,
    /// When something was last said.
    pub last_message_at: Stamp,
    /// The first words of it.
    pub last_message_preview: Option<String>,
    /// Inbound messages since the last outbound one.
    pub unread_count: i32,
}

impl From<Listed> for ConversationBody {
    fn from(row: Listed) -> Self {
        Self {
            id: row.id,
            line_id: row.line_id,
            contact: ContactBody {
                id: row.contact_id,
                display_name: row.contact_name,
                phone_number: row.phone_number,
            },
            assignee_user_id: row.assignee_user_id,
            version: row.version,
            last_message_at: Stamp(row.last_message_at),
            last_message_preview: row.last_message_preview,
            unread_count: row.unread_count,
        }
    }
}

/// Conversations, the one with the newest message first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversations {
    conversations: Vec<ConversationBody>,
    next_cursor: Option<String>,
}

/// The conversations the caller may see.
#[utoipa::path(
    get, path = "/api/conversations", operation_id = "listConversations", tag = "Inbox conversations", params(ListConversations),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "Conversations the caller may see.", body = Conversations),
        (status = 400, description = "invalid_request"),
        (status = 403, description = "membership_inactive"),
    ),
)]
pub async fn list(
    state: web::Data<AppState>,
    principal: Principal,
    Query(query): Query<ListConversations>,
) -> Result<web::Json<Conversations>, Problem> {
    let filter = filter(&principal, &query)?;
    let (scope, viewer) = (principal.scope(), viewer(&principal));
    let rows = state
        .db()?
        .unit(move |conn| Box::pin(async move { conversations::list(conn, scope, viewer, &filter).await }))
        .await?;
    let page = Page::cut(rows, query.limit, |row| (row.last_message_at, row.id))?;
    Ok(web::Json(Conversations {
        conversations: page.rows.into_iter().map(ConversationBody::from).collect(),
        next_cursor: page.next,
    }))
}

fn filter(principal: &Principal, query: &ListConversations) -> Result<Filter, Problem> {
    let phone = query.phone_number.as_deref().map(|phone| phone_number(phone, "phoneNumber"));
    Ok(Filter {
        line: query.line_id.map(LineId),
        conversation: query.conversation_id.map(ConversationId),
        assignee: assignee(principal.user.0, query.assignee.as_deref())?,
        phone: phone.transpose()?,
        after: query.cursor.as_ref().map(Cursor::time_position).transpose()?,
        limit: query.limit.rows_to_read(),
    })
}

fn assignee(me: Uuid, given: Option<&str>) -> Result<Assignee, Problem> {
    match given {
        None => Ok(Assignee::Any),
        Some("me") => Ok(Assignee::User(me)),
        Some("none") => Ok(Assignee::Nobody),
        Some(id) => {
            let user = parse_id(id).map(Assignee::User);
            user.ok_or_else(|| Problem::field("assignee", "give me, none or a user's id"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignee_is_me_none_or_an_id() {
        let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(assignee(me, None).unwrap(), Assignee::Any);
        assert_eq!(assignee(me, Some("me")).unwrap(), Assignee::User(me));
        assert_eq!(assignee(me, Some("none")).unwrap(), Assignee::Nobody);
        assert_eq!(assignee(me, Some(&other.to_string())).unwrap(), Assignee::User(other));
        for bad in ["", "Me", "null", "7"] {
            assert!(assignee(me, Some(bad)).is_err(), "{bad}");
        }
    }
}
