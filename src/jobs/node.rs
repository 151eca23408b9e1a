//! This process among the nodes: its name, its incarnation, its lease.

use ezw_actors::{Trust, id::Incarnation, lease::Lease};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// This process.
#[derive(Debug)]
pub struct Node {
    /// Its name, as given.
    pub name: String,
    /// What it may conclude from its renewals.
    pub(super) lease: Lease,
    incarnation: Mutex<Option<Incarnation>>,
}

impl Node {
    /// Not entered yet.
    #[must_use]
    pub fn new(name: String, trust: Arc<Trust>) -> Self {
        Self { name, lease: Lease::new(trust), incarnation: Mutex::default() }
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
}
