//! Draining the durable queue: commit the intent, call the provider, record the outcome.

use super::LineActor;
use crate::{
    backoff::{spread, store_pause},
    failpoint,
    id::{Fence, Generation, LineId},
    machine::{LineState, Time},
    metric,
    outbound::{Answered, refusal},
    port::{Claim, CloseClass, CommitError, Dispatch, Fact, LineSession, Outbound, SubmitError},
    shared::Shared,
};
use actix::{ActorFutureExt as _, AsyncContext as _, Context, WrapFuture as _};
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use rand::Rng as _;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

/// How long writing to the provider may take.
const SUBMIT_DEADLINE: Duration = Duration::from_secs(20);
/// An attempt that nobody waits for is found by the rescue sweep so long after its deadline.
const RESCUED: TimeDelta = TimeDelta::seconds(30);
/// What a session would not take, though it is there, waits about so long at first: its image could not be handed over.
const NOT_WRITTEN_PAUSE: TimeDelta = TimeDelta::seconds(4);
/// About a minute in the end.
const NOT_WRITTEN_DOUBLINGS: u32 = 4;
/// Replies whose tries are counted.
const UNWRITTEN_KEPT: usize = 1_000;
/// For what is under way to get its outcome before its line is let go.
const OUTCOMES_PATIENCE: TimeDelta = TimeDelta::seconds(2);
/// A reply that makes the adapter panic so often fails.
const PANICS_TO_FAIL: u32 = 3;

impl LineActor {
    pub(super) fn takes_replies(&self) -> bool {
        matches!(self.state, LineState::Connected { .. } | LineState::Restricted { .. })
    }

    /// When replies of unknown fate may be sent again, should that be still to come.
    pub(super) fn resend_due(&self, now: Time) -> Option<Time> {
        let ready_at = self.live.as_ref()?.ready_at?;
        let due = [Some(ready_at), self.unknown_told].into_iter().flatten();
        due.map(|since| since + self.timings().unknown_grace).filter(|due| *due > now).min()
    }

    /// Whether a claim could be made now, as far as state and trust go. Not while the state is about to change: what is
    /// restricted by the row already must not be claimed as if it were not.
    pub(super) fn may_claim(&self) -> bool {
        !self.committing
            && !self.claiming
            && !self.ending
            && !self.is_leaving()
            && !self.orders.any()
            && self.takes_replies()
            && self.trusted()
    }

    /// It was told to let go, and is about to. Who told it may have gone before it told it again.
    fn is_leaving(&self) -> bool {
        self.leaving_since.is_some_and(|since| self.now() - since < OUTCOMES_PATIENCE * 3)
    }

    /// A line that is to let go hands nothing over any more, and gives what is under way a moment to get its outcome: else it
    /// would be of unknown fate. Whoever tells it to let go tells it again.
    pub(super) fn waits_for_outcomes(&mut self) -> bool {
        let now = self.now();
        if !self.is_leaving() {
            self.leaving_since = Some(now);
        }
        let since = self.leaving_since.unwrap_or(now);
        let under_way = self.claiming || self.window.any_under_way();
        under_way && self.live.is_some() && self.trusted() && now - since < OUTCOMES_PATIENCE
    }

    /// Claims as many replies as pacing and window have room for, if the line takes any now.
    pub(super) fn deliver(&mut self, ctx: &mut Context<Self>) {
        if !self.may_claim() {
            return;
        }
        let Some(live) = &self.live else { return };
        let drops_repeats = live.session.capabilities().drops_repeated_ids;
        let now = self.now();
        let settled = live.ready_at.is_some_and(|at| now >= at + self.timings().unknown_grace);
        let max = self.window.room(now);
        if max == 0 {
            return;
        }
        self.claiming = true;
        let claim = Claim {
            max,
            reply_only: matches!(self.state, LineState::Restricted { .. }),
            drops_repeats,
            settled,
            resend_after: self.timings().unknown_grace,
            unknown_blocks: self.timings().unknown_blocks,
            deadline: now + self.timings().ack_deadline,
        };
        let store = Arc::clone(&self.shared.ports.store);
        let (fence, version) = (self.fence, self.version);
        failpoint::hit(failpoint::BEFORE_INTENT, fence.line);
        let work = async move { store.claim(fence, claim).await };
        ctx.spawn(
            self.mine(work)
                .into_actor(self)
                .map(move |claimed, line, ctx| line.claimed(version, claim.deadline, claimed, ctx)),
        );
    }

    fn claimed(
        &mut self,
        version: i64,
        deadline: Time,
        claimed: Result<Vec<Dispatch>, CommitError>,
        ctx: &mut Context<Self>,
    ) {
        let _at_work = self.at_work();
        self.claiming = false;
        match claimed {
            Ok(dispatches) => {
                let more = !dispatches.is_empty();
                if more {
                    failpoint::hit(failpoint::AFTER_INTENT, self.fence.line);
                }
                for dispatch in dispatches {
                    self.hand_over(dispatch, version, deadline, ctx);
                }
                if more {
                    self.deliver(ctx);
                }
                self.publish();
                self.schedule(ctx);
            }
            Err(CommitError::Fenced) => self.fenced(ctx),
            Err(CommitError::PairRefused(_) | CommitError::Broken(_) | CommitError::Trouble(_)) => {
                self.find_taken(deadline, ctx);
            }
        }
    }

    /// The claim may have been committed and only its answer be lost: what it took was never handed over, and must not wait
    /// for the rescue sweep, nor be called unknown by it.
    fn find_taken(&mut self, deadline: Time, ctx: &mut Context<Self>) {
        // No other claim before: this one's deadline tells its replies from all others.
        self.claiming = true;
        let (shared, fence) = (Arc::clone(&self.shared), self.fence);
        let work = async move { taken(&shared, fence, deadline).await };
        ctx.spawn(self.mine(work).into_actor(self).map(move |taken, line, ctx| {
            let _at_work = line.at_work();
            line.claiming = false;
            for id in taken {
                if !line.window.has(&id) {
                    line.hand_back(id, deadline, ctx);
                }
            }
            line.deliver(ctx);
            line.schedule(ctx);
        }));
    }

    fn answered(&self, version: i64) -> Answered {
        Answered {
            same_version: version == self.version,
            committing: self.committing,
            leaving: self.is_leaving(),
            takes_replies: self.takes_replies(),
            has_session: self.live.is_some(),
            trusted: self.trusted(),
        }
    }

    /// To the provider, or back to the queue; `version` is the line's as it claimed.
    fn hand_over(&mut self, dispatch: Dispatch, version: i64, deadline: Time, ctx: &mut Context<Self>) {
        let id = dispatch.provider_message_id.clone();
        let generation = self.generation;
        let live = self.live.as_ref().filter(|_| self.answered(version).hands_over());
        let session = live.map(|live| Arc::clone(&live.session));
        let Some(session) = session else { return self.hand_back(id, deadline, ctx) };
        let attempt = dispatch.attempt;
        self.window.begin(id.clone(), attempt, deadline, self.now());
        metrics::counter!(metric::SUBMITTED).increment(1);
        let work = submit(self.fence.line, session, dispatch);
        ctx.spawn(self.mine(work).into_actor(self).map(move |outcome, line, ctx| {
            let (error, died) = match outcome {
                Submitted::Written => return line.written(generation, &id, deadline, ctx),
                Submitted::Failed(error) => (error, false),
                Submitted::Panicked => (line.panicked(&id), true),
            };
            if !matches!(error, SubmitError::NotWritten | SubmitError::ImageWaits) {
                line.unwritten.remove(&id);
            }
            match error {
                SubmitError::Unknown => drop(line.window.end(&id, false)),
                SubmitError::NotWritten => line.window.unwritten(&id),
                SubmitError::ImageWaits | SubmitError::Impossible(_) | SubmitError::Refused { .. } => {
                    line.window.withdraw(&id);
                }
            }
            let fact = line.failed_submit(id, (attempt, deadline), error);
            line.record(generation, vec![fact], None, ctx);
            if died {
                // The reply is to blame, not the line: its others flow on over a new session.
                line.adapter_died(generation, CloseClass::Lost, ctx);
            }
        }));
    }

    /// Written: an acknowledgement is owed, or nobody knows any more when its session ended meanwhile.
    fn written(&mut self, generation: Generation, id: &str, deadline: Time, ctx: &mut Context<Self>) {
        let now = self.now();
        self.unwritten.remove(id);
        if self.live.as_ref().is_some_and(|live| live.generation == generation) {
            self.window.written(id, now);
            self.schedule(ctx);
        } else if self.window.has(id) {
            self.window.withdraw(id);
            self.fate_unknown(vec![(id.to_owned(), deadline)], ctx);
        }
    }

    /// One more panic over this reply. Counted by itself: that a process died over it says nothing against it.
    fn panicked(&mut self, id: &str) -> SubmitError {
        let panics = self.panics.entry(id.to_owned()).or_default();
        *panics += 1;
        if *panics < PANICS_TO_FAIL {
            return SubmitError::Unknown;
        }
        self.panics.remove(id);
        SubmitError::Impossible("adapter_panicked")
    }

    /// Not a byte of it was written: it waits in the queue as before.
    fn hand_back(&mut self, provider_message_id: String, deadline: Time, ctx: &mut Context<Self>) {
        let fact = Fact::NotWritten { provider_message_id, deadline, not_before: None };
        self.record(self.generation, vec![fact], None, ctx);
    }

    fn failed_submit(
        &mut self,
        provider_message_id: String,
        (attempt, deadline): (u32, Time),
        error: SubmitError,
    ) -> Fact {
        match error {
            SubmitError::Refused { code } => {
                self.refused(provider_message_id, (attempt, deadline), refusal(code).0, code)
            }
            SubmitError::NotWritten | SubmitError::ImageWaits => {
                metrics::counter!(metric::OUTCOMES, "outcome" => "not_written").increment(1);
                let not_before =
                    self.live.is_some().then(|| self.now() + self.unwritten_pause(&provider_message_id));
                Fact::NotWritten { provider_message_id, deadline, not_before }
            }
            SubmitError::Unknown => {
                metrics::counter!(metric::OUTCOMES, "outcome" => "unknown").increment(1);
                Fact::Unknown { provider_message_id, deadline }
            }
            SubmitError::Impossible(reason) => {
                metrics::counter!(metric::OUTCOMES, "outcome" => "refused").increment(1);
                Fact::Refused { provider_message_id, code: 0, reason }
            }
        }
    }

    /// What a session does not take, though it is there, leaves its place to others for a while, for longer each time.
    fn unwritten_pause(&mut self, id: &str) -> TimeDelta {
        // With so many that wait, one more waits long from the start.
        let before = match self.unwritten.get(id) {
            Some(before) => *before,
            None if self.unwritten.len() < UNWRITTEN_KEPT => 0,
            None => NOT_WRITTEN_DOUBLINGS,
        };
        if before < NOT_WRITTEN_DOUBLINGS {
            self.unwritten.insert(id.to_owned(), before + 1);
        }
        spread(NOT_WRITTEN_PAUSE * (1 << before), 0.5, self.rng.random())
    }

    /// A timeout is never "not sent".
    pub(super) fn give_up_overdue(&mut self, now: Time, ctx: &mut Context<Self>) {
        let overdue = self.window.overdue(now);
        for (id, _) in &overdue {
            self.window.end(id, false);
        }
        self.fate_unknown(overdue, ctx);
    }

    /// The session is over: nobody knows how far what was written got.
    pub(super) fn abandon_under_way(&mut self, ctx: &mut Context<Self>) {
        let under_way = self.window.abandon();
        self.fate_unknown(under_way, ctx);
        self.publish();
    }

    fn fate_unknown(&mut self, attempts: Vec<(String, Time)>, ctx: &mut Context<Self>) {
        if attempts.is_empty() {
            return;
        }
        let count = u64::try_from(attempts.len()).unwrap_or(u64::MAX);
        metrics::counter!(metric::OUTCOMES, "outcome" => "unknown").increment(count);
        let unknown = |(provider_message_id, deadline)| Fact::Unknown { provider_message_id, deadline };
        self.record(self.generation, attempts.into_iter().map(unknown).collect(), None, ctx);
    }
}

/// Asks until it is known what a claim took, or the rescue sweep knows better.
async fn taken(shared: &Shared, fence: Fence, deadline: Time) -> Vec<String> {
    let mut pause = store_pause();
    loop {
        match shared.ports.store.taken(fence, deadline).await {
            Ok(taken) => return taken,
            Err(_) if shared.ports.clock.now() > deadline + RESCUED => return Vec::new(),
            Err(trouble) => {
                tracing::warn!(line = %fence.line, %trouble, "what a claim took waits for the store");
                tokio::time::sleep(pause.next_wait()).await;
            }
        }
    }
}

/// What became of a call of the adapter.
enum Submitted {
    Written,
    Failed(SubmitError),
    Panicked,
}

async fn submit(line: LineId, session: Arc<dyn LineSession>, dispatch: Dispatch) -> Submitted {
    let message = Outbound {
        provider_message_id: dispatch.provider_message_id,
        recipient: dispatch.recipient,
        content: dispatch.content,
    };
    let call = AssertUnwindSafe(session.submit(message)).catch_unwind();
    let call = failpoint::within(failpoint::IN_CALL, line, call);
    match tokio::time::timeout(SUBMIT_DEADLINE, call).await {
        Ok(Ok(Ok(()))) => {
            failpoint::hit(failpoint::WRITTEN, line);
            Submitted::Written
        }
        Ok(Ok(Err(error))) => Submitted::Failed(error),
        Ok(Err(_panic)) => Submitted::Panicked,
        Err(_elapsed) => Submitted::Failed(SubmitError::Unknown),
    }
}
