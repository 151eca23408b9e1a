//! The edge and the table without a store: what a caller meets before any row is read.

use super::{AppState, configure, edge, error::PROBLEM_JSON, extract::Json};
use crate::{config::Config, random::Random};
use actix_web::{
    App, HttpResponse,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, header::HeaderMap},
    middleware::from_fn,
    test::{TestRequest, init_service},
    web,
};
use ezw_actors::{
    Trust,
    clock::{Clock, SystemClock},
    lines::Lines,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

fn state() -> AppState {
    let config = Config::from_environment(&BTreeMap::new(), None).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lines = Lines::new(Arc::clone(&clock), Arc::new(Trust::none(clock.monotonic())));
    AppState::bare(&config.http, lines, clock, Random::seeded(1))
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.header("content-type"), PROBLEM_JSON);
        assert!(!self.header("x-request-id").is_empty());
        assert_eq!(self.body["requestId"], self.header("x-request-id"));
        assert_eq!(self.body["status"], status);
    }
}

async fn read<B: MessageBody>(response: ServiceResponse<B>) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = actix_web::body::to_bytes(response.into_body()).await.map_err(|_| ()).unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

/// As the dispatcher does it: an error that reaches it becomes its response.
async fn answered<S, R, B>(service: &S, request: R) -> Answer
where
    S: Service<R, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    match service.call(request).await {
        Ok(response) => read(response).await,
        Err(error) => {
            let response = error.error_response();
            let request = TestRequest::default().to_http_request();
            read(ServiceResponse::new(request, response)).await
        }
    }
}

async fn call(request: TestRequest) -> Answer {
    let app = App::new().app_data(web::Data::new(state())).configure(configure);
    answered(&init_service(app).await, request.to_request()).await
}

fn post(path: &str) -> TestRequest {
    TestRequest::post().uri(path)
}

fn login(body: &'static str) -> TestRequest {
    post("/api/auth/verify-email").insert_header(("content-type", "application/json")).set_payload(body)
}

#[actix_web::test]
async fn what_no_route_takes_is_a_problem_too() {
    for path in ["/", "/api", "/api/nothing", "/api/v1/health/", "/%ff"] {
        call(TestRequest::get().uri(path)).await.is_problem(404, "not_found");
    }
    let other = call(TestRequest::default().method(Method::PATCH).uri("/api/lines/x/api-token")).await;
    other.is_problem(405, "method_not_allowed");
    assert_eq!(other.header("allow"), "GET, POST");
}

#[actix_web::test]
async fn a_sane_request_id_is_kept_and_any_other_replaced() {
    let kept = call(TestRequest::get().uri("/livez").insert_header(("x-request-id", "mine-1"))).await;
    assert_eq!((kept.status, kept.header("x-request-id")), (200, "mine-1"));
    let replaced = call(TestRequest::get().uri("/livez").insert_header(("x-request-id", "two words"))).await;
    assert_eq!(replaced.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn a_missing_bearer_is_refused_before_the_missing_store() {
    for path in ["/api/v1/health?wakeup=maybe", "/api/auth/session", "/api/lines/x/api-token"] {
        let missing = call(TestRequest::get().uri(path)).await;
        missing.is_problem(401, "bearer_required");
        assert_eq!(missing.header("www-authenticate"), "Bearer");
        let given = TestRequest::get().uri(path).insert_header(("authorization", "Bearer abc"));
        call(given).await.is_problem(501, "store_not_configured");
    }
}

#[actix_web::test]
async fn without_a_store_signing_in_is_503_and_the_rest_501() {
    let json = |path: &str| post(path).insert_header(("content-type", "application/json"));
    let login = call(json("/api/auth/login").set_payload(r#"{"email":"a@b.c","password":"x"}"#)).await;
    login.is_problem(503, "identity_not_configured");
    assert!(!login.header("retry-after").is_empty());
    let refresh = call(json("/api/auth/refresh").set_payload(r#"{"refreshToken":"x"}"#)).await;
    refresh.is_problem(503, "identity_not_configured");
    let resend = call(json("/api/auth/verify-email/resend").set_payload(r#"{"email":"a@b.c"}"#)).await;
    resend.is_problem(501, "store_not_configured");
}

#[actix_web::test]
async fn a_body_that_is_not_as_it_should_be_is_refused_by_field() {
    call(login("{")).await.is_problem(400, "invalid_request");
    let unknown = call(login(r#"{"email":"a@b.c","code":"x","extra":1}"#)).await;
    unknown.is_problem(400, "invalid_request");
    assert_eq!(unknown.body["errors"][0]["field"], "extra");
    call(login("")).await.is_problem(400, "invalid_request");
    let plain =
        post("/api/auth/verify-email").insert_header(("content-type", "text/plain")).set_payload("{}");
    call(plain).await.is_problem(415, "unsupported_media_type");
    let packed = login("{}").insert_header(("content-encoding", "gzip"));
    call(packed).await.is_problem(415, "unsupported_media_type");
    let large = post("/api/auth/verify-email").insert_header(("content-type", "application/json"));
    call(large.set_payload(vec![b' '; (1 << 20) + 1])).await.is_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn headers_beyond_measure_are_refused() {
    let request = TestRequest::get().uri("/livez").insert_header(("x-large", "a".repeat(40_000)));
    call(request).await.is_problem(431, "header_fields_too_large");
}

async fn panics() -> HttpResponse {
    panic!("a secret detail")
}

async fn sleeps() -> HttpResponse {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    HttpResponse::Ok().finish()
}

async fn reads_then_sleeps(_: Json<Value>) -> HttpResponse {
    sleeps().await
}

async fn broken_app(request: TestRequest, limits: (u64, u64)) -> Answer {
    let mut state = state();
    state.limits.handler_deadline = Duration::from_millis(limits.0);
    state.limits.body_deadline = Duration::from_millis(limits.1);
    let scope = web::scope("")
        .route("/panics", web::get().to(panics))
        .route("/sleeps", web::get().to(sleeps))
        .route("/reads", web::post().to(reads_then_sleeps))
        .wrap(from_fn(edge::edge));
    let app = App::new().app_data(web::Data::new(state)).service(scope);
    answered(&init_service(app).await, request.to_request()).await
}

#[actix_web::test]
async fn a_panic_is_a_500_and_tells_nothing() {
    let answer = broken_app(TestRequest::get().uri("/panics"), (1_000, 1_000)).await;
    answer.is_problem(500, "internal");
    assert!(!answer.body.to_string().contains("secret"));
}

#[actix_web::test]
async fn a_handler_past_its_deadline_is_a_503() {
    broken_app(TestRequest::get().uri("/sleeps"), (20, 1_000)).await.is_problem(503, "handler_deadline");
    let read = post("/reads").insert_header(("content-type", "application/json")).set_payload("{}");
    broken_app(read, (20, 1_000)).await.is_problem(503, "handler_deadline");
}
