//! Requests that are not as they should be, and the order in which they are told.

use crate::support::TestBed;
use serde_json::json;

#[actix_web::test]
async fn parameters_of_health_are_strict_and_looked_at_only_for_a_known_token() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    for query in ["wakeup=1", "wakeup=", "wakeup=true&wakeup=false", "channel_type=tv", "platform=%00"] {
        let path = format!("/api/v1/health?{query}");
        bed.get(&path).bearer(&token).send().await.expect_problem(400, "invalid_request");
        let stranger = ezw::auth::line_token::NewLineToken::mint(&ezw::random::Random::seeded(1));
        bed.get(&path).bearer(&stranger.plaintext).send().await.expect_problem(401, "invalid_token");
        bed.get(&path).send().await.expect_problem(401, "bearer_required");
    }
    let unknown = "/api/v1/health?wakeup=false&channel_type=mobile&whatever=1&whatever=2";
    bed.get(unknown).bearer(&token).send().await.expect_status(200);
}

#[actix_web::test]
async fn bodies_are_json_objects_with_known_fields_once() {
    let bed = TestBed::start().await;
    let json_type = "application/json";
    let login = "/api/auth/login";
    for body in
        ["", "{", "[]", "null", "{}", r#"{"email":"a@b.c"}"#, r#"{"email":"a@b.c","password":"x","x":1}"#]
    {
        bed.post(login).body(json_type, body).send().await.expect_problem(400, "invalid_request");
    }
    let twice = r#"{"email":"a@b.c","password":"x","password":"y"}"#;
    bed.post(login).body(json_type, twice).send().await.expect_problem(400, "invalid_request");
    let nul = r#"{"email":"a@b.c","password":"x\u0000"}"#;
    bed.post(login).body(json_type, nul).send().await.expect_problem(400, "invalid_request");
    bed.post(login).body("text/plain", "{}").send().await.expect_problem(415, "unsupported_media_type");
    bed.post(login)
        .body(json_type, vec![b' '; 2 << 20])
        .send()
        .await
        .expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn what_no_route_takes_is_a_problem_with_the_callers_request_id() {
    let bed = TestBed::start().await;
    let missing = bed.get("/api/nothing").header("X-Request-Id", "mine").send().await;
    let missing = missing.expect_problem(404, "not_found");
    assert_eq!(
        (missing.header("x-request-id"), missing.body["requestId"].as_str()),
        (Some("mine"), Some("mine"))
    );
    let method = bed.delete("/api/auth/login").send().await.expect_problem(405, "method_not_allowed");
    assert_eq!(method.header("allow"), Some("POST"));
    let large = bed.get("/livez").header("X-Large", &"a".repeat(40_000)).send().await;
    large.expect_problem(431, "header_fields_too_large");
}

#[actix_web::test]
async fn a_sign_up_tells_all_its_faults_at_once() {
    let bed = TestBed::start().await;
    let body =
        json!({"organizationName": "", "displayName": "", "email": "x", "password": "x", "lineSlots": 0});
    let refused = bed.post("/api/signup/organization").json(&body).send().await;
    assert_eq!(refused.expect_problem(400, "invalid_request").list("/errors").len(), 5);
}

#[actix_web::test]
async fn without_a_database_each_endpoint_says_so_in_its_own_way() {
    let bed = TestBed::options().without_database().start().await;
    let login = bed.post("/api/auth/login").json(&json!({"email": "a@b.c", "password": "password"}));
    login.send().await.expect_problem(503, "identity_not_configured");
    bed.get("/api/auth/session").bearer("x").send().await.expect_problem(501, "store_not_configured");
    bed.get("/api/auth/session").send().await.expect_problem(401, "bearer_required");
    bed.get("/api/v1/health").bearer("x").send().await.expect_problem(501, "store_not_configured");
}

#[actix_web::test]
async fn while_postgres_is_away_requests_are_refused_and_later_served() {
    let mut bed = TestBed::options().private_postgres().start().await;
    let owner = bed.signup().await;
    bed.postgres().stop().await;
    let session = bed.get("/api/auth/session").bearer(&owner.token).send().await;
    assert!(session.expect_problem(503, "store_unavailable").header("retry-after").is_some());
    bed.get("/readyz").send().await.expect_status(503);
    bed.postgres().restart().await.unwrap();
    bed.eventually("the service answers again", || async {
        let session = bed.get("/api/auth/session").bearer(&owner.token).send().await;
        (session.status == 200).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_never_ends_is_a_408_and_the_connection_closes() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let bed = TestBed::options().env("EZW_HTTP_BODY_DEADLINE_SECONDS", "1").start().await;
    let address = bed.base().trim_start_matches("http://").to_owned();
    let mut connection = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let reading = connection.read_to_string(&mut answer);
    tokio::time::timeout(std::time::Duration::from_secs(10), reading).await.expect("it closes").unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
}

#[actix_web::test]
async fn whoever_goes_on_sending_after_the_answer_is_answered_and_let_go() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let bed = TestBed::start().await;
    let api = bed.base().trim_start_matches("http://").to_owned();
    let metrics = bed.metrics_address();
    for (address, target, status) in [
        (&api, "POST /nothing", "404"),
        (&api, "POST /api/lines/0/send", "401"),
        (&api, "POST /api/auth/login", "413"),
        (&api, "GET /livez", "200"),
        (&metrics, "POST /nothing", "404"),
    ] {
        let connection = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut reader, mut writer) = connection.into_split();
        let head = format!(
            "{target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        writer.write_all(head.as_bytes()).await.unwrap();
        let floods = async {
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat();
            while writer.write_all(&chunk).await.is_ok() {}
        };
        let reads = async {
            let mut start = [0; 12];
            reader.read_exact(&mut start).await.expect("an answer, also for who does not stop");
            start
        };
        let both = async { tokio::join!(floods, reads) };
        let ((), start) =
            tokio::time::timeout(std::time::Duration::from_secs(60), both).await.expect("let go");
        assert_eq!(start, format!("HTTP/1.1 {status}").as_bytes(), "{target}");
    }
}
