//! Linking a number whose account has a passkey.

use super::{
    scenes::{Scene, assert_axes},
    support::{TestBed, client::Reply},
};
use serde_json::{Value, json};

const NUMBER: &str = "+4915550001001";

/// Scans the line's code with a phone that wants the passkey confirmed; the challenge it shows.
async fn scanned(bed: &TestBed, scene: &Scene) -> String {
    scene.order(bed, "qr").await;
    let path = format!("/v1/lines/{}/scan", scene.line);
    let body = json!({"phoneNumber": NUMBER, "passkey": true});
    bed.eventually("the phone can scan", || async {
        let scan = bed.simulator().call(reqwest::Method::POST, &path).json(&body).send().await;
        (scan.status == 200).then(|| assert_eq!(scan.text("/result"), "passkeyRequired"))
    })
    .await;
    let lines = bed.simulator().lines().await;
    let shown = lines.iter().find(|line| line["lineId"] == json!(scene.line)).unwrap();
    shown["passkey"]["challenge"].as_str().unwrap().to_owned()
}

async fn current(bed: &TestBed, scene: &Scene) -> Reply {
    bed.get(&format!("/api/lines/{}/passkey", scene.line)).bearer(&scene.owner.token).send().await
}

async fn answer(bed: &TestBed, scene: &Scene, response: &str) -> Reply {
    let call = bed.post(&format!("/api/lines/{}/passkey", scene.line)).bearer(&scene.owner.token);
    call.json(&json!({"response": response})).send().await
}

async fn until_shown(bed: &TestBed, scene: &Scene) -> Reply {
    bed.eventually("the challenge", || async {
        let shown = current(bed, scene).await;
        (shown.status == 200).then_some(shown)
    })
    .await
}

/// The last pair command's state, reason, and all that its row holds.
async fn command(bed: &TestBed, scene: &Scene) -> (String, Option<String>, Value) {
    sqlx::query_as(
        "select state, reason, data from line_commands where line_id = $1::uuid and kind = 'pair'
         order by created_at desc limit 1",
    )
    .bind(&scene.line)
    .fetch_one(bed.sql())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_number_with_a_passkey_is_linked_once_its_person_confirms() {
    let bed = TestBed::options().env("EZW_LOG_FILTER", "debug").start().await;
    let scene = Scene::unpaired(&bed).await;
    current(&bed, &scene).await.expect_problem(404, "not_found");
    let challenge = scanned(&bed, &scene).await;
    let says = |health: &Value| health["line"]["reason"] == "pairing_passkey";
    let waiting = scene.until(&bed, "a passkey", says).await;
    assert_axes(&waiting, 3, "QR", "pairing", "blocked");
    assert_eq!(waiting["line"]["userAction"], "confirm_passkey");
    let shown = until_shown(&bed, &scene).await;
    assert_eq!(shown.text("/passkey/challenge"), challenge);
    assert!(shown.body["passkey"]["expiresAt"].is_string());
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let image = bed.get(&format!("/api/lines/{}/qr", scene.line)).bearer(&scene.owner.token).send().await;
    image.expect_problem(404, "not_found");
    let signed = "the-signature-of-a-person";
    let answered = answer(&bed, &scene, signed).await.expect_status(200);
    assert_eq!(
        (answered.text("/command/kind"), answered.text("/command/state")),
        ("pair".into(), "running".into())
    );
    let connected = scene.until_sendable(&bed).await;
    assert_eq!(connected["health"]["user"]["phoneNumber"], NUMBER);
    current(&bed, &scene).await.expect_problem(404, "not_found");
    answer(&bed, &scene, signed).await.expect_problem(404, "not_found");
    let (state, _, kept) = command(&bed, &scene).await;
    assert_eq!(state, "succeeded");
    assert!(!kept.to_string().contains(signed), "{kept}");
    let log = std::fs::read_to_string(bed.data_dir().join("service.log")).unwrap();
    assert!(log.contains("line transition"), "the log was not found");
    assert!(!log.contains(signed) && !log.contains(&challenge));
}

#[tokio::test]
async fn a_wrong_answer_fails_the_pairing_and_the_line_is_what_it_was() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    for attempt in ["wrong", "wrong", "right"] {
        scanned(&bed, &scene).await;
        until_shown(&bed, &scene).await;
        // Asked twice at once, as by a client that lost the first answer, it is one answer.
        let (first, second) = tokio::join!(answer(&bed, &scene, attempt), answer(&bed, &scene, attempt));
        assert!(first.status == 200 || second.status == 200, "{first:?} {second:?}");
        if attempt == "right" {
            break;
        }
        let created = |health: &Value| health["line"]["lifecycleState"] == "created";
        scene.until(&bed, "what it was", created).await;
        current(&bed, &scene).await.expect_problem(404, "not_found");
        let (state, reason, kept) = command(&bed, &scene).await;
        assert_eq!((state.as_str(), reason.as_deref()), ("failed", Some("passkey_rejected")));
        assert_eq!(kept["passkeyResponse"], Value::Null);
    }
    scene.until_sendable(&bed).await;
}

#[tokio::test]
async fn a_passkey_that_nobody_confirms_runs_out_or_ends_with_a_stop() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    let created = |health: &Value| health["line"]["lifecycleState"] == "created";
    scanned(&bed, &scene).await;
    until_shown(&bed, &scene).await;
    scene.order(&bed, "stop").await;
    current(&bed, &scene).await.expect_problem(404, "not_found");
    answer(&bed, &scene, "too late").await.expect_problem(404, "not_found");
    scene.until(&bed, "what it was", created).await;
    bed.simulator().settings(&json!({"passkeyTtlMs": 500})).await;
    scanned(&bed, &scene).await;
    scene.until(&bed, "what it was", created).await;
    let (state, reason, _) = command(&bed, &scene).await;
    assert_eq!((state.as_str(), reason.as_deref()), ("failed", Some("passkey_timeout")));
    current(&bed, &scene).await.expect_problem(404, "not_found");
}
