use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{LINE, Simulator};

#[tokio::test]
async fn a_line_pairs_by_a_scan_and_comes_back_with_its_credentials() {
    let simulator = Simulator::start().await;
    let mut link = simulator.open(1, None).await;
    let hello = link.next().await;
    assert_eq!(
        hello["capabilities"],
        json!({
            "pairing": ["qr", "code", "passkey"], "clientMessageIds": true, "dropsRepeatedIds": true,
            "maxImageBytes": 26_214_400, "acceptanceAcks": true, "deliveryReceipts": true, "freeTextWindowHours": null,
        })
    );
    let qr = link.next().await;
    assert_eq!(
        (&qr["type"], &qr["wave"], &qr["waves"], &qr["ttlMs"]),
        (&json!("pairingQr"), &json!(1), &json!(6), &json!(60_000))
    );
    assert_eq!(simulator.line().await["qr"]["payload"], qr["payload"]);

    let scan = json!({"phoneNumber": "+4915111111111"});
    let scanned = simulator.post(&format!("/v1/lines/{LINE}/scan"), scan).await;
    let paired = link.next().await;
    assert_eq!((&paired["type"], &paired["phoneNumber"]), (&json!("paired"), &json!("+4915111111111")));
    assert_eq!(paired["lid"], scanned["lid"]);
    link.wait_for_close(515).await;

    let mut link = simulator.open(2, paired["credentials"].as_str()).await;
    let types = [link.next().await, link.next().await, link.next().await, link.next().await];
    let types: Vec<&Value> = types.iter().map(|frame| &frame["type"]).collect();
    assert_eq!(types, ["hello", "loggedIn", "offline", "ready"]);
    let line = simulator.line().await;
    assert_eq!(
        (&line["linked"], &line["connected"], &line["generation"], &line["qr"]),
        (&json!(true), &json!(true), &json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn a_qr_nobody_scans_comes_in_six_waves_and_is_then_exhausted() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"qrTtlMs": {"first": 30, "next": 20}})).await;
    let mut link = simulator.open(1, None).await;
    link.wait_for("hello").await;
    let mut payloads = std::collections::HashSet::new();
    for wave in 1..=6 {
        let qr = link.next().await;
        assert_eq!((&qr["wave"], &qr["ttlMs"]), (&json!(wave), &json!(if wave == 1 { 30 } else { 20 })));
        payloads.insert(qr["payload"].as_str().map(str::to_owned));
    }
    assert_eq!(payloads.len(), 6);
    assert_eq!(link.next().await["type"], "pairingExhausted");
    link.wait_for_close(408).await;
    assert_eq!(simulator.refused(&format!("/v1/lines/{LINE}/scan"), json!({})).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_line_pairs_by_code_only_with_that_code_and_number() {
    let simulator = Simulator::start().await;
    let mut link = simulator.open(1, None).await;
    let path = format!("/v1/lines/{LINE}/pairing-code");
    link.wait_for("pairingQr").await;
    let early = json!({"code": "AAAA-BBBB", "phoneNumber": "+4915111111111"});
    assert_eq!(simulator.refused(&path, early).await, StatusCode::NOT_FOUND);

    link.send(json!({"type": "requestPairingCode", "phoneNumber": "+4915111111111"})).await;
    let code = link.wait_for("pairingCode").await["code"].clone();
    assert_eq!(simulator.line().await["pairingCode"]["code"], code);
    let other = json!({"code": code, "phoneNumber": "+4915122222222"});
    assert_eq!(simulator.refused(&path, other).await, StatusCode::CONFLICT);
    simulator.post(&path, json!({"code": code, "phoneNumber": "+4915111111111"})).await;
    assert_eq!(link.wait_for("paired").await["phoneNumber"], "+4915111111111");
    link.wait_for_close(515).await;
}

#[tokio::test]
async fn a_passkey_account_pairs_after_its_confirmation() {
    let simulator = Simulator::start().await;
    let mut link = simulator.open(1, None).await;
    link.wait_for("pairingQr").await;
    simulator.post(&format!("/v1/lines/{LINE}/scan"), json!({"passkey": true})).await;
    let asked = link.wait_for("passkeyRequired").await;
    assert_eq!(simulator.line().await["passkey"]["challenge"], asked["challenge"]);
    assert_eq!(simulator.refused(&format!("/v1/lines/{LINE}/scan"), json!({})).await, StatusCode::NOT_FOUND);
    link.send(json!({"type": "passkeyResponse", "response": "signed"})).await;
    link.wait_for("paired").await;
    link.wait_for_close(515).await;
}

#[tokio::test]
async fn a_pairing_fails_when_the_scan_the_passkey_or_the_number_is_bad() {
    let simulator = Simulator::start().await;
    let path = format!("/v1/lines/{LINE}/scan");
    let mut link = simulator.open(1, None).await;
    link.wait_for("pairingQr").await;
    simulator.post(&path, json!({"fail": true})).await;
    assert_eq!(link.wait_for("pairFailed").await["reason"], "scan_failed");
    link.wait_for_close(428).await;

    let mut link = simulator.open(2, None).await;
    link.wait_for("pairingQr").await;
    simulator.post(&path, json!({"passkey": true})).await;
    link.send(json!({"type": "passkeyResponse", "response": "wrong"})).await;
    assert_eq!(link.wait_for("pairFailed").await["reason"], "passkey_rejected");
    link.wait_for_close(428).await;

    simulator.post("/v1/settings", json!({"passkeyTtlMs": 20})).await;
    let mut link = simulator.open(3, None).await;
    link.wait_for("pairingQr").await;
    simulator.post(&path, json!({"passkey": true})).await;
    assert_eq!(link.wait_for("pairFailed").await["reason"], "passkey_timeout");
    link.wait_for_close(408).await;

    let mut link = simulator.open(4, None).await;
    link.wait_for("pairingQr").await;
    link.send(json!({"type": "requestPairingCode", "phoneNumber": "none"})).await;
    assert_eq!(link.wait_for("pairFailed").await["reason"], "bad_phone_number");
    link.wait_for_close(428).await;
}

#[tokio::test]
async fn auto_scan_pairs_any_line_with_a_number_of_its_own() {
    let simulator = Simulator::start().await;
    let mut early = simulator.open(1, None).await;
    early.wait_for("pairingQr").await;
    simulator.post("/v1/settings", json!({"autoScan": true})).await;
    let first = early.wait_for("paired").await["phoneNumber"].clone();
    early.wait_for_close(515).await;

    let mut late = simulator.link().await;
    let other = uuid::Uuid::from_u128(0x12);
    late.send(json!({"type": "open", "lineId": other, "generation": 1, "credentials": null})).await;
    let second = late.wait_for("paired").await["phoneNumber"].clone();
    late.wait_for_close(515).await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn an_unlinked_line_is_closed_with_401_and_stays_out() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    simulator.post(&format!("/v1/lines/{LINE}/unlink"), json!({})).await;
    link.wait_for_close(401).await;
    assert_eq!(simulator.line().await["linked"], false);
    simulator.open(3, Some(&credentials)).await.wait_for_close(401).await;
    assert_eq!(simulator.refused(&format!("/v1/lines/{LINE}/unlink"), json!({})).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_logout_unlinks_the_line() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    link.send(json!({"type": "logout"})).await;
    link.wait_for_close(401).await;
    simulator.open(3, Some(&credentials)).await.wait_for_close(401).await;
}

#[tokio::test]
async fn pairing_anew_ends_the_old_credentials() {
    let simulator = Simulator::start().await;
    let old = simulator.pair().await;
    let new = simulator.pair().await;
    assert_ne!(old, new);
    simulator.open(3, Some(&old)).await.wait_for_close(401).await;
    simulator.logged_in(4, &new).await;
}

#[tokio::test]
async fn a_second_session_replaces_the_first() {
    let simulator = Simulator::start().await;
    let (mut first, credentials) = simulator.ready().await;
    let mut second = simulator.logged_in(3, &credentials).await;
    first.wait_for_close(440).await;
    assert!(second.frames_until_pong(1).await.is_empty());
    let closes = simulator.journal("close").await;
    let replaced = closes.iter().find(|entry| entry["code"] == 440).expect("journal of the close");
    assert_eq!(replaced["generation"], 2);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let run = async || {
        let simulator = Simulator::start_with(&["--seed", "99"]).await;
        let mut link = simulator.open(1, None).await;
        let qr = link.wait_for("pairingQr").await["payload"].clone();
        simulator.post(&format!("/v1/lines/{LINE}/scan"), json!({})).await;
        let paired = link.wait_for("paired").await;
        let id = simulator.say("hello").await;
        (qr, paired, id)
    };
    assert_eq!(run().await, run().await);
}
