//! This process among the nodes: its name, its incarnation, its lease, what it does for the fleet.

use ezw_actors::{Trust, id::Incarnation, lease::Lease};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// This process.
#[derive(Debug)]
pub struct Node {
    /// Its name, as given.
    pub name: String,
    /// What it may conclude from its renewals.
    pub(super) lease: Lease,
    incarnation: Mutex<Option<Incarnation>>,
    /// It can open the accounts, and does not stop.
    takes_lines: AtomicBool,
    duties: Notify,
}

impl Node {
    /// Not entered yet.
    #[must_use]
    pub fn new(name: String, trust: Arc<Trust>) -> Self {
        Self {
            name,
            lease: Lease::new(trust),
            incarnation: Mutex::default(),
            takes_lines: AtomicBool::new(false),
            duties: Notify::new(),
        }
    }

    /// Who this process is now; none before it entered.
    #[must_use]
    pub fn incarnation(&self) -> Option<Incarnation> {
        *self.incarnation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new identity: the old one was marked dead, or there was none.
    #[must_use]
    pub(super) fn fresh() -> Incarnation {
        Incarnation(Uuid::new_v4())
    }

    pub(super) fn entered(&self, incarnation: Incarnation) {
        *self.incarnation.lock().unwrap_or_else(PoisonError::into_inner) = Some(incarnation);
    }

    /// Whether it counts when lines are shared out.
    #[must_use]
    pub(super) fn takes_lines(&self) -> bool {
        self.takes_lines.load(Ordering::Relaxed)
    }

    /// From now on, or not any more: said with the next heartbeat, which comes at once.
    pub fn take_lines(&self, takes: bool) {
        self.takes_lines.store(takes, Ordering::Relaxed);
        self.duties.notify_one();
    }

    pub(super) async fn duties_changed(&self) {
        self.duties.notified().await;
    }
}
