//! The frames of the simulator's link, and what they mean to a line. The protocol is documented with the simulator.

use super::simulated_inbound::Arrived;
use crate::phone::is_phone_number;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use ezw_actors::{
    machine::Time,
    port::{
        Capabilities, CloseClass, Credentials, InboundKind, InboundMessage, ProviderEvent, ReceiptKind,
        ShownCode, ShownPasskey, ShownQr,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// To the simulator.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Request {
    Open {
        line_id: Uuid,
        generation: i64,
        credentials: Option<String>,
        client_version: String,
    },
    Ping {
        nonce: u64,
    },
    Send {
        provider_message_id: String,
        to: String,
        kind: &'static str,
        text: Option<String>,
        media_id: Option<String>,
    },
    #[serde(rename = "requestPairingCode")]
    PairingCode {
        phone_number: String,
    },
    PasskeyResponse {
        response: String,
    },
    InboundAck {
        provider_message_ids: Vec<String>,
    },
    Logout,
}

/// From the simulator.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Frame {
    Hello { capabilities: Hello },
    Pong {},
    PairingQr { payload: String, wave: u8, waves: u8, ttl_ms: i64 },
    PairingCode { code: String, ttl_ms: i64 },
    PasskeyRequired { challenge: String, ttl_ms: i64 },
    PairingExhausted {},
    Paired { phone_number: String, credentials: String },
    PairFailed { reason: String },
    LoggedIn {},
    Offline {},
    Ready {},
    Accepted { provider_message_id: String, at: Time },
    Rejected { provider_message_id: String, code: i32, until: Option<Time> },
    Receipt { provider_message_ids: Vec<String>, kind: Kind, at: Time },
    Inbound(Box<Inbound>),
    RateLimited { until: Option<Time> },
    Restricted { until: Option<Time> },
    Closed { code: i32, until: Option<Time> },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hello {
    drops_repeated_ids: bool,
    max_image_bytes: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Delivered,
    Read,
    Failed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Inbound {
    provider_message_id: String,
    from: Option<String>,
    lid: Option<String>,
    chat: String,
    push_name: Option<String>,
    from_me: bool,
    is_group: bool,
    kind: String,
    text: Option<String>,
    media_id: Option<String>,
    target_message_id: Option<String>,
    at: Time,
}

/// What a frame is to the session.
#[derive(Debug)]
pub(super) enum Meaning {
    /// The answer to `open`.
    Hello(Capabilities),
    /// News for the line.
    Event(ProviderEvent),
    /// To be committed, then acknowledged.
    Inbound(Arrived),
}

impl Frame {
    pub(super) fn meaning(self, now: Time) -> Meaning {
        let expires_at = |ttl_ms: i64| now + TimeDelta::milliseconds(ttl_ms.clamp(0, 3_600_000));
        Meaning::Event(match self {
            Self::Hello { capabilities } => return Meaning::Hello(capabilities.into()),
            Self::Inbound(inbound) => return Meaning::Inbound((*inbound).into()),
            Self::Pong {} | Self::Offline {} => ProviderEvent::Frame,
            Self::PairingQr { payload, wave, waves, ttl_ms } => {
                ProviderEvent::PairingQr(ShownQr { payload, wave, waves, expires_at: expires_at(ttl_ms) })
            }
            Self::PairingCode { code, ttl_ms } => {
                ProviderEvent::PairingCode(ShownCode { code, expires_at: expires_at(ttl_ms) })
            }
            Self::PasskeyRequired { challenge, ttl_ms } => {
                ProviderEvent::PasskeyRequired(ShownPasskey { challenge, expires_at: expires_at(ttl_ms) })
            }
            Self::PairingExhausted {} => ProviderEvent::PairingExhausted,
            Self::Paired { phone_number, .. } if !is_phone_number(&phone_number) => {
                ProviderEvent::PairFailed { reason: "invalid_number".into() }
            }
            Self::Paired { phone_number, credentials } => {
                ProviderEvent::Paired { phone_number, credentials: Credentials(credentials.into_bytes()) }
            }
            Self::PairFailed { reason } => ProviderEvent::PairFailed { reason },
            Self::LoggedIn {} => ProviderEvent::LoggedIn,
            Self::Ready {} => ProviderEvent::Ready,
            // What the rows cannot hold is no id of ours.
            Self::Accepted { provider_message_id, .. } | Self::Rejected { provider_message_id, .. }
                if !is_id(&provider_message_id) =>
            {
                ProviderEvent::Frame
            }
            Self::Accepted { provider_message_id, at } => ProviderEvent::Accepted { provider_message_id, at },
            Self::Rejected { provider_message_id, code, until } => {
                ProviderEvent::Rejected { provider_message_id, code, until }
            }
            Self::Receipt { mut provider_message_ids, kind, at } => {
                provider_message_ids.retain(|id| is_id(id));
                ProviderEvent::Receipt { provider_message_ids, kind: kind.into(), at }
            }
            Self::RateLimited { until } => ProviderEvent::RateLimited { until },
            Self::Restricted { until } => ProviderEvent::Restricted { until },
            Self::Closed { code, until } => ProviderEvent::Closed(close_class(code, until)),
        })
    }
}

impl From<Hello> for Capabilities {
    fn from(hello: Hello) -> Self {
        Self { drops_repeated_ids: hello.drops_repeated_ids, max_image_bytes: hello.max_image_bytes }
    }
}

impl From<Kind> for ReceiptKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Delivered => Self::Delivered,
            Kind::Read => Self::Read,
            Kind::Failed => Self::Failed,
        }
    }
}

impl From<Inbound> for Arrived {
    fn from(mut inbound: Inbound) -> Self {
        let media_id = inbound.media_id.take();
        Self { message: inbound.into(), media_id }
    }
}

impl From<Inbound> for InboundMessage {
    fn from(inbound: Inbound) -> Self {
        let kind = inbound_kind(&inbound);
        // What the owner types comes from the line's own number: the other side is the chat.
        let (phone_number, lid) = match (inbound.from_me, inbound.chat.starts_with('+')) {
            (false, _) => (inbound.from, inbound.lid),
            (true, true) => (Some(inbound.chat), None),
            (true, false) => (None, Some(inbound.chat)),
        };
        Self {
            provider_message_id: inbound.provider_message_id,
            phone_number: phone_number.filter(|number| is_phone_number(number)),
            // Cut, it could be somebody else's.
            lid: lid.filter(|lid| holds(lid, 128)),
            push_name: inbound.push_name.map(|name| fit(name, 200)),
            from_me: inbound.from_me,
            kind,
            at: inbound.at,
        }
    }
}

fn inbound_kind(inbound: &Inbound) -> InboundKind {
    if inbound.is_group || inbound.kind == "status" {
        return InboundKind::Group;
    }
    let text = inbound.text.clone().map(|text| fit(text, TEXT_CHARACTERS));
    match (inbound.kind.as_str(), text, &inbound.target_message_id) {
        ("text", Some(text), _) => InboundKind::Text(text),
        // Its bytes are fetched before it is committed.
        ("image", caption, _) => InboundKind::Image { image: None, caption },
        ("edit", Some(text), Some(target)) => InboundKind::Edit { target: target.clone(), text },
        ("delete", _, Some(target)) => InboundKind::Delete { target: target.clone() },
        (kind, _, _) => InboundKind::Unsupported(fit(kind.to_owned(), 64)),
    }
}

/// Texts longer than this are cut.
const TEXT_CHARACTERS: usize = 65_536;

/// Whether the rows can hold this word, of at most so many characters.
fn holds(word: &str, characters: usize) -> bool {
    !word.is_empty() && word.chars().count() <= characters && !word.contains('\0')
}

/// Whether the rows can hold this as the id of a message.
pub(super) fn is_id(id: &str) -> bool {
    holds(id, 255)
}

/// What the rows can hold of a word: no NUL, and not too long. One strange message must not stop a line. For what is
/// read by people: what names something is kept whole or not at all.
fn fit(word: String, characters: usize) -> String {
    if word.chars().count() <= characters && !word.contains('\0') {
        return word;
    }
    word.chars().filter(|c| *c != '\0').take(characters).collect()
}

/// What a close code means: codes as WhatsApp uses them.
pub(super) fn close_class(code: i32, until: Option<Time>) -> CloseClass {
    match code {
        401 => CloseClass::LoggedOut,
        402 => CloseClass::TemporaryBan { until },
        403 => CloseClass::Locked,
        405 => CloseClass::Outdated,
        406 => CloseClass::Banned,
        408 | 428 | 500 | 503 => CloseClass::Lost,
        440 => CloseClass::Replaced,
        515 => CloseClass::RestartPlanned,
        code => CloseClass::Unknown { code },
    }
}

/// Credentials as the link carries them; ones that are no text cannot be the simulator's.
pub(super) fn credentials_text(credentials: &Credentials) -> String {
    String::from_utf8(credentials.0.clone()).unwrap_or_else(|other| BASE64_STANDARD.encode(other.as_bytes()))
}
