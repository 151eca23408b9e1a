//! The threads that lines run on. Each ticks; one that does not tick for ten seconds is blocked by one of its lines, or
//! dead, and is replaced: the others must not wait for it.

use crate::{id::LineId, metric};
use actix::{Arbiter, ArbiterHandle, System};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Between two ticks of an arbiter, and between two looks at them.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// Looks without a tick in between. Counted, not timed: a process that was frozen whole finds nobody to blame.
const LOOKS_WITHOUT_TICK: u32 = 10;

/// A sign of life of an arbiter, and who is at work on it.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    ticks: AtomicU64,
    at_work: Mutex<Option<LineId>>,
}

/// Until dropped, a line is the one at work.
#[derive(Debug)]
pub(crate) struct AtWork {
    pulse: Arc<Pulse>,
    before: Option<LineId>,
}

impl Pulse {
    fn at_work(&self) -> MutexGuard<'_, Option<LineId>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Should the arbiter stop ticking now, it is this line's doing.
    pub(crate) fn works(self: &Arc<Self>, line: LineId) -> AtWork {
        let before = self.at_work().replace(line);
        AtWork { pulse: Arc::clone(self), before }
    }

    /// The same for whatever runs on the arbiter for a line: each step of it is that line's doing.
    pub(crate) async fn attribute<F: Future>(self: Arc<Self>, line: LineId, work: F) -> F::Output {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            let _at_work = self.works(line);
            work.as_mut().poll(context)
        })
        .await
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        *self.pulse.at_work() = self.before;
    }
}

/// The threads of a process.
#[derive(Debug)]
pub(crate) struct Arbiters {
    system: System,
    places: Vec<Mutex<Place>>,
}

#[derive(Debug)]
struct Place {
    arbiter: Arbiter,
    pulse: Arc<Pulse>,
    seen: u64,
    without_tick: u32,
}

/// An arbiter that was given up.
#[derive(Debug)]
pub(crate) struct GivenUp {
    pub(crate) pulse: Arc<Pulse>,
    /// The line that blocked it, when one was at work.
    pub(crate) culprit: Option<LineId>,
}

impl Arbiters {
    /// Must run inside an actix system.
    #[must_use]
    pub(crate) fn new(count: usize) -> Self {
        let places = (0..count.max(1)).map(|_| Mutex::new(Place::start())).collect();
        Self { system: System::current(), places }
    }

    /// Where a line runs.
    #[must_use]
    pub(crate) fn of(&self, line: LineId) -> (ArbiterHandle, Arc<Pulse>) {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let count = u64::try_from(self.places.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        let place = held(&self.places[index]);
        (place.arbiter.handle(), Arc::clone(&place.pulse))
    }

    /// Replaces those that no longer tick. To be called once a `TICK`, from a thread of its own.
    pub(crate) fn replace_stuck(&self) -> Vec<GivenUp> {
        // What makes arbiters must be inside the system, and this thread is not.
        System::set_current(self.system.clone());
        self.places.iter().filter_map(|place| held(place).look()).collect()
    }
}

fn held(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    fn start() -> Self {
        let (arbiter, pulse) = (Arbiter::new(), Arc::<Pulse>::default());
        let ticking = Arc::clone(&pulse);
        // One that stopped already does not tick, which is found.
        let _ = arbiter.spawn(async move {
            loop {
                ticking.ticks.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(TICK).await;
            }
        });
        Self { arbiter, pulse, seen: 0, without_tick: 0 }
    }

    fn look(&mut self) -> Option<GivenUp> {
        let ticks = self.pulse.ticks.load(Ordering::Relaxed);
        if ticks != self.seen {
            (self.seen, self.without_tick) = (ticks, 0);
            return None;
        }
        self.without_tick += 1;
        if self.without_tick < LOOKS_WITHOUT_TICK {
            return None;
        }
        let old = std::mem::replace(self, Self::start());
        // Should it ever come back it ends; its lines are others' by then.
        old.arbiter.stop();
        let culprit = *old.pulse.at_work();
        metrics::counter!(metric::ARBITERS_REPLACED).increment(1);
        Some(GivenUp { pulse: old.pulse, culprit })
    }
}
