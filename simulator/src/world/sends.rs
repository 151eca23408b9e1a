//! What the service sends: checked, judged by the faults, accepted once, acknowledged.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Due, Ending, World,
    chats::{Message, Sender},
    pairing::check_phone,
    receipts::Receipt,
    sessions::Stage,
};
use crate::{
    clock,
    fault::Effects,
    frames::{ReceiptKind, Send, ServerFrame},
    journal::{Kind, Note},
};

const MAX_TEXT_BYTES: usize = 65_536;
const MAX_ID_BYTES: usize = 128;
/// A recipient who wrote within this long is no new contact.
const KNOWN_CONTACT_HOURS: i64 = 24;

/// What the media store knows about the image of a send.
pub(crate) struct ImageFact {
    pub(crate) sha256: String,
}

/// SHA-256 in hex: of the text, or for an image of `<hex SHA-256 of the bytes>\n<caption>`.
pub(super) fn body_digest(text: Option<&str>, image_sha256: Option<&str>) -> String {
    let mut hash = Sha256::new();
    if let Some(image) = image_sha256 {
        hash.update(image);
        hash.update("\n");
    }
    hash.update(text.unwrap_or_default());
    hex::encode(hash.finalize())
}

fn is_recipient(to: &str) -> bool {
    let lid = |to: &str| {
        to.strip_suffix("@lid").is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
    };
    to.len() <= 64 && (lid(to) || check_phone(to).is_ok())
}

impl World {
    pub(crate) fn send(&mut self, id: Uuid, key: u64, send: &Send, image: Option<&ImageFact>) {
        if !self.is_current(id, key) {
            return self.late(id, key, &send.provider_message_id);
        }
        let effects = self.effects(id, clock::now());
        if effects.half_open || effects.no_acks {
            self.stats.sends.swallowed += 1;
            return;
        }
        if self.stage(id) == Some(Stage::Pairing) {
            return self.end(id, Ending::close(401, "the line is not linked"));
        }
        if let Some((code, until)) = self.verdict(id, send, image, &effects) {
            self.stats.sends.rejected += 1;
            let provider_message_id = &send.provider_message_id;
            self.push(id, &ServerFrame::Rejected { provider_message_id, code, until });
            return;
        }
        self.accept(id, send, image);
        self.acknowledge(id, key, send, &effects);
    }

    fn verdict(
        &self,
        id: Uuid,
        send: &Send,
        image: Option<&ImageFact>,
        effects: &Effects,
    ) -> Option<(u16, Option<chrono::DateTime<chrono::Utc>>)> {
        let text = send.text.as_deref().unwrap_or_default();
        let id_ok = (1..=MAX_ID_BYTES).contains(&send.provider_message_id.len());
        if !id_ok || !is_recipient(&send.to) || text.len() > MAX_TEXT_BYTES {
            return Some((400, None));
        }
        let body_ok = match send.kind.as_str() {
            "text" => !text.is_empty(),
            "image" => image.is_some(),
            _ => return Some((479, None)),
        };
        if !body_ok {
            return Some((400, None));
        }
        if effects.nack.is_some() {
            return effects.nack;
        }
        if let Some(until) = effects.rate_limited {
            return Some((429, until));
        }
        effects.timelock.filter(|_| !self.wrote_lately(id, &send.to)).map(|until| (463, until))
    }

    fn wrote_lately(&self, id: Uuid, to: &str) -> bool {
        let since = clock::now() - chrono::TimeDelta::hours(KNOWN_CONTACT_HOURS);
        self.chats.last_inbound(id, to).is_some_and(|at| at >= since)
    }

    /// On a session that is over. Of the last one it is known which start of the line that was.
    fn late(&mut self, id: Uuid, key: u64, provider_message_id: &str) {
        self.stats.sends.late += 1;
        let over = self.lines.get(&id).and_then(|line| line.over);
        let generation = over.filter(|(over, _)| *over == key).map(|(_, generation)| generation);
        let note = Note { generation, provider_message_id: Some(provider_message_id), ..Note::default() };
        self.note(id, Kind::Late, note);
    }

    fn accept(&mut self, id: Uuid, send: &Send, image: Option<&ImageFact>) {
        let Send { provider_message_id, to, kind, text, media_id } = send;
        let repeat = self.seen.recipient(id, provider_message_id).is_some();
        let note = Note {
            generation: self.session(id).map(|session| session.generation),
            provider_message_id: Some(provider_message_id),
            to: Some(to),
            body_digest: Some(body_digest(text.as_deref(), image.map(|image| image.sha256.as_str()))),
            ..Note::default()
        };
        self.note(id, if repeat { Kind::Repeat } else { Kind::Accepted }, note);
        if repeat {
            self.stats.sends.repeats += 1;
            if self.settings.dedupe_repeated_ids {
                return;
            }
            self.stats.sends.visible_duplicates += 1;
        } else {
            self.stats.sends.accepted += 1;
            self.seen.remember(id, provider_message_id, to);
        }
        self.chats.add(
            id,
            to,
            Message::new(
                provider_message_id,
                Sender::Line,
                kind,
                text.as_deref(),
                media_id.as_deref(),
                repeat,
            ),
        );
        if let Some(delay) = self.settings.receipt_delay_ms {
            let receipt = Receipt {
                provider_message_id: provider_message_id.clone(),
                kind: ReceiptKind::Delivered,
                from: to.clone(),
            };
            let read =
                self.settings.auto_read.then(|| Receipt { kind: ReceiptKind::Read, ..receipt.clone() });
            self.after_ms(delay, Due::Receipt { line: id, receipt });
            if let Some(receipt) = read {
                self.after_ms(delay.saturating_mul(2), Due::Receipt { line: id, receipt });
            }
        }
    }

    fn acknowledge(&mut self, id: Uuid, key: u64, send: &Send, effects: &Effects) {
        if effects.drop_ack.is_some() {
            return;
        }
        let provider_message_id = &send.provider_message_id;
        let mut text = ServerFrame::Accepted { provider_message_id, at: clock::now() }.text();
        if effects.spoils_send(send.text.as_deref()) {
            text = spoil(&text, "providerMessageId");
        }
        match effects.ack_delay_ms {
            Some(ms) => {
                let provider_message_id = provider_message_id.clone();
                self.after_ms(ms, Due::Ack { line: id, session: key, provider_message_id, text });
            }
            None => {
                self.push_text(id, text);
            }
        }
    }

    pub(super) fn late_ack(&mut self, id: Uuid, session: u64, provider_message_id: &str, text: String) {
        if self.is_current(id, session) {
            self.push_text(id, text);
        } else {
            tracing::debug!(line = %id, provider_message_id, "a delayed ack found its session gone");
        }
    }
}

/// Makes a string member one that is valid JSON but no string: half of a surrogate pair.
pub(super) fn spoil(frame: &str, member: &str) -> String {
    let start = format!("\"{member}\":");
    let Some((before, after)) = frame.split_once(&start) else { return frame.to_owned() };
    let value_len = serde_json::Deserializer::from_str(after)
        .into_iter::<serde_json::Value>()
        .next()
        .and_then(Result::ok)
        .map_or(0, |value| value.to_string().len());
    let rest = after.get(value_len..).unwrap_or_default();
    format!("{before}{start}\"\\ud800\"{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoiled_frame_is_one_that_a_reader_of_strings_refuses() {
        let spoiled = spoil(r#"{"type":"inbound","text":"a \"b\" ü","at":"x"}"#, "text");
        assert_eq!(spoiled, r#"{"type":"inbound","text":"\ud800","at":"x"}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&spoiled).is_err());
        assert_eq!(spoil(r#"{"text":null,"at":1}"#, "text"), r#"{"text":"\ud800","at":1}"#);
    }

    #[test]
    fn recipients_are_phone_numbers_and_lids() {
        for good in ["+4915112345678", "123456789012345@lid"] {
            assert!(is_recipient(good), "{good}");
        }
        for bad in ["", "4915112345678", "+49 151", "@lid", "x@lid", "12@g.us"] {
            assert!(!is_recipient(bad), "{bad}");
        }
    }
}
