//! Each fault as a service meets it on the link.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{LINE, Simulator};

const UNTIL: &str = "2999-01-01T00:00:00Z";

fn faults() -> String {
    format!("/v1/lines/{LINE}/faults")
}

#[tokio::test]
async fn drop_breaks_the_connection_without_a_word_and_once() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    assert_eq!(simulator.fault(json!({"kind": "drop"})).await["applied"], true);
    assert!(!link.wait_for_end().await, "no WebSocket close");
    let mut link = simulator.logged_in(3, &credentials).await;
    assert!(link.frames_until_pong(1).await.is_empty());
}

#[tokio::test]
async fn drop_waits_for_a_line_that_is_away() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    assert_eq!(simulator.fault(json!({"kind": "drop"})).await["applied"], false);
    let mut link = simulator.logged_in(2, &credentials).await;
    assert!(!link.wait_for_end().await);
    simulator.logged_in(3, &credentials).await.frames_until_pong(1).await;
}

#[tokio::test]
async fn half_open_leaves_the_socket_and_answers_nothing() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    simulator.fault(json!({"kind": "half_open"})).await;
    link.send(json!({"type": "ping", "nonce": 1})).await;
    link.text("3EB0AA", "hello").await;
    simulator.say("anyone there?").await;
    assert!(link.is_silent().await);
    let mut other = simulator.open(3, Some(&credentials)).await;
    assert!(other.is_silent().await);
    assert!(simulator.journal("accepted").await.is_empty());

    simulator.delete(&faults()).await;
    assert_eq!(link.next().await["text"], "anyone there?");
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
}

#[tokio::test]
async fn no_acks_swallows_sends_and_still_answers_pings() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "no_acks"})).await;
    link.text("3EB0AA", "hello").await;
    assert!(link.frames_until_pong(1).await.is_empty());
    assert!(simulator.journal("accepted").await.is_empty());
    simulator.delete(&faults()).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
    assert!(simulator.journal("repeat").await.is_empty());
}

#[tokio::test]
async fn ack_delay_holds_the_ack_back() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "ack_delay_ms", "ms": 300})).await;
    let sent = std::time::Instant::now();
    link.text("3EB0AA", "hello").await;
    // The receipt, after 50 ms, overtakes it.
    assert_eq!(link.next().await["type"], "receipt");
    assert_eq!(link.next().await["type"], "accepted");
    assert!(sent.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn drop_ack_accepts_and_loses_the_ack() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "drop_ack"})).await;
    link.text("3EB0AA", "hello").await;
    assert_eq!(link.next().await["type"], "receipt");
    assert_eq!(simulator.journal("accepted").await.len(), 1);

    simulator.post("/v1/settings", json!({"receiptDelayMs": 0})).await;
    simulator.fault(json!({"kind": "drop_ack", "receipts": false})).await;
    link.text("3EB0BB", "hello").await;
    assert!(link.is_silent().await);
    assert_eq!(simulator.journal("accepted").await.len(), 2);
}

#[tokio::test]
async fn nack_refuses_every_send_with_its_code() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    for code in [400, 429, 463, 479, 500] {
        simulator.fault(json!({"kind": "nack", "code": code})).await;
        link.text("3EB0AA", "hello").await;
        let rejected = link.next().await;
        assert_eq!((&rejected["type"], &rejected["code"]), (&json!("rejected"), &json!(code)));
    }
    assert!(simulator.journal("accepted").await.is_empty());
}

#[tokio::test]
async fn no_inbound_withholds_messages_until_it_is_lifted() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    simulator.fault(json!({"kind": "no_inbound"})).await;
    let id = simulator.say("held").await;
    assert!(link.frames_until_pong(1).await.is_empty());
    let mut link = simulator.logged_in(3, &credentials).await;
    simulator.delete(&format!("{}?kind=no_inbound", faults())).await;
    assert_eq!(link.wait_for("inbound").await["providerMessageId"], id.as_str());
}

#[tokio::test]
async fn close_ends_the_session_with_any_code_and_once() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    for (generation, code) in (3..).zip([402, 403, 405, 406, 408, 428, 440, 500, 503, 515]) {
        simulator.fault(json!({"kind": "close", "code": code, "until": UNTIL, "reason": "on purpose"})).await;
        let closed = link.wait_for_close(code).await;
        assert_eq!((&closed["until"], &closed["reason"]), (&json!(UNTIL), &json!("on purpose")));
        link = simulator.logged_in(generation, &credentials).await;
    }
    simulator.fault(json!({"kind": "close", "code": 401})).await;
    link.wait_for_close(401).await;
    simulator.open(99, Some(&credentials)).await.wait_for_close(401).await;
}

#[tokio::test]
async fn refuse_connects_closes_each_open() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    simulator.fault(json!({"kind": "refuse_connects"})).await;
    simulator.open(2, Some(&credentials)).await.wait_for_close(503).await;
    simulator.fault(json!({"kind": "refuse_connects", "code": 402, "until": UNTIL})).await;
    assert_eq!(simulator.open(3, Some(&credentials)).await.wait_for_close(402).await["until"], UNTIL);
    simulator.delete(&faults()).await;
    simulator.logged_in(4, &credentials).await;
    assert_eq!(simulator.get("/v1/stats").await["connects"]["refused"], 2);
}

#[tokio::test]
async fn hang_connects_never_says_hello() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    simulator.fault(json!({"kind": "hang_connects"})).await;
    assert!(simulator.open(2, Some(&credentials)).await.is_silent().await);
    simulator.delete(&faults()).await;
    simulator.logged_in(3, &credentials).await;
}

#[tokio::test]
async fn rate_limited_is_announced_and_refuses_sends_until_its_end() {
    let simulator = Simulator::start().await;
    let (mut link, credentials) = simulator.ready().await;
    simulator.fault(json!({"kind": "rate_limited", "until": UNTIL})).await;
    assert_eq!(link.next().await, json!({"type": "rateLimited", "until": UNTIL}));
    link.text("3EB0AA", "hello").await;
    let rejected = link.next().await;
    assert_eq!((&rejected["code"], &rejected["until"]), (&json!(429), &json!(UNTIL)));
    let mut link = simulator.logged_in(3, &credentials).await;
    assert_eq!(link.next().await["type"], "rateLimited");
    simulator.fault(json!({"kind": "rate_limited", "until": "2001-01-01T00:00:00Z"})).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
}

#[tokio::test]
async fn timelock_refuses_new_contacts_and_lets_replies_pass() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "timelock", "until": UNTIL})).await;
    assert_eq!(link.next().await, json!({"type": "restricted", "until": UNTIL}));
    link.text("3EB0AA", "hello").await;
    assert_eq!(link.next().await["code"], 463);
    simulator.say("I wrote first").await;
    link.wait_for("inbound").await;
    link.text("3EB0BB", "hello").await;
    link.wait_for("accepted").await;
}

#[tokio::test]
async fn receipts_are_doubled_and_reordered() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/settings", json!({"receiptDelayMs": 1, "autoRead": true})).await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "duplicate_receipts"})).await;
    simulator.fault(json!({"kind": "reorder_receipts"})).await;
    link.text("3EB0AA", "hello").await;
    for kind in ["read", "read", "delivered", "delivered"] {
        assert_eq!(link.wait_for("receipt").await["kind"], kind);
    }
    // One alone has nothing to swap with and comes in the end.
    let report = json!({"providerMessageId": "3EB0AA", "kind": "failed"});
    simulator.post(&format!("/v1/lines/{LINE}/receipts"), report).await;
    assert_eq!(link.wait_for("receipt").await["kind"], "failed");
}

#[tokio::test]
async fn garbage_frames_are_not_frames() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "garbage_frames"})).await;
    for nonce in 0..3 {
        link.send(json!({"type": "ping", "nonce": nonce})).await;
    }
    let (mut garbage, mut pongs) = (0, 0);
    while pongs < 3 {
        match link.raw().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str::<Value>(&text) {
                Ok(frame) if frame["type"] == "pong" => pongs += 1,
                _ => garbage += 1,
            },
            Some(Ok(Message::Binary(_))) => garbage += 1,
            other => panic!("no frame but {other:?}"),
        }
    }
    assert_eq!(garbage, 4, "one at once, one before each frame");
}

#[tokio::test]
async fn garbage_frames_may_wait_until_a_session_is_ready() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    simulator.fault(json!({"kind": "garbage_frames", "afterReady": true})).await;
    for generation in 2..4 {
        let mut link = simulator.open(generation, Some(&credentials)).await;
        for kind in ["hello", "loggedIn", "offline", "ready"] {
            assert_eq!(link.next().await["type"], kind);
        }
        let garbage = link.raw().await;
        assert!(matches!(garbage, Some(Ok(Message::Text(text))) if text == "%!garbage"));
        link.send(json!({"type": "ping", "nonce": 1})).await;
        let more = link.raw().await.unwrap().unwrap().into_text().unwrap();
        assert!(serde_json::from_str::<Value>(&more).is_err(), "{more}");
        assert_eq!(link.next().await["type"], "pong");
    }
}

#[tokio::test]
async fn hang_sync_holds_ready_back_until_it_is_lifted() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    simulator.fault(json!({"kind": "hang_sync"})).await;
    let id = simulator.say("while you were away").await;
    let mut link = simulator.open(2, Some(&credentials)).await;
    link.wait_for("inbound").await;
    link.acknowledge(&[&id]).await;
    assert!(link.frames_until_pong(1).await.iter().all(|frame| frame["type"] != "ready"));
    assert_eq!(simulator.line().await["stage"], "syncing");
    simulator.delete(&faults()).await;
    link.wait_for("ready").await;
}

#[tokio::test]
async fn panic_text_is_a_body_that_cannot_be_decoded() {
    let simulator = Simulator::start().await;
    let (mut link, _) = simulator.ready().await;
    simulator.fault(json!({"kind": "panic_text"})).await;
    let id = simulator.say("hello").await;
    let spoiled = |message: Option<Result<Message, _>>| match message {
        Some(Ok(Message::Text(text))) => {
            assert!(serde_json::from_str::<Value>(&text).is_err());
            text.to_string()
        }
        other => panic!("no frame but {other:?}: {:?}", None::<tokio_tungstenite::tungstenite::Error>),
    };
    let text = spoiled(link.raw().await);
    assert!(text.contains(&id) && text.contains(r#""text":"\ud800""#), "{text}");
    link.acknowledge(&[&id]).await;

    simulator.fault(json!({"kind": "panic_text", "match": "poison"})).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
    link.wait_for("receipt").await;
    link.text("3EB0BB", "a poison pill").await;
    assert!(spoiled(link.raw().await).contains("accepted"));
}

#[tokio::test]
async fn connects_above_the_cap_are_refused() {
    let simulator = Simulator::start().await;
    let credentials = simulator.pair().await;
    simulator.post("/v1/settings", json!({"connectsPerSecondCap": 0})).await;
    simulator.open(2, Some(&credentials)).await.wait_for_close(503).await;
    simulator.post("/v1/settings", json!({"connectsPerSecondCap": null})).await;
    simulator.logged_in(3, &credentials).await;
}

#[tokio::test]
async fn a_fault_for_all_lines_also_meets_those_that_come_later() {
    let simulator = Simulator::start().await;
    simulator.post("/v1/faults", json!({"kind": "nack", "code": 500})).await;
    let (mut link, credentials) = simulator.ready().await;
    link.text("3EB0AA", "hello").await;
    assert_eq!(link.next().await["code"], 500);
    assert_eq!(
        simulator.line().await["faults"],
        json!([{"kind": "nack", "code": 500, "until": null, "scope": "all"}])
    );
    assert_eq!(simulator.post("/v1/faults", json!({"kind": "drop"})).await["applied"], 1);
    link.wait_for_end().await;
    assert_eq!(simulator.delete("/v1/faults").await["cleared"], 1);
    let mut link = simulator.logged_in(3, &credentials).await;
    link.text("3EB0AA", "hello").await;
    link.wait_for("accepted").await;
}

#[tokio::test]
async fn a_fault_may_be_set_before_its_line_is_known() {
    let simulator = Simulator::start().await;
    simulator.fault(json!({"kind": "refuse_connects", "code": 403})).await;
    simulator.open(1, None).await.wait_for_close(403).await;
}

#[tokio::test]
async fn an_unknown_fault_is_refused() {
    let simulator = Simulator::start().await;
    for bad in
        [json!({}), json!({"kind": "explode"}), json!({"kind": "close", "code": 1}), json!({"kind": "nack"})]
    {
        assert_eq!(simulator.refused(&faults(), bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(simulator.refused("/v1/faults", bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    let (status, _) = simulator.call(reqwest::Method::DELETE, &faults(), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
