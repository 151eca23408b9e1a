//! What a command does to a line, decided purely: the command table as code. The store calls these inside the
//! transaction that holds the line row, so that a thousand callers at once still make one command.

use crate::machine::{FailReason, LineState, Overlay, Owner, RestingState, StateName, Time};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, IntoStaticStr};

/// Who asks for a wakeup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeupBy {
    /// A program with a line token, through health.
    Health,
    /// An owner or admin of the workspace.
    Operator,
}

/// What the line is, as far as commands care.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The actor's state.
    pub state: &'a LineState,
    /// What lies over it.
    pub overlay: Overlay,
    /// There is an open pair command.
    pub pair_open: bool,
    /// There is an open wakeup command.
    pub wakeup_open: bool,
    /// When the last wakeup through health was queued for a line that had failed.
    pub last_wakeup_at: Option<Time>,
}

/// What becomes of a pair command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairAdmission {
    /// A new command; the line goes back to `before` should it be stopped.
    New {
        /// What the line was.
        before: RestingState,
    },
    /// The open one is the answer.
    Open,
    /// 409 line_already_paired.
    AlreadyPaired,
    /// 409 cooling_down.
    CoolingDown {
        /// The end of it.
        until: Time,
    },
    /// 409 line_archived.
    Archived,
    /// 403 billing_restricted.
    BillingRestricted,
}

/// The outcome of asking for a wakeup, as clients read it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr, Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WakeupOutcome {
    /// wakeup=false.
    NotRequested,
    /// The line has an actor at work, or needs none.
    AlreadyRunning,
    /// A command was queued.
    Queued,
    /// One was queued before and is still open.
    AlreadyQueued,
    /// A wakeup would not help, or would harm.
    NotWakeable,
    /// Asked too often.
    RateLimited,
}

/// What becomes of a wakeup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeupAdmission {
    /// What the caller is told.
    pub outcome: WakeupOutcome,
    /// Clears a stop order.
    pub clears_stop: bool,
    /// Resets the restart budget.
    pub resets_budget: bool,
}

/// What becomes of a stop order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopAdmission {
    /// Nothing to stop.
    NoOp,
    /// Only the open pair command ends; the line returns to what it was.
    EndsPairing,
    /// The line stops.
    Stops,
    /// 409 line_archived.
    Archived,
}

/// At most one attempt through health in this many seconds for a line that failed.
pub const WAKEUP_PAUSE_SECONDS: i64 = 300;
/// A line that waits at least so long for its next try can be woken by a person.
pub const WORTH_WAKING_SECONDS: i64 = 10;
/// How long a queued wakeup stays open.
pub const WAKEUP_LIFE_SECONDS: i64 = 300;
/// How long a queued pair command waits for its first code.
pub const PAIR_QUEUE_SECONDS: i64 = 600;

/// Decides a pair command.
#[must_use]
pub fn admit_pair(now: Time, at: &Situation<'_>) -> PairAdmission {
    if at.overlay.archived {
        return PairAdmission::Archived;
    }
    if at.overlay.billing_restricted {
        return PairAdmission::BillingRestricted;
    }
    if at.pair_open {
        return PairAdmission::Open;
    }
    // A pairing whose command is over, or whose owner died with it: a new command goes on from where that one began.
    if let Some(pairing) = started_from(at.state).pairing() {
        let stands = at.overlay.stopped && !never_stoppable(&pairing.before.restore());
        let before = pairing.before.clone();
        return if stands { PairAdmission::AlreadyPaired } else { PairAdmission::New { before } };
    }
    let cooling = |until: Option<Time>, before| match until {
        Some(until) if until > now => PairAdmission::CoolingDown { until },
        _ => PairAdmission::New { before },
    };
    // A start that is under way for a line without an account ends where it began.
    let state = match at.state {
        LineState::Starting { from, .. } if never_stoppable(from) => from,
        other => other,
    };
    let admission = match state {
        LineState::Created => PairAdmission::New { before: RestingState::Created },
        LineState::PairingExpired => PairAdmission::New { before: RestingState::PairingExpired },
        LineState::LoggedOut { reason } => {
            PairAdmission::New { before: RestingState::LoggedOut { reason: *reason } }
        }
        LineState::Failed { reason, retry_at } => {
            PairAdmission::New { before: RestingState::Failed { reason: *reason, retry_at: *retry_at } }
        }
        LineState::Replaced { .. } => PairAdmission::New { before: RestingState::Replaced },
        LineState::Locked { until } => cooling(*until, RestingState::Locked { until: *until }),
        LineState::Banned { until } => cooling(*until, RestingState::Banned { until: *until }),
        LineState::Starting { .. }
        | LineState::WaitingPermit { .. }
        | LineState::Connecting { .. }
        | LineState::Syncing { .. }
        | LineState::Pairing { .. }
        | LineState::Connected { .. }
        | LineState::Degraded { .. }
        | LineState::Throttled { .. }
        | LineState::Restricted { .. }
        | LineState::Reconnecting { .. } => PairAdmission::AlreadyPaired,
    };
    match (at.overlay.stopped, admission) {
        (true, PairAdmission::New { .. }) if never_stoppable(at.state) => admission_of_stopped(at.state),
        (true, PairAdmission::CoolingDown { until }) => PairAdmission::CoolingDown { until },
        (true, _) => PairAdmission::AlreadyPaired,
        (false, admission) => admission,
    }
}

/// A start says nothing of its own.
fn started_from(state: &LineState) -> &LineState {
    match state {
        LineState::Starting { from, .. } => from,
        other => other,
    }
}

/// A line that was never paired, or is not linked any more, cannot carry a stop order; should a row say so all the
/// same, pairing it anew is what a person means.
fn never_stoppable(state: &LineState) -> bool {
    matches!(state, LineState::Created | LineState::PairingExpired | LineState::LoggedOut { .. })
}

fn admission_of_stopped(state: &LineState) -> PairAdmission {
    match state {
        LineState::LoggedOut { reason } => {
            PairAdmission::New { before: RestingState::LoggedOut { reason: *reason } }
        }
        LineState::PairingExpired => PairAdmission::New { before: RestingState::PairingExpired },
        _ => PairAdmission::New { before: RestingState::Created },
    }
}

fn wakeup(outcome: WakeupOutcome) -> WakeupAdmission {
    WakeupAdmission { outcome, clears_stop: false, resets_budget: false }
}

/// Decides a wakeup. A wakeup is safe: it never pairs, never shortens a cool-down, never takes a session back.
#[must_use]
pub fn admit_wakeup(now: Time, by: WakeupBy, at: &Situation<'_>) -> WakeupAdmission {
    use WakeupOutcome as W;
    let admitted = wakeup_unless_open(now, by, at);
    match admitted.outcome {
        // The open one stands for both; what an operator clears and resets beside it still counts.
        W::NotWakeable => admitted,
        _ if at.wakeup_open => WakeupAdmission { outcome: W::AlreadyQueued, ..admitted },
        _ => admitted,
    }
}

fn wakeup_unless_open(now: Time, by: WakeupBy, at: &Situation<'_>) -> WakeupAdmission {
    use WakeupOutcome as W;
    if at.overlay.archived || at.overlay.billing_restricted {
        return wakeup(W::NotWakeable);
    }
    if at.overlay.stopped {
        return wakeup_stopped(now, by, at.state);
    }
    if at.pair_open {
        return wakeup(W::AlreadyRunning);
    }
    match at.state {
        LineState::Created | LineState::PairingExpired | LineState::LoggedOut { .. } => {
            wakeup(W::NotWakeable)
        }
        LineState::Failed { reason, .. } => wakeup_failed(now, by, *reason, at.last_wakeup_at),
        LineState::Replaced { .. } => match by {
            WakeupBy::Health => wakeup(W::NotWakeable),
            WakeupBy::Operator => WakeupAdmission { resets_budget: true, ..wakeup(W::Queued) },
        },
        LineState::Locked { until: None } if by == WakeupBy::Operator => {
            WakeupAdmission { resets_budget: true, ..wakeup(W::Queued) }
        }
        LineState::Locked { .. } | LineState::Banned { .. } => wakeup(W::NotWakeable),
        LineState::Reconnecting { retry_at, .. }
            if by == WakeupBy::Operator && waits_long(now, *retry_at) =>
        {
            WakeupAdmission { resets_budget: true, ..wakeup(W::Queued) }
        }
        LineState::Starting { .. }
        | LineState::WaitingPermit { .. }
        | LineState::Connecting { .. }
        | LineState::Syncing { .. }
        | LineState::Pairing { .. }
        | LineState::Connected { .. }
        | LineState::Degraded { .. }
        | LineState::Throttled { .. }
        | LineState::Restricted { .. }
        | LineState::Reconnecting { .. } => match at.overlay.owner {
            Owner::Gone => wakeup(W::Queued),
            Owner::Alive | Owner::Here | Owner::HereStale => wakeup(W::AlreadyRunning),
        },
    }
}

/// A next try that is near needs no help; and as each such wakeup starts the pauses anew, a person who presses again and
/// again makes a handful of tries in twenty seconds, not one with each press.
fn waits_long(now: Time, retry_at: Time) -> bool {
    (retry_at - now).num_seconds() >= WORTH_WAKING_SECONDS
}

fn wakeup_stopped(now: Time, by: WakeupBy, state: &LineState) -> WakeupAdmission {
    let cooling = match state {
        LineState::Locked { until } => until.is_some_and(|until| until > now),
        LineState::Banned { until } => until.is_none_or(|until| until > now),
        _ => false,
    };
    if by == WakeupBy::Health || cooling || never_stoppable(state) {
        return wakeup(WakeupOutcome::NotWakeable);
    }
    WakeupAdmission { outcome: WakeupOutcome::Queued, clears_stop: true, resets_budget: true }
}

fn wakeup_failed(now: Time, by: WakeupBy, reason: FailReason, last: Option<Time>) -> WakeupAdmission {
    if by == WakeupBy::Operator {
        return WakeupAdmission { resets_budget: true, ..wakeup(WakeupOutcome::Queued) };
    }
    if reason == FailReason::ClientOutdated {
        return wakeup(WakeupOutcome::NotWakeable);
    }
    let recent = last.is_some_and(|last| (now - last).num_seconds() < WAKEUP_PAUSE_SECONDS);
    wakeup(if recent { WakeupOutcome::RateLimited } else { WakeupOutcome::Queued })
}

/// Decides a stop order.
#[must_use]
pub fn admit_stop(at: &Situation<'_>) -> StopAdmission {
    if at.overlay.archived {
        return StopAdmission::Archived;
    }
    // A start that is under way is stopped as what it started from.
    let state = started_from(at.state);
    // A pairing whose command ended a moment ago is on its way back to what it was: there is nothing to stop but it.
    if at.pair_open || state.pairing().is_some() {
        return StopAdmission::EndsPairing;
    }
    if at.overlay.stopped {
        return StopAdmission::NoOp;
    }
    match state.name() {
        StateName::Created | StateName::PairingExpired | StateName::LoggedOut => StopAdmission::NoOp,
        StateName::Banned => match state {
            LineState::Banned { until: Some(_) } => StopAdmission::Stops,
            _ => StopAdmission::NoOp,
        },
        StateName::Starting
        | StateName::WaitingPermit
        | StateName::Connecting
        | StateName::Syncing
        | StateName::Pairing
        | StateName::Connected
        | StateName::Degraded
        | StateName::Throttled
        | StateName::Restricted
        | StateName::Reconnecting
        | StateName::Replaced
        | StateName::Locked
        | StateName::Failed => StopAdmission::Stops,
    }
}
