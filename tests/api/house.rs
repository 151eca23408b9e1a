//! An organization with one of everything that a path names.

use super::support::{
    Owner, TestBed,
    contract::{Caller, Operation},
};
use serde_json::{Value, json};

/// A PNG of one pixel, as far as anybody looks.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAA=";

/// One organization and all that names it.
pub(crate) struct House {
    pub(crate) owner: Owner,
    pub(crate) line: String,
    pub(crate) line_token: String,
    pub(crate) conversation: String,
    /// Both of what the customer wrote: there is nothing to settle about it.
    pub(crate) attachment: String,
    pub(crate) message: String,
    pub(crate) customer: String,
}

impl House {
    pub(crate) async fn build(bed: &TestBed, customer: &str) -> Self {
        let owner = bed.signup().await;
        let line = bed.line(&owner).await;
        bed.pair(&owner, &line).await;
        let line_token = bed.line_token(&owner, &line).await;
        bed.simulator().inbound_of(&line, &json!({"from": customer, "imageBase64": PIXEL})).await;
        let path = format!("/api/conversations?lineId={line}");
        let conversation = bed
            .eventually("the conversation", || async {
                let listed = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
                listed.body.pointer("/conversations/0/id").and_then(Value::as_str).map(str::to_owned)
            })
            .await;
        let path = format!("/api/conversations/{conversation}/messages");
        let messages = bed.get(&path).bearer(&owner.token).send().await.expect_status(200);
        let (attachment, message) =
            (messages.text("/messages/0/attachment/id"), messages.text("/messages/0/id"));
        Self { owner, line, line_token, conversation, attachment, message, customer: customer.to_owned() }
    }

    pub(crate) fn id_for(&self, operation: &Operation) -> &str {
        match operation.id_name() {
            Some("conversationId") => &self.conversation,
            Some("attachmentId") => &self.attachment,
            Some("messageId") => &self.message,
            Some(_) | None => &self.line,
        }
    }

    /// The token that this operation asks for.
    pub(crate) fn token_for(&self, operation: &Operation) -> Option<&str> {
        match operation.caller {
            Caller::Anybody => None,
            Caller::User => Some(&self.owner.token),
            Caller::Line => Some(&self.line_token),
        }
    }
}
