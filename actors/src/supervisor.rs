//! Starts lines on dedicated arbiters, watches every way of dying, and starts them anew with growing pauses.
//!
//! `actix::Supervisor` is not used: it does not restart an actor that panicked, and on a clean stop restarts the same
//! struct at once, without delay or limit.

use crate::{
    backoff,
    id::{Fence, LineId},
    line::{LineActor, Shutdown},
    lines::Lines,
    machine::History,
    permits::Permits,
    port::Claimed,
    shared::{Limits, Ports, Shared},
    task,
    timings::Timings,
};
use actix::{Actor as _, Arbiter};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::{Duration, Instant},
};

/// A line that waits longer than this is taken a second time, so that its deadline to start is not over before it does.
const RETAKE_AFTER: Duration = Duration::from_secs(30);
/// The pause before the store is asked again.
const STORE_RETRY: Duration = Duration::from_secs(1);
/// An actor that let its line go leaves within a few of these.
const PLACE_WAIT: Duration = Duration::from_millis(10);
const PLACE_TRIES: u32 = 500;

/// The supervisor of the lines of a process.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    arbiters: Vec<Arbiter>,
}

impl Supervisor {
    /// Starts the arbiters. Must run inside an actix system.
    #[must_use]
    pub fn new(ports: Ports, limits: Limits, timings: Timings, lines: &Lines) -> Arc<Self> {
        let registry = Arc::clone(&lines.registry);
        let shared = Shared {
            permits: Permits::new(limits.connects_per_second),
            trust: Arc::clone(&registry.trust),
            registry,
            ports,
            limits,
            timings,
        };
        let arbiters = (0..limits.arbiters.max(1)).map(|_| Arbiter::new()).collect();
        Arc::new(Self { shared: Arc::new(shared), arbiters })
    }

    /// Starts a claimed line.
    pub fn start(&self, claimed: Claimed) {
        let line = claimed.fence.line;
        self.shared.registry.restarting.remove(&line);
        if self.shared.registry.has_slot(line) {
            // The actor before this one let the line go and is about to leave.
            return self.start_later(claimed);
        }
        let shared = Arc::clone(&self.shared);
        let Some(actor) = LineActor::new(shared, claimed) else { return };
        let arbiter = self.arbiter_of(line);
        // An arbiter that stopped drops the actor, whose guard then reports it dead.
        let _ = arbiter.spawn_fn(move || {
            actor.start();
        });
    }

    fn start_later(&self, claimed: Claimed) {
        let registry = Arc::clone(&self.shared.registry);
        let line = claimed.fence.line;
        let (shared, arbiter) = (Arc::clone(&self.shared), self.arbiter_of(line).handle());
        task::spawn("start a line after its last actor", async move {
            for _ in 0..PLACE_TRIES {
                if !registry.has_slot(line) {
                    if let Some(actor) = LineActor::new(shared, claimed) {
                        let _ = arbiter.spawn_fn(move || {
                            actor.start();
                        });
                    }
                    return;
                }
                tokio::time::sleep(PLACE_WAIT).await;
            }
            tracing::error!(%line, "a claimed line's place stays taken; the line is let go by the reconciling job");
        });
    }

    fn arbiter_of(&self, line: LineId) -> &Arbiter {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let count = u64::try_from(self.arbiters.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        &self.arbiters[index]
    }

    /// Waits for deaths and starts lines anew; runs as long as the process.
    pub async fn watch(self: Arc<Self>) {
        loop {
            self.shared.registry.died.notified().await;
            for fence in self.shared.registry.take_dead() {
                let supervisor = Arc::clone(&self);
                task::spawn("restart a line", async move { supervisor.restart(fence).await });
            }
        }
    }

    /// Retaken at once, so that the row says `starting` and no longer what the dead actor claimed; started after the
    /// pause, under the epoch of a second taking when the pause is long.
    async fn restart(&self, fence: Fence) {
        let Some(mut claimed) = self.retake(fence).await else { return };
        let wait = self.next_wait(&claimed.history);
        tokio::time::sleep(wait).await;
        if wait > RETAKE_AFTER {
            let Some(again) = self.retake(claimed.fence).await else { return };
            claimed = again;
        }
        self.start(claimed);
    }

    async fn retake(&self, fence: Fence) -> Option<Claimed> {
        loop {
            match self.shared.ports.store.retake(fence).await {
                Ok(Some(claimed)) => return Some(claimed),
                // Somebody else's by now.
                Ok(None) => {
                    self.shared.registry.restarting.remove(&fence.line);
                    return None;
                }
                Err(trouble) => {
                    tracing::warn!(line = %fence.line, %trouble, "a restart waits for the store");
                    tokio::time::sleep(STORE_RETRY).await;
                }
            }
        }
    }

    /// By what the row remembers, so that a node that crashes between two deaths forgets none.
    fn next_wait(&self, history: &History) -> Duration {
        let timings = &self.shared.timings;
        let deaths = history.settled(timings, self.shared.ports.clock.now()).deaths;
        let (first, longest) = (timings.restart_first, timings.restart_longest);
        backoff::restart_delay(first, longest, deaths, SmallRng::from_os_rng().random())
            .to_std()
            .unwrap_or_default()
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
