//! Clocks that stand still until a test turns them.

use super::lock;
use crate::{clock::Clock, machine::Time};
use chrono::TimeDelta;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A wall clock and a monotonic clock, turned together or the wall clock alone.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<(Time, Instant)>,
    origin: Instant,
}

impl ManualClock {
    /// Standing at `now`.
    #[must_use]
    pub fn at(now: Time) -> Arc<Self> {
        let origin = Instant::now();
        Arc::new(Self { now: Mutex::new((now, origin)), origin })
    }

    /// Standing at a whole second in November 2023.
    #[must_use]
    pub fn standing() -> Arc<Self> {
        Self::at(Time::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000))
    }

    /// Turns both clocks on.
    pub fn advance(&self, by: Duration) {
        let mut now = lock(&self.now);
        now.0 += by;
        now.1 += by;
    }

    /// Turns the wall clock alone, back too: a correction by NTP.
    pub fn step_wall(&self, by: TimeDelta) {
        lock(&self.now).0 += by;
    }

    /// Where the monotonic clock began.
    #[must_use]
    pub fn origin(&self) -> Instant {
        self.origin
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        lock(&self.now).0
    }

    fn monotonic(&self) -> Instant {
        lock(&self.now).1
    }
}
