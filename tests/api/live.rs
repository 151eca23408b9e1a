//! The stream of hints.

use super::support::{Owner, TestBed};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};
use std::{pin::Pin, time::Duration};

struct Events {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>>>>,
    text: String,
}

impl Events {
    async fn open(bed: &TestBed, owner: &Owner, after: Option<&str>) -> Self {
        let mut request =
            reqwest::Client::new().get(format!("{}/api/live/stream", bed.base())).bearer_auth(&owner.token);
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let chunks = response.bytes_stream().map(|chunk| chunk.map(|bytes| bytes.to_vec()));
        let mut events = Self { chunks: Box::pin(chunks), text: String::new() };
        assert_eq!(events.frame().await, "retry: 2000");
        events
    }

    async fn frame(&mut self) -> String {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                return frame;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.chunks.next()).await;
            let chunk = chunk.expect("an event in time").expect("an open stream").unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn until(&mut self, wanted: &str) -> String {
        loop {
            let frame = self.frame().await;
            if frame.contains(wanted) {
                return frame;
            }
        }
    }
}

#[tokio::test]
async fn changes_are_hinted_and_what_was_missed_is_replayed() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let mut events = Events::open(&bed, &owner, None).await;
    let sent = bed
        .post(&format!("/api/lines/{line}/send"))
        .bearer(&owner.token)
        .idempotency_key("k")
        .json(&json!({"recipientPhoneNumber": "+4915112345678", "bodyText": "Hi"}))
        .send()
        .await
        .expect_status(202);
    let frame = events.until("event: message.updated").await;
    assert!(frame.contains(&sent.text("/message/id")), "{frame}");
    assert!(!frame.contains("Hi"), "{frame}");
    let id: i64 = frame.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse().unwrap();
    let mut again = Events::open(&bed, &owner, Some(&(id - 1).to_string())).await;
    assert_eq!(again.frame().await, frame);
    let mut lost = Events::open(&bed, &owner, Some("999999999")).await;
    assert!(lost.frame().await.contains("event: gap"));
}

#[tokio::test]
async fn a_stranger_hears_nothing() {
    let bed = TestBed::start().await;
    let (owner, stranger) = (bed.signup().await, bed.signup().await);
    let mut events = Events::open(&bed, &stranger, None).await;
    let line = bed.line(&owner).await;
    let own = bed.line(&stranger).await;
    let frame = events.until("event: line.updated").await;
    assert!(frame.contains(&own) && !frame.contains(&line), "{frame}");
}

#[tokio::test]
async fn without_redis_there_is_no_stream() {
    let bed = TestBed::options().without_redis().start().await;
    let owner = bed.signup().await;
    let refused = bed.get("/api/live/stream").bearer(&owner.token).send().await;
    refused.expect_problem(501, "live_updates_not_configured");
    bed.get("/api/live/stream").send().await.expect_problem(401, "bearer_required");
}

#[tokio::test]
async fn an_open_stream_outlives_redis_and_a_new_one_is_refused() {
    let mut bed = TestBed::options().private_redis().start().await;
    let owner = bed.signup().await;
    let mut events = Events::open(&bed, &owner, None).await;
    bed.redis().stop().await;
    bed.line(&owner).await;
    events.until("event: line.updated").await;
    let refused = bed.get("/api/live/stream").bearer(&owner.token).send().await;
    refused.expect_problem(500, "live_updates_unavailable");
}

#[tokio::test]
async fn the_service_stops_by_closing_its_streams_and_does_not_wait_for_them() {
    // Whoever waited out this time would be too late for the bed, which wants a clean exit in 20 s.
    let mut bed = TestBed::options().env("EZW_HTTP_SHUTDOWN_SECONDS", "300").start().await;
    let owner = bed.signup().await;
    let mut events = Events::open(&bed, &owner, None).await;
    bed.stop_service().await;
    while let Some(chunk) = events.chunks.next().await {
        if chunk.is_err() {
            break;
        }
    }
}

fn data(frame: &str) -> Value {
    let data = frame.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}

#[tokio::test]
async fn a_customers_message_is_hinted_at_with_its_conversation() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let mut events = Events::open(&bed, &owner, None).await;
    bed.simulator().inbound(&line, "+4915550002002", "Where is my parcel?").await;
    // Both hints, in whatever order.
    let (mut conversation, mut message) = (None, None);
    while conversation.is_none() || message.is_none() {
        let frame = events.frame().await;
        assert!(!frame.contains("parcel") && !frame.contains("+49"), "{frame}");
        if frame.contains("event: conversation.updated") {
            conversation = Some(data(&frame));
        } else if frame.contains("event: message.updated") {
            message = Some(data(&frame));
        }
    }
    let (conversation, message) = (conversation.unwrap(), message.unwrap());
    let listed = bed.get("/api/conversations").bearer(&owner.token).send().await.expect_status(200);
    let id = listed.text("/conversations/0/id");
    assert_eq!((&conversation["conversationId"], &conversation["lineId"]), (&json!(id), &json!(line)));
    assert_eq!((&message["conversationId"], &message["lineId"]), (&json!(id), &json!(line)));
    let messages = bed.get(&format!("/api/conversations/{id}/messages")).bearer(&owner.token).send().await;
    assert_eq!(message["messageId"], json!(messages.text("/messages/0/id")));
}

#[tokio::test]
async fn replies_to_a_conversation_and_to_a_number_are_hinted_at() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let mut events = Events::open(&bed, &owner, None).await;
    bed.simulator().inbound(&line, "+4915550002002", "Hello").await;
    let inbound = data(&events.until("event: message.updated").await);
    let targets = [
        json!({"conversationId": inbound["conversationId"], "bodyText": "Hello"}),
        json!({"recipientPhoneNumber": "+4915550003003", "bodyText": "Hello"}),
    ];
    for (key, body) in targets.iter().enumerate() {
        let path = format!("/api/lines/{line}/send");
        let call = bed.post(&path).bearer(&owner.token).idempotency_key(&format!("k{key}"));
        let sent = call.json(body).send().await.expect_status(202);
        let hint = data(&events.until(&sent.text("/message/id")).await);
        assert_eq!(hint["type"], "message.updated");
        assert_eq!(hint["conversationId"], json!(sent.text("/conversation/id")));
    }
}

#[tokio::test]
async fn a_change_of_a_lines_state_is_hinted_at() {
    let bed = TestBed::start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let mut events = Events::open(&bed, &owner, None).await;
    let before = bed.shown_line(&owner, &line).await["stateVersion"].as_i64().unwrap();
    bed.simulator().fault(&line, &json!({"kind": "refuse_connects"})).await;
    bed.simulator().fault(&line, &json!({"kind": "drop"})).await;
    // What was hinted at is there to be read when the hint comes.
    loop {
        let hint = data(&events.until("event: line.updated").await);
        assert_eq!((&hint["type"], &hint["lineId"]), (&json!("line.updated"), &json!(line)));
        let shown = bed.shown_line(&owner, &line).await;
        if shown["stateVersion"].as_i64().unwrap() > before && shown["sendable"] == false {
            break;
        }
    }
}
