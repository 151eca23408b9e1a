//! At rest: no actor is at work. One that finds itself here lets the line go.

use super::{decide::Facts, decision::Decision, event::Event, state::LineState};

pub(super) fn decide(state: &LineState, facts: &Facts<'_>, event: &Event) -> Decision {
    match event {
        // A claim always passes through `starting`, so only a released actor's last doorbells arrive here.
        Event::Started(_)
        | Event::Permit
        | Event::ClientRefused
        | Event::Unreachable { .. }
        | Event::Session { .. }
        | Event::Tick(_)
        | Event::PairEnded
        | Event::Ordered(_)
        | Event::Woken
        | Event::PairRefused { .. } => Decision::stay(state, facts.history),
        Event::Released => Decision::stay(state, facts.history).release(state.deadline()),
    }
}
