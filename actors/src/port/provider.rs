//! The provider: WhatsApp, or what stands in for it. Sessions are single-use; all policy (back-off, pacing, queue,
//! states) stays with the line.

use super::{
    feed::{ShownCode, ShownPasskey, ShownQr},
    media::{KeptImage, MediaStore},
};
use crate::{
    id::{Generation, LineId, OrganizationId},
    machine::Time,
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::sync::mpsc;

/// What opens the account. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(pub Vec<u8>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A second send with an id it has seen reaches the recipient once.
    pub drops_repeated_ids: bool,
    /// The largest image, in bytes.
    pub max_image_bytes: u64,
}

/// How to open a session.
#[derive(Debug)]
pub struct OpenSpec {
    /// The tenant of the line.
    pub organization: OrganizationId,
    /// The line.
    pub line: LineId,
    /// The session's number: every event carries it back.
    pub generation: Generation,
    /// The stored account; none begins pairing.
    pub credentials: Option<Credentials>,
    /// Where inbound messages are committed before the provider is told.
    pub inbound: Arc<dyn InboundSink>,
    /// Where the images of its messages are.
    pub media: Arc<dyn MediaStore>,
}

/// A provider of lines.
#[async_trait]
pub trait LineProvider: Send + Sync + fmt::Debug {
    /// The word in `provider` of health.
    fn kind(&self) -> &'static str;

    /// What it tells the provider it is. A refusal of it concerns every line of this version.
    fn client_version(&self) -> &str;

    /// Opens a session; it answers once the provider has said hello. Events then come on `events`, the last of them
    /// `Closed`. Dropping the session closes it.
    ///
    /// # Errors
    /// When the provider could not be reached, or refused.
    async fn open(
        &self,
        spec: OpenSpec,
        events: mpsc::Sender<Heard>,
    ) -> Result<Arc<dyn LineSession>, OpenError>;
}

/// One session with the provider.
#[async_trait]
pub trait LineSession: Send + Sync + fmt::Debug {
    /// What it said it can do.
    fn capabilities(&self) -> Capabilities;
    /// Hands a message over. Ok means written, not accepted: `Accepted` or `Rejected` follows.
    ///
    /// # Errors
    /// Whether it was certainly not written, or nobody knows.
    async fn submit(&self, message: Outbound) -> Result<(), SubmitError>;
    /// Asks for a sign of life; the answer is a `Frame`.
    async fn ping(&self);
    /// Asks for a code to type on the phone with this number.
    async fn request_pairing_code(&self, phone_number: &str);
    /// Hands over a person's answer to the passkey challenge; `Paired` or `PairFailed` follows.
    async fn submit_passkey(&self, response: &str);
    /// Unlinks the number at the provider, then closes, in any case.
    ///
    /// # Errors
    /// When the provider did not say that it did.
    async fn logout(&self) -> Result<(), NotUnlinked>;
    /// Closes the session, keeping the account.
    async fn close(&self);
    /// The same, of a line that is another's by now: nothing is written any more from this call on, and what had arrived
    /// already is still told, for `patience` at most.
    async fn close_listening(&self, patience: Duration);
}

/// The session could not be opened.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// Nobody there, or no hello in time.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// It answered and closed.
    #[error("the provider refused the session")]
    Refused(CloseClass),
}

/// The message could not be handed over.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SubmitError {
    /// Not a byte of it left: trying again is safe.
    #[error("not written")]
    NotWritten,
    /// The provider did not take its image just now; of the message not a byte left.
    #[error("its image waits")]
    ImageWaits,
    /// It may have left.
    #[error("nobody knows whether it was written")]
    Unknown,
    /// It can never be sent by this provider.
    #[error("cannot be sent: {0}")]
    Impossible(&'static str),
    /// Its image could not be handed over; the message was not written, and nobody was asked to deliver it.
    #[error("its image cannot be handed over now, {code}")]
    Refused {
        /// What the provider answered to the bytes; 503 when nobody did.
        code: i32,
    },
}

/// The provider did not say that it unlinked the number: it may still be linked.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("nobody knows whether the number was unlinked")]
pub struct NotUnlinked;

/// A message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// Our id for it: minted once, the same in every attempt.
    pub provider_message_id: String,
    /// A phone number with `+`, or a lid.
    pub recipient: String,
    /// What it says.
    pub content: Content,
}

/// What an outbound message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// Its bytes.
        image: KeptImage,
        /// The text under it.
        caption: Option<String>,
    },
}

/// Why a session ended. The line decides by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseClass {
    /// 408, 428, 500, 503, or the transport broke: weather.
    Lost,
    /// 515: open again at once.
    RestartPlanned,
    /// 440: another client took the session.
    Replaced,
    /// 401: the number is not linked any more.
    LoggedOut,
    /// 403: the account is locked.
    Locked,
    /// 402: banned until then.
    TemporaryBan {
        /// The end of it, when told.
        until: Option<Time>,
    },
    /// 406: banned.
    Banned,
    /// 405: our client version is refused.
    Outdated,
    /// A code this service does not know, or frames it cannot read.
    Unknown {
        /// The code.
        code: i32,
    },
    /// The adapter panicked.
    AdapterDied,
}

impl CloseClass {
    /// There is nothing left to unlink.
    #[must_use]
    pub fn is_unlinked(self) -> bool {
        matches!(self, Self::LoggedOut | Self::Banned)
    }
}

/// How far a message got, by the provider's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptKind {
    /// On the recipient's device.
    Delivered,
    /// Read there.
    Read,
    /// Could not be delivered.
    Failed,
}

/// What a session told, and when it came off the wire: a line may take note of it much later, and must not take that
/// for a fresh sign of life.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// When it was read.
    pub at: Time,
    /// What.
    pub event: ProviderEvent,
}

/// What a session tells.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderEvent {
    /// A code to scan.
    PairingQr(ShownQr),
    /// A code to type.
    PairingCode(ShownCode),
    /// The phone wants a passkey confirmed.
    PasskeyRequired(ShownPasskey),
    /// All codes shown.
    PairingExhausted,
    /// Linked.
    Paired {
        /// The number, with `+`.
        phone_number: String,
        /// What opens the account from now on.
        credentials: Credentials,
    },
    /// Linking failed.
    PairFailed {
        /// The provider's word for it.
        reason: String,
    },
    /// The stored account was accepted.
    LoggedIn,
    /// The backlog is drained; sends are taken.
    Ready,
    /// Something arrived: a sign of life. Every other event is one too.
    Frame,
    /// Slow down.
    RateLimited {
        /// Until then, when told.
        until: Option<Time>,
    },
    /// No new contacts.
    Restricted {
        /// Until then, when told.
        until: Option<Time>,
    },
    /// A send was accepted.
    Accepted {
        /// Our id of it.
        provider_message_id: String,
        /// The provider's time.
        at: Time,
    },
    /// A send was refused, definitely.
    Rejected {
        /// Our id of it.
        provider_message_id: String,
        /// The provider's code.
        code: i32,
        /// The end of a limit, when told.
        until: Option<Time>,
    },
    /// News of sends.
    Receipt {
        /// Our ids of them.
        provider_message_ids: Vec<String>,
        /// How far they got.
        kind: ReceiptKind,
        /// The provider's time.
        at: Time,
    },
    /// Inbound messages were committed.
    InboundCommitted {
        /// How many were new.
        new: usize,
    },
    /// The session is over: always the last event.
    Closed(CloseClass),
}

/// What kind of message came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundKind {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// Its bytes, kept before this is committed; none when they are not to be had, or are none that is kept.
        image: Option<KeptImage>,
        /// The text under it.
        caption: Option<String>,
    },
    /// Stored as unsupported, with its kind.
    Unsupported(String),
    /// The text of an earlier message changed.
    Edit {
        /// Which.
        target: String,
        /// To what.
        text: String,
    },
    /// An earlier message was taken back.
    Delete {
        /// Which.
        target: String,
    },
    /// Groups and status posts: acknowledged and counted, not stored.
    Group,
}

/// One inbound message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// The provider's id of it.
    pub provider_message_id: String,
    /// The other side's number, when known.
    pub phone_number: Option<String>,
    /// The other side's alias, when known.
    pub lid: Option<String>,
    /// What they call themselves.
    pub push_name: Option<String>,
    /// Typed by the owner on the phone.
    pub from_me: bool,
    /// What it says.
    pub kind: InboundKind,
    /// The provider's time.
    pub at: Time,
}

/// What came in together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundBatch {
    /// The tenant.
    pub organization: OrganizationId,
    /// The line.
    pub line: LineId,
    /// The session.
    pub generation: Generation,
    /// In the provider's order.
    pub messages: Vec<InboundMessage>,
}

/// Where inbound messages go before the provider is told they arrived.
#[async_trait]
pub trait InboundSink: Send + Sync + fmt::Debug {
    /// Commits them; answers how many were new. Repeats are not new, and not an error.
    ///
    /// # Errors
    /// When they could not be committed: the provider must not be told, so it delivers them again.
    async fn commit(&self, batch: InboundBatch) -> Result<usize, InboundError>;
}

/// Inbound messages were not committed.
#[derive(Debug, Error)]
pub enum InboundError {
    /// The store does not answer: delivered again, they will be.
    #[error("inbound messages wait for the store: {0}")]
    Later(String),
    /// The rows cannot hold them: a defect. Delivered again, they fail again.
    #[error("inbound messages cannot be kept: {0}")]
    Never(String),
}
