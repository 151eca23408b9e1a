//! Passkey challenges and their answers: who may, when there is none, and what is no answer.

use super::{people::agent, support::TestBed};
use serde_json::json;

#[tokio::test]
async fn without_a_challenge_there_is_nothing_to_read_or_to_answer() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/passkey");
    let answer = |token: &str, response: &str| {
        bed.post(&path).bearer(token).json(&json!({"response": response})).send()
    };
    // A code to scan is shown meanwhile: that is no challenge.
    bed.eventually("a code to scan", || async {
        (bed.shown_line(&owner, &line).await["lifecycleState"] == "pairing").then_some(())
    })
    .await;
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(404, "not_found");
    answer(&owner.token, "signed").await.expect_problem(404, "not_found");
    answer(&owner.token, &"ä".repeat(8_192)).await.expect_problem(404, "not_found");
    for wrong in ["", &"x".repeat(8_193)] {
        let refused = answer(&owner.token, wrong).await.expect_problem(400, "invalid_request");
        assert_eq!(refused.body["errors"][0]["field"], "response");
    }
    let colleague = agent(&bed, &owner).await;
    bed.get(&path).bearer(&colleague.token).send().await.expect_problem(403, "forbidden");
    answer(&colleague.token, "signed").await.expect_problem(403, "forbidden");
    sqlx::query("update users set email_verified_at = null").execute(bed.sql()).await.unwrap();
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(403, "email_unverified");
    answer(&owner.token, "signed").await.expect_problem(403, "email_unverified");
    let stranger = bed.signup().await;
    bed.get(&path).bearer(&stranger.token).send().await.expect_problem(404, "not_found");
    answer(&stranger.token, "signed").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn without_redis_no_challenge_can_be_read() {
    let bed = TestBed::options().without_redis().start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/passkey");
    let away = bed.get(&path).bearer(&owner.token).send().await;
    assert!(away.expect_problem(503, "qr_store_unavailable").header("Retry-After").is_some());
}
