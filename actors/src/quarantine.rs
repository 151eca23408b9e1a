//! The end of a line that died too often, written down without an actor: one that dies as it begins could never say so
//! itself, and would be started for ever.

use crate::{
    line::{commit_until_known, start_facts},
    machine::{self, Event, Facts, FailReason, LineState, Moment},
    metric,
    port::{Claimed, CommitError},
    registry::Death,
    shared::Shared,
};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};

/// Gives the line up when its last death spent the budget; false when it is to be started instead: there is budget left,
/// or an order that an actor must carry out.
pub(crate) async fn written(shared: &Shared, claimed: &Claimed, death: Death) -> bool {
    let now = shared.ports.clock.now();
    let facts = Facts {
        history: &claimed.history,
        phone_number: claimed.phone_number.as_deref(),
        generation: claimed.generation,
        moment: Moment { now, jitter: SmallRng::from_os_rng().random() },
        grant_at: now,
        timings: &shared.timings,
    };
    let event = Event::Started(start_facts(claimed, Some(death)));
    let decision = machine::decide(&claimed.state, &facts, &event);
    if !matches!(decision.next, LineState::Failed { reason: FailReason::RestartBudgetSpent, .. }) {
        return false;
    }
    let transition = decision.transition(claimed.version, &claimed.state, event.name(), now);
    let line = claimed.fence.line;
    match commit_until_known(shared, claimed.fence, transition).await {
        Ok(()) => {
            metric::transition(claimed.state.name(), &decision.next);
            tracing::error!(%line, "a line died too often and is given up for now");
        }
        // Trouble is retried until the outcome is known.
        Err(CommitError::Fenced | CommitError::Trouble(_)) => {
            tracing::warn!(%line, "fenced: the line is another start's by now");
        }
        Err(CommitError::Broken(_) | CommitError::PairRefused(_)) => {
            tracing::error!(%line, "a line that died too often cannot be given up");
        }
    }
    true
}
