//! A small HTTP client whose failures show the whole answer.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

pub(crate) fn new() -> reqwest::Client {
    // Longer than the handler deadline, so that a test sees the service's own answer and not ours; and connections are
    // not kept up to the moment at which the service closes them.
    let builder = reqwest::Client::builder().timeout(Duration::from_secs(30));
    builder.pool_idle_timeout(Duration::from_secs(2)).build().expect("a client")
}

/// One that opens a connection for each call, as a thousand programs would.
pub(crate) fn of_many() -> reqwest::Client {
    let builder = reqwest::Client::builder().timeout(Duration::from_secs(120)).pool_max_idle_per_host(0);
    builder.build().expect("a client")
}

pub(crate) struct Call {
    request: RequestBuilder,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `null` when the body isn't JSON.
    pub(crate) body: Value,
    pub(crate) raw: String,
}

impl Call {
    pub(crate) fn new(request: RequestBuilder) -> Self {
        Self { request }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        Self { request: self.request.bearer_auth(token) }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body) }
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value) }
    }

    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// A body as it is, for malformed ones.
    pub(crate) fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { request: self.request.header("Content-Type", content_type).body(body) }
    }

    pub(crate) fn form(self, form: reqwest::multipart::Form) -> Self {
        Self { request: self.request.multipart(form) }
    }

    pub(crate) async fn send(self) -> Reply {
        self.try_send().await.expect("the service answers")
    }

    /// For services that may be down.
    pub(crate) async fn try_send(self) -> reqwest::Result<Reply> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let raw = response.text().await?;
        let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
        Ok(Reply { status, headers, body, raw })
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "the answer is {}", self.raw);
        self
    }

    /// The status and the code of a refusal.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect_status(status);
        assert_eq!(reply.body["code"], code, "the answer is {}", reply.raw);
        reply
    }

    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.raw)).to_owned()
    }

    #[track_caller]
    pub(crate) fn list(&self, pointer: &str) -> Vec<Value> {
        let list = self.body.pointer(pointer).and_then(Value::as_array);
        list.unwrap_or_else(|| panic!("no list at {pointer} in {}", self.raw)).clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
