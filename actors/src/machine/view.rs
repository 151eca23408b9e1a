//! The three axes a client sees, from one pure function: the actor's state with the overlay of what other parties
//! committed. Nothing of this is stored.

use super::state::{FailReason, LineState, LogoutReason, PairingStep, ReconnectReason, Time};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, IntoStaticStr};

/// Axis one: the channel model's status. Code 4 is fixed by the API page, the others are ours.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr, Display,
)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum Status {
    /// 0: not running, somebody decided or must decide.
    Stop,
    /// 1: starting.
    Init,
    /// 2: on its way to the provider.
    Launch,
    /// 3: waiting to be linked.
    Qr,
    /// 4: logged in.
    Auth,
    /// 5: in trouble that does not end by reconnecting.
    Error,
}

impl Status {
    /// The number beside the text.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Stop => 0,
            Self::Init => 1,
            Self::Launch => 2,
            Self::Qr => 3,
            Self::Auth => 4,
            Self::Error => 5,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr, Display)]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    };
}

words!(
    /// Axis two: where the line is in its life.
    Lifecycle {
        /// Never paired.
        Created,
        /// An actor loads it.
        Starting,
        /// Waits for a permit, or for the next try.
        Reconnecting,
        /// Socket opening.
        Connecting,
        /// Draining the offline backlog.
        Syncing,
        /// Being linked.
        Pairing,
        /// Codes used up.
        PairingExpired,
        /// Open, proof of life fresh.
        Connected,
        /// Open, proof of life missing.
        Degraded,
        /// Asked to slow down.
        Throttled,
        /// New contacts refused.
        Restricted,
        /// Its owner is dead or let it go.
        Orphaned,
        /// Another client took the session.
        Replaced,
        /// Not linked any more.
        LoggedOut,
        /// Account locked.
        Locked,
        /// Account banned.
        Banned,
        /// Given up for now.
        Failed,
        /// Stopped by order, or by billing.
        Stopped,
        /// Gone from use, for good.
        Archived,
    }
);

words!(
    /// Axis three: what happens to a reply now.
    SendState {
        /// Accepted and sent.
        Sendable,
        /// Accepted for conversations whose customer wrote within 24 hours.
        ReplyOnly,
        /// Refused now; what is queued goes on by itself.
        Paused,
        /// Refused; somebody must act.
        Blocked,
    }
);

words!(
    /// Why a line is not simply sendable.
    Reason {
        /// Never paired.
        NotPaired,
        /// The actor starts.
        Starting,
        /// Waits for the fleet's connect budget.
        ConnectBudget,
        /// Handshake under way.
        Connecting,
        /// Backlog being drained.
        Syncing,
        /// A QR code waits for a scan.
        Pairing,
        /// A pairing code waits to be typed.
        PairingCode,
        /// A passkey waits to be confirmed.
        PairingPasskey,
        /// All codes shown.
        PairingExpired,
        /// No fresh sign that the line works.
        NoProofOfLife,
        /// The provider's rate limit.
        RateLimited,
        /// The provider's limit on new contacts.
        Timelock,
        /// The socket was lost.
        Reconnecting,
        /// The provider does not answer.
        ProviderUnreachable,
        /// No live owner.
        NoOwner,
        /// Session taken over.
        Replaced,
        /// Unlinked.
        LoggedOut,
        /// Another number was paired.
        PhoneMismatch,
        /// The number is on another line.
        PhoneInUse,
        /// Account locked.
        Locked,
        /// Banned for a while.
        TemporarilyBanned,
        /// Banned.
        Banned,
        /// Our client version is refused.
        ClientOutdated,
        /// Died too often.
        RestartBudgetSpent,
        /// Start took too long.
        StartTimeout,
        /// Something it cannot get past.
        Poison,
        /// Stopped by order.
        Stopped,
        /// Stopped by billing.
        BillingRestricted,
        /// Archived.
        Archived,
    }
);

words!(
    /// What a person can do about it.
    UserAction {
        /// Nothing.
        None,
        /// Scan a QR code.
        Scan,
        /// Type the pairing code on the phone.
        TypeCode,
        /// Look at the phone.
        OpenPhone,
        /// Confirm on the phone.
        ConfirmPasskey,
        /// Wait.
        Wait,
        /// Appeal to the provider.
        Appeal,
        /// Settle the bill.
        Pay,
        /// Upgrade the service.
        Upgrade,
    }
);

words!(
    /// What happens next by itself, and so who acts next.
    NextAction {
        /// Nothing is due.
        None,
        /// The owner of the workspace pairs the line.
        Pair,
        /// The supervisor starts it.
        Start,
        /// The provider answers the connect, or a back-off step follows.
        Connect,
        /// The provider finishes the backlog.
        Sync,
        /// The supervisor probes, then reconnects.
        Probe,
        /// The limit ends.
        Resume,
        /// The supervisor tries again.
        Retry,
        /// A node takes the line.
        Claim,
        /// An operator looks.
        Operator,
        /// An owner or admin wakes it up.
        Wakeup,
    }
);

/// What other parties own and commit themselves; it wins over the actor's state, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlay {
    /// `archived_at` is set.
    pub archived: bool,
    /// `stopped_at` is set.
    pub stopped: bool,
    /// Billing state restricts sending.
    pub billing_restricted: bool,
    /// What is known of the owner.
    pub owner: Owner,
}

impl Overlay {
    /// Nothing lies over the actor's word.
    #[must_use]
    pub fn of_live_owner() -> Self {
        Self { owner: Owner::Alive, ..Self::default() }
    }
}

/// How far an owner's word can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Nobody owns the line, or its owner's heartbeat has passed.
    #[default]
    Gone,
    /// A live node other than the one asked owns it.
    Alive,
    /// The node asked owns it, and holds its trust window and fresh proof of life.
    Here,
    /// The node asked owns it, but its proof of life or its trust window is over.
    HereStale,
}

/// What a client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Axis one.
    pub status: Status,
    /// Axis two.
    pub lifecycle: Lifecycle,
    /// Axis three.
    pub send: SendState,
    /// Why, unless simply sendable.
    pub reason: Option<Reason>,
    /// When the provider's limit or cool-down ends.
    pub until: Option<Time>,
    /// When this state ends by itself.
    pub deadline: Option<Time>,
    /// What happens then.
    pub next: NextAction,
    /// What a person can do.
    pub user: UserAction,
}

impl View {
    /// Any reply is accepted.
    #[must_use]
    pub fn sendable(&self) -> bool {
        self.send == SendState::Sendable
    }

    /// Replies to conversations with a recent inbound message are accepted.
    #[must_use]
    pub fn reply_sendable(&self) -> bool {
        matches!(self.send, SendState::Sendable | SendState::ReplyOnly)
    }

    /// A reply to this conversation is accepted.
    #[must_use]
    pub fn accepts(&self, wrote_lately: bool) -> bool {
        self.sendable() || (wrote_lately && self.reply_sendable())
    }
}

fn row(status: Status, lifecycle: Lifecycle, send: SendState, reason: Option<Reason>) -> View {
    View {
        status,
        lifecycle,
        send,
        reason,
        until: None,
        deadline: None,
        next: NextAction::None,
        user: UserAction::None,
    }
}

fn blocked(status: Status, lifecycle: Lifecycle, reason: Reason) -> View {
    row(status, lifecycle, SendState::Blocked, Some(reason))
}

fn paused(status: Status, lifecycle: Lifecycle, reason: Reason) -> View {
    row(status, lifecycle, SendState::Paused, Some(reason))
}

/// What a client sees of a line in `state` under `overlay`.
#[must_use]
pub fn view(state: &LineState, overlay: Overlay) -> View {
    if overlay.archived {
        return blocked(Status::Stop, Lifecycle::Archived, Reason::Archived);
    }
    if overlay.stopped {
        let until = cool_down(state);
        return View {
            until,
            next: NextAction::Wakeup,
            user: if until.is_some() { UserAction::Wait } else { UserAction::None },
            ..blocked(Status::Stop, Lifecycle::Stopped, Reason::Stopped)
        };
    }
    if overlay.billing_restricted {
        return View {
            user: UserAction::Pay,
            ..blocked(Status::Stop, Lifecycle::Stopped, Reason::BillingRestricted)
        };
    }
    if state.needs_owner() && overlay.owner == Owner::Gone {
        return View {
            next: NextAction::Claim,
            user: UserAction::Wait,
            ..paused(Status::Launch, Lifecycle::Orphaned, Reason::NoOwner)
        };
    }
    if overlay.owner == Owner::HereStale && claims_life(state) {
        return View { next: NextAction::Probe, ..degraded() };
    }
    actor_view(state)
}

/// A stop order does not shorten a provider's cool-down.
fn cool_down(state: &LineState) -> Option<Time> {
    match state {
        LineState::Locked { until } | LineState::Banned { until } => *until,
        _ => None,
    }
}

fn claims_life(state: &LineState) -> bool {
    matches!(state, LineState::Connected { .. } | LineState::Restricted { .. } | LineState::Throttled { .. })
}

fn degraded() -> View {
    paused(Status::Auth, Lifecycle::Degraded, Reason::NoProofOfLife)
}

fn actor_view(state: &LineState) -> View {
    use LineState as S;
    let deadline = state.deadline();
    match state {
        S::Created => View {
            next: NextAction::Pair,
            user: UserAction::Scan,
            ..blocked(Status::Stop, Lifecycle::Created, Reason::NotPaired)
        },
        S::Starting { .. } => View {
            deadline,
            next: NextAction::Start,
            ..paused(Status::Init, Lifecycle::Starting, Reason::Starting)
        },
        S::WaitingPermit { .. } => View {
            deadline,
            next: NextAction::Connect,
            ..paused(Status::Launch, Lifecycle::Reconnecting, Reason::ConnectBudget)
        },
        S::Connecting { .. } => View {
            deadline,
            next: NextAction::Connect,
            ..paused(Status::Launch, Lifecycle::Connecting, Reason::Connecting)
        },
        S::Syncing { .. } => View {
            deadline,
            next: NextAction::Sync,
            ..paused(Status::Launch, Lifecycle::Syncing, Reason::Syncing)
        },
        S::Pairing { step, .. } => View { deadline, ..pairing_view(step) },
        S::PairingExpired => View {
            next: NextAction::Pair,
            user: UserAction::Scan,
            ..blocked(Status::Stop, Lifecycle::PairingExpired, Reason::PairingExpired)
        },
        S::Connected { .. } => row(Status::Auth, Lifecycle::Connected, SendState::Sendable, None),
        S::Degraded { .. } => View { deadline, next: NextAction::Probe, ..degraded() },
        S::Throttled { until, .. } => {
            limited(*until, Lifecycle::Throttled, SendState::Paused, Reason::RateLimited)
        }
        S::Restricted { until, .. } => {
            limited(*until, Lifecycle::Restricted, SendState::ReplyOnly, Reason::Timelock)
        }
        S::Reconnecting { reason, lasting, .. } => View {
            deadline,
            next: NextAction::Retry,
            user: if *lasting { UserAction::OpenPhone } else { UserAction::None },
            ..paused(Status::Launch, Lifecycle::Reconnecting, reconnect_reason(*reason))
        },
        S::Replaced { retry_at } => View {
            deadline,
            next: retry_or_operator(*retry_at),
            user: UserAction::OpenPhone,
            ..blocked(Status::Error, Lifecycle::Replaced, Reason::Replaced)
        },
        S::LoggedOut { reason } => View {
            next: NextAction::Pair,
            user: UserAction::Scan,
            ..blocked(Status::Stop, Lifecycle::LoggedOut, logout_reason(*reason))
        },
        S::Locked { until } => locked_view(*until),
        S::Banned { until } => banned_view(*until),
        S::Failed { reason, retry_at } => View {
            deadline,
            next: retry_or_operator(*retry_at),
            user: if *reason == FailReason::ClientOutdated { UserAction::Upgrade } else { UserAction::Wait },
            ..blocked(Status::Error, Lifecycle::Failed, fail_reason(*reason))
        },
    }
}

/// Open, under one of the provider's limits.
fn limited(until: Time, lifecycle: Lifecycle, send: SendState, reason: Reason) -> View {
    View {
        until: Some(until),
        deadline: Some(until),
        next: NextAction::Resume,
        user: UserAction::Wait,
        ..row(Status::Auth, lifecycle, send, Some(reason))
    }
}

fn locked_view(until: Option<Time>) -> View {
    View {
        until,
        deadline: until,
        next: retry_or_operator(until),
        user: if until.is_some() { UserAction::Wait } else { UserAction::OpenPhone },
        ..blocked(Status::Error, Lifecycle::Locked, Reason::Locked)
    }
}

fn banned_view(until: Option<Time>) -> View {
    match until {
        Some(_) => View {
            until,
            deadline: until,
            next: NextAction::Retry,
            user: UserAction::Wait,
            ..blocked(Status::Error, Lifecycle::Banned, Reason::TemporarilyBanned)
        },
        None => View {
            next: NextAction::Pair,
            user: UserAction::Appeal,
            ..blocked(Status::Error, Lifecycle::Banned, Reason::Banned)
        },
    }
}

fn pairing_view(step: &PairingStep) -> View {
    let (reason, user) = match step {
        PairingStep::Qr { .. } => (Reason::Pairing, UserAction::Scan),
        PairingStep::Code => (Reason::PairingCode, UserAction::TypeCode),
        PairingStep::Passkey => (Reason::PairingPasskey, UserAction::ConfirmPasskey),
    };
    View { next: NextAction::Pair, user, ..blocked(Status::Qr, Lifecycle::Pairing, reason) }
}

fn reconnect_reason(reason: ReconnectReason) -> Reason {
    match reason {
        ReconnectReason::ConnectionLost => Reason::Reconnecting,
        ReconnectReason::ProviderUnreachable => Reason::ProviderUnreachable,
    }
}

fn retry_or_operator(at: Option<Time>) -> NextAction {
    if at.is_some() { NextAction::Retry } else { NextAction::Operator }
}

fn logout_reason(reason: LogoutReason) -> Reason {
    match reason {
        LogoutReason::LoggedOut => Reason::LoggedOut,
        LogoutReason::PhoneMismatch => Reason::PhoneMismatch,
        LogoutReason::PhoneInUse => Reason::PhoneInUse,
    }
}

fn fail_reason(reason: FailReason) -> Reason {
    match reason {
        FailReason::StartTimeout => Reason::StartTimeout,
        FailReason::RestartBudgetSpent => Reason::RestartBudgetSpent,
        FailReason::Poison => Reason::Poison,
        FailReason::ClientOutdated => Reason::ClientOutdated,
    }
}
