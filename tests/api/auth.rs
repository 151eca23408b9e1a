//! Signing up, signing in, and staying signed in.

use crate::support::{PASSWORD, TestBed};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

fn refresh(token: &str) -> Value {
    json!({ "refreshToken": token })
}

#[actix_web::test]
async fn a_new_organization_has_an_owner_pending_billing_and_its_slots() {
    let bed = TestBed::start().await;
    let body = json!({
        "organizationName": "Shop", "displayName": "Ann", "email": "Ann@Shop.test", "password": PASSWORD, "lineSlots": 3,
    });
    let made = bed.post("/api/signup/organization").json(&body).send().await.expect_status(201);
    assert_eq!(made.body["user"]["email"], "ann@shop.test");
    assert_eq!(made.body["user"]["emailVerified"], false);
    assert_eq!(made.body["billing"]["state"], "pending");
    assert_eq!(made.body["billing"]["lineSlots"], json!({"total": 3, "used": 0}));
    assert!(made.body.get("idToken").is_none());
    let again = json!({
        "organizationName": "Other", "displayName": "Ann", "email": "ann@shop.test", "password": PASSWORD,
    });
    bed.post("/api/signup/organization").json(&again).send().await.expect_problem(409, "already_set_up");
}

#[actix_web::test]
async fn the_letter_of_a_sign_up_verifies_the_address_once() {
    let bed = TestBed::start().await;
    let body = json!({
        "organizationName": "Shop", "displayName": "Ann", "email": "ann@shop.test", "password": PASSWORD,
    });
    bed.post("/api/signup/organization").json(&body).send().await.expect_status(201);
    let outbox = bed.data_dir().join("outbox");
    let letter = bed
        .eventually("a letter comes", || async {
            let file = std::fs::read_dir(&outbox).ok()?.next()?.ok()?;
            std::fs::read_to_string(file.path()).ok().filter(|text| text.contains("holds for"))
        })
        .await;
    let code = letter.split_whitespace().find(|word| word.len() == 11 && word.contains('-')).unwrap();
    let verify = |code: &str| {
        bed.post("/api/auth/verify-email").json(&json!({"email": "ann@shop.test", "code": code})).send()
    };
    verify("00000-00000").await.expect_problem(400, "invalid_code");
    verify(code).await.expect_status(200);
    verify(code).await.expect_problem(400, "invalid_code");
    let login = bed.login("ann@shop.test", PASSWORD).await.expect_status(200);
    let session =
        bed.get("/api/auth/session").bearer(&login.text("/idToken")).send().await.expect_status(200);
    assert_eq!(session.body["principal"]["emailVerified"], true);
    for known in ["ann@shop.test", "nobody@shop.test", "no address"] {
        bed.post("/api/auth/verify-email/resend")
            .json(&json!({"email": known}))
            .send()
            .await
            .expect_status(202);
    }
}

#[actix_web::test]
async fn an_unknown_address_and_a_wrong_password_are_told_alike() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let wrong = bed.login(&owner.email, "wrong password").await.expect_problem(401, "invalid_credentials");
    let unknown = bed.login("nobody@example.test", PASSWORD).await.expect_problem(401, "invalid_credentials");
    let without_id = |mut body: Value| {
        body.as_object_mut().unwrap().remove("requestId");
        body
    };
    assert_eq!(without_id(wrong.body), without_id(unknown.body));
}

#[actix_web::test]
async fn the_fifth_wrong_password_locks_known_and_unknown_accounts_alike() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    for email in [owner.email.as_str(), "nobody@example.test"] {
        for _ in 0..5 {
            bed.login(email, "wrong password").await.expect_problem(401, "invalid_credentials");
        }
        let locked = bed.login(email, PASSWORD).await.expect_problem(429, "too_many_attempts");
        assert!(locked.header("retry-after").is_some());
    }
}

#[actix_web::test]
async fn a_right_password_whose_caller_left_is_not_counted_as_a_wrong_one() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let counted = || async {
        let rows: i64 =
            sqlx::query_scalar("select count(*) from login_failures").fetch_one(bed.sql()).await.unwrap();
        rows > 0
    };
    let body = json!({"email": owner.email, "password": PASSWORD}).to_string();
    let login = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..6 {
        let mut caller = TcpStream::connect(bed.base().trim_start_matches("http://")).await.unwrap();
        // The caller's end is abrupt, so that nobody waits to answer it.
        caller.set_zero_linger().unwrap();
        caller.write_all(login.as_bytes()).await.unwrap();
        // Counted in advance, and gone before its password was looked at; or, on a quick machine, answered.
        let mut answer = [0; 1];
        while !counted().await && caller.try_read(&mut answer).is_err() {}
        drop(caller);
        bed.eventually("forgotten", || async { (!counted().await).then_some(()) }).await;
    }
    bed.login(&owner.email, PASSWORD).await.expect_status(200);
}

#[actix_web::test]
async fn made_up_addresses_leave_no_row_each() {
    let bed = TestBed::start().await;
    for n in 0..150 {
        let body = json!({"email": format!("nobody-{n}@example.test"), "code": "00000-00000"});
        bed.post("/api/auth/verify-email").json(&body).send().await.expect_problem(400, "invalid_code");
    }
    let rows: i64 =
        sqlx::query_scalar("select count(*) from login_failures").fetch_one(bed.sql()).await.unwrap();
    assert!(rows <= 64, "{rows}");
}

#[actix_web::test]
async fn callers_without_a_bearer_are_counted_by_address_and_probes_are_not() {
    let bed = TestBed::options()
        .env("EZW_HTTP_OPEN_RATE_PER_SECOND", "1")
        .env("EZW_HTTP_OPEN_RATE_BURST", "3")
        .env("EZW_HTTP_PROXIES", "1")
        .start()
        .await;
    let refresh = |from: &'static str| {
        let call = bed.post("/api/auth/refresh").header("X-Forwarded-For", from);
        call.json(&refresh("never issued")).send()
    };
    let mut refused = None;
    for _ in 0..100 {
        let answer = refresh("192.0.2.1, 198.51.100.7").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.expect_problem(401, "invalid_token");
    }
    let refused = refused.expect("a hundred at once are too many").expect_problem(429, "rate_limited");
    assert!(refused.header("retry-after").is_some());
    refresh("192.0.2.1, 198.51.100.8").await.expect_problem(401, "invalid_token");
    for _ in 0..10 {
        for probe in ["/livez", "/readyz", "/api/openapi.json"] {
            bed.get(probe).send().await.expect_status(200);
        }
    }
}

#[actix_web::test]
async fn a_refresh_token_works_once_and_reuse_ends_the_family() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let first = owner.refresh_token.as_str();
    let next = bed.post("/api/auth/refresh").json(&refresh(first)).send().await.expect_status(200);
    assert_eq!(next.header("cache-control"), Some("no-store"));
    let second = next.text("/refreshToken");
    assert_ne!(first, second);
    // The successor is used, so the first one again is no lost answer but a stolen token.
    let third = bed.post("/api/auth/refresh").json(&refresh(&second)).send().await.expect_status(200);
    bed.post("/api/auth/refresh").json(&refresh(first)).send().await.expect_problem(401, "invalid_token");
    let third = third.text("/refreshToken");
    bed.post("/api/auth/refresh").json(&refresh(&third)).send().await.expect_problem(401, "invalid_token");
    bed.login(&owner.email, PASSWORD).await.expect_status(200);
}

#[actix_web::test]
async fn a_refresh_whose_answer_was_lost_may_be_asked_for_again() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let first = owner.refresh_token.as_str();
    let lost = bed.post("/api/auth/refresh").json(&refresh(first)).send().await.expect_status(200);
    let again = bed.post("/api/auth/refresh").json(&refresh(first)).send().await.expect_status(200);
    let again = again.text("/refreshToken");
    bed.post("/api/auth/refresh").json(&refresh(&again)).send().await.expect_status(200);
    // The one that was lost turns up after all: two have the family, so nobody keeps it.
    let lost = lost.text("/refreshToken");
    bed.post("/api/auth/refresh").json(&refresh(&lost)).send().await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn signing_out_ends_the_refresh_token_and_is_safe_to_repeat() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    for _ in 0..2 {
        bed.post("/api/auth/logout").json(&refresh(&owner.refresh_token)).send().await.expect_status(204);
    }
    let after = bed.post("/api/auth/refresh").json(&refresh(&owner.refresh_token)).send().await;
    after.expect_problem(401, "invalid_token");
    bed.post("/api/auth/logout").json(&refresh("nonsense")).send().await.expect_status(204);
}

#[actix_web::test]
async fn a_password_that_must_change_is_changed_through_the_challenge() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    sqlx::query("update local_credentials set must_change = true").execute(bed.sql()).await.unwrap();
    let challenge = bed.login(&owner.email, PASSWORD).await.expect_problem(409, "challenge_required");
    assert_eq!(challenge.body["challengeName"], "NEW_PASSWORD_REQUIRED");
    let session = challenge.text("/session");
    let answer = |password: &str| {
        bed.post("/api/auth/login").json(&json!({"session": session, "newPassword": password})).send()
    };
    let missing = bed.post("/api/auth/login").json(&json!({"session": session})).send().await;
    missing.expect_problem(400, "invalid_request");
    answer("short").await.expect_problem(400, "invalid_request");
    answer("another horse").await.expect_status(200);
    answer("a third horse").await.expect_problem(401, "invalid_token");
    bed.login(&owner.email, PASSWORD).await.expect_problem(401, "invalid_credentials");
    bed.login(&owner.email, "another horse").await.expect_status(200);
}

#[actix_web::test]
async fn a_member_who_is_disabled_is_out_with_the_next_request() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    bed.get("/api/auth/session").bearer(&owner.token).send().await.expect_status(200);
    sqlx::query("update memberships set status = 'disabled', disabled_at = now()")
        .execute(bed.sql())
        .await
        .unwrap();
    let session = bed.get("/api/auth/session").bearer(&owner.token).send().await;
    session.expect_problem(403, "membership_inactive");
    bed.login(&owner.email, PASSWORD).await.expect_problem(403, "membership_inactive");
    let next = bed.post("/api/auth/refresh").json(&refresh(&owner.refresh_token)).send().await;
    next.expect_problem(403, "membership_inactive");
}

#[actix_web::test]
async fn the_public_keys_are_published() {
    let bed = TestBed::start().await;
    let keys = bed.get("/.well-known/jwks.json").send().await.expect_status(200);
    assert_eq!(keys.list("/keys").len(), 1);
    assert!(keys.body["keys"][0].get("d").is_none());
}
