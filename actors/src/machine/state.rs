//! What the owner of a line knows of it. Each state carries only what that state needs; the row keeps it as JSON.

use crate::id::{CommandId, Generation};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumIter, EnumString, IntoStaticStr};

/// An instant of the wall clock, as Postgres and clients see it.
pub type Time = DateTime<Utc>;

/// The actor's own word on a line. Stop orders, archive, billing and the owner's liveness lie over it (see `view`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumDiscriminants)]
#[serde(tag = "state", rename_all = "snake_case")]
#[strum_discriminants(name(StateName), derive(EnumIter, IntoStaticStr, EnumString, Display, Hash, Serialize))]
#[strum_discriminants(strum(serialize_all = "snake_case"), serde(rename_all = "snake_case"))]
pub enum LineState {
    /// Never paired. The owner asks for a QR code.
    Created,
    /// An actor loads the line.
    Starting {
        /// Then `failed`, start_timeout.
        deadline: Time,
        /// What the line was before: a claim hides it, so that a dead owner's `connected` is never shown again.
        from: Box<LineState>,
    },
    /// Waiting for a permit of the connect budget.
    WaitingPermit {
        /// What the session will be opened for.
        purpose: Purpose,
        /// When its turn is expected. Nothing happens then by itself: whoever waits for a turn never times out.
        #[serde(default)]
        grant_at: Option<Time>,
    },
    /// The socket opens; also the planned restart after pairing.
    Connecting {
        /// The session being opened.
        generation: Generation,
        /// What it is opened for.
        purpose: Purpose,
        /// Then a back-off step.
        deadline: Time,
    },
    /// Logged in, draining what came in while away.
    Syncing {
        /// The session.
        generation: Generation,
        /// Then a back-off step.
        deadline: Time,
    },
    /// Somebody links the number.
    Pairing {
        /// The session.
        generation: Generation,
        /// The attempt.
        pairing: Pairing,
        /// How far it is.
        step: PairingStep,
        /// When the present step ends by itself.
        deadline: Time,
    },
    /// All codes were shown and none scanned.
    PairingExpired,
    /// Open with fresh proof of life.
    Connected {
        /// The session.
        generation: Generation,
    },
    /// Open, but acknowledgements or keepalive answers are missing.
    Degraded {
        /// The session.
        generation: Generation,
        /// Then reconnect.
        deadline: Time,
    },
    /// The provider asked us to slow down.
    Throttled {
        /// The session.
        generation: Generation,
        /// Until then.
        until: Time,
    },
    /// The provider refuses new contacts; replies pass.
    Restricted {
        /// The session.
        generation: Generation,
        /// Until then.
        until: Time,
    },
    /// The socket is gone or never came; the next try has a time.
    Reconnecting {
        /// Why.
        reason: ReconnectReason,
        /// When the next try starts.
        retry_at: Time,
        /// When the trouble began.
        since: Time,
        /// It lasts so long that a person should look at the phone.
        #[serde(default)]
        lasting: bool,
    },
    /// Another client took the session.
    Replaced {
        /// The one retry, or an operator.
        retry_at: Option<Time>,
    },
    /// The number is not linked any more.
    LoggedOut {
        /// Why.
        reason: LogoutReason,
    },
    /// The provider locked the account.
    Locked {
        /// The end of the cool-down; none when only an operator helps.
        until: Option<Time>,
    },
    /// The provider banned the account.
    Banned {
        /// The end of a temporary ban; none for a lasting one.
        until: Option<Time>,
    },
    /// Given up for now.
    Failed {
        /// Why.
        reason: FailReason,
        /// The timed retry; none waits for an operator.
        retry_at: Option<Time>,
    },
}

/// What a session is opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Purpose {
    /// To work with the stored credentials.
    Resume,
    /// To link a number.
    Pair {
        /// The attempt.
        pairing: Pairing,
    },
}

/// One attempt to link a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The command that asked for it.
    pub command: CommandId,
    /// Asked with a pairing code for this number instead of a QR code.
    pub code_for: Option<String>,
    /// What the line goes back to when the attempt is stopped.
    pub before: RestingState,
}

/// The states a pairing can start from, and goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "snake_case")]
pub enum RestingState {
    /// Never paired.
    Created,
    /// Codes used up before.
    PairingExpired,
    /// Unlinked before.
    LoggedOut {
        /// Why.
        reason: LogoutReason,
    },
    /// Given up before; the old session is dropped by the new pairing.
    Failed {
        /// Why.
        reason: FailReason,
        /// Its timed retry.
        retry_at: Option<Time>,
    },
    /// Taken over before.
    Replaced,
    /// Locked before.
    Locked {
        /// The end of its cool-down, by now in the past; none when they were spent.
        #[serde(default)]
        until: Option<Time>,
    },
    /// Banned before; the ban is over, or an appeal was won.
    Banned {
        /// The end of a temporary ban, by now in the past.
        #[serde(default)]
        until: Option<Time>,
    },
}

/// How far a pairing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum PairingStep {
    /// A QR code is shown. The code itself is in Redis only.
    Qr {
        /// 1 for the first code.
        wave: u8,
        /// How many there are.
        waves: u8,
    },
    /// A code to type on the phone was issued.
    Code,
    /// The phone asks its person for a passkey.
    Passkey,
}

/// Why a line waits for its next connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum ReconnectReason {
    /// The socket was lost, or its owner let it go.
    ConnectionLost,
    /// The provider could not be reached, or refused for reasons of its own.
    ProviderUnreachable,
}

/// Why a number is not linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum LogoutReason {
    /// Unlinked on the phone, or by us.
    LoggedOut,
    /// Another number than the line's was paired.
    PhoneMismatch,
    /// The number is on another live line of the organization.
    PhoneInUse,
}

/// Why a line was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FailReason {
    /// Starting took too long.
    StartTimeout,
    /// It died too often.
    RestartBudgetSpent,
    /// A message or frame it cannot get past.
    Poison,
    /// The provider refuses our client version.
    ClientOutdated,
}

impl FailReason {
    /// The reason as rows and commands keep it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl LineState {
    /// The state's name, as the `state` column holds it.
    #[must_use]
    pub fn name(&self) -> StateName {
        self.into()
    }

    /// Whether this state is only true while a live node owns the line.
    #[must_use]
    pub fn needs_owner(&self) -> bool {
        match self {
            Self::Starting { .. }
            | Self::WaitingPermit { .. }
            | Self::Connecting { .. }
            | Self::Syncing { .. }
            | Self::Pairing { .. }
            | Self::Connected { .. }
            | Self::Degraded { .. }
            | Self::Throttled { .. }
            | Self::Restricted { .. }
            | Self::Reconnecting { .. } => true,
            Self::Created
            | Self::PairingExpired
            | Self::Replaced { .. }
            | Self::LoggedOut { .. }
            | Self::Locked { .. }
            | Self::Banned { .. }
            | Self::Failed { .. } => false,
        }
    }

    /// The session this state is about, if any.
    #[must_use]
    pub fn generation(&self) -> Option<Generation> {
        match self {
            Self::Connecting { generation, .. }
            | Self::Syncing { generation, .. }
            | Self::Pairing { generation, .. }
            | Self::Connected { generation }
            | Self::Degraded { generation, .. }
            | Self::Throttled { generation, .. }
            | Self::Restricted { generation, .. } => Some(*generation),
            Self::Created
            | Self::Starting { .. }
            | Self::WaitingPermit { .. }
            | Self::PairingExpired
            | Self::Reconnecting { .. }
            | Self::Replaced { .. }
            | Self::LoggedOut { .. }
            | Self::Locked { .. }
            | Self::Banned { .. }
            | Self::Failed { .. } => None,
        }
    }

    /// When to look at the clock again for this state's sake. A turn of the connect budget comes by itself.
    #[must_use]
    pub fn alarm(&self) -> Option<Time> {
        if let Self::WaitingPermit { .. } = self { None } else { self.deadline() }
    }

    /// When to look at the clock again because the trouble lasts: a person should know.
    #[must_use]
    pub fn notice_at(&self, notice: TimeDelta) -> Option<Time> {
        match self {
            Self::Reconnecting { since, lasting: false, .. } => Some(*since + notice),
            _ => None,
        }
    }

    /// When this state is expected to end, if it does by itself.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Self::Starting { deadline, .. }
            | Self::Connecting { deadline, .. }
            | Self::Syncing { deadline, .. }
            | Self::Pairing { deadline, .. }
            | Self::Degraded { deadline, .. } => Some(*deadline),
            Self::Throttled { until, .. } | Self::Restricted { until, .. } => Some(*until),
            Self::Reconnecting { retry_at, .. } => Some(*retry_at),
            Self::Replaced { retry_at } | Self::Failed { retry_at, .. } => *retry_at,
            Self::Locked { until } | Self::Banned { until } => *until,
            Self::WaitingPermit { grant_at, .. } => *grant_at,
            Self::Created | Self::PairingExpired | Self::Connected { .. } | Self::LoggedOut { .. } => None,
        }
    }

    /// The open attempt to link a number, if there is one.
    #[must_use]
    pub fn pairing(&self) -> Option<&Pairing> {
        match self {
            Self::WaitingPermit { purpose: Purpose::Pair { pairing }, .. }
            | Self::Connecting { purpose: Purpose::Pair { pairing }, .. }
            | Self::Pairing { pairing, .. } => Some(pairing),
            _ => None,
        }
    }
}

impl RestingState {
    /// The state itself again.
    #[must_use]
    pub fn restore(&self) -> LineState {
        match self {
            Self::Created => LineState::Created,
            Self::PairingExpired => LineState::PairingExpired,
            Self::LoggedOut { reason } => LineState::LoggedOut { reason: *reason },
            Self::Failed { reason, retry_at } => LineState::Failed { reason: *reason, retry_at: *retry_at },
            Self::Replaced => LineState::Replaced { retry_at: None },
            Self::Locked { until } => LineState::Locked { until: *until },
            Self::Banned { until } => LineState::Banned { until: *until },
        }
    }
}
