//! decide(state, event, now) -> Decision. The state is matched first, then the event in full: no wildcard arms.

use super::{
    at_rest, connecting,
    decision::{Decision, Effect, History, Moment},
    event::{Event, News},
    open, pairing, starting,
    state::{LineState, Time},
    waiting,
};
use crate::{id::Generation, timings::Timings};

/// What the machine knows besides the state.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What a restart must not forget.
    pub history: &'a History,
    /// The line's number, once it has one.
    pub phone_number: Option<&'a str>,
    /// The last session's number.
    pub generation: Generation,
    /// Now, and randomness.
    pub moment: Moment,
    /// When a turn of the connect budget is expected, were it asked for now.
    pub grant_at: Time,
    /// How long things may take.
    pub timings: &'a Timings,
}

/// Decides. An event of an older session changes nothing.
#[must_use]
pub fn decide(state: &LineState, facts: &Facts<'_>, event: &Event) -> Decision {
    if is_stale(state, event) {
        return stale(state, facts, event);
    }
    match state {
        LineState::Created
        | LineState::PairingExpired
        | LineState::LoggedOut { .. }
        | LineState::Replaced { .. }
        | LineState::Locked { .. }
        | LineState::Banned { .. }
        | LineState::Failed { .. } => at_rest::decide(state, facts, event),
        LineState::Starting { deadline, from } => starting::decide(state, *deadline, from, facts, event),
        LineState::WaitingPermit { purpose, .. } => waiting::permit(state, purpose, facts, event),
        LineState::Reconnecting { retry_at, .. } => waiting::retry(state, *retry_at, facts, event),
        LineState::Connecting { generation, purpose, deadline } => connecting::decide(
            state,
            &connecting::Connect { generation: *generation, purpose, deadline: *deadline },
            facts,
            event,
        ),
        LineState::Pairing { generation, pairing, deadline, .. } => pairing::decide(
            state,
            &pairing::Attempt { generation: *generation, pairing, deadline: *deadline },
            facts,
            event,
        ),
        LineState::Syncing { .. }
        | LineState::Connected { .. }
        | LineState::Degraded { .. }
        | LineState::Throttled { .. }
        | LineState::Restricted { .. } => open::decide(state, facts, event),
    }
}

/// News of an older session changes nothing. But a phone that accepted in the instant its pairing was called off left
/// an account that nobody wants: it is unlinked.
fn stale(state: &LineState, facts: &Facts<'_>, event: &Event) -> Decision {
    let stay = Decision::stay(state, facts.history);
    match event {
        Event::Session { news: News::Paired { credentials, .. }, .. } => {
            stay.with(Effect::Unlink(credentials.clone()))
        }
        _ => stay,
    }
}

/// News of another session than the state's own.
fn is_stale(state: &LineState, event: &Event) -> bool {
    let theirs = match event {
        Event::Session { generation, .. } | Event::Unreachable { generation } => *generation,
        Event::Started(_)
        | Event::Permit
        | Event::ClientRefused
        | Event::Tick(_)
        | Event::PairEnded
        | Event::Ordered(_)
        | Event::Woken
        | Event::PairRefused { .. }
        | Event::Released => return false,
    };
    state.generation() != Some(theirs)
}
