//! For whoever runs the service: alive, ready, public keys, the description of the API. No caller, nothing secret.

use crate::{
    http::{error::Problem, openapi_json, state::AppState},
    store::{StoreError, schema},
};
use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a check may take: a probe that hangs is a probe that fails.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);
/// And the one of a part that requests can be served without.
const REDIS_DEADLINE: Duration = Duration::from_millis(500);

/// One part of the service.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// The part.
    name: &'static str,
    /// Whether requests can be served with it as it is.
    ok: bool,
    /// What is the matter.
    note: Option<&'static str>,
}

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadyBody {
    ready: bool,
    checks: Vec<Check>,
}

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveBody {
    alive: bool,
}

/// The process runs and answers.
#[utoipa::path(
    get, path = "/livez", tag = "Operations", operation_id = "livez",
    responses((status = 200, description = "It does.", body = LiveBody)),
)]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(LiveBody { alive: true })
}

/// Requests can be served: Postgres answers, its migrations are applied, and there is a key to sign with.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", operation_id = "readyz",
    responses(
        (status = 200, description = "They can, if perhaps without live hints and QR images.", body = ReadyBody),
        (status = 503, description = "They cannot; the checks say why.", body = ReadyBody, content_type = "application/json"),
    ),
)]
pub async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let ((postgres, migrations), redis) = tokio::join!(check_store(&state), check_redis(&state));
    let key = match state.identity {
        Some(_) => None,
        None => Some("not configured: it needs EZW_SIGNING_KEY_FILE and Postgres"),
    };
    let check = |name, note: Option<&'static str>| Check { name, ok: note.is_none(), note };
    let checks = vec![
        check("stopping", state.readiness.is_stopping().then_some("asked to stop")),
        check("postgres", postgres),
        check("migrations", migrations),
        check("signing_key", key),
        // Requests can be served without: what they then lack is said, and does not take the node out.
        Check { name: "redis", ok: true, note: redis },
    ];
    let ready = checks.iter().all(|check| check.ok);
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    if !ready {
        response.insert_header((header::RETRY_AFTER, "2"));
    }
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(ReadyBody { ready, checks })
}

/// What is the matter with Postgres and with its migrations.
async fn check_store(state: &AppState) -> (Option<&'static str>, Option<&'static str>) {
    let Some(db) = &state.db else {
        return (Some("not configured: DATABASE_URL is not set"), Some("not known"));
    };
    let asked = db.run(|conn| Box::pin(schema::applied_migrations(conn)));
    match tokio::time::timeout(CHECK_DEADLINE, asked).await {
        Ok(Ok(applied)) if schema::is_current(&applied) => (None, None),
        Ok(Ok(_) | Err(StoreError::Unfit(_) | StoreError::Broken(_))) => {
            (None, Some("not current: run ezw migrate"))
        }
        Ok(Err(StoreError::Unavailable(_))) | Err(_) => (Some("not answering"), Some("not known")),
    }
}

/// What is the matter with Redis.
async fn check_redis(state: &AppState) -> Option<&'static str> {
    let Some(store) = &state.qr else {
        return Some("not configured: no live stream, no pairing images");
    };
    let answers =
        tokio::time::timeout(REDIS_DEADLINE, store.check()).await.is_ok_and(|answer| answer.is_ok());
    (!answers).then_some("not answering: no new live streams, no pairing images")
}

/// The public keys that ID tokens are signed with.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Operations", operation_id = "jwks",
    responses(
        (status = 200, description = "A JSON Web Key Set.", body = Object),
        (status = 503, description = "identity_not_configured"),
    ),
)]
pub async fn jwks(state: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    let keys = state.identity()?.jwks().ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(keys))
}

/// This description.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "Operations", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)),
)]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi_json())
}
