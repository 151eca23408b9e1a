//! `make demo`: the walk of `ezw dev` done by a program, over plain HTTP, step by step. Repeatable: a paired line is
//! unlinked first, so that every step is shown each time.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::announce::say;
use super::api::{Answer, Api, until};
use super::seed::{Demo, OWNER, state};

const PATIENCE: Duration = Duration::from_secs(60);
const LINE_NUMBER: &str = "+4915550001001";
const CUSTOMER: &str = "+4915550002002";

struct Walk {
    owner: Api,
    channel: Api,
    phones: Api,
    line: String,
}

/// Walks through the running environment; the first step that fails ends it.
pub async fn demo(data_dir: &Path) -> anyhow::Result<()> {
    let demo = Demo::read(data_dir)?;
    let walk = prepare(&demo).await?;
    walk.unlink_when_linked().await.context("unlink")?;
    walk.pair().await.context("pair")?;
    let conversation = walk.customer_writes().await.context("a customer writes")?;
    let message = walk.reply(&conversation).await.context("reply")?;
    walk.check_delivery(&conversation, &message).await.context("delivery")?;
    say("every step worked");
    Ok(())
}

async fn prepare(demo: &Demo) -> anyhow::Result<Walk> {
    let api = Api::new(&demo.api)?;
    let credentials = json!({"email": OWNER, "password": demo.password});
    let login = api.post("/api/auth/login", &credentials).await?.expect(200).context("log in")?;
    step("POST", "/api/auth/login", &login, OWNER);
    let owner = api.with_token(&login.text("/idToken")?);
    let session = owner.get("/api/auth/session").await?.expect(200)?;
    step("GET", "/api/auth/session", &session, &session.text("/principal/role")?);
    let Some(line) = demo.lines.first() else { bail!("the demo organization has no line") };
    let path = format!("/api/lines/{}/api-token", line.id);
    let rotated = owner.post(&path, &json!({})).await?.expect(201).context("line token")?;
    step("POST", &path, &rotated, &rotated.text("/token/tokenPreview")?);
    let channel = api.with_token(&rotated.text("/lineApiToken")?);
    Ok(Walk { owner, channel, phones: Api::new(&demo.simulator)?, line: line.id.clone() })
}

impl Walk {
    async fn health(&self) -> anyhow::Result<Answer> {
        self.channel.get("/api/v1/health?wakeup=false").await?.expect(200)
    }

    async fn unlink_when_linked(&self) -> anyhow::Result<()> {
        let health = self.health().await?;
        step("GET", "/api/v1/health?wakeup=false", &health, &shown(&health));
        let linked = self.phones.get("/v1/lines").await?.expect(200)?.list("/lines")?.iter().any(|line| {
            line.get("lineId").and_then(Value::as_str) == Some(&self.line)
                && line.get("linked").and_then(Value::as_bool) == Some(true)
        });
        if !linked {
            return Ok(());
        }
        let path = format!("/v1/lines/{}/unlink", self.line);
        let unlinked = self.phones.post(&path, &json!({})).await?;
        step("POST", &format!("phone {path}"), &unlinked, "linked by an earlier run");
        self.until_health("the line notices", |line| state(line) == "logged_out").await
    }

    async fn pair(&self) -> anyhow::Result<()> {
        let path = format!("/api/lines/{}/qr", self.line);
        let key = format!("demo-{}", uuid::Uuid::now_v7());
        let asked = self.owner.post(&path, &json!({"idempotencyKey": key})).await?.expect(200)?;
        step("POST", &path, &asked, &asked.text("/command/state")?);
        let qr = until("a QR code is shown", PATIENCE, || async {
            let qr = self.owner.get(&path).await?;
            Ok((qr.status == 200).then_some(qr))
        })
        .await?;
        step("GET", &path, &qr, &format!("an image of {} characters", qr.text("/qr/imageDataUrl")?.len()));
        let scan = format!("/v1/lines/{}/scan", self.line);
        let scanned = self.phones.post(&scan, &json!({"phoneNumber": LINE_NUMBER})).await?;
        if !scanned.status.is_success() {
            bail!("the phone could not scan: {} {}", scanned.status, scanned.body);
        }
        step("POST", &format!("phone {scan}"), &scanned, LINE_NUMBER);
        self.until_health("the line can send", |line| line.get("sendable") == Some(&Value::Bool(true))).await
    }

    async fn until_health(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let health = until(what, PATIENCE, || async {
            let health = self.health().await?;
            Ok(health.body.get("line").is_some_and(&wanted).then_some(health))
        })
        .await?;
        step("GET", "/api/v1/health?wakeup=false", &health, &shown(&health));
        Ok(())
    }

    async fn customer_writes(&self) -> anyhow::Result<String> {
        let text = format!("Hello, where is my parcel? ({})", uuid::Uuid::now_v7().simple());
        let path = format!("/v1/lines/{}/inbound", self.line);
        let sent = self.phones.post(&path, &json!({"from": CUSTOMER, "text": text})).await?;
        step("POST", &format!("phone {path}"), &sent, &text);
        let path = format!("/api/conversations?lineId={}&phoneNumber=%2B{}", self.line, &CUSTOMER[1..]);
        let (answer, id) = until("the conversation shows it", PATIENCE, || async {
            let answer = self.owner.get(&path).await?.expect(200)?;
            let matching = answer.list("/conversations")?.iter().find(|conversation| {
                conversation.get("lastMessagePreview").and_then(Value::as_str).is_some_and(|preview| {
                    // A preview may be cut.
                    text.starts_with(preview.trim_end_matches('…'))
                })
            });
            let id = matching.and_then(|conversation| conversation.get("id")?.as_str()).map(str::to_owned);
            Ok(id.map(|id| (answer, id)))
        })
        .await?;
        step("GET", &path, &answer, &id);
        Ok(id)
    }

    async fn reply(&self, conversation: &str) -> anyhow::Result<String> {
        let path = format!("/api/lines/{}/send", self.line);
        let key = format!("demo-{}", uuid::Uuid::now_v7());
        let body = json!({"conversationId": conversation, "bodyText": "It arrives today."});
        let sent = self.owner.post_once(&path, &key, &body).await?.expect(202)?;
        let id = sent.text("/message/id")?;
        step("POST", &path, &sent, &id);
        let again = self.owner.post_once(&path, &key, &body).await?.expect(202)?;
        if !again.replayed || again.text("/message/id")? != id {
            bail!("the same key made a second message: {}", again.body);
        }
        step("POST", &path, &again, "same key: the same message, replayed");
        Ok(id)
    }

    async fn check_delivery(&self, conversation: &str, message: &str) -> anyhow::Result<()> {
        let path = format!("/api/conversations/{conversation}/messages");
        let (answer, provider_id) = until("the reply is delivered", PATIENCE, || async {
            let answer = self.owner.get(&path).await?.expect(200)?;
            let found = answer.list("/messages")?.iter().find(|entry| {
                entry.get("id").and_then(Value::as_str) == Some(message)
                    && entry.get("status").and_then(Value::as_str) == Some("delivered")
            });
            let id = found.and_then(|entry| entry.get("providerMessageId")?.as_str()).map(str::to_owned);
            Ok(id.map(|id| (answer, id)))
        })
        .await?;
        step("GET", &path, &answer, "delivered");
        let journal = self.accepted(&provider_id).await?;
        if journal != 1 {
            bail!("the phone network accepted the reply {journal} times");
        }
        say("      the phone network accepted it exactly once");
        Ok(())
    }

    /// How often the simulator's journal has this message, page by page.
    async fn accepted(&self, provider_id: &str) -> anyhow::Result<usize> {
        const PAGE: usize = 500;
        let (mut after, mut count) = (0, 0);
        loop {
            let page =
                self.phones.get(&format!("/v1/journal?after={after}&limit={PAGE}")).await?.expect(200)?;
            let entries = page.list("/entries")?;
            count += entries
                .iter()
                .filter(|entry| entry.get("providerMessageId").and_then(Value::as_str) == Some(provider_id))
                .filter(|entry| {
                    entry
                        .get("kind")
                        .and_then(Value::as_str)
                        .is_some_and(|kind| ["accepted", "repeat"].contains(&kind))
                })
                .count();
            let last = entries.last().and_then(|entry| entry.get("seq")).and_then(Value::as_u64);
            match last {
                Some(seq) if seq > after => after = seq,
                _ => return Ok(count),
            }
        }
    }
}

fn shown(health: &Answer) -> String {
    let of = |pointer: &str| health.text(pointer).unwrap_or_else(|_| "-".into());
    format!("{} {} {}", of("/health/status/text"), of("/line/lifecycleState"), of("/line/effectiveSendState"))
}

fn step(method: &str, path: &str, answer: &Answer, salient: &str) {
    say(&format!("{:<5} {path} -> {} {salient}", method, answer.status.as_u16()));
}
