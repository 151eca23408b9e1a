//! The truth, as a line sees it. Every intent is guarded by the fence; facts are taken from anyone.

use super::provider::{Content, Credentials, ReceiptKind};
use crate::{
    id::{CommandId, ConversationId, Fence, Generation, LineId, MessageId, OrganizationId, UnlinkingId},
    machine::{History, LineState, Pairing, Time},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use std::fmt;
use thiserror::Error;

/// What the workspace wants of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desired {
    /// At work.
    Running,
    /// At rest.
    Stopped,
}

/// What others ordered, read from the row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// `archived_at` is set.
    pub archived: bool,
    /// `stopped_at` is set.
    pub stopped: bool,
    /// Billing restricts.
    pub billing_restricted: bool,
}

impl Orders {
    /// Somebody wants the session closed.
    #[must_use]
    pub fn any(self) -> bool {
        self.archived || self.stopped || self.billing_restricted
    }
}

/// A person's answer to the passkey challenge of a session. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyAnswer {
    /// The session that asked.
    pub generation: Generation,
    /// Counts the answers to it: each is handed over once.
    pub number: i64,
    /// The answer.
    pub response: String,
}

impl fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasskeyAnswer").field("number", &self.number).finish_non_exhaustive()
    }
}

/// What stands in the rows besides the state: orders and the open pair command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Orders.
    pub orders: Orders,
    /// The open pair command: its id, and the number when it asks for a pairing code.
    pub pair: Option<(CommandId, Option<String>)>,
    /// The last answer to a passkey challenge of this start, kept with that command.
    pub passkey: Option<PasskeyAnswer>,
    /// The open wakeup resets the restart budget.
    pub reset_budget: bool,
}

/// A line handed to this process, loaded in bulk with its claim.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// What every intent must still hold.
    pub fence: Fence,
    /// The row's version after the claim.
    pub version: i64,
    /// `starting`, with what it was before.
    pub state: LineState,
    /// What a restart must not forget.
    pub history: History,
    /// The last sign of life of a dead owner it was taken from.
    pub lived_until: Option<Time>,
    /// The line's number, once it has one.
    pub phone_number: Option<String>,
    /// The last session's number.
    pub generation: Generation,
    /// The stored account.
    pub credentials: Option<Credentials>,
    /// Orders and commands.
    pub standing: Standing,
}

/// Whether a line may ask what the provider refused to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It may, as the only one.
    Taken,
    /// Another asked a moment ago.
    Spent,
    /// Nothing is refused any more.
    NotNeeded,
}

/// How a command ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandEnd {
    /// It did what it was for.
    Succeeded,
    /// It did not, and why.
    Failed(String),
    /// Its time passed, and in what.
    Expired(String),
}

/// A command to settle with a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// Which.
    pub command: CommandId,
    /// How.
    pub end: CommandEnd,
}

/// What becomes of the stored account with a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialChange {
    /// Keep these from now on.
    Keep(Credentials),
    /// Forget them.
    Drop,
}

/// One transition, committed as a whole or not at all.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The version it makes; the row must be one below.
    pub version: i64,
    /// Where from.
    pub from: LineState,
    /// Where to.
    pub to: LineState,
    /// By what.
    pub event: &'static str,
    /// At what time.
    pub at: Time,
    /// What a restart must not forget.
    pub history: History,
    /// A new wish.
    pub desired: Option<Desired>,
    /// The session's number, when a new one opens.
    pub generation: Option<Generation>,
    /// A session is ready since then.
    pub session_started_at: Option<Time>,
    /// The number that was paired.
    pub phone_number: Option<String>,
    /// The account.
    pub credentials: Option<CredentialChange>,
    /// Commands that end.
    pub settle: Vec<Settle>,
    /// All open wakeups end like this: well when a session attempt begins, badly when none will.
    pub settle_wakeups: Option<CommandEnd>,
    /// The pair command is at work, and lives until then.
    pub pair_running: Option<(Pairing, Time)>,
    /// The provider refused our client version to this line: the breaker of the fleet trips with it.
    pub client_refused: bool,
    /// The line is let go; due again then, or only by a command.
    pub release: Option<Option<Time>>,
}

/// The store did not answer; nothing is known to have changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the store is not answering: {0}")]
pub struct StoreTrouble(pub String);

/// Why a number that was paired cannot be the line's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairRefusal {
    /// It is on another live line of the organization.
    PhoneInUse,
    /// The pair command is not open any more: stopped, or expired.
    Over,
    /// The rows cannot hold it.
    Broken,
}

/// A transition was not committed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CommitError {
    /// Another start owns the line now: this one must stop.
    #[error("another start owns the line")]
    Fenced,
    /// The pairing that this commits cannot be.
    #[error("the pairing is refused: {0:?}")]
    PairRefused(PairRefusal),
    /// The rows cannot hold it: a defect. Trying again would not help.
    #[error("the transition cannot be written: {0}")]
    Broken(String),
    /// Try again.
    #[error(transparent)]
    Trouble(#[from] StoreTrouble),
}

/// How much to claim from the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// At most so many, of distinct conversations.
    pub max: u32,
    /// Only conversations whose customer wrote within 24 hours.
    pub reply_only: bool,
    /// The provider drops repeats: what is of unknown fate is sent again by itself, and until then keeps its place.
    pub drops_repeats: bool,
    /// The grace after `ready` has passed: also those of unknown fate, by themselves or because a person ordered it.
    pub settled: bool,
    /// Not those whose fate became unknown since so long: a receipt or an echo may still come.
    pub resend_after: TimeDelta,
    /// A head whose fate is unknown holds its conversation up at most this long.
    pub unknown_blocks: TimeDelta,
    /// The attempt's deadline.
    pub deadline: Time,
}

/// A reply whose intent is committed: to be handed over now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Our id for the provider.
    pub provider_message_id: String,
    /// To whom.
    pub recipient: String,
    /// What.
    pub content: Content,
    /// Which attempt this is, 1 for the first.
    pub attempt: u32,
}

/// What is known of sends. Facts are never fenced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The provider took it.
    Accepted {
        /// Our id.
        provider_message_id: String,
        /// The provider's time.
        at: Time,
    },
    /// The provider refused it for good.
    Refused {
        /// Our id.
        provider_message_id: String,
        /// The provider's code.
        code: i32,
        /// Our word for it.
        reason: &'static str,
    },
    /// The provider refused it for now.
    Retry {
        /// Our id.
        provider_message_id: String,
        /// The attempt, by the deadline it was claimed with: told twice, it must not be taken for one about the next.
        deadline: Time,
        /// The provider's code.
        code: i32,
        /// Not before.
        next_attempt_at: Time,
    },
    /// It was certainly not handed over: back to the queue, the attempt is not counted.
    NotWritten {
        /// Our id.
        provider_message_id: String,
        /// The attempt.
        deadline: Time,
        /// The next one not before that, when there is something to wait for.
        not_before: Option<Time>,
    },
    /// Nobody knows; since when, the store's own clock says, which alone it is compared with.
    Unknown {
        /// Our id.
        provider_message_id: String,
        /// The attempt.
        deadline: Time,
    },
    /// News from the recipient's side.
    Receipt {
        /// Our id.
        provider_message_id: String,
        /// How far.
        kind: ReceiptKind,
        /// The provider's time.
        at: Time,
    },
}

impl Fact {
    /// The reply it is about.
    #[must_use]
    pub fn provider_message_id(&self) -> &str {
        match self {
            Self::Accepted { provider_message_id, .. }
            | Self::Refused { provider_message_id, .. }
            | Self::Retry { provider_message_id, .. }
            | Self::NotWritten { provider_message_id, .. }
            | Self::Unknown { provider_message_id, .. }
            | Self::Receipt { provider_message_id, .. } => provider_message_id,
        }
    }
}

/// An account that nobody wants, and that the provider may still have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwanted {
    /// Its row.
    pub id: UnlinkingId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The line that it was, or was to be, the account of.
    pub line: LineId,
    /// The number of the session that unlinks it.
    pub generation: Generation,
    /// What opens it.
    pub credentials: Credentials,
}

/// The rows of a line.
#[async_trait]
pub trait LineStore: Send + Sync + fmt::Debug {
    /// Commits a transition where fence and version match. A refusal of our client version trips the breaker of the
    /// fleet with it.
    ///
    /// # Errors
    /// See [`CommitError`].
    async fn commit(&self, fence: Fence, transition: Transition) -> Result<(), CommitError>;

    /// Reads orders and the open pair command again.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn standing(&self, fence: Fence) -> Result<Standing, StoreTrouble>;

    /// Takes a line of this process anew after its actor ended: epoch + 1. None when it is not this process's any more, or
    /// when its rows cannot be read: then it is given up and let go.
    /// With `counted` the end is a death, and written down with the taking (see [`History::died`]): an actor that dies
    /// before it writes anything is counted all the same.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn retake(&self, fence: Fence, counted: Option<TimeDelta>)
    -> Result<Option<Claimed>, StoreTrouble>;

    /// Takes the one probe that the fleet has now for a client version the provider refused.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn take_probe(&self, fence: Fence) -> Result<Probe, StoreTrouble>;

    /// The provider took this client version after all: lines that were given up for it are due again.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn accept_client(&self) -> Result<(), StoreTrouble>;

    /// Commits intents for heads of conversations and hands them out.
    ///
    /// # Errors
    /// `Fenced` when another start owns the line.
    async fn claim(&self, fence: Fence, claim: Claim) -> Result<Vec<Dispatch>, CommitError>;

    /// What a claim of this start with this deadline took, and nobody settled since: ids at the provider. For a start that
    /// lost the answer to its claim. Takes nothing.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn taken(&self, fence: Fence, deadline: Time) -> Result<Vec<String>, StoreTrouble>;

    /// Records what is known of sends. Facts are taken from any start; only what a start says of its own attempt
    /// (not written, unknown, retry) must name the one that is under way, by its deadline.
    ///
    /// # Errors
    /// `Trouble` when the store does not answer; `Broken` when the rows cannot hold them, however often it is tried.
    async fn record(&self, fence: Fence, generation: Generation, facts: Vec<Fact>)
    -> Result<(), CommitError>;

    /// Writes down an account that is to be unlinked; who looks for such rows tries after `pause`. Safe to repeat. False,
    /// and not written, when it turns out to be the account of its line, which is not archived: it is wanted. Once it is
    /// written down, no commit makes it that.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn unlink_later(&self, account: Unwanted, pause: TimeDelta) -> Result<bool, StoreTrouble>;

    /// Whether somebody links a number to the line of `account` just now.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn pairing_open(&self, account: &Unwanted) -> Result<bool, StoreTrouble>;

    /// It is unlinked: forgets it.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn unlinked(&self, account: &Unwanted) -> Result<(), StoreTrouble>;
}
