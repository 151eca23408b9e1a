//! The API token of a line: made and rotated by owners and admins, shown once.

use super::{private, shapes::Nothing};
use crate::{
    auth::{Principal, line_token::NewLineToken},
    http::{
        error::Problem,
        extract::{OptionalJson, PathId},
        stamp::Stamp,
        state::AppState,
    },
    store::{
        StoreError,
        api_tokens::{self, NewToken, Rotation, TokenRow},
        audit::{self, Actor},
        lines,
    },
};
use actix_web::{HttpResponse, http::StatusCode, web};
use ezw_actors::id::LineId;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A token, without what makes it one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LineToken)]
pub struct TokenBody {
    /// Its id.
    pub id: Uuid,
    /// Enough to tell it from others.
    #[schema(example = "ezw_line_…a1b2")]
    pub token_preview: String,
    /// When it was made.
    pub created_at: Stamp,
    /// Who made it.
    pub created_by: Uuid,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Stamp>,
}

impl From<TokenRow> for TokenBody {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            token_preview: row.preview,
            created_at: row.created_at.into(),
            created_by: row.created_by,
            last_used_at: row.last_used_at.map(Stamp),
        }
    }
}

/// The active token, if there is one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveTokenBody {
    token: Option<TokenBody>,
}

/// The new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedBody {
    /// Here and nowhere else.
    #[schema(example = "ezw_line_…")]
    line_api_token: String,
    token: TokenBody,
}

/// Read whether a line has an active token.
#[utoipa::path(
    get, path = "/api/lines/{lineId}/api-token", tag = "Channel API access", operation_id = "readLineToken",
    params(("lineId" = Uuid, Path, description = "A line of the caller's organization.")),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The token's metadata; token is null when none is active.", body = ActiveTokenBody),
        (status = 403, description = "forbidden or membership_inactive"),
        (status = 404, description = "not_found"),
    ),
)]
pub async fn read(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
) -> Result<HttpResponse, Problem> {
    let (scope, line) = (principal.scope(), LineId(line));
    let found = state.db()?.run(move |conn| {
        Box::pin(async move {
            let token = api_tokens::active_token(conn, scope, line).await?;
            let there = token.is_some() || lines::line_facts(conn, scope, line).await?.is_some();
            Ok::<_, StoreError>(there.then_some(token))
        })
    });
    let token = found.await?.ok_or(Problem::NotFound)?;
    Ok(private(StatusCode::OK, &ActiveTokenBody { token: token.map(Into::into) }))
}

/// Make a new token for a line; the one before stops working.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/api-token", tag = "Channel API access", operation_id = "rotateLineToken",
    request_body(content = Nothing, description = "May be left out."),
    params(("lineId" = Uuid, Path, description = "A line of the caller's organization.")),
    security(("idToken" = [])),
    responses(
        (status = 201, description = "Copy lineApiToken now: it is not shown again.", body = RotatedBody),
        (status = 403, description = "forbidden or membership_inactive"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_archived"),
    ),
)]
pub async fn rotate(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    _: OptionalJson<Nothing>,
) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let minted = NewLineToken::mint(&state.random);
    let new = NewToken {
        id: state.random.id(now),
        hash: minted.hash.0,
        preview: minted.preview,
        created_by: principal.user.0,
        now,
    };
    let token = TokenBody {
        id: new.id,
        token_preview: new.preview.clone(),
        created_at: now.into(),
        created_by: new.created_by,
        last_used_at: None,
    };
    match keep(&state, &principal, LineId(line), new).await? {
        Rotation::Done => {
            let body = RotatedBody { line_api_token: minted.plaintext, token };
            Ok(private(StatusCode::CREATED, &body))
        }
        Rotation::NoLine => Err(Problem::NotFound),
        Rotation::Archived => Err(Problem::LineArchived),
    }
}

async fn keep(
    state: &AppState,
    principal: &Principal,
    line: LineId,
    new: NewToken,
) -> Result<Rotation, Problem> {
    let scope = principal.scope();
    let kept = state.db()?.unit(move |conn| {
        Box::pin(async move {
            let rotation = api_tokens::rotate_token(conn, scope, line, &new).await?;
            if rotation == Rotation::Done {
                let entry = audit::Entry {
                    event_type: "line.api_token_rotated",
                    actor: Actor::User(new.created_by),
                    target_type: "line",
                    target_id: line.0,
                    data: json!({ "tokenId": new.id }),
                };
                audit::add(conn, scope, entry).await?;
            }
            Ok::<_, StoreError>(rotation)
        })
    });
    Ok(kept.await?)
}
