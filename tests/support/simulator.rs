//! The phones' side: what a customer or an owner does with a phone, and what really reached the phone network.

use std::path::Path;

use serde_json::{Value, json};

use super::client::{self, Call, Reply};
use super::process::{Running, simulator_binary};

/// Of the bed's folder: which lines are linked, kept up to date by a simulator that began with some.
pub(crate) const STATE_FILE: &str = "simulator-state.json";

pub(crate) struct Simulator {
    running: Running,
    client: reqwest::Client,
    pub(crate) base: String,
}

impl Simulator {
    pub(crate) async fn start(folder: &Path, state: Option<String>) -> Self {
        let log = folder.join("simulator.log");
        let file = folder.join(STATE_FILE);
        let mut arguments = vec!["--listen", "127.0.0.1:0", "--exit-with-parent"];
        if let Some(state) = state {
            std::fs::write(&file, state).unwrap();
            arguments.extend(["--state", file.to_str().unwrap()]);
        }
        let announcement = "ezw-simulator listening on ";
        // A connection that is broken off on purpose is no news, two thousand of them drown everything else.
        let quiet = [("RUST_LOG".to_owned(), "info,actix_http=off".to_owned())];
        let running = Running::start(&simulator_binary(), &arguments, &quiet, &log, announcement).await;
        let base = running.address.clone();
        Self { running, client: client::new(), base }
    }

    pub(crate) fn call(&self, method: reqwest::Method, path: &str) -> Call {
        Call::new(self.client.request(method, format!("{}{path}", self.base)))
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(reqwest::Method::POST, path).json(body).send().await
    }

    /// Scans the QR code the line shows; the status, 404 while none is shown.
    pub(crate) async fn scan(&self, line: &str, number: &str) -> u16 {
        self.post(&format!("/v1/lines/{line}/scan"), &json!({"phoneNumber": number})).await.status
    }

    pub(crate) async fn unlink(&self, line: &str) {
        let reply = self.post(&format!("/v1/lines/{line}/unlink"), &json!({})).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    /// A customer writes; the id that the phone network gave the message.
    pub(crate) async fn inbound(&self, line: &str, from: &str, text: &str) -> String {
        self.inbound_of(line, &json!({"from": from, "text": text})).await
    }

    /// The same for every other kind of message.
    pub(crate) async fn inbound_of(&self, line: &str, body: &Value) -> String {
        let reply = self.post(&format!("/v1/lines/{line}/inbound"), body).await;
        assert!(reply.status < 300, "{}", reply.raw);
        reply.text("/providerMessageId")
    }

    /// Switches a fault on for one line, for example `{"kind": "drop_ack"}`.
    pub(crate) async fn fault(&self, line: &str, fault: &Value) {
        let reply = self.post(&format!("/v1/lines/{line}/faults"), fault).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    pub(crate) async fn fault_all(&self, fault: &Value) {
        let reply = self.post("/v1/faults", fault).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    pub(crate) async fn clear_faults(&self, line: &str) {
        let reply = self.call(reqwest::Method::DELETE, &format!("/v1/lines/{line}/faults")).send().await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    /// Ends the faults of all lines.
    pub(crate) async fn clear_all_faults(&self) {
        self.call(reqwest::Method::DELETE, "/v1/faults").send().await.expect_status(200);
    }

    pub(crate) async fn settings(&self, settings: &Value) {
        let reply = self.post("/v1/settings", settings).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    pub(crate) async fn lines(&self) -> Vec<Value> {
        self.call(reqwest::Method::GET, "/v1/lines").send().await.expect_status(200).list("/lines")
    }

    /// Counts since its start.
    pub(crate) async fn stats(&self) -> Value {
        self.call(reqwest::Method::GET, "/v1/stats").send().await.expect_status(200).body
    }

    /// The whole journal of one line, oldest first.
    pub(crate) async fn journal(&self, line: &str) -> Vec<Value> {
        self.journal_where(&format!("&lineId={line}")).await
    }

    /// The whole journal of all lines, oldest first.
    pub(crate) async fn whole_journal(&self) -> Vec<Value> {
        self.journal_where("").await
    }

    async fn journal_where(&self, filter: &str) -> Vec<Value> {
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let path = format!("/v1/journal?after={after}&limit=10000{filter}");
            let page =
                self.call(reqwest::Method::GET, &path).send().await.expect_status(200).list("/entries");
            let Some(last) = page.last().and_then(|entry| entry["seq"].as_u64()) else { return all };
            assert!(last > after, "the journal does not move on");
            after = last;
            all.extend(page);
        }
    }

    /// The ids of the sends that reached the phone network for this line, repeats included.
    pub(crate) async fn sends(&self, line: &str) -> Vec<String> {
        let journal = self.journal(line).await;
        let sends = journal.iter().filter(|entry| entry["kind"] == "accepted" || entry["kind"] == "repeat");
        sends.filter_map(|entry| entry["providerMessageId"].as_str().map(str::to_owned)).collect()
    }
}
