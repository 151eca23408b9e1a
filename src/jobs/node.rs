//! This process among the nodes: its name, its incarnation, its lease, what it does for the fleet.

use crate::store::nodes::{Judge, Renewed};
use chrono::{DateTime, Utc};
use ezw_actors::{
    Trust,
    id::Incarnation,
    lease::{Lease, RENEW_EVERY},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
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
    /// And when it entered.
    incarnation: Mutex<Option<(Incarnation, Instant)>>,
    /// By the clock of the rows.
    renewed_at: Mutex<Option<DateTime<Utc>>>,
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
            renewed_at: Mutex::default(),
            takes_lines: AtomicBool::new(false),
            duties: Notify::new(),
        }
    }

    /// Who this process is now; none before it entered.
    #[must_use]
    pub fn incarnation(&self) -> Option<Incarnation> {
        self.present().map(|(incarnation, _)| incarnation)
    }

    fn present(&self) -> Option<(Incarnation, Instant)> {
        *self.incarnation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it entered so short a time ago that others that start with it may not have entered yet.
    #[must_use]
    pub(super) fn is_new(&self, now: Instant) -> bool {
        self.present().is_none_or(|(_, since)| now.duration_since(since) < RENEW_EVERY)
    }

    /// A new identity: the old one was marked dead, or there was none.
    #[must_use]
    pub(super) fn fresh() -> Incarnation {
        Incarnation(Uuid::new_v4())
    }

    pub(super) fn entered(&self, incarnation: Incarnation) {
        *self.incarnation.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((incarnation, Instant::now()));
    }

    /// A renewal that was asked for at `asked` succeeded.
    pub(super) fn renewed(&self, asked: Instant, renewed: Renewed) {
        *self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewed.at);
        self.lease.renewed(asked);
    }

    /// As whom it judges others now; none while it may not.
    pub(super) fn judge(&self, now: Instant) -> Option<Judge> {
        let renewed_at = *self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner);
        let node = self.incarnation().filter(|_| self.lease.judges(now))?;
        Some(Judge { node, renewed_at: renewed_at? })
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
