//! Images of messages: an address for a short time, and the bytes behind it.

use super::{private, viewer};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem, Stamp,
        extract::{PathId, Query},
    },
    media::Signed,
    store::{
        StoreError,
        attachments::{self, Seen},
        audit::{self, Actor, Entry},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{StatusCode, header},
    web,
};
use chrono::TimeDelta;
use ezw_actors::port::{MediaError, MediaStore as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// For how long.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct UrlQuery {
    /// 1 to 3600; 300 when absent.
    #[param(minimum = 1, maximum = 3600, default = 300)]
    expires_in_seconds: Option<u16>,
}

/// An address of an image.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentUrl {
    /// Opens the image for whoever holds it; no bearer is asked for.
    url: String,
    /// Until then.
    expires_at: Stamp,
}

const SHORTEST: u16 = 1;
const LONGEST: u16 = 3_600;
const USUAL: u16 = 300;

/// Creates a short-lived address of an image. The view is recorded in the audit log.
#[utoipa::path(
    get, path = "/api/attachments/{attachmentId}/url", operation_id = "createAttachmentUrl", tag = "Media access",
    params(("attachmentId" = Uuid, Path), UrlQuery), security(("idToken" = [])),
    responses(
        (status = 200, description = "The address, and the view recorded.", body = AttachmentUrl),
        (status = 400, description = "invalid_request"),
        (status = 403, description = "forbidden or membership_inactive"),
        (status = 404, description = "not_found"),
        (status = 501, description = "media_not_configured"),
    ),
)]
pub async fn url(
    request: HttpRequest,
    state: web::Data<AppState>,
    principal: Principal,
    PathId(attachment): PathId,
    Query(query): Query<UrlQuery>,
) -> Result<HttpResponse, Problem> {
    let images = state.images()?;
    let seconds = query.expires_in_seconds.unwrap_or(USUAL);
    if !(SHORTEST..=LONGEST).contains(&seconds) {
        return Err(Problem::field("expiresInSeconds", "give 1 to 3600"));
    }
    let (scope, viewer) = (principal.scope(), viewer(&principal));
    let seen: Result<Option<Seen>, StoreError> = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move {
                let seen = attachments::seen(conn, scope, viewer, attachment).await?;
                if let Some(Seen { message_id, visible: true }) = seen {
                    let entry = Entry {
                        event_type: "attachment.viewed",
                        actor: Actor::User(viewer.user),
                        target_type: "attachment",
                        target_id: attachment,
                        data: json!({ "messageId": message_id, "expiresInSeconds": seconds }),
                    };
                    audit::add(conn, scope, entry).await?;
                }
                Ok(seen)
            })
        })
        .await;
    let seen = seen?.ok_or(Problem::NotFound)?;
    if !seen.visible {
        return Err(Problem::Forbidden);
    }
    // Signed and said in milliseconds, both cut there.
    let until = state.clock.now() + TimeDelta::seconds(i64::from(seconds));
    let word = images.links.sign(Signed { organization: scope.organization, attachment }, until);
    let base = images.base_for(&request);
    let url = format!("{base}/api/attachments/{attachment}/content?token={word}");
    Ok(private(StatusCode::OK, &AttachmentUrl { url, expires_at: Stamp(until) }))
}

/// What such an address carries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContentQuery {
    /// As the address says.
    token: Option<String>,
}

/// The bytes of an image, for who holds an address of it.
#[utoipa::path(
    get, path = "/api/attachments/{attachmentId}/content", operation_id = "readAttachment", tag = "Media access",
    params(("attachmentId" = Uuid, Path), ContentQuery),
    responses(
        (status = 200, description = "The image.", content(
            (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
        (status = 403, description = "invalid_link: not one of ours, changed, or its time is over"),
        (status = 404, description = "not_found"),
        (status = 501, description = "media_not_configured"),
        (status = 503, description = "media_unavailable"),
    ),
)]
pub async fn content(
    state: web::Data<AppState>,
    PathId(attachment): PathId,
    Query(query): Query<ContentQuery>,
) -> Result<HttpResponse, Problem> {
    let images = state.images()?;
    let signed = query.token.and_then(|word| images.links.check(&word, state.clock.now()));
    let signed = signed.filter(|signed| signed.attachment == attachment).ok_or(Problem::InvalidLink)?;
    let scope = crate::store::OrgScope::of(signed.organization);
    let image: Result<_, StoreError> = state
        .db()?
        .run(move |conn| Box::pin(async move { attachments::find(conn, scope, attachment).await }))
        .await;
    let image = image?.ok_or(Problem::NotFound)?;
    let bytes = images.store.open(&image.storage_key).await.map_err(|error| match error {
        MediaError::Missing => Problem::NotFound,
        MediaError::Refused(why) => Problem::Internal(why.to_owned()),
        MediaError::Trouble(why) => {
            tracing::warn!(why, "an image cannot be read");
            Problem::MediaUnavailable
        }
    })?;
    Ok(HttpResponse::Ok()
        .content_type(image.content_type)
        // What people sent is shown as an image and as nothing else.
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(SizedStream::new(image.size_bytes, bytes)))
}
