//! What the people at the other end see, for the page and the referee: a window on the newest messages. Nothing in
//! here decides what is sent, but the 24 hours of `timelock`.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Refusal, World};
use crate::{clock, frames::ReceiptKind};

const MAX_MESSAGES: usize = 200_000;
const MAX_PER_CHAT: usize = 200;
const MAX_CHATS_PER_LINE: usize = 1_000;
const MAX_TEXT_CHARS: usize = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Sender {
    Line,
    Customer,
    Phone,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    provider_message_id: String,
    sender: Sender,
    kind: String,
    text: Option<String>,
    media_id: Option<String>,
    at: DateTime<Utc>,
    /// Of what the line sent: none yet, or the newest receipt.
    receipt: Option<ReceiptKind>,
    /// The customer sees this message although one with its id was there before.
    repeat: bool,
}

impl Message {
    pub(super) fn new(
        id: &str,
        sender: Sender,
        kind: &str,
        text: Option<&str>,
        media_id: Option<&str>,
        repeat: bool,
    ) -> Self {
        Self {
            provider_message_id: id.to_owned(),
            sender,
            kind: kind.to_owned(),
            text: text.map(|text| text.chars().take(MAX_TEXT_CHARS).collect()),
            media_id: media_id.map(str::to_owned),
            at: clock::now(),
            receipt: None,
            repeat,
        }
    }
}

#[derive(Default)]
struct Chat {
    lid: Option<String>,
    push_name: Option<String>,
    last_inbound: Option<DateTime<Utc>>,
    changed: u64,
    messages: VecDeque<Message>,
}

#[derive(Default)]
pub(super) struct ChatLog {
    lines: BTreeMap<Uuid, BTreeMap<String, Chat>>,
    /// Which chat each message went to, oldest first: the order in which they are forgotten.
    order: VecDeque<(Uuid, String)>,
    count: u64,
}

impl ChatLog {
    /// A chat is found by number or lid, whichever is used: both are aliases of one person.
    fn key(&self, line: Uuid, chat: &str) -> Option<String> {
        let chats = self.lines.get(&line)?;
        if chats.contains_key(chat) {
            return Some(chat.to_owned());
        }
        chats.iter().find(|(_, held)| held.lid.as_deref() == Some(chat)).map(|(key, _)| key.clone())
    }

    fn chat(&self, line: Uuid, chat: &str) -> Option<&Chat> {
        self.lines.get(&line)?.get(&self.key(line, chat)?)
    }

    fn chat_mut(&mut self, line: Uuid, chat: &str) -> Option<&mut Chat> {
        let key = self.key(line, chat)?;
        self.lines.get_mut(&line)?.get_mut(&key)
    }

    pub(super) fn add(&mut self, line: Uuid, chat: &str, message: Message) {
        let key = self.key(line, chat).unwrap_or_else(|| chat.to_owned());
        self.count += 1;
        let chats = self.lines.entry(line).or_default();
        if chats.len() >= MAX_CHATS_PER_LINE && !chats.contains_key(&key) {
            let stalest = chats.iter().min_by_key(|(_, chat)| chat.changed).map(|(key, _)| key.clone());
            chats.remove(&stalest.unwrap_or_default());
        }
        let held = chats.entry(key.clone()).or_default();
        held.changed = self.count;
        if message.sender == Sender::Customer {
            held.last_inbound = Some(message.at);
        }
        if held.messages.len() >= MAX_PER_CHAT {
            held.messages.pop_front();
        }
        held.messages.push_back(message);
        self.order.push_back((line, key));
        if self.order.len() > MAX_MESSAGES {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((line, key)) = self.order.pop_front() else { return };
        let Some(chats) = self.lines.get_mut(&line) else { return };
        if let Some(chat) = chats.get_mut(&key) {
            chat.messages.pop_front();
            if chat.messages.is_empty() {
                chats.remove(&key);
            }
        }
    }

    pub(super) fn name(&mut self, line: Uuid, chat: &str, lid: Option<&str>, push_name: Option<&str>) {
        if let Some(held) = self.chat_mut(line, chat) {
            held.lid = lid.map(str::to_owned).or(held.lid.take());
            held.push_name = push_name.map(str::to_owned).or(held.push_name.take());
        }
    }

    pub(super) fn mark(&mut self, line: Uuid, chat: &str, id: &str, receipt: ReceiptKind) {
        let Some(held) = self.chat_mut(line, chat) else { return };
        for message in held.messages.iter_mut().filter(|message| message.provider_message_id == id) {
            message.receipt = message.receipt.max(Some(receipt));
        }
    }

    pub(super) fn last_inbound(&self, line: Uuid, chat: &str) -> Option<DateTime<Utc>> {
        self.chat(line, chat)?.last_inbound
    }

    /// The newest message that can be edited or deleted.
    pub(super) fn last_inbound_id(&self, line: Uuid, chat: &str) -> Option<String> {
        let messages = &self.chat(line, chat)?.messages;
        let mut own = messages.iter().rev().filter(|message| {
            message.sender != Sender::Line && message.kind != "edit" && message.kind != "delete"
        });
        own.next().map(|message| message.provider_message_id.clone())
    }
}

impl World {
    /// Newest chat first, newest message last.
    pub(crate) fn describe_chats(&self, id: Uuid, limit: usize) -> Result<Value, Refusal> {
        self.line(id)?;
        let mut chats: Vec<(&String, &Chat)> = self.chats.lines.get(&id).into_iter().flatten().collect();
        chats.sort_by_key(|(_, chat)| std::cmp::Reverse(chat.changed));
        let shown = chats.into_iter().take(limit).map(|(key, chat)| {
            json!({
                "chat": key,
                "lid": chat.lid,
                "pushName": chat.push_name,
                "messages": chat.messages,
            })
        });
        Ok(json!({"lineId": id, "chats": shown.collect::<Vec<_>>()}))
    }
}
