//! Lines: list, create, rename.

use super::{
    good_name, idempotency,
    shapes::{CommandBody, LineBody},
    viewer,
};
use crate::{
    auth::{Action, Principal},
    http::{
        AppState, Problem,
        extract::{Cursor, Json, Limit, Page, PathId, Query},
    },
    store::{
        line_directory::{self, Create, Filter, NewLine, Rename},
        lines::LineFacts,
    },
};
use actix_web::{HttpRequest, HttpResponse, web};
use ezw_actors::{id::LineId, lines::Doorbell};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListLines {
    /// Positive; all lines when absent.
    #[param(value_type = Option<u32>)]
    limit: Option<Limit>,
    /// One line, archived or not.
    line_id: Option<Uuid>,
    /// Archived lines too.
    include_archived: Option<bool>,
    /// Where the page before ended.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Lines, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lines {
    lines: Vec<LineBody>,
    next_cursor: Option<String>,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneLine {
    pub(super) line: LineBody,
}

/// Lists the lines the caller may see.
#[utoipa::path(
    get, path = "/api/lines", operation_id = "listLines", tag = "WhatsApp lines", params(ListLines), security(("idToken" = [])),
    responses(
        (status = 200, description = "The lines the caller may see.", body = Lines),
        (status = 400, description = "invalid_request"),
        (status = 403, description = "membership_inactive or forbidden"),
    ),
)]
pub async fn list(
    state: web::Data<AppState>,
    principal: Principal,
    Query(query): Query<ListLines>,
) -> Result<web::Json<Lines>, Problem> {
    let filter = Filter {
        line: query.line_id.map(LineId),
        include_archived: query.include_archived.unwrap_or(false),
        before: query.cursor.as_ref().map(Cursor::position).transpose()?,
        limit: query.limit.map(Limit::rows_to_read),
    };
    let (scope, viewer) = (principal.scope(), viewer(&principal));
    let rows = state
        .db()?
        .run(move |conn| Box::pin(async move { line_directory::list(conn, scope, viewer, filter).await }))
        .await?;
    let page = match query.limit {
        Some(limit) => Page::cut(rows, limit, |row: &LineFacts| row.id)?,
        None => Page { rows, next: None },
    };
    let lines = page.rows.into_iter().map(|row| LineBody::of(row, &state.lines)).collect();
    Ok(web::Json(Lines { lines, next_cursor: page.next }))
}

/// A line to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLine {
    /// 1 to 200 characters.
    display_name: String,
    /// Makes a retry the same line.
    idempotency_key: Option<String>,
}

/// A line and the command queued for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedLine {
    line: LineBody,
    command: CommandBody,
}

/// Creates a line and queues its first pairing.
#[utoipa::path(
    post, path = "/api/lines", operation_id = "createLine", tag = "WhatsApp lines", request_body = CreateLine, 
    params(("Idempotency-Key" = Option<String>, Header, description = "here or as idempotencyKey in the body; makes a retry the same line")),
    security(("idToken" = [])),
    responses(
        (status = 201, description = "The line, and the pair command queued for it.", body = CreatedLine),
        (status = 403, description = "forbidden, email_unverified, billing_restricted or line_slot_limit"),
        (status = 409, description = "idempotency_key_reused"),
    ),
)]
pub async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    principal: Principal,
    Json(body): Json<CreateLine>,
) -> Result<HttpResponse, Problem> {
    let new = NewLine {
        display_name: display_name(&body.display_name)?,
        key: idempotency::key(&request, body.idempotency_key.as_deref())?,
    };
    // The line is created by way of its first pairing.
    if !principal.address_suffices(Action::PairLines) {
        return Err(Problem::EmailUnverified);
    }
    let (scope, by) = (principal.scope(), principal.user.0);
    let created = state
        .db()?
        .unit(move |conn| Box::pin(async move { line_directory::create(conn, scope, by, &new).await }))
        .await;
    match created? {
        Create::Done { line, command, new } => {
            ring(&state, line.line(), Doorbell::Command);
            let mut response = HttpResponse::Created();
            if !new {
                response.insert_header((idempotency::IDEMPOTENCY_REPLAYED, "true"));
            }
            let line = LineBody::of(*line, &state.lines);
            Ok(response.json(CreatedLine { line, command: command.into() }))
        }
        Create::KeyReused => Err(Problem::IdempotencyKeyReused),
        Create::BillingRestricted => Err(Problem::BillingRestricted),
        Create::SlotLimit => Err(Problem::LineSlotLimit),
    }
}

/// A new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameLine {
    /// 1 to 200 characters.
    display_name: String,
}

/// Renames a line.
#[utoipa::path(
    patch, path = "/api/lines/{lineId}", operation_id = "renameLine", tag = "WhatsApp lines", request_body = RenameLine,
    params(("lineId" = Uuid, Path)), security(("idToken" = [])),
    responses(
        (status = 200, description = "The line with its new name.", body = OneLine),
        (status = 403, description = "forbidden"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_archived"),
    ),
)]
pub async fn rename(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    Json(body): Json<RenameLine>,
) -> Result<web::Json<OneLine>, Problem> {
    let name = display_name(&body.display_name)?;
    let (scope, by) = (principal.scope(), principal.user.0);
    let renamed = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move { line_directory::rename(conn, scope, by, LineId(line), &name).await })
        })
        .await;
    match renamed? {
        Rename::Done(line) => {
            state.hint();
            Ok(web::Json(OneLine { line: LineBody::of(*line, &state.lines) }))
        }
        Rename::Archived => Err(Problem::LineArchived),
        Rename::NoLine => Err(Problem::NotFound),
    }
}

fn display_name(given: &str) -> Result<String, Problem> {
    let name = good_name(given).map(str::to_owned);
    name.ok_or_else(|| Problem::field("displayName", "give 1 to 200 characters on one line"))
}

/// After a commit: the line's actor, and the live stream.
pub(super) fn ring(state: &AppState, line: LineId, bell: Doorbell) {
    state.lines.ring(line, bell);
    state.hint();
}
