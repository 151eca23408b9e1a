//! What a session tells, sorted: news for the machine, facts for the rows, signs of life for both.

use super::{LineActor, Told, answered, effects::unwanted};
use crate::{
    backoff::store_pause,
    failpoint,
    id::{Fence, Generation},
    machine::{Event, LineState, News, Time},
    metric,
    outbound::{Limit, Refusal, refusal, retry_pause},
    port::{CloseClass, CommitError, Fact, Heard, LineStore, ProviderEvent},
    shared::Shared,
    unlinking::{self, Beside},
};
use actix::{ActorFutureExt as _, Addr, AsyncContext as _, Context, WrapFuture as _};
use chrono::TimeDelta;
use rand::Rng as _;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Facts in one transaction: a receipt for thousands of sends must not be too much for one.
const FACTS_AT_ONCE: usize = 100;

/// Hands a session's events to its line, each after the one before was dealt with. A session that ends without saying
/// so has died. The line may be gone before its session is: a phone that accepted just then left an account that nobody
/// wants, and it is unlinked.
pub(super) async fn forward(
    line: Addr<LineActor>,
    generation: Generation,
    mut told: mpsc::Receiver<Heard>,
    (shared, fence): (Arc<Shared>, Fence),
) {
    while let Some(heard) = told.recv().await {
        let last = matches!(heard.event, ProviderEvent::Closed(_));
        let paired = match &heard.event {
            ProviderEvent::Paired { credentials, .. } => Some(credentials.clone()),
            _ => None,
        };
        let facts = facts(&heard.event);
        let noted = matches!(line.send(Told { generation, heard }).await, Ok(true));
        if !noted && !facts.is_empty() {
            // The line may be another's by now, and what became of its replies is true all the same.
            record_all(&*shared.ports.store, fence, generation, &facts).await;
        }
        if let (false, Some(credentials)) = (noted, paired) {
            let unwanted = unwanted(fence, generation, credentials);
            unlinking::in_the_end(&shared, &unwanted, Beside::Pairing).await;
        }
        if last {
            return;
        }
    }
    let heard = Heard { at: shared.ports.clock.now(), event: ProviderEvent::Closed(CloseClass::AdapterDied) };
    // The line is gone too when this fails.
    let _ = line.send(Told { generation, heard }).await;
}

/// What an event says of replies for good, whoever hears it.
fn facts(event: &ProviderEvent) -> Vec<Fact> {
    match event {
        ProviderEvent::Accepted { provider_message_id, at } => {
            vec![Fact::Accepted { provider_message_id: provider_message_id.clone(), at: *at }]
        }
        ProviderEvent::Receipt { provider_message_ids, kind, at } => {
            let fact = |id: &String| Fact::Receipt { provider_message_id: id.clone(), kind: *kind, at: *at };
            provider_message_ids.iter().map(fact).collect()
        }
        ProviderEvent::Rejected { provider_message_id, code, .. } => match refusal(*code).0 {
            Refusal::Final { reason } => {
                vec![Fact::Refused { provider_message_id: provider_message_id.clone(), code: *code, reason }]
            }
            Refusal::Later => Vec::new(),
        },
        ProviderEvent::Frame
        | ProviderEvent::InboundCommitted { .. }
        | ProviderEvent::PairingQr(_)
        | ProviderEvent::PairingCode(_)
        | ProviderEvent::PasskeyRequired(_)
        | ProviderEvent::PairingExhausted
        | ProviderEvent::Paired { .. }
        | ProviderEvent::PairFailed { .. }
        | ProviderEvent::LoggedIn
        | ProviderEvent::Ready
        | ProviderEvent::RateLimited { .. }
        | ProviderEvent::Restricted { .. }
        | ProviderEvent::Closed(_) => Vec::new(),
    }
}

impl LineActor {
    pub(super) fn told(&mut self, told: Told, done: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        let Told { generation, heard: Heard { at: heard_at, event } } = told;
        let current = self.live.as_ref().is_some_and(|live| live.generation == generation);
        if current {
            self.evidence.last_frame_at = self.evidence.last_frame_at.max(Some(heard_at));
        }
        match event {
            ProviderEvent::Frame => self.alive(done, ctx),
            ProviderEvent::InboundCommitted { .. } => {
                self.evidence.last_inbound_at = Some(heard_at);
                self.alive(done, ctx);
            }
            ProviderEvent::Accepted { provider_message_id, at } => {
                failpoint::hit(failpoint::ACKNOWLEDGED, self.fence.line);
                self.window.end(&provider_message_id, true);
                self.panics.remove(&provider_message_id);
                self.evidence.last_ack_at = Some(heard_at);
                metrics::counter!(metric::OUTCOMES, "outcome" => "accepted").increment(1);
                self.publish();
                self.record(generation, vec![Fact::Accepted { provider_message_id, at }], Some(done), ctx);
            }
            ProviderEvent::Rejected { provider_message_id, code, until } => {
                self.evidence.last_ack_at = Some(heard_at);
                let limit = self.rejected(generation, provider_message_id, code, done, ctx);
                if let Some(limit) = limit {
                    let news = match limit {
                        Limit::Throttled => News::RateLimited { until },
                        Limit::Restricted => News::Restricted { until },
                    };
                    self.feed(Event::Session { generation, news }, ctx);
                }
            }
            ProviderEvent::Receipt { provider_message_ids, kind, at } => {
                let fact = |provider_message_id| Fact::Receipt { provider_message_id, kind, at };
                self.record(
                    generation,
                    provider_message_ids.into_iter().map(fact).collect(),
                    Some(done),
                    ctx,
                );
            }
            ProviderEvent::Closed(class) => {
                if current {
                    self.guard.slot.holds_session(None);
                    self.live = None;
                    self.abandon_under_way(ctx);
                }
                self.feed_then(Event::Session { generation, news: News::Closed(class) }, Some(done), ctx);
            }
            other => match news(other) {
                Some(news) => self.feed_then(Event::Session { generation, news }, Some(done), ctx),
                None => answered(Some(done)),
            },
        }
    }

    /// A sign of life: a degraded line may be well again.
    fn alive(&mut self, done: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        self.publish();
        if matches!(self.state, LineState::Degraded { .. }) {
            self.feed_then(Event::Tick(self.evidence), Some(done), ctx);
        } else {
            answered(Some(done));
            self.schedule(ctx);
        }
    }

    /// Writes a refusal down; what it limits the line to, if it does.
    fn rejected(
        &mut self,
        generation: Generation,
        provider_message_id: String,
        code: i32,
        done: oneshot::Sender<()>,
        ctx: &mut Context<Self>,
    ) -> Option<Limit> {
        let (meaning, limit) = refusal(code);
        let way = self.window.end(&provider_message_id, true);
        let fact = match (way, meaning) {
            (Some(way), meaning) => Some((way.attempt, way.deadline, meaning)),
            // Of an attempt that was given up: refused for good it is all the same.
            (None, meaning @ Refusal::Final { .. }) => Some((1, self.now(), meaning)),
            (None, Refusal::Later) => None,
        };
        let fact = fact.map(|(attempt, deadline, meaning)| {
            self.refused(provider_message_id, (attempt, deadline), meaning, code)
        });
        self.publish();
        self.record(generation, fact.into_iter().collect(), Some(done), ctx);
        limit
    }

    /// What a definite refusal of this attempt makes of its reply.
    pub(super) fn refused(
        &mut self,
        provider_message_id: String,
        (attempt, deadline): (u32, Time),
        meaning: Refusal,
        code: i32,
    ) -> Fact {
        match meaning {
            Refusal::Final { reason } => {
                metrics::counter!(metric::OUTCOMES, "outcome" => "refused").increment(1);
                Fact::Refused { provider_message_id, code, reason }
            }
            Refusal::Later => {
                metrics::counter!(metric::OUTCOMES, "outcome" => "retry").increment(1);
                let next_attempt_at = self.now() + retry_pause(attempt, self.rng.random());
                Fact::Retry { provider_message_id, deadline, code, next_attempt_at }
            }
        }
    }

    /// Writes facts down, however long the store takes: a fact that was told once may never be told again.
    pub(super) fn record(
        &mut self,
        generation: Generation,
        facts: Vec<Fact>,
        done: Option<oneshot::Sender<()>>,
        ctx: &mut Context<Self>,
    ) {
        if facts.is_empty() {
            return answered(done);
        }
        let store = Arc::clone(&self.shared.ports.store);
        let fence = self.fence;
        let unknown = facts.iter().any(|fact| matches!(fact, Fact::Unknown { .. }));
        // A task of its own: the actor's end must not lose the fact.
        let recorded = self.shared.spawn("record facts of sends", async move {
            record_all(&*store, fence, generation, &facts).await;
        });
        let work = async move {
            // A panic of the store was logged by its task.
            let _ = recorded.await;
        };
        ctx.spawn(self.mine(work).into_actor(self).map(move |(), line, ctx| {
            let _at_work = line.at_work();
            answered(done);
            if unknown {
                // By the clock of the rows it was told a moment ago.
                line.unknown_told = Some(line.now() + TimeDelta::seconds(1));
            }
            line.deliver(ctx);
            line.schedule(ctx);
        }));
    }
}

fn news(event: ProviderEvent) -> Option<News> {
    Some(match event {
        ProviderEvent::PairingQr(code) => News::PairingQr(code),
        ProviderEvent::PairingCode(code) => News::PairingCode(code),
        ProviderEvent::PasskeyRequired(passkey) => News::PasskeyRequired(passkey),
        ProviderEvent::PairingExhausted => News::PairingExhausted,
        ProviderEvent::Paired { phone_number, credentials } => News::Paired { phone_number, credentials },
        ProviderEvent::PairFailed { reason } => News::PairFailed { reason },
        ProviderEvent::LoggedIn => News::LoggedIn,
        ProviderEvent::Ready => News::Ready,
        ProviderEvent::RateLimited { until } => News::RateLimited { until },
        ProviderEvent::Restricted { until } => News::Restricted { until },
        ProviderEvent::Closed(class) => News::Closed(class),
        ProviderEvent::Frame
        | ProviderEvent::Accepted { .. }
        | ProviderEvent::Rejected { .. }
        | ProviderEvent::Receipt { .. }
        | ProviderEvent::InboundCommitted { .. } => return None,
    })
}

/// Fewer at once after each try that failed: a store may be too slow for many, and one fact that the rows cannot hold must
/// not take those beside it along. No store that is well again helps with that one: it is passed over.
async fn record_all(store: &dyn LineStore, fence: Fence, generation: Generation, facts: &[Fact]) {
    let (mut left, mut at_once, mut most) = (facts, FACTS_AT_ONCE, FACTS_AT_ONCE);
    let mut pause = store_pause();
    while !left.is_empty() {
        let (some, rest) = left.split_at(at_once.min(left.len()));
        match store.record(fence, generation, some.to_vec()).await {
            Ok(()) => {
                (left, at_once) = (rest, (at_once * 2).min(most));
                pause = store_pause();
            }
            Err(CommitError::Broken(why)) => {
                if let [fact] = some {
                    metrics::counter!(metric::FACTS_PASSED_OVER).increment(1);
                    tracing::error!(line = %fence.line, ?fact, %why, "a fact of a send cannot be kept");
                    left = rest;
                }
                at_once = some.len().div_ceil(2);
                most = FACTS_AT_ONCE;
            }
            // Facts are taken from any start, and concern no pairing.
            Err(trouble @ (CommitError::Trouble(_) | CommitError::Fenced | CommitError::PairRefused(_))) => {
                tracing::warn!(line = %fence.line, %trouble, "facts of sends wait for the store");
                // A store that does not take one is away, which says nothing of how many it takes.
                most = if some.len() > 1 { some.len().div_ceil(2) } else { FACTS_AT_ONCE };
                at_once = most.min(some.len());
                tokio::time::sleep(pause.next_wait()).await;
            }
        }
    }
}
