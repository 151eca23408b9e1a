//! The stream of hints, as server-sent events.

use crate::{
    auth::Principal,
    http::{AppState, Problem},
    live::{SubscribeError, frames},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};

/// Seconds after which a place may be free: as long as a lost client may look alive.
const RETRY_AFTER_SECONDS: u64 = 15;

/// Opens the stream. Each event says that something changed; fetch it again.
#[utoipa::path(
    get, path = "/api/live/stream", operation_id = "liveStream", tag = "Live updates", security(("idToken" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "the id of the last event that was seen")),
    responses(
        (status = 200, description = "The stream.", content_type = "text/event-stream", body = String),
        (status = 403, description = "membership_inactive"),
        (status = 500, description = "live_updates_unavailable"),
        (status = 501, description = "live_updates_not_configured"),
    ),
)]
pub async fn stream(
    request: HttpRequest,
    state: web::Data<AppState>,
    principal: Principal,
) -> Result<HttpResponse, Problem> {
    let live = state.live.as_ref().ok_or(Problem::LiveUpdatesNotConfigured)?;
    let last_event_id =
        request.headers().get("last-event-id").map(|value| value.to_str().unwrap_or_default());
    let subscription = live.subscribe(principal.scope(), principal.user.0, last_event_id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Proxies that collect answers before passing them on would turn hints into history.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(frames(subscription, principal.expires_at, state.readiness.until_stopping())))
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::NotConfigured => Self::LiveUpdatesNotConfigured,
            SubscribeError::Unavailable => Self::LiveUpdatesUnavailable,
            SubscribeError::TooMany => Self::RateLimited { retry_after_seconds: RETRY_AFTER_SECONDS },
            SubscribeError::MembershipInactive => Self::MembershipInactive,
            SubscribeError::Store(error) => error.into(),
        }
    }
}
