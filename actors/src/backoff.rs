//! How long to wait before trying again. The `backoff` crate stands behind this one file (it is unmaintained,
//! RUSTSEC-2025-0012): replacing it touches nothing else.

use backoff::{ExponentialBackoff, ExponentialBackoffBuilder, backoff::Backoff as _};
use chrono::TimeDelta;
use std::time::Duration;

/// The longest wait between connects, in seconds.
pub const RECONNECT_MAX_SECONDS: i64 = 900;

/// Fibonacci steps from 1 s to 900 s, with 10 % jitter: `jitter` is uniform in 0.0 to 1.0. Pure, because the machine
/// decides with it.
#[must_use]
pub fn reconnect_delay(step: u32, jitter: f64) -> TimeDelta {
    let (mut a, mut b) = (1_i64, 2_i64);
    for _ in 0..step.min(32) {
        (a, b) = (b, (a + b).min(RECONNECT_MAX_SECONDS));
    }
    spread(a.min(RECONNECT_MAX_SECONDS), 0.1, jitter)
}

/// `seconds` give or take `share` of it.
#[must_use]
pub fn spread(seconds: i64, share: f64, jitter: f64) -> TimeDelta {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "seconds up to an hour, to the millisecond"
    )]
    let milliseconds = (seconds as f64 * 1_000.0 * (1.0 + share * (2.0 * jitter - 1.0))) as i64;
    TimeDelta::milliseconds(milliseconds)
}

/// Doubling waits with 20 % jitter that start anew when told of success.
#[derive(Debug)]
pub struct Doubling(ExponentialBackoff);

impl Doubling {
    /// From `first` to `longest`.
    #[must_use]
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self(
            ExponentialBackoffBuilder::new()
                .with_initial_interval(first)
                .with_max_interval(longest)
                .with_multiplier(2.0)
                .with_randomization_factor(0.2)
                .with_max_elapsed_time(None)
                .build(),
        )
    }

    /// Restarts of an actor: 1 s to 300 s.
    #[must_use]
    pub fn restarts() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(300))
    }

    /// The next wait.
    pub fn next_wait(&mut self) -> Duration {
        let longest = self.0.max_interval;
        self.0.next_backoff().unwrap_or(longest)
    }

    /// It worked: the next wait is the first one again.
    pub fn succeeded(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconnects_wait_fibonacci_seconds_up_to_fifteen_minutes() {
        let seconds: Vec<i64> = (0..16).map(|step| reconnect_delay(step, 0.5).num_seconds()).collect();
        assert_eq!(seconds, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 900, 900]);
        assert_eq!(reconnect_delay(u32::MAX, 0.5).num_seconds(), 900);
    }

    #[test]
    fn jitter_moves_a_wait_by_a_tenth_at_most() {
        assert_eq!(reconnect_delay(4, 0.0).num_milliseconds(), 7_200);
        assert_eq!(reconnect_delay(4, 1.0).num_milliseconds(), 8_800);
    }

    #[test]
    fn restarts_double_and_start_anew_after_success() {
        let mut waits = Doubling::restarts();
        let first = waits.next_wait();
        for _ in 0..12 {
            waits.next_wait();
        }
        assert!(waits.next_wait() >= Duration::from_secs(240));
        waits.succeeded();
        assert!(first <= Duration::from_millis(1_200) && waits.next_wait() <= Duration::from_millis(1_200));
    }
}
