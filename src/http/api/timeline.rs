//! A line's history: every transition it made.

use super::viewer;
use crate::{
    auth::Principal,
    http::{
        AppState, Problem, Stamp,
        extract::{Cursor, Limit, Page, PathId, Query},
        shape::{transition_events, words, words_or_null},
    },
    store::{
        StoreError,
        line_directory::{self, Transition},
    },
};
use actix_web::web;
use ezw_actors::{
    id::LineId,
    machine::{Reason, StateName},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which steps of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTransitions {
    /// Positive; 50 when absent, 200 at most.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
    /// Where the page before ended.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// One step of a line's history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transition)]
pub struct TransitionBody {
    /// The version of the line that it made.
    version: i64,
    /// When.
    at: Stamp,
    /// The owner's own word before it; what a client is told of a line also depends on orders, billing and its owner.
    #[schema(schema_with = words::<StateName>)]
    from: String,
    /// And after it.
    #[schema(schema_with = words::<StateName>)]
    to: String,
    /// What happened.
    #[schema(schema_with = transition_events)]
    event: String,
    /// Why the line was not simply sendable after it.
    #[schema(schema_with = words_or_null::<Reason>)]
    reason: Option<String>,
    /// The start of the line that wrote it.
    epoch: i64,
}

/// A line's history, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    transitions: Vec<TransitionBody>,
    next_cursor: Option<String>,
}

/// A line's transitions, newest first.
#[utoipa::path(
    get, path = "/api/lines/{lineId}/timeline", operation_id = "lineTimeline", tag = "WhatsApp lines",
    params(("lineId" = Uuid, Path), ListTransitions), security(("idToken" = [])),
    responses(
        (status = 200, description = "Transitions, newest first; folded, they give the state of the line.", body = Timeline),
        (status = 400, description = "invalid_request"),
        (status = 403, description = "membership_inactive"),
        (status = 404, description = "not_found"),
    ),
)]
pub async fn timeline(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    Query(query): Query<ListTransitions>,
) -> Result<web::Json<Timeline>, Problem> {
    let before = query.cursor.as_ref().map(Cursor::position).transpose()?;
    let (scope, viewer, line, limit) = (principal.scope(), viewer(&principal), LineId(line), query.limit);
    let steps: Result<Option<Vec<Transition>>, StoreError> = state
        .db()?
        .run(move |conn| {
            Box::pin(async move {
                if line_directory::visible(conn, scope, viewer, line).await?.is_none() {
                    return Ok(None);
                }
                line_directory::timeline(conn, scope, line, before, limit.rows_to_read()).await.map(Some)
            })
        })
        .await;
    let page = Page::cut(steps?.ok_or(Problem::NotFound)?, limit, |step| step.version)?;
    let body = |step: Transition| TransitionBody {
        version: step.version,
        at: Stamp(step.at),
        from: step.from_state,
        to: step.to_state,
        event: step.event,
        reason: step.reason,
        epoch: step.epoch,
    };
    Ok(web::Json(Timeline { transitions: page.rows.into_iter().map(body).collect(), next_cursor: page.next }))
}
