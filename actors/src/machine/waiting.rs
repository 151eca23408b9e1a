//! Waiting: for a permit of the connect budget, or for the time of the next try.

use super::{
    decide::Facts,
    decision::{Decision, Effect},
    ending,
    event::Event,
    state::{LineState, Purpose, Time},
};
use crate::port::CommandEnd;

pub(super) fn permit(state: &LineState, purpose: &Purpose, facts: &Facts<'_>, event: &Event) -> Decision {
    match event {
        Event::Permit => connect(purpose, facts),
        Event::ClientRefused => match purpose {
            Purpose::Pair { pairing } => ending::pairing_failed(pairing, facts, "client_outdated"),
            Purpose::Resume => ending::outdated(facts.history),
        },
        Event::PairEnded => match purpose {
            Purpose::Pair { pairing } => ending::back_to(&pairing.before, facts),
            Purpose::Resume => Decision::stay(state, facts.history),
        },
        Event::Ordered(orders) if orders.any() => ending::ordered(state, facts, *orders),
        Event::Released => ending::released(state, facts),
        Event::Started(_)
        | Event::Unreachable { .. }
        | Event::Session { .. }
        | Event::Tick(_)
        | Event::Ordered(_)
        | Event::Woken
        | Event::PairRefused { .. } => Decision::stay(state, facts.history),
    }
}

fn connect(purpose: &Purpose, facts: &Facts<'_>) -> Decision {
    let generation = facts.generation.next();
    let next = LineState::Connecting {
        generation,
        purpose: purpose.clone(),
        deadline: facts.moment.now + facts.timings.connect,
    };
    let fresh = matches!(purpose, Purpose::Pair { .. });
    let mut decision = Decision::to(next, facts.history).with(Effect::Open { generation, fresh });
    decision.changes.generation = Some(generation);
    decision.changes.settle_wakeups = Some(CommandEnd::Succeeded);
    decision
}

pub(super) fn retry(state: &LineState, retry_at: Time, facts: &Facts<'_>, event: &Event) -> Decision {
    match event {
        Event::Tick(_) if facts.moment.now >= retry_at => ending::resume(facts, facts.history),
        Event::Tick(_) => noticed(state, facts),
        Event::Woken => ending::resume(facts, &facts.history.given_a_chance()),
        Event::Ordered(orders) if orders.any() => ending::ordered(state, facts, *orders),
        Event::Released => ending::released(state, facts),
        Event::Ordered(_)
        | Event::Started(_)
        | Event::Permit
        | Event::ClientRefused
        | Event::Unreachable { .. }
        | Event::Session { .. }
        | Event::PairEnded
        | Event::PairRefused { .. } => Decision::stay(state, facts.history),
    }
}

/// Between two tries the trouble can last so long that a person should look at the phone.
fn noticed(state: &LineState, facts: &Facts<'_>) -> Decision {
    let mut next = state.clone();
    if let LineState::Reconnecting { since, lasting, .. } = &mut next {
        *lasting |= facts.moment.now - *since >= facts.timings.notice;
    }
    Decision::to(next, facts.history)
}
