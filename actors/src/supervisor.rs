//! Starts lines on dedicated arbiters, watches every way of dying, and starts them anew with growing pauses.
//!
//! `actix::Supervisor` is not used: it does not restart an actor that panicked, and on a clean stop restarts the same
//! struct at once, without delay or limit.

use crate::{
    backoff::Doubling,
    id::{Fence, LineId},
    line::{LineActor, Shutdown},
    lines::Lines,
    permits::Permits,
    port::Claimed,
    shared::{Limits, Ports, Shared},
    task,
};
use actix::{Actor as _, Arbiter};
use dashmap::DashMap;
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::{Duration, Instant},
};

/// So long at work without dying, a line's next restart waits as little as its first.
const HEALTHY: Duration = Duration::from_secs(600);

/// The supervisor of the lines of a process.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    arbiters: Vec<Arbiter>,
    restarts: DashMap<LineId, Restarts>,
}

/// The pauses between a line's restarts.
#[derive(Debug)]
struct Restarts {
    waits: Doubling,
    last_start: Instant,
}

impl Supervisor {
    /// Starts the arbiters. Must run inside an actix system.
    #[must_use]
    pub fn new(ports: Ports, limits: Limits, lines: &Lines) -> Arc<Self> {
        let registry = Arc::clone(&lines.registry);
        let shared = Shared {
            permits: Permits::new(limits.connects_per_second),
            trust: Arc::clone(&registry.trust),
            registry,
            ports,
            limits,
        };
        let arbiters = (0..limits.arbiters.max(1)).map(|_| Arbiter::new()).collect();
        Arc::new(Self { shared: Arc::new(shared), arbiters, restarts: DashMap::new() })
    }

    /// Starts a claimed line. One that is at work here already is left alone.
    pub fn start(&self, claimed: Claimed) {
        let line = claimed.fence.line;
        let shared = Arc::clone(&self.shared);
        let Some(actor) = LineActor::new(shared, claimed) else {
            tracing::warn!(%line, "claimed a line that is at work here");
            return;
        };
        let arbiter = self.arbiter_of(line);
        // An arbiter that stopped drops the actor, whose guard then reports it dead.
        let _ = arbiter.spawn_fn(move || {
            actor.start();
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

    async fn restart(&self, fence: Fence) {
        let mut wait = self.next_wait(fence.line);
        loop {
            tokio::time::sleep(wait).await;
            match self.shared.ports.store.retake(fence).await {
                Ok(Some(claimed)) => return self.start(claimed),
                // Somebody else's by now, or archived.
                Ok(None) => {
                    self.restarts.remove(&fence.line);
                    return;
                }
                Err(trouble) => {
                    tracing::warn!(line = %fence.line, %trouble, "a restart waits for the store");
                    wait = Duration::from_secs(1);
                }
            }
        }
    }

    fn next_wait(&self, line: LineId) -> Duration {
        let mut restarts = self
            .restarts
            .entry(line)
            .or_insert_with(|| Restarts { waits: Doubling::restarts(), last_start: Instant::now() });
        if restarts.last_start.elapsed() >= HEALTHY {
            restarts.waits.succeeded();
        }
        restarts.last_start = Instant::now();
        restarts.waits.next_wait()
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
