//! Bytes by id. Read chunk by chunk, so that too much is refused before it is held.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_TYPE, HeaderValue},
    web,
};
use futures_util::StreamExt as _;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Answer, ApiError, ok};
use crate::{
    frames::MAX_IMAGE_BYTES,
    hub::Hub,
    media::{Media, content_type},
    world::{Attachment, World},
};

pub(super) async fn put(hub: web::Data<Hub>, request: HttpRequest, mut payload: web::Payload) -> Answer {
    let slot = hub.uploads().acquire().await.map_err(|_| ApiError::bad("no uploads any more"))?;
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::bad(error.to_string()))?;
        if bytes.len() + chunk.len() > MAX_IMAGE_BYTES {
            return Err(ApiError::too_large("media is limited to 25 MiB"));
        }
        bytes.extend_from_slice(&chunk);
    }
    drop(slot);
    let size = bytes.len();
    let named = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let stored = store(&hub, bytes, named);
    ok(json!({"mediaId": stored.media_id, "sizeBytes": size, "sha256": stored.sha256}))
}

pub(super) fn store(hub: &Hub, bytes: Vec<u8>, named: Option<&str>) -> Attachment {
    let media_id = hub.with(World::next_media_id);
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let content_type = content_type(&bytes, named);
    let media = Media { bytes: bytes.into(), content_type: content_type.clone(), sha256: sha256.clone() };
    hub.media().put(media_id.clone(), media);
    Attachment { media_id, content_type, sha256 }
}

pub(super) async fn get(hub: web::Data<Hub>, id: web::Path<String>) -> Answer {
    let media = hub.media().get(&id).cloned().ok_or_else(|| ApiError::not_found("no such media"))?;
    let content_type = HeaderValue::from_str(&media.content_type);
    let content_type = content_type.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    // Strangers' bytes from our own origin: never as a page.
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("X-Checksum-Sha256", media.sha256))
        .body(media.bytes))
}
