//! Settling a reply: sending one of unknown fate again, or giving one up.

use super::{lines::ring, shapes::MessageBody};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem,
        error::CurrentLine,
        extract::{Json, PathId},
    },
    store::resolving::{self, Order, Resolution, Unresolved},
};
use actix_web::web;
use ezw_actors::{id::MessageId, lines::Doorbell};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to settle a reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveReply {
    /// `resend`: one that is `unknown`, with the same id, at most until its new `expiresAt`. `discard`: one that is `unknown` or
    /// waits.
    #[schema(value_type = String, pattern = "^(resend|discard)$")]
    action: Resolution,
}

/// The reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneMessage {
    message: MessageBody,
}

/// Settles a reply. `resend` sends one that is `unknown` again under the same id, whether or not the provider drops repeats:
/// the recipient may see it twice. It stays `unknown` until its outcome. `discard` ends one that is `unknown`, or is not on its
/// way yet, as failed. The same again changes nothing as long as the first order holds.
#[utoipa::path(
    post, path = "/api/messages/{messageId}/resolve", operation_id = "resolveReply", tag = "Outbound replies",
    request_body = ResolveReply, params(("messageId" = Uuid, Path)), security(("idToken" = [])),
    responses(
        (status = 200, description = "The reply; the order holds.", body = OneMessage),
        (status = 403, description = "forbidden or membership_inactive"),
        (status = 404, description = "not_found"),
        (status = 409, description = "message_final: there is nothing to settle, or it is on its way; or line_not_sendable: nothing can be sent again now"),
    ),
)]
pub async fn resolve(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(message): PathId,
    Json(body): Json<ResolveReply>,
) -> Result<web::Json<OneMessage>, Problem> {
    let (scope, lines) = (principal.scope(), state.lines.clone());
    let order = Order { user: principal.user.0, message: MessageId(message), resolution: body.action, lines };
    let resolved = state
        .db()?
        .unit(move |conn| Box::pin(async move { resolving::resolve(conn, scope, &order).await }))
        .await
        .map_err(Problem::from)?;
    if resolved.changed {
        // What was given up may have held others up.
        ring(&state, resolved.line, Doorbell::Outbound);
    }
    Ok(web::Json(OneMessage { message: resolved.message.into() }))
}

impl From<Unresolved> for Problem {
    fn from(why: Unresolved) -> Self {
        match why {
            Unresolved::NotFound => Self::NotFound,
            Unresolved::MembershipInactive => Self::MembershipInactive,
            Unresolved::Forbidden => Self::Forbidden,
            Unresolved::Final => Self::MessageFinal,
            Unresolved::LineNotSendable(view) => {
                Self::LineNotSendable(Box::new(CurrentLine::from(view.as_ref())))
            }
            Unresolved::Store(error) => error.into(),
        }
    }
}
