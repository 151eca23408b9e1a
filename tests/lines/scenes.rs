//! What several tests of lines begin with.

use super::support::{Owner, TestBed};
use serde_json::{Value, json};

/// A line and whoever watches it.
pub(crate) struct Scene {
    pub(crate) owner: Owner,
    pub(crate) line: String,
    pub(crate) token: String,
}

impl Scene {
    /// A line that was never paired.
    pub(crate) async fn unpaired(bed: &TestBed) -> Self {
        let owner = bed.signup().await;
        let line = bed.line(&owner).await;
        let token = bed.line_token(&owner, &line).await;
        let scene = Self { owner, line, token };
        // Making a line asks for its QR code: called off, so that a test begins at the beginning.
        scene.order(bed, "stop").await;
        scene.until(bed, "created", |health| health["line"]["lifecycleState"] == "created").await;
        scene
    }

    /// A line that can send; its number goes with it.
    pub(crate) async fn connected(bed: &TestBed) -> (Self, String) {
        let scene = Self::unpaired(bed).await;
        let number = bed.pair(&scene.owner, &scene.line).await;
        (scene, number)
    }

    pub(crate) async fn health(&self, bed: &TestBed) -> Value {
        let health = bed.get("/api/v1/health?wakeup=false").bearer(&self.token).send().await;
        health.expect_status(200).body
    }

    pub(crate) async fn order(&self, bed: &TestBed, order: &str) -> Value {
        let path = format!("/api/lines/{}/{order}", self.line);
        bed.post(&path).bearer(&self.owner.token).send().await.expect_status(200).body
    }

    /// Waits until health says so, and answers with what it said.
    pub(crate) async fn until(&self, bed: &TestBed, what: &str, says: impl Fn(&Value) -> bool) -> Value {
        bed.eventually(what, || async {
            let health = self.health(bed).await;
            says(&health).then_some(health)
        })
        .await
    }

    pub(crate) async fn until_sendable(&self, bed: &TestBed) -> Value {
        self.until(bed, "sendable", |health| health["line"]["sendable"] == true).await
    }

    /// Sends, and answers with the message's id and its conversation.
    pub(crate) async fn send(
        &self,
        bed: &TestBed,
        key: &str,
        target: (&str, &str),
        text: &str,
    ) -> (String, String) {
        let path = format!("/api/lines/{}/send", self.line);
        let body = json!({ target.0: target.1, "bodyText": text });
        let sent = bed.post(&path).bearer(&self.owner.token).idempotency_key(key).json(&body).send().await;
        let sent = sent.expect_status(202);
        (sent.text("/message/id"), sent.text("/conversation/id"))
    }

    /// The conversation with this number, once it is there.
    pub(crate) async fn conversation(&self, bed: &TestBed, number: &str) -> Value {
        let path = format!("/api/conversations?lineId={}&phoneNumber=%2B{}", self.line, &number[1..]);
        bed.eventually("a conversation", || async {
            let reply = bed.get(&path).bearer(&self.owner.token).send().await.expect_status(200);
            reply.body["conversations"].as_array().and_then(|found| found.first().cloned())
        })
        .await
    }

    pub(crate) async fn messages(&self, bed: &TestBed, conversation: &str) -> Vec<Value> {
        let path = format!("/api/conversations/{conversation}/messages?limit=200");
        bed.get(&path).bearer(&self.owner.token).send().await.expect_status(200).list("/messages")
    }

    /// Waits until the message has this status.
    pub(crate) async fn until_status(
        &self,
        bed: &TestBed,
        conversation: &str,
        message: &str,
        status: &str,
    ) -> Value {
        bed.eventually(status, || async {
            let messages = self.messages(bed, conversation).await;
            messages.into_iter().find(|found| found["id"] == message && found["status"] == status)
        })
        .await
    }
}

/// The three axes in one comparison.
#[track_caller]
pub(crate) fn assert_axes(health: &Value, code: u8, text: &str, lifecycle: &str, send: &str) {
    let line = &health["line"];
    let said = (&health["health"]["status"], &line["lifecycleState"], &line["effectiveSendState"]);
    let wanted = (&json!({"code": code, "text": text}), &json!(lifecycle), &json!(send));
    assert_eq!(said, wanted, "{health}");
    assert_eq!(line["sendable"], send == "sendable", "{health}");
}
