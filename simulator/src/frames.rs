//! The frames of the link, both ways. `README.md` is the text of this file for somebody who writes another engine.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) const MAX_IMAGE_BYTES: usize = 25 * 1024 * 1024;

/// What a service says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ClientFrame {
    Open {
        line_id: Uuid,
        generation: i64,
        #[serde(default)]
        credentials: Option<String>,
    },
    Ping {
        nonce: i64,
    },
    Send(Send),
    RequestPairingCode {
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Send {
    pub(crate) provider_message_id: String,
    pub(crate) to: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) media_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Capabilities {
    pub(crate) pairing: [&'static str; 3],
    pub(crate) client_message_ids: bool,
    pub(crate) drops_repeated_ids: bool,
    pub(crate) max_image_bytes: usize,
    pub(crate) acceptance_acks: bool,
    pub(crate) delivery_receipts: bool,
    pub(crate) free_text_window_hours: Option<u32>,
}

/// What the simulator says. Borrowed where a frame is a view of something kept.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ServerFrame<'a> {
    Hello { capabilities: Capabilities, client_version: &'a str },
    Pong { nonce: i64 },
    PairingQr { payload: &'a str, wave: u32, waves: u32, ttl_ms: u64 },
    PairingExhausted,
    PairingCode { code: &'a str, ttl_ms: u64 },
    PasskeyRequired { challenge: &'a str, ttl_ms: u64 },
    Paired { phone_number: &'a str, lid: &'a str, credentials: &'a str },
    PairFailed { reason: &'a str },
    LoggedIn,
    Offline { count: usize },
    Ready,
    Accepted { provider_message_id: &'a str, at: DateTime<Utc> },
    Rejected { provider_message_id: &'a str, code: u16, until: Option<DateTime<Utc>> },
    Receipt { provider_message_ids: &'a [&'a str], kind: ReceiptKind, at: DateTime<Utc>, from: &'a str },
    Inbound(&'a Inbound),
    RateLimited { until: Option<DateTime<Utc>> },
    Restricted { until: Option<DateTime<Utc>> },
    Closed { code: u16, until: Option<DateTime<Utc>>, reason: Option<&'a str> },
}

impl ServerFrame<'_> {
    /// The text of the frame. Every frame is plain data, so this cannot fail; if it did, the reader would see an
    /// object without a type and say so.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReceiptKind {
    Failed,
    Delivered,
    Read,
}

impl ReceiptKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inbound {
    pub(crate) provider_message_id: String,
    pub(crate) from: Option<String>,
    pub(crate) lid: Option<String>,
    pub(crate) chat: String,
    pub(crate) push_name: Option<String>,
    pub(crate) from_me: bool,
    pub(crate) is_group: bool,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    pub(crate) media_id: Option<String>,
    pub(crate) media_content_type: Option<String>,
    pub(crate) target_message_id: Option<String>,
    pub(crate) at: DateTime<Utc>,
}
