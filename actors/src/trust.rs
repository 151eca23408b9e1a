//! Whether this process may still act as the owner of its lines: measured on the monotonic clock, from before the
//! renewal was asked for, so that a frozen process never trusts itself past its lease.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// The local trust window of this process.
#[derive(Debug)]
pub struct Trust {
    origin: Instant,
    /// Milliseconds since `origin` up to which trust holds; 0 is never.
    until: AtomicU64,
}

impl Trust {
    /// No trust yet.
    #[must_use]
    pub fn none(origin: Instant) -> Self {
        Self { origin, until: AtomicU64::new(0) }
    }

    /// A renewal asked for at `asked` succeeded: trust holds for `window` from then.
    pub fn renewed(&self, asked: Instant, window: Duration) {
        let until = (asked + window).saturating_duration_since(self.origin).as_millis();
        self.until.fetch_max(u64::try_from(until).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// The lease is known to be lost.
    pub fn lost(&self) {
        self.until.store(0, Ordering::SeqCst);
    }

    /// Whether intents and provider calls may start now.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        let now = now.saturating_duration_since(self.origin).as_millis();
        u128::from(self.until.load(Ordering::SeqCst)) > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_counted_from_before_the_renewal_and_ends_at_once_when_lost() {
        let origin = Instant::now();
        let trust = Trust::none(origin);
        assert!(!trust.holds(origin));
        trust.renewed(origin + Duration::from_secs(1), Duration::from_secs(8));
        assert!(trust.holds(origin + Duration::from_millis(8_999)));
        assert!(!trust.holds(origin + Duration::from_secs(9)));
        trust.renewed(origin, Duration::from_secs(8));
        assert!(trust.holds(origin + Duration::from_millis(8_999)), "an older renewal takes nothing away");
        trust.lost();
        assert!(!trust.holds(origin));
    }
}
