//! LineActor: receive, decide, commit, run effects. One transition at a time; the commit comes before the effect.

mod delivery;
mod effects;
mod look;
mod mailbox;
mod session;

use crate::{
    arbiters::{AtWork, Pulse},
    backoff::store_pause,
    id::{Fence, Generation},
    lines::{Doorbell, Evidence, Peek},
    machine::{self, Decision, Event, Facts, History, LineState, Moment, News, StartFacts, Time},
    metric,
    outbound::Window,
    port::{
        Claimed, CommitError, CredentialChange, Credentials, Heard, LineSession, Orders, PairRefusal,
        StoreTrouble, Transition,
    },
    registry::{Death, Registry, Slot},
    shared::Shared,
    timings::Timings,
};
use actix::{
    ActorContext as _, ActorFutureExt as _, AsyncContext as _, Context, Message, SpawnHandle, WrapFuture as _,
};
use chrono::TimeDelta;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::oneshot;

/// Events that wait while a commit is under way. Sessions wait for their answers, so only doorbells and ticks add up.
const EVENTS_WAITING: usize = 64;
/// The pause between two looks at the clock while a commit is under way.
const WHILE_COMMITTING: Duration = Duration::from_secs(1);
/// What a session that is another's by now had received already is read for so long: acknowledgements are facts.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// Without trust for so long, sockets close.
const UNTRUSTED_SECONDS: i64 = 90;

/// A doorbell.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Ring(pub(crate) Doorbell);

/// The end, in one of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) enum Shutdown {
    /// Let the line go, in good order.
    Release,
    /// The lease is lost: close, write nothing.
    Fenced,
}

/// A session tells something; answered when it is dealt with, so that a session cannot run ahead of its line: true when
/// the line took note of it, false when it ended over it.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct Told {
    pub(crate) generation: Generation,
    pub(crate) heard: Heard,
}

/// The session at work.
#[derive(Debug)]
struct Live {
    generation: Generation,
    session: Arc<dyn LineSession>,
    ready_at: Option<Time>,
}

/// An event, and whom to tell when it is dealt with.
#[derive(Debug)]
struct Pending {
    event: Event,
    done: Option<oneshot::Sender<()>>,
}

/// Leaves the registry when the actor is dropped, however that came about: a panic in a handler drops it too.
#[derive(Debug)]
struct Guard {
    registry: Arc<Registry>,
    slot: Arc<Slot>,
    told_to_end: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.slot.holds_session(None);
        let died = !self.told_to_end;
        if self.registry.leave(&self.slot, died) && died {
            metrics::counter!(metric::ACTOR_DEATHS).increment(1);
            let fence = self.slot.fence;
            tracing::error!(line = %fence.line, epoch = fence.epoch.0, "a line's actor died");
        }
    }
}

/// One line at work.
#[derive(Debug)]
pub(crate) struct LineActor {
    shared: Arc<Shared>,
    fence: Fence,
    version: i64,
    state: LineState,
    history: History,
    phone_number: Option<String>,
    generation: Generation,
    credentials: Option<Credentials>,
    orders: Orders,
    start: Option<StartFacts>,
    waiting: VecDeque<Pending>,
    committing: bool,
    ending: bool,
    live: Option<Live>,
    evidence: Evidence,
    window: Window,
    claiming: bool,
    /// When the store was last told that nobody knows a reply's fate.
    unknown_told: Option<Time>,
    /// Panics of the adapter over replies that it did not get over yet.
    panics: HashMap<String, u32>,
    /// How often each of these was not written by a session that was there.
    unwritten: HashMap<String, u32>,
    pinged_at: Option<Time>,
    /// The session whose passkey challenge was answered last, and the number of that answer.
    answered: Option<(Generation, i64)>,
    untrusted_since: Option<Time>,
    /// Told to let the line go since then, while replies have no outcome yet.
    leaving_since: Option<Time>,
    /// A person asked for this start, by a wakeup or a pairing: it may try once what the fleet gave up.
    probe: bool,
    /// The fleet's probe was taken for the session that opens next, or is opening.
    probe_taken: bool,
    probing: bool,
    wake: Option<SpawnHandle>,
    permit: Option<SpawnHandle>,
    rng: SmallRng,
    /// Dropped last: whoever hears of this actor's end finds its session closed.
    guard: Guard,
}

impl LineActor {
    /// The actor of a claimed line; none when the line is at work here already.
    pub(crate) fn new(
        shared: Arc<Shared>,
        claimed: Claimed,
        after: Option<Death>,
        pulse: Arc<Pulse>,
    ) -> Option<Self> {
        let now = shared.ports.clock.now();
        let peek = Peek {
            epoch: claimed.fence.epoch,
            version: claimed.version,
            evidence: Evidence::default(),
            stale_after: None,
            due: claimed.state.alarm(),
            trusted: true,
        };
        let slot = shared.registry.enter(Slot::new(claimed.fence, peek, pulse))?;
        let registry = Arc::clone(&shared.registry);
        let start = start_facts(&claimed, after);
        Some(Self {
            guard: Guard { registry, slot, told_to_end: false },
            fence: claimed.fence,
            version: claimed.version,
            state: claimed.state,
            history: claimed.history,
            phone_number: claimed.phone_number,
            generation: claimed.generation,
            credentials: claimed.credentials,
            orders: claimed.standing.orders,
            start: Some(start),
            waiting: VecDeque::new(),
            committing: false,
            ending: false,
            live: None,
            evidence: Evidence::default(),
            window: Window::new(shared.limits.pacing, shared.timings.ack_deadline, now),
            claiming: false,
            unknown_told: None,
            panics: HashMap::new(),
            unwritten: HashMap::new(),
            pinged_at: None,
            answered: None,
            untrusted_since: None,
            leaving_since: None,
            probe: claimed.standing.reset_budget || claimed.standing.pair.is_some(),
            probe_taken: false,
            probing: false,
            wake: None,
            permit: None,
            rng: SmallRng::from_os_rng(),
            shared,
        })
    }

    fn now(&self) -> Time {
        self.shared.ports.clock.now()
    }

    /// For as long as it is held, this line is to blame should its thread stop.
    fn at_work(&self) -> AtWork {
        self.guard.slot.pulse.works(self.fence.line)
    }

    /// The same for what runs on its thread on its behalf.
    fn mine<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        Arc::clone(&self.guard.slot.pulse).attribute(self.fence.line, work)
    }

    fn timings(&self) -> &Timings {
        &self.shared.timings
    }

    fn trusted(&self) -> bool {
        self.shared.trust.holds(self.shared.ports.clock.monotonic())
    }

    fn feed(&mut self, event: Event, ctx: &mut Context<Self>) {
        self.feed_then(event, None, ctx);
    }

    /// Queues an event. One that says what another in the queue says already is dropped, so that a long commit cannot
    /// fill the queue with ticks and doorbells and lose a permit or an order behind them.
    fn feed_then(&mut self, event: Event, done: Option<oneshot::Sender<()>>, ctx: &mut Context<Self>) {
        let said = done.is_none() && self.waiting.iter().any(|waiting| says_the_same(&waiting.event, &event));
        if !said && (self.waiting.len() < EVENTS_WAITING || done.is_some()) {
            self.waiting.push_back(Pending { event, done });
        }
        self.pump(ctx);
    }

    /// Decides what waits, until a decision must be committed first.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        while !self.committing && !self.ending {
            let Some(pending) = self.waiting.pop_front() else { break };
            let decision = self.decide(&pending.event);
            if decision.writes(&self.state, &self.history) {
                self.commit(pending, decision, ctx);
            } else {
                self.run(decision.effects, ctx);
                answered(pending.done);
            }
        }
        self.schedule(ctx);
    }

    fn decide(&mut self, event: &Event) -> Decision {
        let moment = Moment { now: self.now(), jitter: self.rng.random() };
        let facts = Facts {
            history: &self.history,
            phone_number: self.phone_number.as_deref(),
            generation: self.generation,
            moment,
            grant_at: self.shared.permits.expected(moment.now),
            timings: self.timings(),
        };
        machine::decide(&self.state, &facts, event)
    }

    fn commit(&mut self, pending: Pending, mut decision: Decision, ctx: &mut Context<Self>) {
        self.committing = true;
        self.guard.slot.committing.store(true, Ordering::Relaxed);
        let transition = decision.transition(self.version, &self.state, pending.event.name(), self.now());
        // A line that is let go closes first: its next owner must not find this session open.
        let closing =
            if decision.changes.release.is_some() { self.close_by(&mut decision.effects, ctx) } else { None };
        let shared = Arc::clone(&self.shared);
        let fence = self.fence;
        let work = async move {
            if let Some(closing) = closing {
                closing.await;
            }
            commit_until_known(&shared, fence, transition).await
        };
        ctx.spawn(
            self.mine(work)
                .into_actor(self)
                .map(move |outcome, line, ctx| line.committed(outcome, pending, decision, ctx)),
        );
    }

    fn committed(
        &mut self,
        outcome: Result<(), CommitError>,
        pending: Pending,
        decision: Decision,
        ctx: &mut Context<Self>,
    ) {
        let _at_work = self.at_work();
        self.committing = false;
        self.guard.slot.committing.store(false, Ordering::Relaxed);
        match outcome {
            Ok(()) => {
                self.adopt(decision, ctx);
                answered(pending.done);
            }
            Err(CommitError::PairRefused(why)) => self.pair_refused(why, pending),
            Err(CommitError::Broken(reason)) => {
                tracing::error!(line = %self.fence.line, event = pending.event.name(), %reason, "a transition is broken");
                if matches!(pending.event, Event::Session { news: News::Paired { .. }, .. }) {
                    self.pair_refused(PairRefusal::Broken, pending);
                } else {
                    // Not answered: whoever told it learns that no note was taken of it.
                    return self.die(ctx);
                }
            }
            // Trouble is retried until the outcome is known; only the fence ends up here. Not answered, likewise.
            Err(CommitError::Fenced | CommitError::Trouble(_)) => return self.fenced(ctx),
        }
        self.pump(ctx);
    }

    fn pair_refused(&mut self, why: PairRefusal, pending: Pending) {
        if let Event::Session { news: News::Paired { credentials, .. }, .. } = pending.event {
            let event = Event::PairRefused { why, credentials };
            self.waiting.push_front(Pending { event, done: pending.done });
        }
    }

    /// A defect: this start is over, the supervisor begins another, and the sixth death is quarantine.
    fn die(&mut self, ctx: &mut Context<Self>) {
        if let Some(closing) = self.close_session() {
            self.shared.spawn("close a dying line's session", closing);
        }
        self.ending = true;
        ctx.stop();
    }

    fn adopt(&mut self, decision: Decision, ctx: &mut Context<Self>) {
        metric::transition(self.state.name(), &decision.next);
        let (from, to) = (self.state.name(), decision.next.name());
        tracing::info!(line = %self.fence.line, epoch = self.fence.epoch.0, %from, %to, "line transition");
        self.guard.slot.begun.store(true, Ordering::Relaxed);
        self.version += 1;
        self.state = decision.next;
        self.history = decision.history;
        if let Some(generation) = decision.changes.generation {
            self.generation = generation;
        }
        if let Some(phone_number) = decision.changes.phone_number {
            self.phone_number = Some(phone_number);
        }
        match decision.changes.credentials {
            Some(CredentialChange::Keep(credentials)) => self.credentials = Some(credentials),
            Some(CredentialChange::Drop) => self.credentials = None,
            None => {}
        }
        if let (Some(at), Some(live)) = (decision.changes.session_started_at, self.live.as_mut()) {
            live.ready_at = Some(at);
        }
        self.publish();
        self.mind_the_breaker(decision.changes.client_refused);
        if !matches!(self.state, LineState::WaitingPermit { .. })
            && let Some(waiting) = self.permit.take()
        {
            // Its turn is another's.
            ctx.cancel_future(waiting);
        }
        self.run(decision.effects, ctx);
        if decision.changes.release.is_some() {
            self.end(ctx);
        } else {
            self.deliver(ctx);
        }
    }

    /// What this line learned of the client version concerns the whole fleet.
    fn mind_the_breaker(&mut self, refused: bool) {
        let breaker = &self.shared.breaker;
        if refused {
            breaker.set(true);
        }
        let accepted = matches!(
            self.state,
            LineState::Pairing { .. } | LineState::Syncing { .. } | LineState::Connected { .. }
        );
        // Only the session of the probe says something: others may be older than the refusal.
        if std::mem::take(&mut self.probing) && accepted {
            breaker.set(false);
            let store = Arc::clone(&self.shared.ports.store);
            self.shared.spawn("accept the client version", async move {
                let mut pause = store_pause();
                while let Err(trouble) = store.accept_client().await {
                    tracing::warn!(%trouble, "the client version's acceptance waits for the store");
                    tokio::time::sleep(pause.next_wait()).await;
                }
            });
        } else if matches!(self.state, LineState::Connecting { .. }) {
            self.probing = self.probe_taken;
        }
        self.probe_taken = false;
    }

    /// Where silence means something: while a number is linked, or a socket opens, other deadlines rule.
    fn is_open(&self) -> bool {
        self.claims_life() || matches!(self.state, LineState::Syncing { .. } | LineState::Degraded { .. })
    }

    fn claims_life(&self) -> bool {
        matches!(
            self.state,
            LineState::Connected { .. } | LineState::Restricted { .. } | LineState::Throttled { .. }
        )
    }

    /// Shows what is known now to whoever peeks.
    fn publish(&mut self) {
        self.evidence.unacked_since = self.window.unacked_since();
        let stale_after = match (self.claims_life(), &self.live) {
            (true, Some(_)) => machine::stale_after(&self.evidence, self.timings()),
            // The socket is gone and the state that says so is not committed yet: stale from now on.
            (true, None) => Some(self.now()),
            (false, _) => None,
        };
        self.guard.slot.peek.store(Arc::new(Peek {
            epoch: self.fence.epoch,
            version: self.version,
            evidence: self.evidence,
            stale_after,
            due: self.state.alarm(),
            trusted: true,
        }));
    }

    /// Another start owns the line, or this process lost its lease for long: close and write nothing.
    fn fenced(&mut self, ctx: &mut Context<Self>) {
        metrics::counter!(metric::FENCED).increment(1);
        tracing::warn!(line = %self.fence.line, epoch = self.fence.epoch.0, "fenced: the line is not this start's any more");
        if let Some(closing) = self.close_session_listening(LAST_WORDS) {
            // The actor may be gone before the socket is; the task outlives it.
            self.shared.spawn("close a fenced session", closing);
        }
        self.end(ctx);
    }

    fn end(&mut self, ctx: &mut Context<Self>) {
        self.ending = true;
        self.guard.told_to_end = true;
        ctx.stop();
    }

    /// Sets the alarm for the next instant at which something may be due.
    fn schedule(&mut self, ctx: &mut Context<Self>) {
        if self.ending {
            return;
        }
        if let Some(wake) = self.wake.take() {
            ctx.cancel_future(wake);
        }
        let now = self.now();
        let Some(due) = self.next_due(now) else { return };
        // What is due during a commit waits for it: only lost trust is looked for, and not two hundred times a second.
        let least = if self.committing { WHILE_COMMITTING } else { Duration::from_millis(5) };
        let wait = (due - now).to_std().unwrap_or_default().max(least);
        self.wake = Some(ctx.run_later(wait, |line, ctx| line.woken(ctx)));
    }

    fn next_due(&self, now: Time) -> Option<Time> {
        let frame = self.evidence.last_frame_at.filter(|_| self.live.is_some() && self.is_open());
        // From the last one on: a line that is looked at often must not put it off by that.
        let ping = frame.map(|at| (at + self.timings().ping).max(self.next_ping_at().unwrap_or(at)));
        let stale = self.live.as_ref().and_then(|_| machine::stale_after(&self.evidence, self.timings()));
        // Past it a line that claims life has to be looked at, however often something else was due first.
        let stale = stale.filter(|at| *at > now || self.claims_life());
        let token = self.window.next_token_at().filter(|_| self.may_claim());
        let [overdue, resend, trust] =
            [self.window.next_overdue(), self.resend_due(now), self.trust_due(now)];
        let notice = self.state.notice_at(self.timings().notice);
        [self.state.alarm(), notice, ping, stale, overdue, token, resend, trust].into_iter().flatten().min()
    }

    /// A session is not asked for a sign of life before then.
    fn next_ping_at(&self) -> Option<Time> {
        self.pinged_at.map(|at| at + self.timings().ping_again)
    }

    fn woken(&mut self, ctx: &mut Context<Self>) {
        let _at_work = self.at_work();
        self.wake = None;
        let now = self.now();
        if self.lost_trust_for_long(now) {
            return self.fenced(ctx);
        }
        self.give_up_overdue(now, ctx);
        self.publish();
        self.feed(Event::Tick(self.evidence), ctx);
        self.deliver(ctx);
    }

    /// When to look at trust: a chatty session puts every other alarm off, and must not outlive its lease by that.
    fn trust_due(&self, now: Time) -> Option<Time> {
        self.live.as_ref()?;
        match (self.trusted(), self.untrusted_since) {
            (true, None) => None,
            (true, Some(_)) | (false, None) => Some(now),
            (false, Some(since)) => Some(since + TimeDelta::seconds(UNTRUSTED_SECONDS)),
        }
    }

    fn lost_trust_for_long(&mut self, now: Time) -> bool {
        if self.trusted() {
            self.untrusted_since = None;
            return false;
        }
        let since = *self.untrusted_since.get_or_insert(now);
        now - since >= TimeDelta::seconds(UNTRUSTED_SECONDS)
    }
}

/// What an actor is told of the rows when it begins.
pub(crate) fn start_facts(claimed: &Claimed, after: Option<Death>) -> StartFacts {
    StartFacts {
        has_credentials: claimed.credentials.is_some(),
        orders: claimed.standing.orders,
        pair: claimed.standing.pair.clone(),
        reset_budget: claimed.standing.reset_budget,
        died: after == Some(Death::Counted),
        late: after == Some(Death::Late),
        lived_until: claimed.lived_until,
    }
}

/// A tick is a tick, whatever it saw: the next one sees more. Orders are told when they change, so the same one again
/// takes back what came between.
fn says_the_same(waiting: &Event, event: &Event) -> bool {
    match (waiting, event) {
        (Event::Tick(_), Event::Tick(_)) => true,
        (_, Event::Ordered(_)) => false,
        _ => waiting == event,
    }
}

fn answered(done: Option<oneshot::Sender<()>>) {
    if let Some(done) = done {
        // Nobody waits any more when the session is gone.
        let _ = done.send(());
    }
}

/// A commit whose outcome is unknown is tried again: the version guard makes the second of two a no-op, told apart by
/// the store.
pub(crate) async fn commit_until_known(
    shared: &Shared,
    fence: Fence,
    transition: Transition,
) -> Result<(), CommitError> {
    let mut pause = store_pause();
    loop {
        match shared.ports.store.commit(fence, transition.clone()).await {
            Err(CommitError::Trouble(StoreTrouble(why))) => {
                tracing::warn!(line = %fence.line, %why, "a transition waits for the store");
                tokio::time::sleep(pause.next_wait()).await;
            }
            known => return known,
        }
    }
}
