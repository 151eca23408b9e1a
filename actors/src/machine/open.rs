//! The session is open: draining, connected, or under one of the provider's limits.

use super::{
    decide::Facts,
    decision::{Decision, Effect},
    ending,
    event::{Event, News},
    state::{LineState, ReconnectReason, StateName, Time},
};
use crate::{id::Generation, lines::Evidence, timings::Timings};

pub(super) fn decide(state: &LineState, facts: &Facts<'_>, event: &Event) -> Decision {
    let Some(generation) = state.generation() else {
        return Decision::stay(state, facts.history);
    };
    match event {
        Event::Session { news, .. } => told(state, generation, facts, news),
        Event::Unreachable { .. } => ending::back_off(facts, ReconnectReason::ConnectionLost),
        Event::Tick(evidence) => tick(state, generation, facts, evidence),
        Event::Ordered(orders) if orders.any() => ending::ordered(state, facts, *orders),
        Event::Released => ending::released(state, facts),
        Event::Ordered(_)
        | Event::Woken
        | Event::Started(_)
        | Event::Permit
        | Event::ClientRefused
        | Event::PairEnded
        | Event::PairRefused { .. } => Decision::stay(state, facts.history),
    }
}

fn told(state: &LineState, generation: Generation, facts: &Facts<'_>, news: &News) -> Decision {
    let now = facts.moment.now;
    match news {
        News::Ready if state.name() == StateName::Syncing => ready(generation, facts),
        News::Closed(class) => ending::closed(*class, facts),
        News::RateLimited { until } if state.name() != StateName::Syncing => {
            let until = until.unwrap_or(now + facts.timings.rate_limit);
            Decision::to(LineState::Throttled { generation, until }, facts.history)
                .remember(|history| history.throttled_until = Some(until))
        }
        News::Restricted { until } if state.name() != StateName::Syncing => {
            let until = until.unwrap_or(now + facts.timings.timelock);
            let decision = match state {
                // The stricter limit shows first; this one is waiting behind it.
                LineState::Throttled { .. } | LineState::Degraded { .. } => {
                    Decision::stay(state, facts.history)
                }
                _ => Decision::to(LineState::Restricted { generation, until }, facts.history),
            };
            decision.remember(|history| history.restricted_until = Some(until))
        }
        News::Ready
        | News::RateLimited { .. }
        | News::Restricted { .. }
        | News::LoggedIn
        | News::PairingQr(_)
        | News::PairingCode(_)
        | News::PasskeyRequired(_)
        | News::PairingExhausted
        | News::Paired { .. }
        | News::PairFailed { .. } => Decision::stay(state, facts.history),
    }
}

/// Connected is earned here, by the provider's word that sends are taken.
pub(super) fn ready(generation: Generation, facts: &Facts<'_>) -> Decision {
    let now = facts.moment.now;
    let mut decision = Decision::to(opened(generation, facts), facts.history).remember(|history| {
        history.ready_at = Some(now);
        history.trouble_since = None;
    });
    decision.changes.session_started_at = Some(now);
    decision
}

/// What an open session with proof of life is: connected, or under a limit of the provider that is not over.
fn opened(generation: Generation, facts: &Facts<'_>) -> LineState {
    let running = |until: Option<Time>| until.filter(|until| *until > facts.moment.now);
    let history = facts.history;
    match (running(history.throttled_until), running(history.restricted_until)) {
        (Some(until), _) => LineState::Throttled { generation, until },
        (None, Some(until)) => LineState::Restricted { generation, until },
        (None, None) => LineState::Connected { generation },
    }
}

fn tick(state: &LineState, generation: Generation, facts: &Facts<'_>, evidence: &Evidence) -> Decision {
    let now = facts.moment.now;
    let passed = state.deadline().is_some_and(|deadline| now >= deadline);
    let alive = proof_of_life(evidence, facts.timings, now);
    match state.name() {
        StateName::Syncing if passed => {
            ending::back_off(facts, ReconnectReason::ProviderUnreachable).with(Effect::Close)
        }
        StateName::Degraded if alive => Decision::to(opened(generation, facts), facts.history),
        StateName::Degraded if passed => {
            ending::back_off(facts, ReconnectReason::ConnectionLost).with(Effect::Close)
        }
        StateName::Connected | StateName::Throttled | StateName::Restricted if !alive => {
            let deadline = now + facts.timings.degraded;
            Decision::to(LineState::Degraded { generation, deadline }, facts.history).with(Effect::Ping)
        }
        StateName::Throttled | StateName::Restricted if passed => {
            Decision::to(opened(generation, facts), facts.history)
        }
        _ if wants_ping(evidence, facts.timings, now) => {
            Decision::stay(state, facts.history).with(Effect::Ping)
        }
        _ => Decision::stay(state, facts.history),
    }
}

/// Whether the session shows it works: a fresh frame, and no send that waits too long for its acknowledgement.
fn proof_of_life(evidence: &Evidence, timings: &Timings, now: Time) -> bool {
    stale_after(evidence, timings).is_some_and(|until| now < until)
}

/// The instant past which nothing is sendable on this evidence.
#[must_use]
pub fn stale_after(evidence: &Evidence, timings: &Timings) -> Option<Time> {
    let frame = evidence.last_frame_at? + timings.frame_fresh;
    let ack = evidence.unacked_since.map(|since| since + timings.ack_fresh);
    Some(ack.map_or(frame, |ack| ack.min(frame)))
}

fn wants_ping(evidence: &Evidence, timings: &Timings, now: Time) -> bool {
    evidence.last_frame_at.is_none_or(|at| now >= at + timings.ping)
}
