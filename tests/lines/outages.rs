//! Parts of the deployment that are missing or away.

use super::{
    scenes::Scene,
    support::{
        PASSWORD, TestBed,
        client::Call,
        contract::{Caller, Operation, operations},
    },
};
use ezw::http::code_book;
use futures_util::future::join_all;
use serde_json::json;

const SOME_ID: &str = "01a203aa-5919-72a3-8e55-2f57ebabb9a6";
/// Well formed and never issued.
const SOME_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA";

#[tokio::test]
async fn without_a_database_endpoints_say_so_and_the_process_is_not_ready() {
    let bed = TestBed::options().without_database().start().await;
    bed.get("/livez").send().await.expect_status(200);
    bed.get("/readyz").send().await.expect_status(503);
    let health = bed.get("/api/v1/health").bearer("ezw_line_whatever").send().await;
    health.expect_problem(501, "store_not_configured");
    for path in ["/api/lines", "/api/conversations", "/api/auth/session", "/api/live/stream"] {
        let answer = bed.get(path).bearer(SOME_TOKEN).send().await.expect_status(501);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
    }
    for path in ["qr", "send", "api-token"] {
        let path = format!("/api/lines/{SOME_ID}/{path}");
        bed.post(&path).bearer(SOME_TOKEN).json(&json!({})).send().await.expect_status(501);
    }
    let login = bed.login("somebody@example.test", PASSWORD).await.expect_status(503);
    assert!(login.header("retry-after").is_some());
    bed.get("/api/lines").send().await.expect_status(401);
}

struct Tokens {
    user: String,
    refresh: String,
    line: String,
}

/// The operation with everything it asks for.
fn asked_well(bed: &TestBed, operation: &Operation, id: &str, tokens: &Tokens) -> Call {
    let call = bed.call(operation.method.clone(), &operation.at(id));
    let call = match operation.caller {
        Caller::Anybody => call,
        Caller::User => call.bearer(&tokens.user),
        Caller::Line => call.bearer(&tokens.line),
    };
    let call = if operation.path.ends_with("/send") { call.idempotency_key("k") } else { call };
    // What is no refresh token of ours is refused without a look-up; a good one needs the store.
    match operation.path.as_str() {
        "/api/auth/refresh" | "/api/auth/logout" => call.json(&json!({"refreshToken": tokens.refresh})),
        _ if operation.fields.is_some() => call.json(&operation.good_body()),
        _ => call,
    }
}

/// What is wrong with the refusals of all operations that need the store.
async fn wrong_refusals(bed: &TestBed, tokens: &Tokens, right: impl Fn(&Operation) -> u16) -> Vec<String> {
    let operations = operations();
    let asks =
        operations.iter().filter(|operation| !operation.is_without_store()).map(|operation| async move {
            let reply = asked_well(bed, operation, SOME_ID, tokens).send().await;
            (operation, reply)
        });
    let mut wrong = Vec::new();
    for (operation, reply) in join_all(asks).await {
        let is_problem = reply.status < 300
            || reply.header("content-type") == Some("application/problem+json")
                && code_book()
                    .iter()
                    .any(|entry| reply.body["code"] == entry.code && entry.status == reply.status);
        let may_retry = reply.header("retry-after").is_some() || reply.status != 503;
        let known = operation.statuses.contains(&reply.status);
        if reply.status != right(operation) || !is_problem || !may_retry || !known {
            wrong.push(format!("{}: {} {}", operation.name(), reply.status, reply.raw));
        }
    }
    wrong
}

#[tokio::test]
async fn without_a_database_every_endpoint_answers_as_the_page_says() {
    let bed = TestBed::options().without_database().start().await;
    let tokens = Tokens { user: SOME_TOKEN.into(), refresh: "any".into(), line: "ezw_line_whatever".into() };
    let wrong = wrong_refusals(&bed, &tokens, |operation| {
        // Signing in is the identity provider's, which is away with its database.
        match operation.path.as_str() {
            "/api/auth/login" | "/api/auth/refresh" | "/api/auth/logout" => 503,
            _ => 501,
        }
    });
    let wrong = wrong.await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for operation in operations().iter().filter(|operation| operation.caller != Caller::Anybody) {
        let nobody = bed.call(operation.method.clone(), &operation.at(SOME_ID)).send().await;
        nobody.expect_problem(401, "bearer_required");
    }
    for path in ["/livez", "/api/openapi.json"] {
        bed.get(path).send().await.expect_status(200);
    }
}

#[tokio::test]
async fn with_postgres_away_every_endpoint_that_needs_it_answers_503() {
    let mut bed = TestBed::options().private_postgres().start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    let tokens = Tokens { user: owner.token, refresh: owner.refresh_token, line: token };
    bed.postgres().stop().await;
    let wrong = wrong_refusals(&bed, &tokens, |operation| {
        // It says the same whatever becomes of it, so that nobody learns which addresses are known.
        if operation.path == "/api/auth/verify-email/resend" { 202 } else { 503 }
    });
    let wrong = wrong.await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for path in ["/livez", "/.well-known/jwks.json", "/api/openapi.json"] {
        bed.get(path).send().await.expect_status(200);
    }
    bed.get("/readyz").send().await.expect_status(503);
    assert!(bed.metrics().await.contains("ezw_"));
}

#[tokio::test]
async fn with_postgres_away_everything_answers_503_and_recovers_when_it_is_back() {
    let mut bed = TestBed::options().private_postgres().start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let connects_before = connects(&bed, &scene.line).await;
    bed.postgres().stop().await;
    let send = format!("/api/lines/{}/send", scene.line);
    let body = json!({"recipientPhoneNumber": "+4915550002002", "bodyText": "Hello"});
    bed.eventually("503", || async {
        let health = bed.get("/api/v1/health?wakeup=false").bearer(&scene.token).send().await;
        (health.status == 503).then_some(())
    })
    .await;
    let health = bed.get("/api/v1/health?wakeup=false").bearer(&scene.token).send().await;
    assert!(health.expect_problem(503, "store_unavailable").header("retry-after").is_some());
    let refused = bed.post(&send).bearer(&scene.owner.token).idempotency_key("away").json(&body).send().await;
    refused.expect_status(503);
    bed.get("/readyz").send().await.expect_status(503);
    bed.get("/livez").send().await.expect_status(200);
    bed.postgres().restart().await.expect("back");
    bed.eventually("ready", || async { (bed.get("/readyz").send().await.status == 200).then_some(()) }).await;
    scene.until_sendable(&bed).await;
    let (id, place) = scene.send(&bed, "away", ("recipientPhoneNumber", "+4915550002002"), "Hello").await;
    scene.until_status(&bed, &place, &id, "delivered").await;
    assert_eq!(
        connects(&bed, &scene.line).await,
        connects_before,
        "an outage of Postgres reconnects no line"
    );
}

async fn connects(bed: &TestBed, line: &str) -> usize {
    bed.simulator().journal(line).await.iter().filter(|entry| entry["kind"] == "connect").count()
}

#[tokio::test]
async fn with_redis_away_sends_and_health_work_and_codes_and_new_streams_say_so() {
    let mut bed = TestBed::options().private_redis().start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.redis().stop().await;
    assert_eq!(scene.health(&bed).await["line"]["sendable"], true);
    let (id, place) = scene.send(&bed, "a", ("recipientPhoneNumber", "+4915550002002"), "Hello").await;
    scene.until_status(&bed, &place, &id, "delivered").await;
    let qr = bed.get(&format!("/api/lines/{}/qr", bed.line(&scene.owner).await)).bearer(&scene.owner.token);
    qr.send().await.expect_problem(503, "qr_store_unavailable");
    let stream = bed.get("/api/live/stream").bearer(&scene.owner.token).send().await;
    stream.expect_problem(500, "live_updates_unavailable");
    bed.get("/readyz").send().await.expect_status(200);
}

#[tokio::test]
async fn without_redis_the_stream_is_not_there_and_the_rest_works() {
    let bed = TestBed::options().without_redis().start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let (id, place) = scene.send(&bed, "a", ("recipientPhoneNumber", "+4915550002002"), "Hello").await;
    scene.until_status(&bed, &place, &id, "delivered").await;
    let stream = bed.get("/api/live/stream").bearer(&scene.owner.token).send().await;
    stream.expect_problem(501, "live_updates_not_configured");
    let qr = bed.get(&format!("/api/lines/{}/qr", scene.line)).bearer(&scene.owner.token).send().await;
    qr.expect_problem(503, "qr_store_unavailable");
}

#[tokio::test]
async fn without_the_simulator_a_line_reconnects_later_and_says_why() {
    let bed = TestBed::options().env("EZW_SIMULATOR_URL", "http://127.0.0.1:9").start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    // Nobody there: the attempt to pair ends, with a reason, and the line is what it was.
    bed.eventually("the command failed", || async {
        let command: Option<(String, Option<String>)> =
            sqlx::query_as("select state, reason from line_commands where line_id = $1::uuid")
                .bind(&line)
                .fetch_optional(bed.sql())
                .await
                .unwrap();
        (command == Some(("failed".into(), Some("provider_unreachable".into())))).then_some(())
    })
    .await;
    assert_eq!(bed.shown_line(&owner, &line).await["lifecycleState"], "created");
}

#[tokio::test]
async fn metrics_count_lines_and_transitions() {
    let bed = TestBed::start().await;
    let (_scene, _) = Scene::connected(&bed).await;
    let page = bed.metrics().await;
    let connected = r#"ezw_lines{status="AUTH",lifecycle="connected",send_state="sendable"} 1"#;
    assert!(page.contains(connected), "{page}");
    assert!(page.contains(r#"ezw_line_transitions_total{from="syncing",to="connected"} 1"#), "{page}");
    assert!(page.contains("ezw_lines_owned 1") && page.contains("ezw_store_gauges_fresh 1"), "{page}");
}
