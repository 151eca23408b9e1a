//! The stream of hints.

use super::support::{Owner, TestBed};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
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
async fn the_service_stops_in_time_with_a_stream_open() {
    let mut bed = TestBed::start().await;
    let owner = bed.signup().await;
    let _events = Events::open(&bed, &owner, None).await;
    let start = std::time::Instant::now();
    bed.stop_service().await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
