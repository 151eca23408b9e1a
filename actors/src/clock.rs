//! Time as an argument, so that tests can turn it.

use crate::machine::Time;
use std::{fmt, time::Instant};

/// Where the time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock: what rows and clients see.
    fn now(&self) -> Time;
    /// The monotonic clock: what trust is measured on.
    fn monotonic(&self) -> Instant;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system clock is read")]
    fn now(&self) -> Time {
        // Postgres keeps microseconds; a finer time would differ from its own row.
        let now = chrono::Utc::now();
        now - chrono::TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos() % 1_000))
    }

    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}
