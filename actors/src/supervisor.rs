//! Starts lines on dedicated arbiters, watches every way of dying, and starts them anew with growing pauses.
//!
//! `actix::Supervisor` is not used: it does not restart an actor that panicked, and on a clean stop restarts the same
//! struct at once, without delay or limit.

use crate::{
    arbiters::{Arbiters, GivenUp, TICK},
    backoff::{self, Doubling},
    breaker::Breaker,
    breaker::Known,
    id::{Epoch, Fence, LineId},
    line::{LineActor, Shutdown},
    lines::{Doorbell, Lines},
    machine::History,
    metric,
    permits::Permits,
    port::{Claimed, LineSession, Unwanted},
    quarantine,
    registry::{Dead, Death, Slot},
    shared::{Limits, Ports, Shared},
    task,
    timings::Timings,
    unlinking::{self, Beside},
};
use actix::Actor as _;
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Weak, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// Between two looks at lines that let their time pass.
const OVERDUE_EVERY: Duration = Duration::from_secs(5);
/// A busy actor may be this late.
const OVERDUE_BY: TimeDelta = TimeDelta::seconds(10);
/// For a session to close that its actor cannot close any more.
const CLOSE_PATIENCE: Duration = Duration::from_secs(20);
/// The first pause before the store is asked again, and the longest.
const STORE_RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];
/// An actor that let its line go leaves within a few of these.
const PLACE_WAIT: Duration = Duration::from_millis(10);
const PLACE_TRIES: u32 = 500;

/// An actor at work, as far as its process knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// Its line.
    pub line: LineId,
    /// Its start.
    pub epoch: Epoch,
    /// Of the row as it last committed it.
    pub version: i64,
}

/// The supervisor of the lines of a process.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    arbiters: Arc<Arbiters>,
}

impl Supervisor {
    /// Starts the arbiters. Must run inside an actix system.
    #[must_use]
    pub fn new(ports: Ports, limits: Limits, timings: Timings, lines: &Lines) -> Arc<Self> {
        let registry = Arc::clone(&lines.registry);
        let shared = Shared {
            runtime: Handle::current(),
            breaker: Breaker::default(),
            permits: Permits::new(limits.connects_per_second),
            trust: Arc::clone(&registry.trust),
            registry,
            ports,
            limits,
            timings,
        };
        let supervisor =
            Arc::new(Self { shared: Arc::new(shared), arbiters: Arc::new(Arbiters::new(limits.arbiters)) });
        watch_arbiters(Arc::downgrade(&supervisor));
        supervisor
    }

    /// Starts a claimed line.
    pub fn start(&self, claimed: Claimed) {
        metric::taken(&claimed.state);
        self.start_after(claimed, None);
    }

    fn start_after(&self, claimed: Claimed, after: Option<Death>) {
        let line = claimed.fence.line;
        self.shared.registry.restarting.remove(&line);
        if self.shared.registry.slot(line).is_some() {
            // The actor before this one let the line go and is about to leave.
            return self.start_later(claimed, after);
        }
        launch(&self.arbiters, Arc::clone(&self.shared), claimed, after);
    }

    fn start_later(&self, claimed: Claimed, after: Option<Death>) {
        let shared = Arc::clone(&self.shared);
        let line = claimed.fence.line;
        let arbiters = Arc::clone(&self.arbiters);
        task::spawn("start a line after its last actor", async move {
            for _ in 0..PLACE_TRIES {
                if shared.registry.slot(line).is_none() {
                    return launch(&arbiters, shared, claimed, after);
                }
                tokio::time::sleep(PLACE_WAIT).await;
            }
            let Some(stale) = shared.registry.slot(line) else { return };
            if stale.fence.epoch < claimed.fence.epoch {
                tracing::error!(%line, "an actor that let its line go does not leave; it is given up");
                close(shared.registry.dismiss(&stale)).await;
                launch(&arbiters, shared, claimed, after);
            }
        });
    }

    /// Waits for deaths and starts lines anew, grants connects, and looks after lines that let their time pass; runs as
    /// long as the process.
    pub async fn watch(self: Arc<Self>) {
        let (trust, clock) = (&self.shared.trust, &self.shared.ports.clock);
        let trusted = || trust.holds(clock.monotonic());
        tokio::join!(self.restart_dead(), self.shared.permits.grant(trusted), self.replace_overdue());
    }

    async fn restart_dead(self: &Arc<Self>) {
        loop {
            self.shared.registry.died.notified().await;
            for dead in self.shared.registry.take_dead() {
                let supervisor = Arc::clone(self);
                task::spawn("restart a line", async move { supervisor.restart(dead).await });
            }
        }
    }

    /// Retaken at once, so that the row says `starting` and no longer what the dead actor claimed; started after the
    /// pause.
    async fn restart(&self, dead: Dead) {
        let Dead { fence, death, session } = dead;
        let counted = (death == Death::Counted).then_some(self.shared.timings.healthy);
        let claimed = self.retake(fence, counted).await;
        // Before another opens.
        close(session).await;
        let Some(claimed) = claimed else { return };
        if counted.is_some() {
            if quarantine::written(&self.shared, &claimed, death).await {
                self.shared.registry.restarting.remove(&fence.line);
                return;
            }
            tokio::time::sleep(self.next_wait(&claimed.history)).await;
        }
        self.start_after(claimed, Some(death));
    }

    async fn retake(&self, fence: Fence, counted: Option<TimeDelta>) -> Option<Claimed> {
        let mut pause = Doubling::new(STORE_RETRY[0], STORE_RETRY[1]);
        loop {
            match self.shared.ports.store.retake(fence, counted).await {
                Ok(Some(claimed)) => {
                    metric::taken(&claimed.state);
                    return Some(claimed);
                }
                // Somebody else's by now.
                Ok(None) => {
                    self.shared.registry.restarting.remove(&fence.line);
                    return None;
                }
                Err(trouble) => {
                    tracing::warn!(line = %fence.line, %trouble, "a restart waits for the store");
                    tokio::time::sleep(pause.next_wait()).await;
                }
            }
        }
    }

    /// By what the row remembers, so that a node that crashes between two deaths forgets none.
    fn next_wait(&self, history: &History) -> Duration {
        let timings = &self.shared.timings;
        let earlier = history.deaths.saturating_sub(1);
        let (first, longest) = (timings.restart_first, timings.restart_longest);
        let jitter = SmallRng::from_os_rng().random();
        backoff::restart_delay(first, longest, earlier, jitter).to_std().unwrap_or_default()
    }

    /// An actor whose time is long over missed its alarm: it is rung, and given up when that does not help. One that
    /// waits for the store is not: it knows.
    async fn replace_overdue(&self) {
        let mut rung: HashMap<LineId, (Epoch, i64)> = HashMap::new();
        loop {
            tokio::time::sleep(OVERDUE_EVERY).await;
            let late = self.shared.ports.clock.now() - OVERDUE_BY;
            let mut found = HashMap::new();
            for slot in self.shared.registry.slots() {
                let peek = **slot.peek.load();
                if peek.due.is_none_or(|due| due > late) || slot.committing.load(Ordering::Relaxed) {
                    continue;
                }
                let line = slot.fence.line;
                if rung.get(&line) == Some(&(peek.epoch, peek.version)) {
                    self.give_up_overdue(&slot);
                } else {
                    let _ = self.shared.registry.ring_here(line, Doorbell::Clock);
                    found.insert(line, (peek.epoch, peek.version));
                }
            }
            rung = found;
        }
    }

    fn give_up_overdue(&self, slot: &Arc<Slot>) {
        metrics::counter!(metric::OVERDUE).increment(1);
        tracing::error!(line = %slot.fence.line, "a line's actor let its deadline pass; it is started anew");
        // Not even begun: its thread had no time for it, or something before the first decision hangs.
        let begun = slot.begun.load(Ordering::Relaxed);
        self.shared.registry.abandon(slot, if begun { Death::Counted } else { Death::Late });
    }

    /// Lines of a thread that stopped are started anew on another; only the one that blocked it is counted as dead.
    fn move_lines(&self, given_up: GivenUp) {
        let GivenUp { pulse, culprit } = given_up;
        tracing::error!(culprit = ?culprit, "a thread of lines stopped; its lines move to another");
        for slot in self.shared.registry.slots() {
            if !Arc::ptr_eq(&slot.pulse, &pulse) {
                continue;
            }
            let blame = if culprit == Some(slot.fence.line) { Death::Counted } else { Death::Innocent };
            self.shared.registry.abandon(&slot, blame);
        }
    }

    /// So many live processes share the connect budget.
    pub fn share_connects(&self, nodes: u32) {
        self.shared.permits.share(nodes);
    }

    /// How many lines wait for their turn to connect.
    #[must_use]
    pub fn waiting_to_connect(&self) -> usize {
        self.shared.permits.waiting()
    }

    /// Whether the provider is known to refuse this client version.
    #[must_use]
    pub fn client_is_refused(&self) -> bool {
        self.shared.breaker.is_tripped()
    }

    /// What is known of that, to be asked before the fleet's row is read.
    #[must_use]
    pub fn known_of_client(&self) -> Known {
        self.shared.breaker.known()
    }

    /// Whether the provider refuses this client version, as the fleet's row said after `known` was asked for.
    pub fn set_client_refused(&self, known: Known, refused: bool) {
        self.shared.breaker.read(known, refused);
    }

    /// Tries once to unlink an account that is written down, as part of the connect budget, and crosses it out when it is
    /// unlinked. False when it is to be tried again.
    pub async fn unlink(&self, account: &Unwanted) -> bool {
        unlinking::attempt(&self.shared, account, Beside::Pairing).await
    }

    /// How long things of lines take in this process.
    #[must_use]
    pub fn timings(&self) -> &Timings {
        &self.shared.timings
    }

    /// The actors at work here, with what each last knew of its row.
    #[must_use]
    pub fn at_work(&self) -> Vec<AtWork> {
        let of = |slot: &Arc<Slot>| AtWork {
            line: slot.fence.line,
            epoch: slot.fence.epoch,
            version: slot.peek.load().version,
        };
        self.shared.registry.slots().iter().map(of).collect()
    }

    /// The line is not this start's any more: its actor closes and writes nothing.
    pub fn fence(&self, line: LineId, epoch: Epoch) {
        if let Some(addr) = self.actor_of(line, epoch).and_then(|slot| slot.addr.get().cloned()) {
            let _ = addr.try_send(Shutdown::Fenced);
        }
    }

    /// The row is not what its actor took it for: it is taken anew, and started from what it says.
    pub fn start_anew(&self, line: LineId, epoch: Epoch) {
        if let Some(slot) = self.actor_of(line, epoch) {
            self.shared.registry.abandon(&slot, Death::Innocent);
        }
    }

    fn actor_of(&self, line: LineId, epoch: Epoch) -> Option<Arc<Slot>> {
        self.shared.registry.slot(line).filter(|slot| slot.fence.epoch == epoch)
    }

    /// Lets one line go, for another node to take it. One that is not at work, or too busy to hear it, is told again by
    /// whoever looks again.
    pub fn release(&self, line: LineId) {
        let slot = self.shared.registry.slot(line);
        if let Some(addr) = slot.as_ref().and_then(|slot| slot.addr.get()) {
            let _ = addr.try_send(Shutdown::Release);
        }
    }

    /// Lets all lines go and waits for it, `patience` at most. Answers how many are still at work.
    pub async fn drain(&self, patience: Duration) -> usize {
        self.end_all(Shutdown::Release, patience).await
    }

    /// The lease is lost: every line closes without another write.
    pub async fn fence_all(&self, patience: Duration) -> usize {
        self.end_all(Shutdown::Fenced, patience).await
    }

    async fn end_all(&self, how: Shutdown, patience: Duration) -> usize {
        let started = Instant::now();
        while self.shared.registry.len() > 0 && started.elapsed() < patience {
            // Told again each time: a full mailbox, or a line that started meanwhile, missed it.
            self.shared.registry.tell_all(how);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.shared.registry.len()
    }
}

fn launch(arbiters: &Arbiters, shared: Arc<Shared>, claimed: Claimed, after: Option<Death>) {
    let (arbiter, pulse) = arbiters.of(claimed.fence.line);
    let Some(actor) = LineActor::new(shared, claimed, after, pulse) else { return };
    // An arbiter that stopped drops the actor, whose guard then reports it dead.
    let _ = arbiter.spawn_fn(move || {
        actor.start();
    });
}

async fn close(session: Option<Arc<dyn LineSession>>) {
    let Some(session) = session else { return };
    let closing = AssertUnwindSafe(session.close()).catch_unwind();
    // Late or panicking, dropping it closes it.
    let _ = tokio::time::timeout(CLOSE_PATIENCE, closing).await;
}

/// On a thread of its own: what watches threads must not share one.
fn watch_arbiters(supervisor: Weak<Supervisor>) {
    let watch = move || {
        loop {
            std::thread::sleep(TICK);
            let Some(supervisor) = supervisor.upgrade() else { return };
            for given_up in supervisor.arbiters.replace_stuck() {
                supervisor.move_lines(given_up);
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("ezw-watchdog".into()).spawn(watch) {
        tracing::error!(%error, "no thread to watch the threads of lines");
    }
}
