//! The phones: what a person with the line's phone, or a customer with theirs, can do.

use actix_web::web;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, ApiError, body, media, ok};
use crate::{
    frames::MAX_IMAGE_BYTES,
    hub::Hub,
    world::{Attachment, MAX_LINES, NewInbound, ReceiptSpec, ScanSpec},
};

const MAX_CHATS: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    line_id: Option<Uuid>,
    limit: Option<usize>,
}

pub(super) async fn list(hub: web::Data<Hub>, query: web::Query<ListQuery>) -> Answer {
    let ListQuery { line_id, limit } = query.into_inner();
    ok(hub.look(|world| world.describe_lines(line_id, limit.unwrap_or(MAX_LINES))))
}

pub(super) async fn scan(hub: web::Data<Hub>, line: web::Path<Uuid>, payload: web::Payload) -> Answer {
    let spec: ScanSpec = body(payload).await?;
    let result = hub.with(|world| world.scan(*line, spec))?;
    hub.links_are_saved().await;
    ok(result)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CodeSpec {
    code: String,
    phone_number: String,
}

pub(super) async fn pairing_code(
    hub: web::Data<Hub>,
    line: web::Path<Uuid>,
    payload: web::Payload,
) -> Answer {
    let CodeSpec { code, phone_number } = body(payload).await?;
    let result = hub.with(|world| world.enter_code(*line, &code, &phone_number))?;
    hub.links_are_saved().await;
    ok(result)
}

pub(super) async fn unlink(hub: web::Data<Hub>, line: web::Path<Uuid>, payload: web::Payload) -> Answer {
    let _: serde_json::Map<String, Value> = body(payload).await?;
    hub.with(|world| world.unlink_by_phone(*line))?;
    hub.links_are_saved().await;
    ok(json!({"linked": false}))
}

pub(super) async fn inbound(hub: web::Data<Hub>, line: web::Path<Uuid>, payload: web::Payload) -> Answer {
    let new: NewInbound = body(payload).await?;
    new.check()?;
    let attachment = attach(&hub, &new)?;
    let id = hub.with(|world| world.post(*line, new, attachment))?;
    ok(json!({"providerMessageId": id}))
}

fn attach(hub: &Hub, new: &NewInbound) -> Result<Option<Attachment>, ApiError> {
    if let Some(encoded) = &new.image_base64 {
        let bytes = STANDARD.decode(encoded).map_err(|_| ApiError::bad("imageBase64 is not base64"))?;
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(ApiError::bad("the image is larger than 25 MiB"));
        }
        return Ok(Some(media::store(hub, bytes, None)));
    }
    let Some(media_id) = &new.media_id else { return Ok(None) };
    let media = hub.media().get(media_id).cloned().ok_or_else(|| ApiError::not_found("no such media"))?;
    Ok(Some(Attachment {
        media_id: media_id.clone(),
        content_type: media.content_type,
        sha256: media.sha256,
    }))
}

pub(super) async fn receipts(hub: web::Data<Hub>, line: web::Path<Uuid>, payload: web::Payload) -> Answer {
    let spec: ReceiptSpec = body(payload).await?;
    hub.with(|world| world.report(*line, spec))?;
    ok(json!({}))
}

#[derive(Deserialize)]
pub(super) struct ChatsQuery {
    limit: Option<usize>,
}

pub(super) async fn chats(
    hub: web::Data<Hub>,
    line: web::Path<Uuid>,
    query: web::Query<ChatsQuery>,
) -> Answer {
    let limit = query.limit.unwrap_or(MAX_CHATS).min(MAX_CHATS);
    ok(hub.look(|world| world.describe_chats(*line, limit))?)
}
