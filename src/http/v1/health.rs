//! `GET /api/v1/health`: the state of the token's line, and on request a safe wakeup. One query tells who asks, what
//! the line is, and who owns it; the owner's fresher evidence comes from this process when it is the owner.

use super::shape::{HealthBody, entity_tag};
use crate::{
    auth::secret::SecretHash,
    http::{
        api::shapes::{CommandBody, WakeupBody},
        error::Problem,
        extract::Query,
        guard::LineBearer,
        state::AppState,
        together::Together,
    },
    store::{
        StoreError,
        api_tokens::TokenUse,
        audit::Actor,
        commands::{self, Command, Wakeup},
        lines::{LineFacts, Seen, line_facts_by_token},
    },
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use chrono::TimeDelta;
use ezw_actors::{
    command::{WakeupBy, WakeupOutcome, admit_wakeup},
    id::LineId,
    lines::Doorbell,
    machine::Time,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// The surface a client runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    /// A browser.
    #[default]
    Web,
    /// A phone.
    Mobile,
}

/// What may be asked besides.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HealthQuery {
    /// True when left out. False only reads.
    wakeup: Option<bool>,
    /// The surface the client runs on; web when left out.
    #[param(inline)]
    channel_type: Option<ChannelType>,
    /// What the client calls itself, for example `Desktop,Mac OS,15.0`; cut at 128 characters.
    platform: Option<String>,
}

/// Check the line of the bearer token, and wake it up if that is safe.
#[utoipa::path(
    get, path = "/api/v1/health", tag = "Channel API v1", operation_id = "health",
    params(HealthQuery, ("If-None-Match" = Option<String>, Header, description = "With wakeup=false: the ETag known.")),
    security(("lineToken" = [])),
    responses(
        (status = 200, description = "How the line is, whatever that is.", body = HealthBody,
         headers(("ETag" = String, description = "With wakeup=false."))),
        (status = 304, description = "With wakeup=false: nothing a client acts on has changed."),
        (status = 400, description = "invalid_request: wakeup or channel_type is not one of its values"),
    ),
)]
pub async fn health(
    request: HttpRequest,
    state: web::Data<AppState>,
    LineBearer(token): LineBearer,
    query: Result<Query<HealthQuery>, Problem>,
) -> Result<HttpResponse, Problem> {
    let facts = facts_of(&state, token).await?.ok_or(Problem::InvalidToken)?;
    // Only now: a stranger's query is not looked at.
    let Query(query) = query?;
    tracing::Span::current().record("line", tracing::field::display(facts.id));
    let now = state.clock.now();
    let seen = facts.seen(&state.lines);
    note_use(&state, &facts, &query, now);
    if query.wakeup.unwrap_or(true) {
        let wakeup = wake_up(&state, &facts, &seen, now).await?;
        return Ok(answer(&state, facts, &seen, wakeup, None, now));
    }
    let tag = entity_tag(&facts, &seen);
    if knows(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(answer(&state, facts, &seen, WakeupBody::not_requested(), Some(tag), now))
}

/// Polls under way. Those of one line that wait for a connection share one look at its rows, and those that would all
/// wake it up share one try: behind each other on the row's lock they would hold every connection.
#[derive(Debug, Default)]
pub struct Polls {
    facts: Together<SecretHash, Result<Option<LineFacts>, StoreError>>,
    wakeups: Together<LineId, Result<Option<Wakeup>, StoreError>>,
}

async fn facts_of(state: &AppState, token: SecretHash) -> Result<Option<LineFacts>, Problem> {
    let db = state.db()?.clone();
    let look = move |door| async move {
        db.run(move |conn| {
            // From here on the answer ages: who asks now gets one of their own.
            drop(door);
            Box::pin(async move { line_facts_by_token(conn, token.as_slice()).await })
        })
        .await
    };
    let (facts, _) = state.polls.facts.ask(token, look).await;
    Ok(facts?)
}

fn answer(
    state: &AppState,
    facts: LineFacts,
    seen: &Seen,
    wakeup: WakeupBody,
    tag: Option<String>,
    now: Time,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if let Some(tag) = tag {
        response.insert_header((header::ETAG, tag));
    }
    response.json(HealthBody::new(facts, seen, wakeup, state.provider, now))
}

fn knows(request: &HttpRequest, tag: &str) -> bool {
    let known = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let strong = tag.trim_start_matches("W/");
    known.flat_map(|list| list.split(',')).map(str::trim).any(|known| {
        // Weak comparison: proxies may have dropped or added the W/.
        known == "*" || known.trim_start_matches("W/") == strong
    })
}

/// Notes the use at most once a minute per token.
fn note_use(state: &AppState, facts: &LineFacts, query: &HealthQuery, now: Time) {
    let due = facts.token_used_at.is_none_or(|used| now - used > TimeDelta::minutes(1));
    let (Some(token), Some(last_used), true) = (facts.token_id, &state.last_used, due) else { return };
    let channel_type = match query.channel_type.unwrap_or_default() {
        ChannelType::Web => "web",
        ChannelType::Mobile => "mobile",
    };
    let platform = query.platform.as_deref().map(|platform| platform.chars().take(128).collect());
    last_used.note(TokenUse { organization: facts.organization_id, token, at: now, channel_type, platform });
}

/// Decides on the facts read; only what would queue a command is decided again under the row's lock, so that a
/// thousand callers of a line at work write nothing and wait for nobody.
async fn wake_up(state: &AppState, facts: &LineFacts, seen: &Seen, now: Time) -> Result<WakeupBody, Problem> {
    let outcome = admit_wakeup(now, WakeupBy::Health, &facts.situation(seen.overlay)).outcome;
    let (outcome, command) = match outcome {
        WakeupOutcome::Queued => queue(state, facts).await?,
        WakeupOutcome::AlreadyQueued => (outcome, open(state, facts).await?),
        WakeupOutcome::NotRequested
        | WakeupOutcome::AlreadyRunning
        | WakeupOutcome::NotWakeable
        | WakeupOutcome::RateLimited => (outcome, None),
    };
    let reason = seen.view.reason.filter(|_| outcome == WakeupOutcome::NotWakeable);
    Ok(WakeupBody { requested: true, outcome, reason, command: command.map(CommandBody::from) })
}

async fn open(state: &AppState, facts: &LineFacts) -> Result<Option<Command>, Problem> {
    let (scope, line) = (facts.scope(), facts.line());
    let open = state
        .db()?
        .run(move |conn| Box::pin(async move { commands::open_command(conn, scope, line, "wakeup").await }));
    open.await.map_err(|error: StoreError| error.into())
}

async fn queue(state: &AppState, facts: &LineFacts) -> Result<(WakeupOutcome, Option<Command>), Problem> {
    let (scope, line) = (facts.scope(), facts.line());
    let db = state.db()?.clone();
    let wakeup = move |door| async move {
        db.unit(move |conn| {
            Box::pin(async move {
                let queued = commands::wakeup(conn, scope, WakeupBy::Health, Actor::System, line).await;
                drop(door);
                queued
            })
        })
        .await
    };
    let (queued, ours) = state.polls.wakeups.ask(line, wakeup).await;
    let queued = queued?.ok_or(Problem::InvalidToken)?;
    if ours && queued.changed {
        state.lines.ring(line, Doorbell::Command);
        state.hint();
    }
    let outcome = match queued.outcome {
        WakeupOutcome::Queued if !ours => WakeupOutcome::AlreadyQueued,
        outcome => outcome,
    };
    Ok((outcome, queued.command))
}
