//! The one breaker of the fleet: once the provider refused our client version to one line, no other line of that
//! version asks again. The row is the truth; this is what the process knows of it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Whether the provider is known to refuse this client version: the lowest bit. The others count what was learned.
#[derive(Debug, Default)]
pub(crate) struct Breaker(AtomicU64);

/// What was known at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known(u64);

impl Breaker {
    /// A line just learned it: newer than what anyone reads at this moment.
    pub(crate) fn set(&self, tripped: bool) {
        let next = |known: u64| Some(known.wrapping_add(2) & !1 | u64::from(tripped));
        // It always answers something.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
    }

    /// To be asked before the row is read, for [`Self::read`].
    #[must_use]
    pub(crate) fn known(&self) -> Known {
        Known(self.0.load(Ordering::SeqCst))
    }

    /// What the row said, unless a line learned something while it was read.
    pub(crate) fn read(&self, before: Known, tripped: bool) {
        let next = before.0 & !1 | u64::from(tripped);
        let _ = self.0.compare_exchange(before.0, next, Ordering::SeqCst, Ordering::SeqCst);
    }

    #[must_use]
    pub(crate) fn is_tripped(&self) -> bool {
        self.0.load(Ordering::SeqCst) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_learned_is_not_undone_by_a_row_that_was_read_before() {
        let breaker = Breaker::default();
        let before = breaker.known();
        breaker.set(true);
        breaker.read(before, false);
        assert!(breaker.is_tripped());
        breaker.read(breaker.known(), false);
        assert!(!breaker.is_tripped());
        // Learned to be just what it was, it is news all the same.
        let before = breaker.known();
        breaker.set(false);
        breaker.read(before, true);
        assert!(!breaker.is_tripped());
    }
}
