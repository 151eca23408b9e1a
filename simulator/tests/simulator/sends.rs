use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{CUSTOMER, LINE, Link, Simulator};

async fn visible(simulator: &Simulator) -> Vec<Value> {
    let chats = simulator.get(&format!("/v1/lines/{LINE}/chats")).await;
    chats["chats"][0]["messages"].as_array().cloned().unwrap_or_default()
}

/// The answer to a send, which a receipt may overtake no more than any other frame.
async fn rejection(link: &mut Link, send: Value) -> Value {
    link.send(send).await;
    link.wait_for("rejected").await["code"].clone()
}

#[tokio::test]
async fn a_send_is_accepted_once_and_its_delivery_reported() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    link.text("3EB0AA", "hello").await;
    assert_eq!(link.wait_for("accepted").await["providerMessageId"], "3EB0AA");
    let receipt = link.wait_for("receipt").await;
    assert_eq!(receipt["providerMessageIds"], json!(["3EB0AA"]));
    assert_eq!((&receipt["kind"], &receipt["from"]), (&json!("delivered"), &json!(CUSTOMER)));

    let accepted = simulator.journal("accepted").await;
    assert_eq!(accepted.len(), 1);
    let entry = &accepted[0];
    assert_eq!(entry["lineId"], json!(LINE));
    assert_eq!((&entry["generation"], &entry["to"]), (&json!(2), &json!(CUSTOMER)));
    assert_eq!(entry["bodyDigest"], hex::encode(Sha256::digest("hello")));
    assert_eq!(simulator.journal("receipt").await.len(), 1);
}

#[tokio::test]
async fn a_repeated_id_is_a_repeat_and_seen_once_where_repeats_are_dropped() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    for _ in 0..2 {
        link.text("3EB0AA", "hello").await;
        link.wait_for("accepted").await;
    }
    assert_eq!(simulator.journal("accepted").await.len(), 1);
    assert_eq!(simulator.journal("repeat").await.len(), 1);
    assert_eq!(visible(&simulator).await.len(), 1);
    assert_eq!(simulator.get("/v1/stats").await["duplicates"], 0);
}

#[tokio::test]
async fn a_repeated_id_is_seen_twice_where_repeats_are_not_dropped() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"dedupeRepeatedIds": false})).await;
    let credentials = simulator.pair().await;
    let mut link = simulator.open(2, Some(&credentials)).await;
    assert_eq!(link.wait_for("hello").await["capabilities"]["dropsRepeatedIds"], false);
    for _ in 0..2 {
        link.text("3EB0AA", "hello").await;
        link.wait_for("accepted").await;
    }
    let seen = visible(&simulator).await;
    assert_eq!(seen.iter().map(|message| &message["repeat"]).collect::<Vec<_>>(), [false, true]);
    assert_eq!(simulator.get("/v1/stats").await["duplicates"], 1);
}

#[tokio::test]
async fn an_image_travels_by_id_and_its_bytes_over_http() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    let bytes: &[u8] = b"\x89PNG\r\n\x1a\n of a kind";
    let url = format!("http://{}/v1/media", simulator.address);
    let put = reqwest::Client::new().put(&url).body(bytes).send().await.expect("put");
    let stored: Value = put.json().await.expect("json");
    assert_eq!(stored["sizeBytes"], bytes.len());
    let sha256 = hex::encode(Sha256::digest(bytes));
    assert_eq!(stored["sha256"], sha256);
    let media_id = stored["mediaId"].as_str().expect("an id");

    link.send(json!({
        "type": "send", "providerMessageId": "3EB0BB", "to": CUSTOMER, "kind": "image", "text": "look", "mediaId": media_id,
    }))
    .await;
    link.wait_for("accepted").await;
    let digest = hex::encode(Sha256::digest(format!("{sha256}\nlook")));
    assert_eq!(simulator.journal("accepted").await[0]["bodyDigest"], digest);

    let got = reqwest::get(format!("{url}/{media_id}")).await.expect("get");
    assert_eq!(got.headers()["content-type"], "image/png");
    assert_eq!(got.bytes().await.expect("bytes"), bytes);
}

#[tokio::test]
async fn an_image_above_the_limit_is_refused() {
    let simulator = Simulator::start().await;
    let url = format!("http://{}/v1/media", simulator.address);
    let put = reqwest::Client::new().put(&url).body(vec![0; 26_214_401]).send().await;
    // The answer comes before the body is through; a client may see only that its upload was cut off.
    assert!(put.is_err() || put.is_ok_and(|answer| answer.status() == 413));
    let whole = reqwest::Client::new().put(&url).body(vec![0; 26_214_400]).send().await.expect("put");
    assert_eq!(whole.status(), 200);
}

#[tokio::test]
async fn a_send_that_makes_no_sense_is_rejected() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    let send = |id: &str, to: &str, kind: &str, text: Value, media: Value| json!({"type": "send", "providerMessageId": id, "to": to, "kind": kind, "text": text, "mediaId": media});
    for (bad, code) in [
        (send("a", "nobody", "text", json!("x"), Value::Null), 400),
        (send("a", CUSTOMER, "text", Value::Null, Value::Null), 400),
        (send("a", CUSTOMER, "image", Value::Null, json!("gone")), 400),
        (send("", CUSTOMER, "text", json!("x"), Value::Null), 400),
        (send("a", CUSTOMER, "dance", json!("x"), Value::Null), 479),
    ] {
        assert_eq!(rejection(&mut link, bad.clone()).await, code, "{bad}");
    }
    assert!(simulator.journal("accepted").await.is_empty());
    link.send(send("ok", "123456789012345@lid", "text", json!("x"), Value::Null)).await;
    link.wait_for("accepted").await;
}

#[tokio::test]
async fn a_send_before_pairing_is_closed_with_401() {
    let simulator = Simulator::start().await;
    let mut link = simulator.open(1, None).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for_close(401).await;
    assert!(simulator.journal("accepted").await.is_empty());
}

#[tokio::test]
async fn receipts_follow_the_settings_and_the_hand() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"receiptDelayMs": null})).await;
    let (mut link, _) = simulator.ready().await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
    for kind in ["failed", "delivered", "read"] {
        let report = json!({"providerMessageId": "3EB0AA", "kind": kind});
        simulator.post(&format!("/v1/lines/{LINE}/receipts"), report).await;
        // The first receipt is the one of the hand: none came by itself.
        assert_eq!(link.next().await["kind"], kind);
    }
    simulator.post("/v1/settings", json!({"receiptDelayMs": 1, "autoRead": true})).await;
    link.text("3EB0BB", "hello").await;
    for kind in ["delivered", "read"] {
        assert_eq!(link.wait_for("receipt").await["kind"], kind);
    }
    assert_eq!(visible(&simulator).await[1]["receipt"], "read");
}

#[tokio::test]
async fn receipts_wait_for_a_line_that_is_away() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"receiptDelayMs": null})).await;
    let (mut link, credentials) = simulator.ready().await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
    simulator.fault(json!({"kind": "drop"})).await;
    link.wait_for_end().await;
    let report = json!({"providerMessageId": "3EB0AA", "kind": "delivered"});
    simulator.post(&format!("/v1/lines/{LINE}/receipts"), report).await;
    let mut link = simulator.open(3, Some(&credentials)).await;
    assert_eq!(link.wait_for("receipt").await["providerMessageIds"], json!(["3EB0AA"]));
}
