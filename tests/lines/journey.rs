//! From a new line to a linked one, and what can go wrong on the way.

use super::{
    scenes::{Scene, assert_axes},
    support::TestBed,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn health_tells_the_way_from_created_over_the_qr_code_to_sendable() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    let created = scene.health(&bed).await;
    assert_axes(&created, 0, "STOP", "created", "blocked");
    assert_eq!(created["line"]["reason"], "not_paired");
    assert_eq!(created["line"]["userAction"], "scan");
    assert_eq!(created["health"]["user"], Value::Null);
    scene.order(&bed, "qr").await;
    let pairing = scene.until(&bed, "pairing", |health| health["line"]["lifecycleState"] == "pairing").await;
    assert_axes(&pairing, 3, "QR", "pairing", "blocked");
    let path = format!("/api/lines/{}/qr", scene.line);
    let image = bed
        .eventually("the image", || async {
            let image = bed.get(&path).bearer(&scene.owner.token).send().await;
            (image.status == 200).then_some(image)
        })
        .await;
    assert!(image.text("/qr/imageDataUrl").starts_with("data:image/png;base64,"));
    assert_eq!(image.header("cache-control"), Some("no-store"));
    assert_eq!(bed.simulator().scan(&scene.line, "+4915550001001").await, 200);
    let connected = scene.until_sendable(&bed).await;
    assert_axes(&connected, 4, "AUTH", "connected", "sendable");
    assert_eq!(connected["health"]["user"], json!({"phoneNumber": "+4915550001001"}));
    assert_eq!(connected["line"]["reason"], Value::Null);
    assert!(
        connected["line"]["staleAfter"].is_string()
            && connected["line"]["evidence"]["lastFrameAt"].is_string()
    );
    let after = bed.get(&format!("/api/lines/{}/qr", scene.line)).bearer(&scene.owner.token).send().await;
    after.expect_problem(404, "not_found");
}

#[tokio::test]
async fn health_and_the_list_of_lines_never_disagree() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    for _ in 0..3 {
        bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
        // Both are asked until a version is met in both: for the same version they must say the same.
        bed.eventually("the same version twice", || async {
            let health = scene.health(&bed).await;
            let listed = bed.shown_line(&scene.owner, &scene.line).await;
            // Proof of life ends by the clock, within a version: what one says of it the other need not have seen yet.
            let doubted = |line: &Value| line["reason"] == "no_proof_of_life";
            if health["line"]["stateVersion"] != listed["stateVersion"]
                || doubted(&health["line"])
                || doubted(&listed)
            {
                return None;
            }
            for axis in ["lifecycleState", "effectiveSendState", "reason", "until"] {
                assert_eq!(health["line"][axis], listed[axis], "{axis}: {health} {listed}");
            }
            assert_eq!(health["health"]["status"], listed["status"]);
            Some(())
        })
        .await;
        scene.until_sendable(&bed).await;
    }
}

#[tokio::test]
async fn a_dropped_line_is_not_sendable_while_its_socket_is_gone_and_comes_back_by_itself() {
    let bed = TestBed::start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    scene.until(&bed, "not sendable", |health| health["line"]["sendable"] == false).await;
    scene.until(&bed, "on its way back", |health| health["health"]["status"]["text"] == "LAUNCH").await;
    // Through several tries to connect, none of which succeeds, it never claims to be sendable.
    let connects = || async { stats(&bed, "/connects/refused").await };
    let before = connects().await;
    bed.eventually("two more refused tries", || async {
        let health = scene.health(&bed).await;
        assert_eq!(health["line"]["sendable"], false, "{health}");
        (connects().await >= before + 2).then_some(())
    })
    .await;
    let send =
        bed.post(&format!("/api/lines/{}/send", scene.line)).bearer(&scene.owner.token).idempotency_key("k");
    let send =
        send.json(&json!({"recipientPhoneNumber": "+4915550002002", "bodyText": "Hello"})).send().await;
    let refusal = send.expect_problem(409, "line_not_sendable");
    assert_eq!(refusal.body["line"]["lifecycleState"], scene.health(&bed).await["line"]["lifecycleState"]);
    bed.simulator().clear_faults(&scene.line).await;
    scene.until_sendable(&bed).await;
}

/// What the service may take to notice that a socket is gone, counted from the first time anybody could see it.
const BLIND: Duration = Duration::from_secs(1);

/// The number of sessions the line had so far, if it has none now.
async fn sessions_if_gone(bed: &TestBed, line: &str) -> Option<usize> {
    let gone = |listed: &Value| listed["lineId"] == line && listed["connected"] == false;
    let is_gone = bed.simulator().lines().await.iter().any(gone);
    let journal = bed.simulator().journal(line).await;
    is_gone.then(|| journal.iter().filter(|entry| entry["kind"] == "connect").count())
}

/// Asks the phone network and health in turn. An answer counts when the socket was gone before the question and after
/// the answer, with no session between.
#[derive(Default)]
struct Watch {
    gone_since: Option<(usize, Instant)>,
    refused: usize,
}

impl Watch {
    async fn look(&mut self, bed: &TestBed, scene: &Scene) -> Value {
        let before = sessions_if_gone(bed, &scene.line).await;
        let asked = Instant::now();
        let health = scene.health(bed).await;
        let after = sessions_if_gone(bed, &scene.line).await;
        let Some(sessions) = before.filter(|_| before == after) else { return health };
        let since = match self.gone_since {
            Some((of, since)) if of == sessions => since,
            _ => self.gone_since.insert((sessions, asked)).1,
        };
        let sendable = health["line"]["sendable"] == true;
        assert!(!sendable || asked.duration_since(since) <= BLIND, "sendable without a socket: {health}");
        self.refused += usize::from(!sendable);
        health
    }
}

#[tokio::test]
async fn health_never_says_sendable_while_the_phone_network_says_the_socket_is_gone() {
    let bed = TestBed::options().env("EZW_HTTP_RATE_PER_SECOND", "100000").start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "refuse_connects"})).await;
    bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
    let mut watch = Watch::default();
    let before = stats(&bed, "/connects/refused").await;
    while stats(&bed, "/connects/refused").await < before + 3 || watch.refused < 10 {
        watch.look(&bed, &scene).await;
    }
    bed.simulator().clear_faults(&scene.line).await;
    while watch.look(&bed, &scene).await["line"]["sendable"] != true {}
}

#[tokio::test]
async fn a_line_that_may_connect_again_at_once_is_not_sendable_before_it_has() {
    let bed = TestBed::options().env("EZW_HTTP_RATE_PER_SECOND", "100000").start().await;
    let (scene, _) = Scene::connected(&bed).await;
    let connects = || async {
        bed.simulator().journal(&scene.line).await.iter().filter(|entry| entry["kind"] == "connect").count()
    };
    for _ in 0..3 {
        let (before, mut watch) = (connects().await, Watch::default());
        bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
        while connects().await == before {
            watch.look(&bed, &scene).await;
        }
        scene.until_sendable(&bed).await;
    }
}

/// A count of the simulator's.
async fn stats(bed: &TestBed, pointer: &str) -> u64 {
    let stats = bed.simulator().call(reqwest::Method::GET, "/v1/stats").send().await.expect_status(200);
    stats
        .body
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("no {pointer} in {}", stats.raw))
}

#[tokio::test]
async fn an_unlinked_line_is_logged_out_and_can_be_paired_again_with_its_history() {
    let bed = TestBed::start().await;
    let (scene, number) = Scene::connected(&bed).await;
    bed.simulator().inbound(&scene.line, "+4915550002002", "Before").await;
    let conversation = scene.conversation(&bed, "+4915550002002").await;
    bed.simulator().unlink(&scene.line).await;
    let out =
        scene.until(&bed, "logged out", |health| health["line"]["lifecycleState"] == "logged_out").await;
    assert_axes(&out, 0, "STOP", "logged_out", "blocked");
    assert_eq!(out["line"]["userAction"], "scan");
    scene.order(&bed, "qr").await;
    bed.eventually("the phone can scan", || async {
        (bed.simulator().scan(&scene.line, &number).await == 200).then_some(())
    })
    .await;
    scene.until_sendable(&bed).await;
    assert_eq!(scene.conversation(&bed, "+4915550002002").await["id"], conversation["id"]);
}

#[tokio::test]
async fn another_number_than_the_lines_is_refused_and_unlinked() {
    let bed = TestBed::start().await;
    let (scene, number) = Scene::connected(&bed).await;
    bed.simulator().unlink(&scene.line).await;
    scene.until(&bed, "logged out", |health| health["line"]["lifecycleState"] == "logged_out").await;
    scene.order(&bed, "qr").await;
    bed.eventually("the phone can scan", || async {
        (bed.simulator().scan(&scene.line, "+4915550009999").await == 200).then_some(())
    })
    .await;
    let refused =
        scene.until(&bed, "phone_mismatch", |health| health["line"]["reason"] == "phone_mismatch").await;
    assert_axes(&refused, 0, "STOP", "logged_out", "blocked");
    assert_eq!(bed.shown_line(&scene.owner, &scene.line).await["phoneNumber"], json!(number));
    bed.eventually("unlinked at the provider", || async {
        let lines = bed.simulator().lines().await;
        lines.iter().any(|line| line["lineId"] == json!(scene.line) && line["linked"] == false).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_number_of_another_live_line_of_the_organization_is_refused() {
    let bed = TestBed::start().await;
    let (scene, number) = Scene::connected(&bed).await;
    let second = bed.line(&scene.owner).await;
    bed.eventually("the phone can scan", || async {
        (bed.simulator().scan(&second, &number).await == 200).then_some(())
    })
    .await;
    bed.eventually("phone_in_use", || async {
        let line = bed.shown_line(&scene.owner, &second).await;
        (line["reason"] == "phone_in_use" && line["lifecycleState"] == "logged_out").then_some(())
    })
    .await;
    assert_eq!(scene.health(&bed).await["line"]["sendable"], true, "the first line goes on");
}

#[tokio::test]
async fn codes_that_nobody_scans_run_out_and_the_line_does_not_ask_again_by_itself() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    // From here on only: the scene's own attempt must last until it is called off.
    bed.simulator().settings(&json!({"qrTtlMs": {"first": 60, "next": 30}})).await;
    let asked = scene.order(&bed, "qr").await;
    let spent = scene
        .until(&bed, "pairing_expired", |health| health["line"]["lifecycleState"] == "pairing_expired")
        .await;
    assert_axes(&spent, 0, "STOP", "pairing_expired", "blocked");
    let transitions =
        bed.get(&format!("/api/lines/{}/timeline", scene.line)).bearer(&scene.owner.token).send().await;
    assert_eq!(transitions.list("/transitions")[0]["to"], "pairing_expired");
    let again = scene.order(&bed, "qr").await;
    assert_ne!(asked["command"]["id"], again["command"]["id"], "the first command ended");
}

#[tokio::test]
async fn a_number_is_linked_by_a_code_that_is_typed_on_the_phone() {
    let bed = TestBed::start().await;
    let scene = Scene::unpaired(&bed).await;
    let number = "+4915550001001";
    let path = format!("/api/lines/{}/pairing-code", scene.line);
    let ask = |number: &'static str| {
        bed.post(&path).bearer(&scene.owner.token).json(&json!({"phoneNumber": number}))
    };
    let code = bed
        .eventually("a code", || async {
            let asked = ask(number).send().await.expect_status(200);
            asked.body["pairingCode"].as_str().map(str::to_owned)
        })
        .await;
    let waiting = scene.until(&bed, "a code", |health| health["line"]["reason"] == "pairing_code").await;
    assert_axes(&waiting, 3, "QR", "pairing", "blocked");
    assert_eq!(waiting["line"]["userAction"], "type_code");
    let other = ask("+4915550009999").send().await.expect_status(200);
    assert_eq!(other.body["pairingCode"], Value::Null, "one number's code is not shown for another");
    let typed = format!("/v1/lines/{}/pairing-code", scene.line);
    let body = json!({"code": code, "phoneNumber": number});
    bed.simulator().call(reqwest::Method::POST, &typed).json(&body).send().await.expect_status(200);
    let connected = scene.until_sendable(&bed).await;
    assert_eq!(connected["health"]["user"]["phoneNumber"], number);
}
