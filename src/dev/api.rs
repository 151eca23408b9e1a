//! A client of the HTTP interfaces, as small as an integrator's first script.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(20);

/// One base address with an optional bearer token.
#[derive(Debug, Clone)]
pub(super) struct Api {
    client: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// Status and body; an empty or foreign body is `null`.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) replayed: bool,
    pub(super) body: Value,
}

impl Api {
    pub(super) fn new(base: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), token: None })
    }

    pub(super) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// A post whose repetition does nothing twice.
    pub(super) async fn post_once(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let response = request.send().await.with_context(|| format!("{} is not reachable", self.base))?;
        let status = response.status();
        let replayed = response.headers().contains_key("Idempotency-Replayed");
        let bytes = response.bytes().await?;
        Ok(Answer { status, replayed, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}

impl Answer {
    /// The answer when it has the wanted status, else an error with the service's own words.
    pub(super) fn expect(self, status: u16) -> anyhow::Result<Self> {
        if self.status.as_u16() == status {
            return Ok(self);
        }
        bail!("{status} was expected, the answer is {}: {}", self.status, self.body)
    }

    pub(super) fn text(&self, pointer: &str) -> anyhow::Result<String> {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| anyhow!("the answer has no {pointer}: {}", self.body))
    }

    pub(super) fn list(&self, pointer: &str) -> anyhow::Result<&Vec<Value>> {
        let list = self.body.pointer(pointer).and_then(Value::as_array);
        list.ok_or_else(|| anyhow!("the answer has no list {pointer}: {}", self.body))
    }
}

/// Asks until there is an answer; `what` is named when there is none in time.
pub(super) async fn until<T, F>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> F,
) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let start = Instant::now();
    loop {
        let failure = match ask().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if start.elapsed() > patience {
            let missing = anyhow!("{what}: not within {patience:?}");
            return Err(
                failure.map_or(missing, |error| error.context(format!("{what}: not within {patience:?}")))
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
