//! Pairing: commands, images, codes.

use super::{
    people::agent,
    scenes::{order, until},
    support::TestBed,
};
use chrono::{DateTime, Utc};
use ezw_actors::clock::{Clock as _, SystemClock};
use redis::aio::MultiplexedConnection;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

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

/// Nothing of ours takes longer to reach Redis than this.
const SLOW_COMMAND: chrono::TimeDelta = chrono::TimeDelta::seconds(2);

/// What Redis keeps under this name for the line, whatever its epoch and generation: it must end with what it shows.
async fn kept(bed: &TestBed, redis: &mut MultiplexedConnection, name: &str, line: &str) -> Value {
    bed.eventually(name, || {
        let mut redis = redis.clone();
        async move {
            let pattern = format!("ezw:{name}:{line}:*");
            let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await.unwrap();
            let key = keys.first()?;
            let now = SystemClock.now();
            let both = redis::pipe().atomic().get(key).cmd("PTTL").arg(key).query_async(&mut redis).await;
            let (value, life): (Option<String>, i64) = both.unwrap();
            let value: Value = serde_json::from_str(&value?).unwrap();
            let end: DateTime<Utc> = value["expiresAt"].as_str().unwrap().parse().unwrap();
            // The way of the command that wrote it is what it may live longer; reading looks at the end itself.
            let most = (end - now + SLOW_COMMAND).num_milliseconds();
            assert!((1..=most).contains(&life), "{name} lives {life} ms, not {most} at most");
            Some(value)
        }
    })
    .await
}

#[tokio::test]
async fn codes_are_kept_no_longer_than_they_can_be_used_and_never_logged() {
    let mut bed = TestBed::options().private_redis().env("EZW_LOG_FILTER", "debug").start().await;
    let client = redis::Client::open(bed.redis().url().expose_secret()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    let known = || async {
        let lines = bed.simulator().lines().await;
        lines.into_iter().find(|known| known["lineId"] == json!(line)).unwrap_or_default()
    };
    let image = kept(&bed, &mut redis, "qr", &line).await;
    let payload = known().await["qr"]["payload"].as_str().unwrap().to_owned();
    assert!(!image.to_string().contains(&payload), "the image alone is kept");
    order(&bed, &owner, &line, "stop").await;
    until(&bed, &owner, &line, "created").await;
    let number = "+4915550001001";
    let path = format!("/api/lines/{line}/pairing-code");
    let body = json!({"phoneNumber": number});
    let code = bed
        .eventually("a code", || async {
            let asked = bed.post(&path).bearer(&owner.token).json(&body).send().await.expect_status(200);
            asked.body["pairingCode"].as_str().map(str::to_owned)
        })
        .await;
    assert_eq!(kept(&bed, &mut redis, "code", &line).await["code"], json!(code));
    let typed = json!({"code": code, "phoneNumber": number});
    let phone = bed.simulator().call(reqwest::Method::POST, &format!("/v1/lines/{line}/pairing-code"));
    phone.json(&typed).send().await.expect_status(200);
    until(&bed, &owner, &line, "connected").await;
    bed.eventually("what nobody needs any more is gone", || {
        let mut redis = redis.clone();
        let pattern = format!("ezw:*:{line}:*");
        async move {
            let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await.unwrap();
            keys.is_empty().then_some(())
        }
    })
    .await;
    let log = bed.service_log();
    assert!(log.contains("line transition") && log.contains("DEBUG"), "the log was not found");
    let image = image["imageDataUrl"].as_str().unwrap();
    for secret in [payload.as_str(), &code, &code.replace('-', ""), image] {
        assert!(!log.contains(secret), "the log shows {secret}");
    }
}
