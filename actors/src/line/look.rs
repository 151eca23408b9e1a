//! A doorbell rang: the rows are read again.

use super::LineActor;
use crate::{
    machine::{Event, LineState, PairingStep},
    port::{PasskeyAnswer, Standing},
};
use actix::{ActorFutureExt as _, AsyncContext as _, Context, WrapFuture as _};
use futures_util::FutureExt as _;
use std::sync::Arc;

impl LineActor {
    /// What was ordered, whether the pair command is still open, and what its person answered.
    pub(super) fn look(&mut self, ctx: &mut Context<Self>) {
        let store = Arc::clone(&self.shared.ports.store);
        let fence = self.fence;
        let work = async move { store.standing(fence).await };
        ctx.spawn(self.mine(work).into_actor(self).map(|standing, line, ctx| {
            // A store that is away is asked again by the poll that rings this bell.
            if let Ok(standing) = standing {
                line.seen(standing, ctx);
            }
        }));
    }

    fn seen(&mut self, standing: Standing, ctx: &mut Context<Self>) {
        // Orders first: they say more than that the pairing is over.
        if standing.orders != self.orders {
            self.orders = standing.orders;
            self.feed(Event::Ordered(standing.orders), ctx);
        }
        if standing.reset_budget && matches!(self.state, LineState::Reconnecting { .. }) {
            self.probe = true;
            self.feed(Event::Woken, ctx);
        }
        let Some(ours) = self.state.pairing() else { return };
        if standing.pair.is_none_or(|(open, _)| open != ours.command) {
            return self.feed(Event::PairEnded, ctx);
        }
        if let Some(answer) = standing.passkey {
            self.answer_passkey(answer, ctx);
        }
    }

    /// Hands an answer over once: a second one may be wrong where the first was right.
    fn answer_passkey(&mut self, answer: PasskeyAnswer, ctx: &mut Context<Self>) {
        let asked = match &self.state {
            LineState::Pairing { generation, step: PairingStep::Passkey, .. } => Some(*generation),
            _ => None,
        };
        let PasskeyAnswer { generation, number, response } = answer;
        // Without trust or session it is found again by the poll, should the challenge live on.
        let waits = asked == Some(generation) && self.live.is_some() && self.trusted();
        if !waits || self.answered == Some((generation, number)) {
            return;
        }
        self.answered = Some((generation, number));
        self.call(ctx, |session| async move { session.submit_passkey(&response).await }.boxed());
    }
}
