//! What the machine answers: where to, what to write with it, what to do after the commit.

use super::state::{LineState, Pairing, Time};
use crate::{
    id::{CommandId, Generation},
    port::{
        CommandEnd, CredentialChange, Credentials, Desired, Settle, ShownCode, ShownPasskey, ShownQr,
        Transition,
    },
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The instant a decision is made at, and the randomness it may use.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The wall clock.
    pub now: Time,
    /// Uniform in 0.0 to 1.0: spreads retries.
    pub jitter: f64,
}

/// What a restart, on this node or another, must not forget. Kept in the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// The next step of the reconnect back-off.
    pub backoff_step: u32,
    /// Deaths counted toward quarantine.
    pub deaths: u32,
    /// Cool-downs served for a locked account.
    pub lock_strikes: u32,
    /// Timed retries served since given up.
    pub fail_retries: u32,
    /// Temporary bans whose told end was past already.
    pub ban_strikes: u32,
    /// The one retry after being replaced was used.
    pub replaced_retry_used: bool,
    /// Planned restarts since a session was last healthy for long, or paired.
    pub planned_restarts: u32,
    /// When the present session became ready.
    pub ready_at: Option<Time>,
    /// When the present trouble began.
    pub trouble_since: Option<Time>,
    /// The end of the provider's rate limit: it outlives a degraded spell and a reconnect.
    pub throttled_until: Option<Time>,
    /// The end of the provider's limit on new contacts, likewise.
    pub restricted_until: Option<Time>,
}

impl History {
    /// The history after a session: one that was `healthy` for so long makes earlier trouble forgotten.
    pub(super) fn settled(&self, healthy: TimeDelta, now: Time) -> Self {
        let forgotten = self.ready_at.is_some_and(|ready| now - ready >= healthy);
        if forgotten { self.forgiven() } else { self.clone() }
    }

    /// The history after the actor died, of a line whose trouble is forgotten when it was `healthy` for so long.
    #[must_use]
    pub fn died(&self, healthy: TimeDelta, now: Time) -> Self {
        let settled = self.settled(healthy, now);
        Self { deaths: settled.deaths.saturating_add(1), ready_at: None, ..settled }
    }

    /// The history after a person asked for a try in the middle of trouble with the socket: its pauses and the restart
    /// budget start anew. The trouble is the same, and what the provider did before is not forgotten.
    pub(super) fn given_a_chance(&self) -> Self {
        Self { backoff_step: 0, deaths: 0, planned_restarts: 0, ..self.clone() }
    }

    /// Earlier trouble is forgotten; the provider's limits are not ours to forget.
    pub(super) fn forgiven(&self) -> Self {
        Self {
            throttled_until: self.throttled_until,
            restricted_until: self.restricted_until,
            ..Self::default()
        }
    }
}

/// What is written with a transition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// A new wish.
    pub desired: Option<Desired>,
    /// A new session.
    pub generation: Option<Generation>,
    /// A session is ready since then.
    pub session_started_at: Option<Time>,
    /// The number that was paired.
    pub phone_number: Option<String>,
    /// The account.
    pub credentials: Option<CredentialChange>,
    /// Commands that end.
    pub settle: Vec<Settle>,
    /// Open wakeups end like this: well when a session attempt begins, badly when none will.
    pub settle_wakeups: Option<CommandEnd>,
    /// The pair command is at work until then.
    pub pair_running: Option<(Pairing, Time)>,
    /// The provider refused our client version to this line: it concerns all of them.
    pub client_refused: bool,
    /// The line is let go: due again then, or only by a command. The actor ends.
    pub release: Option<Option<Time>>,
}

/// What is done once the transition is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Queue for the connect budget; `Permit` answers.
    RequestPermit,
    /// Open a session.
    Open {
        /// Its number.
        generation: Generation,
        /// Without the stored account: to pair.
        fresh: bool,
    },
    /// Close the session, keep the account.
    Close,
    /// Unlink at the provider with the stored account, then close.
    Logout,
    /// Unlink an account that was paired and is not wanted.
    Unlink(Credentials),
    /// Ask for a sign of life.
    Ping,
    /// Ask for a pairing code.
    RequestPairingCode {
        /// For this number.
        phone_number: String,
    },
    /// Show a QR code.
    ShowQr(ShownQr),
    /// Show a pairing code.
    ShowPairingCode(ShownCode),
    /// Show a passkey challenge, instead of codes.
    ShowPasskey(ShownPasskey),
    /// Take back what is shown.
    HideCodes,
}

/// The machine's answer to an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The state after it.
    pub next: LineState,
    /// The history after it.
    pub history: History,
    /// What is written with it.
    pub changes: Changes,
    /// What is done after the commit, in order.
    pub effects: Vec<Effect>,
}

impl Decision {
    /// Nothing happens.
    pub(super) fn stay(state: &LineState, history: &History) -> Self {
        Self {
            next: state.clone(),
            history: history.clone(),
            changes: Changes::default(),
            effects: Vec::new(),
        }
    }

    /// To `next`.
    pub(super) fn to(next: LineState, history: &History) -> Self {
        Self { next, history: history.clone(), changes: Changes::default(), effects: Vec::new() }
    }

    pub(super) fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    pub(super) fn settle(mut self, command: CommandId, end: CommandEnd) -> Self {
        self.changes.settle.push(Settle { command, end });
        self
    }

    pub(super) fn desired(mut self, desired: Desired) -> Self {
        self.changes.desired = Some(desired);
        self
    }

    pub(super) fn release(mut self, due: Option<Time>) -> Self {
        self.changes.release = Some(due);
        self
    }

    pub(super) fn remember(mut self, edit: impl FnOnce(&mut History)) -> Self {
        edit(&mut self.history);
        self
    }

    /// Whether there is something to commit; effects alone need no row.
    #[must_use]
    pub fn writes(&self, from: &LineState, history: &History) -> bool {
        self.next != *from || self.history != *history || self.changes != Changes::default()
    }

    /// What is committed of it, on top of a row of this version in this state.
    #[must_use]
    pub fn transition(&self, version: i64, from: &LineState, event: &'static str, at: Time) -> Transition {
        let changes = self.changes.clone();
        Transition {
            version: version + 1,
            from: from.clone(),
            to: self.next.clone(),
            event,
            at,
            history: self.history.clone(),
            desired: changes.desired,
            generation: changes.generation,
            session_started_at: changes.session_started_at,
            phone_number: changes.phone_number,
            credentials: changes.credentials,
            settle: changes.settle,
            settle_wakeups: changes.settle_wakeups,
            pair_running: changes.pair_running,
            client_refused: changes.client_refused,
            release: changes.release,
        }
    }
}
