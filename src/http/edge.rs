//! The outermost layer: every request gets a name, a deadline and a count; every answer leaves with that name, and a
//! panic leaves as a refusal instead of a dropped connection.

use super::{
    error::Problem,
    extract::Deadline,
    request_id::{current, sane, scope},
    state::{AppState, Readiness},
};
use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ResponseHead, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use ezw_actors::task::panic_text;
use futures_util::FutureExt as _;
use std::{panic::AssertUnwindSafe, time::Instant};
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;

/// All header names and values together. (Past 128 KiB actix-web itself answers 431, with an empty body.)
const HEADER_BYTES: usize = 32 * 1024;
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The route's template, for metrics and the root span.
#[derive(Clone, Debug)]
struct Route(String);

/// Names, times and counts one request.
pub(super) async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = AppState::of(request.request())?;
    let id = sane(request.headers().get(&REQUEST_ID).map(HeaderValue::as_bytes))
        .unwrap_or_else(|| state.random.id(state.clock.now()).to_string());
    let deadline = Deadline::starting_now(state.limits.handler_deadline);
    let method = method_label(request.method());
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".into());
    request.extensions_mut().insert(deadline.clone());
    request.extensions_mut().insert(Route(route.clone()));
    let started = Instant::now();
    let leaving = state.readiness.clone();
    let answer = scope(id, answer(request, next, deadline, leaving)).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    count(method, route, status, started);
    answer
}

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    deadline: Deadline,
    leaving: Readiness,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let refuse = |error| refuse(error, &leaving);
    if header_bytes(request.headers()) > HEADER_BYTES {
        return Err(refuse(Problem::HeaderFieldsTooLarge.into()));
    }
    let work = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind();
    match deadline.keep(work).await {
        Some(Ok(Ok(response))) => Ok(named(response.map_into_boxed_body(), &leaving)),
        Some(Ok(Err(error))) => Err(refuse(error)),
        Some(Err(panic)) => {
            let cause = format!("a handler panicked: {}", panic_text(panic.as_ref()));
            Err(refuse(Problem::Internal(cause).into()))
        }
        None => Err(refuse(Problem::HandlerDeadline.into())),
    }
}

/// Turns an error into its answer here, where the request's name is known; the dispatcher would do it without.
fn refuse(error: Error, leaving: &Readiness) -> Error {
    log(&error);
    let mut response = error.as_response_error().error_response();
    finish(response.head_mut(), leaving);
    InternalError::from_response("refused", response).into()
}

fn named(mut response: ServiceResponse<BoxBody>, leaving: &Readiness) -> ServiceResponse<BoxBody> {
    if let Some(error) = response.response().error() {
        log(error);
    }
    finish(response.response_mut().head_mut(), leaving);
    response
}

/// The request's name; and a caller whose connection is about to end is told so with the answer, not by a broken request.
fn finish(head: &mut ResponseHead, leaving: &Readiness) {
    if let Some(value) = current().and_then(|id| HeaderValue::try_from(id).ok()) {
        head.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    if leaving.is_stopping() {
        head.set_connection_type(ConnectionType::Close);
    }
}

/// The one place where what broke is logged. Refusals of callers are theirs to read, not ours.
fn log(error: &Error) {
    let cause = error.as_error::<Problem>().and_then(Problem::cause);
    if let Some(cause) = cause {
        tracing::error!(request_id = current(), cause, "a request broke");
    }
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// Any other method is one label: callers do not make up metrics.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

fn count(method: &'static str, route: String, status: StatusCode, started: Instant) {
    let elapsed = started.elapsed().as_secs_f64();
    metrics::histogram!("ezw_http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(elapsed);
    let status = status.as_str().to_owned();
    metrics::counter!("ezw_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
}

/// The root span: the route's template and the request's name; no query, no header, no address of a person.
#[derive(Clone, Copy, Debug)]
pub(super) struct RootSpan;

impl RootSpanBuilder for RootSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.extensions().get::<Route>().map(|route| route.0.clone()).unwrap_or_default();
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        tracing::info_span!(
            "request",
            method = method_label(request.method()),
            route,
            request_id = current().unwrap_or_default(),
            traceparent = traceparent.filter(|value| value.len() <= 64),
            user = tracing::field::Empty,
            line = tracing::field::Empty,
            status = tracing::field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
    }
}

/// What no route takes.
pub(super) async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::NotFound)
}
