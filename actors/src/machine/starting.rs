//! An actor loads the line, then sets out: to pair, to resume, or back to rest.

use super::{
    decide::Facts,
    decision::{Decision, Effect},
    ending,
    event::{Event, StartFacts, pairing},
    state::{FailReason, LineState, LogoutReason, Purpose, ReconnectReason, RestingState, Time},
};
use crate::port::{CommandEnd, Desired};

/// The death that is one too many.
pub(super) const DEATHS_TO_QUARANTINE: u32 = 6;

pub(super) fn decide(
    state: &LineState,
    deadline: Time,
    from: &LineState,
    facts: &Facts<'_>,
    event: &Event,
) -> Decision {
    match event {
        Event::Started(found) => started(from, facts, found),
        Event::Tick(_) if facts.moment.now >= deadline => ending::failed(facts, FailReason::StartTimeout),
        Event::Ordered(orders) if orders.any() => ending::ordered(from, facts, *orders),
        Event::Released => at_rest_or_due(from, facts),
        Event::Tick(_)
        | Event::Ordered(_)
        | Event::Woken
        | Event::Permit
        | Event::ClientRefused
        | Event::Unreachable { .. }
        | Event::Session { .. }
        | Event::PairEnded
        | Event::PairRefused { .. } => Decision::stay(state, facts.history),
    }
}

fn started(from: &LineState, facts: &Facts<'_>, found: &StartFacts) -> Decision {
    let now = facts.moment.now;
    let mut history = ending::over_at(facts, found.lived_until.map_or(now, |until| until.min(now)));
    if found.orders.any() {
        return ending::ordered(from, &Facts { history: &history, ..*facts }, found.orders);
    }
    // A death counts also while a wakeup that forgives is open: or a line that dies at every start would never be given
    // up.
    if found.reset_budget && !found.died {
        history = history.forgiven();
    }
    let spent = found.died && history.deaths >= DEATHS_TO_QUARANTINE;
    if spent || found.late {
        let why = if spent { FailReason::RestartBudgetSpent } else { FailReason::StartTimeout };
        return given_up(&Facts { history: &history, ..*facts }, found, why);
    }
    if matches!(from, LineState::Replaced { retry_at: Some(_) }) {
        history.replaced_retry_used = true;
    }
    let purpose = match (pairing(found, resting(from)), from.pairing()) {
        (Some(pairing), _) => Purpose::Pair { pairing },
        // Its command ended while nobody was at work: the line is what it was before, not what its account allows.
        (None, Some(given_up)) => {
            return ending::back_to(&given_up.before, &Facts { history: &history, ..*facts });
        }
        (None, None) if found.has_credentials && only_by_a_person(from) && !found.reset_budget => {
            return stays(from, &Facts { history: &history, ..*facts });
        }
        (None, None) if found.has_credentials => Purpose::Resume,
        (None, None) => return nothing_to_do(from, facts),
    };
    let waiting = LineState::WaitingPermit { purpose: purpose.clone(), grant_at: Some(facts.grant_at) };
    let mut decision = Decision::to(waiting, &history);
    if let Purpose::Pair { pairing } = purpose {
        decision.changes.pair_running = Some((pairing, facts.moment.now + ending::pair_queue()));
    }
    decision.with(Effect::RequestPermit)
}

/// Whether only a person's word leads on from there: a session is not taken back by reflex, a lasting ban not tried.
fn only_by_a_person(from: &LineState) -> bool {
    matches!(
        from,
        LineState::Replaced { retry_at: None }
            | LineState::Locked { until: None }
            | LineState::Banned { until: None }
    )
}

/// The command that this start came for ended meanwhile.
fn stays(from: &LineState, facts: &Facts<'_>) -> Decision {
    let mut decision = Decision::to(from.clone(), facts.history).release(None);
    decision.changes.settle_wakeups = Some(CommandEnd::Failed("not_wakeable".into()));
    decision
}

/// Left open, a command would have the line claimed again at once.
fn given_up(facts: &Facts<'_>, found: &StartFacts, why: FailReason) -> Decision {
    let end = CommandEnd::Failed(why.word().into());
    let mut failed = ending::failed(facts, why);
    if !found.has_credentials {
        // Without an account no retry helps, so none may be promised.
        failed.next = LineState::Failed { reason: why, retry_at: None };
        failed.changes.release = Some(None);
    }
    let mut failed =
        found.pair.iter().fold(failed, |failed, (command, _)| failed.settle(*command, end.clone()));
    failed.changes.settle_wakeups = Some(end);
    failed
}

/// What the line goes back to when the pairing that starts now is stopped.
fn resting(from: &LineState) -> RestingState {
    match from {
        LineState::Created => RestingState::Created,
        LineState::PairingExpired => RestingState::PairingExpired,
        LineState::LoggedOut { reason } => RestingState::LoggedOut { reason: *reason },
        LineState::Failed { reason, retry_at } => {
            RestingState::Failed { reason: *reason, retry_at: *retry_at }
        }
        LineState::Replaced { .. } => RestingState::Replaced,
        LineState::Locked { until } => RestingState::Locked { until: *until },
        LineState::Banned { until } => RestingState::Banned { until: *until },
        // Its last owner died in the middle of a pairing: the attempt goes on from where that one began.
        LineState::WaitingPermit { .. } | LineState::Connecting { .. } | LineState::Pairing { .. } => {
            from.pairing().map_or(RestingState::Created, |pairing| pairing.before.clone())
        }
        LineState::Starting { from, .. } => resting(from),
        LineState::Syncing { .. }
        | LineState::Connected { .. }
        | LineState::Degraded { .. }
        | LineState::Throttled { .. }
        | LineState::Restricted { .. }
        | LineState::Reconnecting { .. } => RestingState::LoggedOut { reason: LogoutReason::LoggedOut },
    }
}

/// Neither an account nor a pair command: the command ended between its doorbell and this start.
fn nothing_to_do(from: &LineState, facts: &Facts<'_>) -> Decision {
    let next = ending::without_account(from, facts);
    let mut decision = Decision::to(next, facts.history).desired(Desired::Stopped).release(None);
    decision.changes.settle_wakeups = Some(CommandEnd::Failed("not_paired".into()));
    decision
}

fn at_rest_or_due(from: &LineState, facts: &Facts<'_>) -> Decision {
    if !from.needs_owner() {
        // What it was when it was claimed, with the one retry or cool-down it had; an open command brings its next owner.
        return Decision::to(from.clone(), facts.history).release(from.deadline());
    }
    if from.pairing().is_none() {
        let now = facts.moment.now;
        let next = LineState::Reconnecting {
            reason: ReconnectReason::ConnectionLost,
            retry_at: now,
            since: now,
            lasting: false,
        };
        return Decision::to(next, facts.history).release(Some(now));
    }
    ending::back_to(&resting(from), facts)
}
