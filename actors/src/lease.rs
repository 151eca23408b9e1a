//! The lease of this process: what it may conclude from its own renewals. Pure decisions over instants of the monotonic
//! clock; the store's clock decides for everybody else.

use crate::trust::Trust;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A renewal is good for so long, by the store's clock.
pub const TTL: Duration = Duration::from_secs(10);
/// Between renewals.
pub const RENEW_EVERY: Duration = Duration::from_secs(3);
/// Trust ends this long before the lease does.
pub const MARGIN: Duration = Duration::from_secs(2);
/// Others are judged dead only after one's own renewals ran so long without a gap: a process that was cut off itself, or
/// frozen, knows nothing about the others.
pub const JUDGES_AFTER: Duration = Duration::from_secs(12);

/// The lease of this process.
#[derive(Debug)]
pub struct Lease {
    trust: Arc<Trust>,
    /// The first renewal after the last gap.
    since: Mutex<Option<Instant>>,
}

impl Lease {
    /// Not entered yet.
    #[must_use]
    pub fn new(trust: Arc<Trust>) -> Self {
        Self { trust, since: Mutex::default() }
    }

    /// A renewal that was asked for at `asked` succeeded. One that comes after trust was over ends a gap, also when no
    /// renewal failed in between: the process itself may have stood still.
    pub fn renewed(&self, asked: Instant) {
        let mut since = self.since();
        if !self.trust.holds(asked) {
            *since = None;
        }
        since.get_or_insert(asked);
        self.trust.renewed(asked, TTL - MARGIN);
    }

    /// A renewal had no answer. What was known before holds as long as it did.
    pub fn missed(&self) {
        *self.since() = None;
    }

    /// Marked dead, or without the connection that shows others that this process lives: they may act at once.
    pub fn lost(&self) {
        self.trust.lost();
        *self.since() = None;
    }

    /// Whether intents and provider calls may start now.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.trust.holds(now)
    }

    /// Whether this process may say that others are dead.
    #[must_use]
    pub fn judges(&self, now: Instant) -> bool {
        self.holds(now) && self.since().is_some_and(|since| now.duration_since(since) >= JUDGES_AFTER)
    }

    fn since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        origin: Instant,
        lease: Lease,
    }

    impl Scene {
        fn new() -> Self {
            let origin = Instant::now();
            Self { origin, lease: Lease::new(Arc::new(Trust::none(origin))) }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.origin + Duration::from_secs(seconds)
        }

        fn renew_until(&self, from: u64, to: u64) {
            (from..=to).step_by(3).for_each(|second| self.lease.renewed(self.at(second)));
        }
    }

    #[test]
    fn a_process_judges_others_only_after_its_own_renewals_ran_for_12_seconds() {
        let scene = Scene::new();
        assert!(!scene.lease.judges(scene.at(60)), "not entered");
        scene.renew_until(1, 13);
        assert!(!scene.lease.judges(scene.at(12)));
        assert!(scene.lease.judges(scene.at(13)));
        assert!(!scene.lease.judges(scene.at(22)), "its own lease may be over");
    }

    #[test]
    fn a_missed_renewal_takes_the_right_to_judge_and_leaves_trust_as_it_was() {
        let scene = Scene::new();
        scene.renew_until(0, 15);
        scene.lease.missed();
        assert!(scene.lease.holds(scene.at(22)) && !scene.lease.judges(scene.at(22)));
        scene.renew_until(18, 27);
        assert!(!scene.lease.judges(scene.at(29)));
        scene.renew_until(30, 30);
        assert!(scene.lease.judges(scene.at(30)));
    }

    #[test]
    fn a_process_that_stood_still_judges_nobody_for_12_seconds_though_no_renewal_failed() {
        let scene = Scene::new();
        scene.renew_until(0, 15);
        scene.renew_until(45, 54);
        assert!(!scene.lease.judges(scene.at(56)));
        scene.renew_until(57, 57);
        assert!(scene.lease.judges(scene.at(57)));
    }

    #[test]
    fn a_lost_lease_is_trusted_no_more_until_it_is_renewed() {
        let scene = Scene::new();
        scene.renew_until(0, 15);
        scene.lease.lost();
        assert!(!scene.lease.holds(scene.at(15)) && !scene.lease.judges(scene.at(15)));
        scene.renew_until(16, 16);
        assert!(scene.lease.holds(scene.at(23)) && !scene.lease.judges(scene.at(23)));
    }
}
