//! The timeline of one conversation.

use super::{shapes::MessageBody, viewer};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem,
        extract::{Cursor, Limit, Page, PathId, Query},
    },
    store::{
        StoreError, conversations,
        messages::{self, Message},
    },
};
use actix_web::web;
use ezw_actors::id::ConversationId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMessages {
    /// Positive; 50 when absent, 200 at most.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
    /// Where the page before ended.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Messages {
    messages: Vec<MessageBody>,
    next_cursor: Option<String>,
}

/// A conversation's messages, newest first.
#[utoipa::path(
    get, path = "/api/conversations/{conversationId}/messages", operation_id = "listMessages", tag = "Inbox conversations",
    params(("conversationId" = Uuid, Path), ListMessages), security(("idToken" = [])),
    responses(
        (status = 200, description = "Messages, newest first.", body = Messages),
        (status = 400, description = "invalid_request"),
        (status = 403, description = "membership_inactive"),
        (status = 404, description = "not_found"),
    ),
)]
pub async fn list(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(conversation): PathId,
    Query(query): Query<ListMessages>,
) -> Result<web::Json<Messages>, Problem> {
    let before: Option<Uuid> = query.cursor.as_ref().map(Cursor::position).transpose()?;
    let (scope, viewer, id) = (principal.scope(), viewer(&principal), ConversationId(conversation));
    let limit = query.limit;
    let rows: Result<Option<Vec<Message>>, StoreError> = state
        .db()?
        .run(move |conn| {
            Box::pin(async move {
                if !conversations::is_visible(conn, scope, viewer, id).await? {
                    return Ok(None);
                }
                messages::list(conn, scope, id, before, limit.rows_to_read()).await.map(Some)
            })
        })
        .await;
    let page = Page::cut(rows?.ok_or(Problem::NotFound)?, limit, |row| row.id)?;
    Ok(web::Json(Messages {
        messages: page.rows.into_iter().map(MessageBody::from).collect(),
        next_cursor: page.next,
    }))
}
