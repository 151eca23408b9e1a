//! Messages to the line: kept until the service acknowledges them, sent again until then.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Due, Refusal, World,
    chats::{Message, Sender},
    pairing::check_phone,
    sends::{body_digest, spoil},
    sessions::Stage,
};
use crate::{
    clock,
    frames::{Inbound, ServerFrame},
    journal::{Kind, Note},
};

const MAX_PENDING_PER_LINE: usize = 10_000;
const MAX_PENDING: u64 = 1_000_000;
/// Unacknowledged messages on the wire at a time. The rest follows as acks come.
const WINDOW: usize = 128;
const MAX_TEXT_BYTES: usize = 65_536;

const KINDS: [&str; 16] = [
    "text", "image", "audio", "video", "document", "sticker", "location", "contact", "reaction", "poll",
    "call", "edit", "delete", "group", "status", "unknown",
];

pub(super) struct Pending {
    message: Inbound,
    /// When it was last put on the wire, in any session.
    sent: Option<Instant>,
    /// Was waiting when the session logged in: `ready` waits for its ack.
    pub(super) backlog: bool,
}

/// A message to be, as the control API was asked for it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewInbound {
    #[serde(default)]
    pub(crate) from: Option<String>,
    #[serde(default)]
    pub(crate) lid: Option<String>,
    #[serde(default)]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) caption: Option<String>,
    #[serde(default)]
    pub(crate) image_base64: Option<String>,
    #[serde(default)]
    pub(crate) media_id: Option<String>,
    #[serde(default)]
    pub(crate) target_message_id: Option<String>,
    #[serde(default)]
    pub(crate) from_phone: bool,
    #[serde(default)]
    pub(crate) push_name: Option<String>,
    #[serde(default)]
    pub(crate) provider_message_id: Option<String>,
    /// Group chat id, for kind `group`.
    #[serde(default)]
    pub(crate) group: Option<String>,
}

/// Bytes of the message, stored already.
pub(crate) struct Attachment {
    pub(crate) media_id: String,
    pub(crate) content_type: String,
    pub(crate) sha256: String,
}

impl NewInbound {
    pub(crate) fn kind(&self) -> &str {
        let image = self.image_base64.is_some() || self.media_id.is_some();
        self.kind.as_deref().unwrap_or(if image { "image" } else { "text" })
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let bad = |reason: &str| Err(Refusal::Bad(reason.to_owned()));
        let kind = self.kind();
        if !KINDS.contains(&kind) {
            return Err(Refusal::Bad(format!("kind must be one of {}", KINDS.join(", "))));
        }
        if let Some(from) = &self.from {
            check_phone(from)?;
        }
        if self.lid.as_ref().is_some_and(|lid| !lid.ends_with("@lid") || lid.len() > 64) {
            return bad("lid must look like 123456789012345@lid");
        }
        if self.from.is_none() && self.lid.is_none() {
            return bad("from or lid is needed");
        }
        let text = self.text.as_deref().or(self.caption.as_deref()).unwrap_or_default();
        if text.len() > MAX_TEXT_BYTES {
            return bad("text is longer than 65536 bytes");
        }
        let has_media = self.image_base64.is_some() || self.media_id.is_some();
        match kind {
            "text" | "edit" if text.is_empty() => bad("text is needed"),
            "image" if !has_media => bad("imageBase64 or mediaId is needed"),
            _ if self.provider_message_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 128) => {
                bad("providerMessageId must be 1 to 128 bytes")
            }
            _ => Ok(()),
        }
    }
}

impl World {
    /// Somebody writes to the line, or its owner types on the phone. Answers with the message's id.
    pub(crate) fn post(
        &mut self,
        id: Uuid,
        new: NewInbound,
        media: Option<Attachment>,
    ) -> Result<String, Refusal> {
        new.check()?;
        let line = self.line(id)?;
        if line.link.is_none() {
            return Err(Refusal::Conflict("the line is not linked"));
        }
        if line.inbound.len() >= MAX_PENDING_PER_LINE || self.stats.inbound.pending >= MAX_PENDING {
            return Err(Refusal::Conflict("too many messages wait for the service already"));
        }
        let message = self.compose(id, new, media.as_ref())?;
        let provider_message_id = message.provider_message_id.clone();
        let note = Note {
            provider_message_id: Some(&provider_message_id),
            to: Some(&message.chat),
            body_digest: Some(body_digest(
                message.text.as_deref(),
                media.as_ref().map(|media| media.sha256.as_str()),
            )),
            detail: Some(&message.kind),
            ..Note::default()
        };
        self.note(id, Kind::Inbound, note);
        self.show(id, &message);
        self.stats.inbound.posted += 1;
        self.stats.inbound.pending += 1;
        self.line_mut(id)?.inbound.push_back(Pending { message, sent: None, backlog: false });
        self.pump(id);
        Ok(provider_message_id)
    }

    fn compose(&mut self, id: Uuid, new: NewInbound, media: Option<&Attachment>) -> Result<Inbound, Refusal> {
        let asked = new.kind().to_owned();
        let partner = new.from.clone().or_else(|| new.lid.clone()).unwrap_or_default();
        let group = asked == "group" || new.group.is_some();
        let chat = match asked.as_str() {
            "status" => "status@broadcast".to_owned(),
            _ if group => new.group.unwrap_or_else(|| "120363000000000001@g.us".to_owned()),
            _ => partner,
        };
        let target_message_id = match asked.as_str() {
            "edit" | "delete" => {
                let last = || self.chats.last_inbound_id(id, &chat);
                let target = new.target_message_id.or_else(last);
                Some(target.ok_or(Refusal::Conflict("there is no earlier message to change"))?)
            }
            _ => new.target_message_id,
        };
        let seed = self.seed;
        let line = self.line_mut(id)?;
        let count = line.next_inbound();
        let own_number = line.link.as_ref().map(|link| link.phone_number.clone());
        Ok(Inbound {
            provider_message_id: new.provider_message_id.unwrap_or_else(|| seed.inbound_id(id, count)),
            from: if new.from_phone { own_number } else { new.from },
            lid: if new.from_phone { None } else { new.lid },
            chat,
            push_name: new.push_name,
            from_me: new.from_phone,
            is_group: group,
            kind: if group && asked == "group" { "text".to_owned() } else { asked },
            text: new.text.or(new.caption),
            media_id: media.map(|media| media.media_id.clone()),
            media_content_type: media.map(|media| media.content_type.clone()),
            target_message_id,
            at: clock::now(),
        })
    }

    fn show(&mut self, id: Uuid, message: &Inbound) {
        let Inbound { provider_message_id, chat, kind, text, media_id, .. } = message;
        let sender = if message.from_me { Sender::Phone } else { Sender::Customer };
        let shown =
            Message::new(provider_message_id, sender, kind, text.as_deref(), media_id.as_deref(), false);
        self.chats.add(id, chat, shown);
        if !message.is_group && !message.from_me {
            self.chats.name(id, chat, message.lid.as_deref(), message.push_name.as_deref());
        }
    }

    /// Puts on the wire what the window and the queue have room for.
    pub(super) fn pump(&mut self, id: Uuid) {
        if self.stage(id).is_none_or(|stage| stage == Stage::Pairing) {
            return;
        }
        while !self.effects(id, clock::now()).no_inbound {
            let Some(line) = self.lines.get(&id) else { return };
            let at = line.in_flight;
            if at >= WINDOW || at >= line.inbound.len() {
                break;
            }
            if !self.has_room(id) {
                self.pump_later(id);
                break;
            }
            if !self.push_inbound(id, at) {
                break;
            }
            if let Some(line) = self.lines.get_mut(&id) {
                line.in_flight = at + 1;
            }
        }
        self.arm_redelivery(id);
        self.pump_receipts(id);
    }

    fn push_inbound(&mut self, id: Uuid, at: usize) -> bool {
        let effects = self.effects(id, clock::now());
        let Some(pending) = self.lines.get_mut(&id).and_then(|line| line.inbound.get_mut(at)) else {
            return false;
        };
        let again = pending.sent.replace(Instant::now()).is_some();
        let mut text = ServerFrame::Inbound(&pending.message).text();
        if effects.spoils_inbound(pending.message.text.as_deref()) {
            text = spoil(&text, "text");
        }
        let pushed = self.push_text(id, text);
        if pushed {
            self.stats.inbound.delivered += 1;
            self.stats.inbound.redelivered += u64::from(again);
        }
        pushed
    }

    fn arm_redelivery(&mut self, id: Uuid) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        let Some(session) = line.session.as_mut().filter(|session| !session.redelivery_armed) else { return };
        if line.in_flight == 0 {
            return;
        }
        session.redelivery_armed = true;
        let session = session.key;
        self.after_ms(self.settings.redeliver_ms, Due::Redeliver { line: id, session });
    }

    pub(super) fn redeliver(&mut self, id: Uuid, key: u64) {
        if !self.is_current(id, key) {
            return;
        }
        // A little early is in time: otherwise what was sent just after the timer was set waits twice as long.
        let age = Duration::from_millis(self.settings.redeliver_ms).mul_f32(0.5);
        let withheld = self.effects(id, clock::now()).no_inbound;
        let in_flight = self.lines.get(&id).map_or(0, |line| line.in_flight);
        for at in 0..in_flight {
            let pending = self.lines.get(&id).and_then(|line| line.inbound.get(at));
            let old = pending.is_some_and(|pending| pending.sent.is_none_or(|sent| sent.elapsed() >= age));
            if old && !withheld && self.has_room(id) {
                self.push_inbound(id, at);
            }
        }
        if let Some(session) = self.lines.get_mut(&id).and_then(|line| line.session.as_mut()) {
            session.redelivery_armed = false;
        }
        self.arm_redelivery(id);
    }

    pub(crate) fn acknowledge_inbound(&mut self, id: Uuid, key: u64, ids: &[String]) {
        if !self.is_current(id, key) || !self.answers(id) {
            return;
        }
        let Some(line) = self.lines.get_mut(&id) else { return };
        let mut acked = 0;
        for provider_message_id in ids {
            let mut in_flight = line.inbound.iter().take(line.in_flight);
            let Some(at) =
                in_flight.position(|held| held.message.provider_message_id == *provider_message_id)
            else {
                continue;
            };
            let backlog = line.inbound.remove(at).is_some_and(|held| held.backlog);
            line.in_flight -= 1;
            acked += 1;
            if let Some(session) = &mut line.session
                && let Stage::Syncing(left) = &mut session.stage
                && backlog
            {
                *left = left.saturating_sub(1);
            }
        }
        self.stats.inbound.acked += acked;
        self.stats.inbound.pending -= acked;
        self.pump(id);
        self.ready_if_drained(id);
    }
}
