//! How sessions and attempts end, and how long each may take.

use super::{
    decide::Facts,
    decision::{Decision, Effect, History},
    state::{FailReason, LineState, LogoutReason, Pairing, Purpose, ReconnectReason, RestingState, Time},
};
use crate::{
    backoff,
    port::{CloseClass, CommandEnd, CredentialChange, Desired, Orders},
    timings::Timings,
};
use chrono::TimeDelta;

/// A pair command waits so long for its first code.
pub(super) fn pair_queue() -> TimeDelta {
    TimeDelta::seconds(crate::command::PAIR_QUEUE_SECONDS)
}

/// From the first code: six waves, and a little.
pub(super) fn pair_life() -> TimeDelta {
    TimeDelta::seconds(200)
}

/// Once a passkey is asked for.
pub(super) fn passkey_life() -> TimeDelta {
    TimeDelta::seconds(660)
}

/// A session ended by itself.
pub(super) fn closed(class: CloseClass, facts: &Facts<'_>) -> Decision {
    let now = facts.moment.now;
    let history = over(facts);
    let after = &Facts { history: &history, ..*facts };
    match class {
        CloseClass::Lost => back_off(facts, ReconnectReason::ConnectionLost),
        CloseClass::Unknown { .. } | CloseClass::AdapterDied => counted_death(facts, class),
        CloseClass::RestartPlanned => {
            // At once, but once: a provider that only ever restarts must not use up the connects of all others.
            if history.planned_restarts > 0 {
                return back_off(facts, ReconnectReason::ProviderUnreachable);
            }
            resume(facts, &history).remember(|history| history.planned_restarts = 1)
        }
        CloseClass::Replaced => {
            let used = history.replaced_retry_used;
            let retry_at = (!used).then(|| now + facts.timings.replaced_retry);
            Decision::to(LineState::Replaced { retry_at }, &history).release(retry_at)
        }
        CloseClass::LoggedOut => logged_out(after, LogoutReason::LoggedOut),
        CloseClass::Locked => locked(after),
        CloseClass::TemporaryBan { until } => temporary_ban(after, until),
        CloseClass::Banned => {
            Decision::to(LineState::Banned { until: None }, &history).desired(Desired::Stopped).release(None)
        }
        CloseClass::Outdated => {
            let mut decision = outdated(&history);
            decision.changes.client_refused = true;
            decision
        }
    }
}

/// Queues for the connect budget, to work with the stored account.
pub(super) fn resume(facts: &Facts<'_>, history: &History) -> Decision {
    let next = LineState::WaitingPermit { purpose: Purpose::Resume, grant_at: Some(facts.grant_at) };
    Decision::to(next, history).with(Effect::RequestPermit)
}

/// Our client version is refused: no retry of ours helps.
pub(super) fn outdated(history: &History) -> Decision {
    let next = LineState::Failed { reason: FailReason::ClientOutdated, retry_at: None };
    let mut decision = Decision::to(next, history).release(None);
    decision.changes.settle_wakeups = Some(CommandEnd::Failed(FailReason::ClientOutdated.word().into()));
    decision
}

/// The end that is shown is the one that is kept: the provider's, and up to two minutes more so that a fleet does not
/// come back at once. One that is past already says nothing of when to come back: 5, 15, 60 minutes, then hourly.
fn temporary_ban(facts: &Facts<'_>, told: Option<Time>) -> Decision {
    let Facts { history, moment, timings, .. } = *facts;
    // Clocks differ: an end that is a moment away is one that is past.
    let is_past = told.is_some_and(|until| until <= moment.now + timings.ban_spread / 4);
    let until = match told {
        None => moment.now + timings.ban,
        Some(until) if !is_past => until,
        Some(_) => moment.now + retry_pause(timings, history.ban_strikes),
    };
    let until = until + backoff::spread(timings.ban_spread / 2, 1.0, moment.jitter);
    Decision::to(LineState::Banned { until: Some(until) }, history)
        .remember(|history| history.ban_strikes = history.ban_strikes.saturating_add(u32::from(is_past)))
        .release(Some(until))
}

/// 5, 15, 60 minutes, then an operator.
fn locked(facts: &Facts<'_>) -> Decision {
    let strikes = usize::try_from(facts.history.lock_strikes).unwrap_or(usize::MAX);
    let until = facts.timings.lock_cool_downs.get(strikes).map(|pause| facts.moment.now + *pause);
    Decision::to(LineState::Locked { until }, facts.history)
        .remember(|history| history.lock_strikes = history.lock_strikes.saturating_add(1))
        .release(until)
}

/// The pause after so many that were served: 5, 15, 60 minutes, then hourly.
fn retry_pause(timings: &Timings, served: u32) -> TimeDelta {
    let [first, second, then] = timings.fail_retries;
    match served {
        0 => first,
        1 => second,
        _ => then,
    }
}

/// 5, 15, 60 minutes, then hourly. The deaths stay counted: each retry is one attempt, until one is healthy.
pub(super) fn failed(facts: &Facts<'_>, reason: FailReason) -> Decision {
    let retry_at = Some(facts.moment.now + retry_pause(facts.timings, facts.history.fail_retries));
    Decision::to(LineState::Failed { reason, retry_at }, facts.history)
        .remember(|history| {
            history.fail_retries = history.fail_retries.saturating_add(1);
            // What was healthy before must not vouch for the pause that follows.
            history.ready_at = None;
        })
        .release(retry_at)
}

/// A death that weather does not explain. The sixth without a healthy time between ends in quarantine.
fn counted_death(facts: &Facts<'_>, class: CloseClass) -> Decision {
    let healthy = healthy_for(facts);
    let short = healthy.is_some_and(|lived| lived <= facts.timings.short_session);
    let counts = class == CloseClass::AdapterDied || short || healthy.is_none();
    let mut history = facts.history.settled(facts.timings.healthy, facts.moment.now);
    if counts {
        history.deaths = history.deaths.saturating_add(1);
    }
    let facts = Facts { history: &history, ..*facts };
    if history.deaths >= super::starting::DEATHS_TO_QUARANTINE {
        return failed(&facts, FailReason::RestartBudgetSpent);
    }
    back_off(&facts, ReconnectReason::ProviderUnreachable)
}

fn healthy_for(facts: &Facts<'_>) -> Option<TimeDelta> {
    facts.history.ready_at.map(|ready| facts.moment.now - ready)
}

/// The history without a session: what that one's health had to say is said, and must not vouch for the next one.
pub(super) fn over(facts: &Facts<'_>) -> History {
    over_at(facts, facts.moment.now)
}

/// The same, of a session that ended then.
pub(super) fn over_at(facts: &Facts<'_>, ended: Time) -> History {
    History { ready_at: None, ..facts.history.settled(facts.timings.healthy, ended) }
}

/// The next try, later each time.
pub(super) fn back_off(facts: &Facts<'_>, reason: ReconnectReason) -> Decision {
    let now = facts.moment.now;
    let history = facts.history.settled(facts.timings.healthy, facts.moment.now);
    let since = history.trouble_since.filter(|_| history.ready_at.is_none()).unwrap_or(now);
    let Timings { reconnect_first, reconnect_longest, .. } = *facts.timings;
    let jitter = facts.moment.jitter;
    let retry_at =
        now + backoff::reconnect_delay(reconnect_first, reconnect_longest, history.backoff_step, jitter);
    let lasting = now - since >= facts.timings.notice;
    Decision::to(LineState::Reconnecting { reason, retry_at, since, lasting }, &history).remember(|history| {
        history.backoff_step = history.backoff_step.saturating_add(1);
        history.ready_at = None;
        history.trouble_since = Some(since);
    })
}

/// Not linked any more: the account is forgotten, the history of the line stays.
pub(super) fn logged_out(facts: &Facts<'_>, reason: LogoutReason) -> Decision {
    let mut decision =
        Decision::to(LineState::LoggedOut { reason }, facts.history).desired(Desired::Stopped).release(None);
    decision.changes.credentials = Some(CredentialChange::Drop);
    decision
}

/// An attempt to pair failed: back to what the line was.
pub(super) fn pairing_failed(pairing: &Pairing, facts: &Facts<'_>, reason: &str) -> Decision {
    back_to(&pairing.before, facts).settle(pairing.command, CommandEnd::Failed(word(reason)))
}

/// A provider's word, fit for a reason column: short, and one word.
fn word(reason: &str) -> String {
    reason
        .chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect()
}

/// An attempt to pair was called off.
pub(super) fn back_to(before: &RestingState, facts: &Facts<'_>) -> Decision {
    let next = before.restore();
    let due = next.deadline();
    Decision::to(next, facts.history).release(due)
}

/// A stop order, the archive, or billing: the session closes.
pub(super) fn ordered(state: &LineState, facts: &Facts<'_>, orders: Orders) -> Decision {
    if orders.archived {
        return archived(state, facts);
    }
    let decision = match state.pairing() {
        Some(pairing) => {
            let word = if orders.billing_restricted { "billing_restricted" } else { "stopped" };
            pairing_failed(pairing, facts, word)
        }
        None if state.needs_owner() => {
            let now = facts.moment.now;
            let reason = ReconnectReason::ConnectionLost;
            let next = LineState::Reconnecting { reason, retry_at: now, since: now, lasting: false };
            Decision::to(next, &over(facts)).release(Some(now))
        }
        None => Decision::to(state.clone(), facts.history).release(state.deadline()),
    };
    decision.with(Effect::Close)
}

/// The end of a line: the number is unlinked, the account forgotten, and no node has a reason to take the line again.
fn archived(state: &LineState, facts: &Facts<'_>) -> Decision {
    let (was, settle) = match state.pairing() {
        Some(pairing) => (pairing.before.restore(), Some(pairing.command)),
        None => (state.clone(), None),
    };
    let mut decision = Decision::to(without_account(&was, facts), &over(facts))
        .desired(Desired::Stopped)
        .release(None)
        .with(Effect::Logout);
    decision.changes.credentials = Some(CredentialChange::Drop);
    match settle {
        Some(command) => decision.settle(command, CommandEnd::Failed("archived".into())),
        None => decision,
    }
}

/// What a line is that has no account (any more). No retry would help, so none may be promised.
pub(super) fn without_account(was: &LineState, facts: &Facts<'_>) -> LineState {
    match was {
        LineState::Created
        | LineState::PairingExpired
        | LineState::LoggedOut { .. }
        | LineState::Banned { .. } => was.clone(),
        LineState::Starting { .. }
        | LineState::WaitingPermit { .. }
        | LineState::Connecting { .. }
        | LineState::Syncing { .. }
        | LineState::Pairing { .. }
        | LineState::Connected { .. }
        | LineState::Degraded { .. }
        | LineState::Throttled { .. }
        | LineState::Restricted { .. }
        | LineState::Reconnecting { .. }
        | LineState::Replaced { .. }
        | LineState::Locked { .. }
        | LineState::Failed { .. } => match facts.phone_number {
            None => LineState::Created,
            Some(_) => LineState::LoggedOut { reason: LogoutReason::LoggedOut },
        },
    }
}

/// This process lets the line go, in good order: another takes it at once.
pub(super) fn released(state: &LineState, facts: &Facts<'_>) -> Decision {
    let now = facts.moment.now;
    if let Some(pairing) = state.pairing() {
        // The command stays open, and brings the next owner: it goes on with a new code. Should the command end before,
        // the line is due as it was.
        return back_to(&pairing.before, facts).with(Effect::Close);
    }
    let next = LineState::Reconnecting {
        reason: ReconnectReason::ConnectionLost,
        retry_at: now,
        since: now,
        lasting: false,
    };
    Decision::to(next, &over(facts)).release(Some(now)).with(Effect::Close)
}
