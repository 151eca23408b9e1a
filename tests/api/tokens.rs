//! The token of a line.

use crate::support::TestBed;

#[actix_web::test]
async fn a_token_is_shown_once_and_rotating_it_ends_the_one_before() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/api-token");
    let none = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
    assert!(none.body["token"].is_null());
    let first = bed.post(&path).bearer(&owner.token).send().await.expect_status(201);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let token = first.text("/lineApiToken");
    assert!(token.starts_with("ezw_line_"));
    let preview = first.text("/token/tokenPreview");
    assert_eq!(preview, format!("ezw_line_…{}", &token[token.len() - 4..]));
    let read = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
    assert_eq!(read.body["token"]["id"], first.body["token"]["id"]);
    assert!(!read.raw.contains(&token));
    let health = "/api/v1/health?wakeup=false";
    bed.get(health).bearer(&token).send().await.expect_status(200);
    let second = bed.post(&path).bearer(&owner.token).send().await.expect_status(201).text("/lineApiToken");
    bed.get(health).bearer(&token).send().await.expect_problem(401, "invalid_token");
    bed.get(health).bearer(&second).send().await.expect_status(200);
}

#[actix_web::test]
async fn many_rotations_at_once_leave_one_active_token() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/api-token");
    let rotations = (0..10).map(|_| bed.post(&path).bearer(&owner.token).send());
    for rotation in futures_util::future::join_all(rotations).await {
        rotation.expect_status(201);
    }
    let active: i64 = sqlx::query_scalar("select count(*) from api_tokens where revoked_at is null")
        .fetch_one(bed.sql())
        .await
        .unwrap();
    assert_eq!(active, 1);
}

#[actix_web::test]
async fn each_kind_of_token_is_refused_by_the_other_side() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    bed.get("/api/auth/session").bearer(&token).send().await.expect_problem(401, "invalid_token");
    bed.get("/api/v1/health").bearer(&owner.token).send().await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn another_organizations_line_is_not_there() {
    let bed = TestBed::start().await;
    let (owner, stranger) = (bed.signup().await, bed.signup().await);
    let line = bed.line(&owner).await;
    for id in [line.as_str(), "00000000-0000-7000-8000-000000000000", "nonsense"] {
        let path = format!("/api/lines/{id}/api-token");
        bed.get(&path).bearer(&stranger.token).send().await.expect_problem(404, "not_found");
        bed.post(&path).bearer(&stranger.token).send().await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn an_agent_may_not_manage_tokens_and_learns_nothing_of_lines() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    sqlx::query("update memberships set role = 'agent'").execute(bed.sql()).await.unwrap();
    for id in [line.as_str(), "nonsense"] {
        let path = format!("/api/lines/{id}/api-token");
        bed.get(&path).bearer(&owner.token).send().await.expect_problem(403, "forbidden");
        bed.post(&path).bearer(&owner.token).send().await.expect_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn an_archived_line_gets_no_token_and_its_token_is_worth_nothing() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let token = bed.line_token(&owner, &line).await;
    sqlx::query("update lines set archived_at = now(), desired = 'stopped'")
        .execute(bed.sql())
        .await
        .unwrap();
    let path = format!("/api/lines/{line}/api-token");
    bed.post(&path).bearer(&owner.token).send().await.expect_problem(409, "line_archived");
    bed.get("/api/v1/health").bearer(&token).send().await.expect_problem(401, "invalid_token");
}
