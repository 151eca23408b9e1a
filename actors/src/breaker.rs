//! The one breaker of the fleet: once the provider refused our client version to one line, no other line of that
//! version asks again. The row is the truth; this is what the process knows of it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the provider is known to refuse this client version.
#[derive(Debug, Default)]
pub(crate) struct Breaker(AtomicBool);

impl Breaker {
    /// What the row says, or a line just learned.
    pub(crate) fn set(&self, tripped: bool) {
        self.0.store(tripped, Ordering::SeqCst);
    }

    #[must_use]
    pub(crate) fn is_tripped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
