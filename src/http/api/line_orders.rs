//! Orders that a person gives a line: stop, wake up, archive.

use super::{
    lines::{OneLine, ring},
    shapes::{LineBody, Nothing, WakeupBody},
};
use crate::{
    auth::Principal,
    http::{
        AppState, Problem,
        extract::{OptionalJson, PathId},
    },
    store::{
        StoreError,
        archive::{self, Archive},
        audit::Actor,
        commands::{self, Stop, Wakeup},
        lines::{LineFacts, line_facts},
    },
};
use actix_web::web;
use ezw_actors::{command::WakeupBy, id::LineId, lines::Doorbell};
use serde::Serialize;
use utoipa::ToSchema;

/// Stops a line, or the pairing that is open on it.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/stop", operation_id = "stopLine", tag = "WhatsApp lines", request_body(content = Nothing, description = "May be left out."),
    params(("lineId" = Uuid, Path)),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The line; the order holds.", body = OneLine),
        (status = 403, description = "forbidden"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_archived"),
    ),
)]
pub async fn stop(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    _: OptionalJson<Nothing>,
) -> Result<web::Json<OneLine>, Problem> {
    let (scope, by, line) = (principal.scope(), principal.user.0, LineId(line));
    let stopped: Result<(Stop, Option<LineFacts>), StoreError> = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move {
                let stopped = commands::stop(conn, scope, by, line).await?;
                Ok((stopped, line_facts(conn, scope, line).await?))
            })
        })
        .await;
    match stopped? {
        (Stop::Archived, _) => Err(Problem::LineArchived),
        (Stop::NoLine, _) | (Stop::Done { .. }, None) => Err(Problem::NotFound),
        (Stop::Done { changed }, Some(facts)) => {
            if changed {
                ring(&state, line, Doorbell::Command);
                ring(&state, line, Doorbell::Orders);
            }
            Ok(web::Json(OneLine { line: LineBody::of(facts, &state.lines) }))
        }
    }
}

/// What became of a wakeup.
#[derive(Debug, Serialize, ToSchema)]
pub struct WokenUp {
    wakeup: WakeupBody,
}

/// Wakes a line up: clears a stop order, gives what was given up or taken over a new chance, and has a line try at once that
/// would wait 10 s or more for its next try. Never shortens a cool-down.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/wakeup", operation_id = "wakeUpLine", tag = "WhatsApp lines", request_body(content = Nothing, description = "May be left out."),
    params(("lineId" = Uuid, Path)),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "What became of it.", body = WokenUp),
        (status = 403, description = "forbidden"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_archived"),
    ),
)]
pub async fn wakeup(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    _: OptionalJson<Nothing>,
) -> Result<web::Json<WokenUp>, Problem> {
    let (scope, by, line) = (principal.scope(), Actor::User(principal.user.0), LineId(line));
    let woken = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move { commands::wakeup(conn, scope, WakeupBy::Operator, by, line).await })
        })
        .await;
    let woken: Wakeup = woken?.ok_or(Problem::NotFound)?;
    if woken.line.archived_at.is_some() {
        return Err(Problem::LineArchived);
    }
    if woken.changed {
        ring(&state, line, Doorbell::Command);
    }
    Ok(web::Json(WokenUp { wakeup: woken.into() }))
}

/// Archives a line, for good: it takes no command any more, its token ends, its open replies fail, its number is unlinked
/// and free for another line. What was said on it stays readable.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/archive", operation_id = "archiveLine", tag = "WhatsApp lines", request_body(content = Nothing, description = "May be left out."),
    params(("lineId" = Uuid, Path)),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The line; also when it was archived before.", body = OneLine),
        (status = 403, description = "forbidden"),
        (status = 404, description = "not_found"),
    ),
)]
pub async fn archive(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    _: OptionalJson<Nothing>,
) -> Result<web::Json<OneLine>, Problem> {
    let (scope, by, line) = (principal.scope(), principal.user.0, LineId(line));
    let archived: Result<(Archive, Option<LineFacts>), StoreError> = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move {
                let archived = archive::archive(conn, scope, by, line).await?;
                Ok((archived, line_facts(conn, scope, line).await?))
            })
        })
        .await;
    match archived? {
        (Archive::NoLine, _) | (Archive::Done { .. }, None) => Err(Problem::NotFound),
        (Archive::Done { changed }, Some(facts)) => {
            if changed {
                ring(&state, line, Doorbell::Orders);
            }
            Ok(web::Json(OneLine { line: LineBody::of(facts, &state.lines) }))
        }
    }
}
