//! Queue a reply: 202 means committed. What the caller asked for is read in `ask` and `form`, accepted in
//! `store::replies`.

mod ask;
mod form;

use super::{idempotency::IDEMPOTENCY_REPLAYED, lines::ring, shapes::MessageBody};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem,
        error::{CurrentConversation, CurrentLine},
        extract::PathId,
    },
    store::{
        Db, OrgScope,
        attachments::NewAttachment,
        replies::{self, Accepted, Limits, MediaDigest, Refusal, Reply},
    },
};
use actix_web::{HttpRequest, HttpResponse, web};
use ask::{Ask, Content};
use ezw_actors::{failpoint, id::LineId, lines::Doorbell};
use form::Received;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

pub use ask::{SendReply, SendReplyForm};

/// The conversation of an accepted reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationVersion {
    id: Uuid,
    version: i64,
}

/// An accepted reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedReply {
    message: MessageBody,
    conversation: ConversationVersion,
}

/// Queues a text reply, or one image.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/send", operation_id = "sendReply", tag = "Outbound replies",
    request_body(content((SendReply = "application/json"), (SendReplyForm = "multipart/form-data"))),
    params(("lineId" = Uuid, Path),
           ("Idempotency-Key" = Option<String>, Header, description = "required here or as idempotencyKey in the body")),
    security(("idToken" = [])),
    responses(
        (status = 202, description = "Committed: it ends in a final status.", body = AcceptedReply),
        (status = 400, description = "invalid_request or invalid_media"),
        (status = 403, description = "forbidden or membership_inactive"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_not_sendable, idempotency_key_reused or version_conflict"),
        (status = 429, description = "new_contact_limit or queue_full"),
        (status = 501, description = "media_not_configured"),
        (status = 503, description = "overloaded: as many images come in as may; media_unavailable: nothing was stored"),
    ),
)]
pub async fn send(
    request: HttpRequest,
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    Content(body, image): Content,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::read(&request, body, image.is_some())?;
    let line = LineId(line);
    let mut reply = reply(&request, &state, &principal, line, ask, image.as_ref());
    let db = state.db()?;
    let kept = image.and_then(Received::into_kept);
    reply.image = kept.clone().map(|kept| NewAttachment { id: Uuid::now_v7(), kept });
    let accepted = accept(db, principal.scope(), reply).await;
    if let (Some(kept), true) = (kept, is_nobodys(&accepted)) {
        form::forget(state.images()?, kept);
    }
    let accepted = accepted.map_err(Problem::from)?;
    if !accepted.replayed {
        failpoint::hit(failpoint::ACCEPTED, line);
        ring(&state, line, Doorbell::Outbound);
    }
    Ok(answer(accepted))
}

/// Whether the image that came belongs to no message for sure. A store that did not answer may have accepted it.
fn is_nobodys(accepted: &Result<Accepted, Refusal>) -> bool {
    match accepted {
        Ok(accepted) => accepted.replayed,
        Err(Refusal::Store(_)) => false,
        Err(
            Refusal::NotFound
            | Refusal::MembershipInactive
            | Refusal::Forbidden
            | Refusal::KeyReused
            | Refusal::LineNotSendable(_)
            | Refusal::VersionConflict { .. }
            | Refusal::NewContactLimit { .. }
            | Refusal::QueueFull
            | Refusal::Twin,
        ) => true,
    }
}

fn reply(
    request: &HttpRequest,
    state: &AppState,
    principal: &Principal,
    line: LineId,
    ask: Ask,
    image: Option<&Received>,
) -> Reply {
    let digest = image.and_then(Received::sha256).map(MediaDigest);
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    Reply {
        user: principal.user.0,
        line,
        fingerprint: replies::fingerprint(&ask.target, ask.body_text.as_deref(), digest),
        target: ask.target,
        body_text: ask.body_text,
        image: None,
        key: ask.key,
        expected_version: ask.expected_version,
        provider_message_id: mint(state.random.bytes()),
        traceparent: traceparent.filter(|value| value.len() <= 64).map(str::to_owned),
        limits: Limits {
            queue_rows: i64::from(state.queue_rows_per_line),
            new_contacts_per_hour: i64::from(state.limits.new_contacts_per_hour),
        },
        lines: state.lines.clone(),
    }
}

/// As WhatsApp's own clients name their messages. It is minted here, once: a repeat carries the same.
fn mint(random: [u8; 9]) -> String {
    format!("3EB0{}", hex::encode_upper(random))
}

/// A twin that lost the race for its key finds what the key stands for the second time.
async fn accept(db: &Db, scope: OrgScope, reply: Reply) -> Result<Accepted, Refusal> {
    let reply = Arc::new(reply);
    match attempt(db, scope, &reply).await {
        Err(Refusal::Twin) => attempt(db, scope, &reply).await,
        outcome => outcome,
    }
}

async fn attempt(db: &Db, scope: OrgScope, reply: &Arc<Reply>) -> Result<Accepted, Refusal> {
    let reply = Arc::clone(reply);
    db.unit(move |conn| Box::pin(async move { replies::accept(conn, scope, &reply).await })).await
}

fn answer(accepted: Accepted) -> HttpResponse {
    let mut response = HttpResponse::Accepted();
    if accepted.replayed {
        response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
    let conversation =
        ConversationVersion { id: accepted.message.conversation_id, version: accepted.conversation_version };
    response.json(AcceptedReply { message: accepted.message.into(), conversation })
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NotFound,
            Refusal::MembershipInactive => Self::MembershipInactive,
            Refusal::Forbidden => Self::Forbidden,
            Refusal::KeyReused => Self::IdempotencyKeyReused,
            Refusal::LineNotSendable(view) => {
                Self::LineNotSendable(Box::new(CurrentLine::from(view.as_ref())))
            }
            Refusal::VersionConflict { version, assignee } => {
                Self::VersionConflict(CurrentConversation { version, assignee_user_id: assignee })
            }
            Refusal::NewContactLimit { retry_after_seconds } => Self::NewContactLimit { retry_after_seconds },
            Refusal::QueueFull => Self::QueueFull,
            Refusal::Twin => Self::StoreUnavailable,
            Refusal::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_is_3eb0_and_18_upper_case_hex_digits() {
        assert_eq!(mint([0xab; 9]), "3EB0ABABABABABABABABAB");
        assert_eq!(mint([0; 9]).len(), 22);
    }
}
