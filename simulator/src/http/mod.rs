//! The control API: routes, and how a request is refused.

mod control;
mod faults;
mod guard;
mod lines;
mod media;
mod page;

use actix_web::{
    HttpResponse, ResponseError,
    error::PathError,
    http::StatusCode,
    middleware::from_fn,
    web::{self, PathConfig, QueryConfig},
};
use serde::de::DeserializeOwned;
use serde_json::json;

pub(crate) use self::guard::Guard;
use crate::{hub::Hub, link, world::Refusal};

/// An image in base64 is a third longer than its bytes; the rest is for the other members.
const MAX_BODY_BYTES: usize = 36 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
}

impl ApiError {
    fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: message.into() }
    }

    fn too_large(message: impl Into<String>) -> Self {
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, message: message.into() }
    }

    fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, message: message.into() }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(json!({"error": self.message}))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::Bad(_) => StatusCode::BAD_REQUEST,
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
        };
        Self { status, message: refusal.to_string() }
    }
}

pub(crate) type Answer = Result<HttpResponse, ApiError>;

fn ok(body: impl serde::Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(body))
}

/// The body as JSON whatever its content type says; an empty one is an empty object.
async fn body<T: DeserializeOwned>(payload: web::Payload) -> Result<T, ApiError> {
    let read = payload.to_bytes_limited(MAX_BODY_BYTES).await;
    let bytes = read.map_err(|_| ApiError::too_large("the body is too large"))?;
    let bytes = bytes.map_err(|error| ApiError::bad(error.to_string()))?;
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(text).map_err(|error| ApiError::bad(format!("bad body: {error}")))
}

pub(crate) fn configure(hub: Hub, guard: Guard) -> impl Fn(&mut web::ServiceConfig) + Clone {
    move |config| {
        let bad_path =
            |_: PathError, _: &actix_web::HttpRequest| ApiError::bad("lineId must be a UUID").into();
        let bad_query = |error: actix_web::error::QueryPayloadError, _: &actix_web::HttpRequest| {
            ApiError::bad(error.to_string()).into()
        };
        let routes = web::scope("")
            .wrap(from_fn(guard::refuse_strangers))
            .app_data(web::Data::new(hub.clone()))
            .app_data(web::Data::new(guard.clone()))
            .app_data(PathConfig::default().error_handler(bad_path))
            .app_data(QueryConfig::default().error_handler(bad_query))
            .configure(routes)
            .default_service(web::to(|| async {
                Err::<HttpResponse, _>(ApiError::not_found("no such path"))
            }));
        config.service(routes);
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(page::page))
        .route("/healthz", web::get().to(control::health))
        .route("/v1/link", web::get().to(link::link))
        .route("/v1/media", web::put().to(media::put))
        .route("/v1/media/{mediaId}", web::get().to(media::get))
        .route("/v1/lines", web::get().to(lines::list))
        .route("/v1/lines/{lineId}/scan", web::post().to(lines::scan))
        .route("/v1/lines/{lineId}/pairing-code", web::post().to(lines::pairing_code))
        .route("/v1/lines/{lineId}/unlink", web::post().to(lines::unlink))
        .route("/v1/lines/{lineId}/inbound", web::post().to(lines::inbound))
        .route("/v1/lines/{lineId}/receipts", web::post().to(lines::receipts))
        .route("/v1/lines/{lineId}/chats", web::get().to(lines::chats))
        .route("/v1/lines/{lineId}/faults", web::post().to(faults::set))
        .route("/v1/lines/{lineId}/faults", web::delete().to(faults::clear))
        .route("/v1/faults", web::get().to(faults::list_fleet))
        .route("/v1/faults", web::post().to(faults::set_fleet))
        .route("/v1/faults", web::delete().to(faults::clear_fleet))
        .route("/v1/settings", web::get().to(control::settings))
        .route("/v1/settings", web::post().to(control::change_settings))
        .route("/v1/journal", web::get().to(control::journal))
        .route("/v1/stats", web::get().to(control::stats));
}
