//! How long to wait before trying again. The `backoff` crate stands behind this one file (it is unmaintained,
//! RUSTSEC-2025-0012): replacing it touches nothing else.

use backoff::{ExponentialBackoff, ExponentialBackoffBuilder, backoff::Backoff as _};
use chrono::TimeDelta;
use std::time::Duration;

/// Fibonacci steps of `first` up to `longest`, with 10 % jitter: `jitter` is uniform in 0.0 to 1.0. Pure, because the
/// machine decides with it.
#[must_use]
pub fn reconnect_delay(first: TimeDelta, longest: TimeDelta, step: u32, jitter: f64) -> TimeDelta {
    let (mut a, mut b) = (1_i32, 2_i32);
    for _ in 0..step.min(32) {
        (a, b) = (b, a.saturating_add(b));
    }
    spread(first.checked_mul(a).unwrap_or(longest).min(longest), 0.1, jitter)
}

/// Twice as long after each death, from `first` to `longest`, with 20 % jitter.
#[must_use]
pub fn restart_delay(first: TimeDelta, longest: TimeDelta, deaths: u32, jitter: f64) -> TimeDelta {
    let times = 1_i32 << deaths.min(16);
    spread(first.checked_mul(times).unwrap_or(longest).min(longest), 0.2, jitter)
}

/// `pause` give or take `share` of it.
#[must_use]
pub fn spread(pause: TimeDelta, share: f64, jitter: f64) -> TimeDelta {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "pauses of a day at most, to the millisecond"
    )]
    let milliseconds = (pause.num_milliseconds() as f64 * (1.0 + share * (2.0 * jitter - 1.0))) as i64;
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

/// Pauses of somebody who waits for the store to be well again. They grow: whole fleets wait for the same store, and
/// each try is a line in the log.
#[must_use]
pub(crate) fn store_pause() -> Doubling {
    Doubling::new(Duration::from_millis(300), Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: TimeDelta = TimeDelta::seconds(1);
    const LONGEST: TimeDelta = TimeDelta::seconds(900);

    #[test]
    fn reconnects_wait_fibonacci_seconds_up_to_fifteen_minutes() {
        let delay = |step| reconnect_delay(FIRST, LONGEST, step, 0.5).num_seconds();
        let seconds: Vec<i64> = (0..16).map(delay).collect();
        assert_eq!(seconds, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 900, 900]);
        assert_eq!(delay(u32::MAX), 900);
    }

    #[test]
    fn jitter_moves_a_wait_by_a_tenth_at_most() {
        assert_eq!(reconnect_delay(FIRST, LONGEST, 4, 0.0).num_milliseconds(), 7_200);
        assert_eq!(reconnect_delay(FIRST, LONGEST, 4, 1.0).num_milliseconds(), 8_800);
    }

    #[test]
    fn restarts_wait_twice_as_long_after_each_death_up_to_five_minutes() {
        let delay = |deaths| restart_delay(FIRST, TimeDelta::seconds(300), deaths, 0.5).num_seconds();
        assert_eq!((0..10).map(delay).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(delay(u32::MAX), 300);
    }

    #[test]
    fn waits_double_and_start_anew_after_success() {
        let mut waits = Doubling::new(Duration::from_secs(1), Duration::from_secs(300));
        let first = waits.next_wait();
        for _ in 0..12 {
            waits.next_wait();
        }
        assert!(waits.next_wait() >= Duration::from_secs(240));
        waits.succeeded();
        assert!(first <= Duration::from_millis(1_200) && waits.next_wait() <= Duration::from_millis(1_200));
    }
}
