//! A simulator of a test's own, a client for its link, and waiting with one generous deadline.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

/// No test is decided by it, unless it fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) const LINE: Uuid = Uuid::from_u128(0x11);
pub(crate) const CUSTOMER: &str = "+4915199999999";

/// Gone with everything in it when the test is over.
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("ezw-simulator-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&path).expect("a directory for the test");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(crate) struct Simulator {
    pub(crate) process: Child,
    pub(crate) address: String,
    http: reqwest::Client,
}

impl Simulator {
    pub(crate) async fn start() -> Self {
        Self::start_with(&["--seed", "7"]).await
    }

    pub(crate) async fn start_with(args: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ezw-simulator"))
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the simulator starts");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout")).lines();
        let line =
            timeout(DEADLINE, lines.next_line()).await.expect("in time").expect("readable").expect("a line");
        let address =
            line.strip_prefix("ezw-simulator listening on http://").expect("the announced line").to_owned();
        Self { process, address, http: reqwest::Client::new() }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request =
            self.http.request(method, format!("http://{}{path}", self.address)).timeout(DEADLINE);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(crate) async fn refused(&self, path: &str, body: Value) -> StatusCode {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(answer["error"].is_string(), "{path}: {answer}");
        status
    }

    pub(crate) async fn delete(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::DELETE, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(crate) async fn fault(&self, fault: Value) -> Value {
        self.post(&format!("/v1/lines/{LINE}/faults"), fault).await
    }

    pub(crate) async fn say(&self, text: &str) -> String {
        let message = json!({"from": CUSTOMER, "text": text});
        let answer = self.post(&format!("/v1/lines/{LINE}/inbound"), message).await;
        answer["providerMessageId"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn line(&self) -> Value {
        self.get(&format!("/v1/lines?lineId={LINE}")).await["lines"][0].clone()
    }

    /// The entries of one kind, oldest first.
    pub(crate) async fn journal(&self, kind: &str) -> Vec<Value> {
        let page = self.get("/v1/journal?limit=10000").await;
        let entries = page["entries"].as_array().expect("entries");
        entries.iter().filter(|entry| entry["kind"] == kind).cloned().collect()
    }

    /// Asks until the answer is yes.
    pub(crate) async fn until(&self, path: &str, yes: impl Fn(&Value) -> bool) {
        let asked = async {
            while !yes(&self.get(path).await) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(DEADLINE, asked).await.expect("yes in time");
    }

    pub(crate) async fn link(&self) -> Link {
        let (socket, _) = connect_async(format!("ws://{}/v1/link", self.address)).await.expect("a link");
        Link(socket)
    }

    pub(crate) async fn open(&self, generation: i64, credentials: Option<&str>) -> Link {
        self.open_line(LINE, generation, credentials).await
    }

    pub(crate) async fn open_line(&self, line: Uuid, generation: i64, credentials: Option<&str>) -> Link {
        let mut link = self.link().await;
        let open =
            json!({"type": "open", "lineId": line, "generation": generation, "credentials": credentials});
        link.send(open).await;
        link
    }

    /// Pairs the line by a scan; answers with its credentials.
    pub(crate) async fn pair(&self) -> String {
        let mut link = self.open(1, None).await;
        link.wait_for("pairingQr").await;
        self.post(&format!("/v1/lines/{LINE}/scan"), json!({})).await;
        let paired = link.wait_for("paired").await;
        link.wait_for_close(515).await;
        paired["credentials"].as_str().expect("credentials").to_owned()
    }

    /// Pairs and logs in: a line that is ready, and its credentials.
    pub(crate) async fn ready(&self) -> (Link, String) {
        let credentials = self.pair().await;
        (self.logged_in(2, &credentials).await, credentials)
    }

    pub(crate) async fn logged_in(&self, generation: i64, credentials: &str) -> Link {
        let mut link = self.open(generation, Some(credentials)).await;
        link.wait_for("loggedIn").await;
        link.wait_for("ready").await;
        link
    }
}

pub(crate) struct Link(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Link {
    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_raw(&frame.to_string()).await;
    }

    pub(crate) async fn send_raw(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn text(&mut self, id: &str, text: &str) {
        self.send(json!({
            "type": "send", "providerMessageId": id, "to": CUSTOMER, "kind": "text", "text": text, "mediaId": null,
        }))
        .await;
    }

    /// The next message of any sort; None once the connection is over.
    pub(crate) async fn raw(&mut self) -> Option<Result<Message, tokio_tungstenite::tungstenite::Error>> {
        timeout(DEADLINE, self.0.next()).await.expect("a message in time")
    }

    /// The next frame.
    pub(crate) async fn next(&mut self) -> Value {
        match self.raw().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("a JSON frame"),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The next frame of this type, passing over others.
    pub(crate) async fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
            assert_ne!(frame["type"], "closed", "while waiting for {kind}: {frame}");
        }
    }

    /// The `closed` frame with this code, then the end of the connection.
    pub(crate) async fn wait_for_close(&mut self, code: u16) -> Value {
        let closed = loop {
            let frame = self.next().await;
            if frame["type"] == "closed" {
                break frame;
            }
        };
        assert_eq!(closed["code"], code, "{closed}");
        self.wait_for_end().await;
        closed
    }

    /// The end of the connection. True when it came as a WebSocket close, false when it broke off.
    pub(crate) async fn wait_for_end(&mut self) -> bool {
        loop {
            match self.raw().await {
                Some(Ok(Message::Close(_))) => return true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }

    /// A ping and its answer: every frame that the simulator had put on the wire before has been seen by then.
    pub(crate) async fn frames_until_pong(&mut self, nonce: i64) -> Vec<Value> {
        self.send(json!({"type": "ping", "nonce": nonce})).await;
        let mut before = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" && frame["nonce"] == nonce {
                return before;
            }
            before.push(frame);
        }
    }

    /// Nothing comes for a while. Only ever used where something would come at once.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(300), self.0.next()).await.is_err()
    }

    pub(crate) async fn acknowledge(&mut self, ids: &[&str]) {
        self.send(json!({"type": "inboundAck", "providerMessageIds": ids})).await;
    }
}
