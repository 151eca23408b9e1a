//! Pairing: commands, images, codes.

use super::{people::agent, support::TestBed};
use serde_json::json;

#[tokio::test]
async fn an_image_is_shown_while_a_phone_can_scan_it() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/qr");
    let asked = bed.post(&path).bearer(&owner.token).send().await.expect_status(200);
    let again = bed.post(&path).bearer(&owner.token).json(&json!({"idempotencyKey": "k"})).send().await;
    assert_eq!(again.expect_status(200).text("/command/id"), asked.text("/command/id"));
    let shown = bed
        .eventually("an image", || async {
            let reply = bed.get(&path).bearer(&owner.token).send().await;
            (reply.status == 200).then_some(reply)
        })
        .await;
    assert!(shown.text("/qr/imageDataUrl").starts_with("data:image/png;base64,"));
    assert_eq!(shown.header("Cache-Control"), Some("no-store"));
    assert_eq!(shown.body["qr"]["wave"], 1);
    let colleague = agent(&bed, &owner).await;
    bed.get(&path).bearer(&colleague.token).send().await.expect_problem(403, "forbidden");
    bed.post(&format!("/api/lines/{line}/stop")).bearer(&owner.token).send().await.expect_status(200);
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_paired_line_is_not_paired_again() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let path = format!("/api/lines/{line}/qr");
    bed.post(&path).bearer(&owner.token).send().await.expect_problem(409, "line_already_paired");
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn without_redis_there_is_no_image() {
    let bed = TestBed::options().without_redis().start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/qr");
    bed.get(&path).bearer(&owner.token).send().await.expect_problem(503, "qr_store_unavailable");
    bed.post(&path).bearer(&owner.token).send().await.expect_status(200);
}

#[tokio::test]
async fn with_redis_stopped_an_image_waits_for_it() {
    let mut bed = TestBed::options().private_redis().start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let path = format!("/api/lines/{line}/qr");
    bed.redis().stop().await;
    let refused =
        bed.get(&path).bearer(&owner.token).send().await.expect_problem(503, "qr_store_unavailable");
    assert!(refused.header("Retry-After").is_some());
}

#[tokio::test]
async fn bad_numbers_get_no_pairing_code() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    for number in ["", "0151", "+1", "+1234567890123456", "+49 151 12345678"] {
        let asked = bed
            .post(&format!("/api/lines/{line}/pairing-code"))
            .bearer(&owner.token)
            .json(&json!({"phoneNumber": number}))
            .send()
            .await;
        asked.expect_problem(400, "invalid_request");
    }
}
