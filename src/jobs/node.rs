//! This process among the nodes: its incarnation, and whether it may claim.

use ezw_actors::{Trust, id::Incarnation};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Others are judged dead only after one's own renewals ran so long without a gap: a node that was cut off itself
/// knows nothing about the others.
const JUDGES_AFTER: Duration = Duration::from_secs(12);

/// This process.
#[derive(Debug)]
pub struct Node {
    /// Its name, as given.
    pub name: String,
    /// Its lease.
    pub trust: Arc<Trust>,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    incarnation: Option<Incarnation>,
    renewing_since: Option<Instant>,
}

impl Node {
    /// Not entered yet.
    #[must_use]
    pub fn new(name: String, trust: Arc<Trust>) -> Self {
        Self { name, trust, present: Mutex::default() }
    }

    fn present(&self) -> std::sync::MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who this process is now; none before it entered.
    #[must_use]
    pub fn incarnation(&self) -> Option<Incarnation> {
        self.present().incarnation
    }

    /// A new identity: the old one was marked dead, or there was none.
    #[must_use]
    pub(super) fn fresh() -> Incarnation {
        Incarnation(Uuid::new_v4())
    }

    pub(super) fn entered(&self, incarnation: Incarnation) {
        self.present().incarnation = Some(incarnation);
    }

    /// A renewal asked for at `asked` succeeded.
    pub(super) fn renewed(&self, asked: Instant, window: Duration) {
        self.trust.renewed(asked, window);
        self.present().renewing_since.get_or_insert(asked);
    }

    /// A renewal failed.
    pub(super) fn gap(&self) {
        self.present().renewing_since = None;
    }

    /// Whether it may say that others are dead.
    #[must_use]
    pub(super) fn judges(&self, now: Instant) -> bool {
        self.present().renewing_since.is_some_and(|since| now.duration_since(since) >= JUDGES_AFTER)
    }
}
