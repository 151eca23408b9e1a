//! How many wrong passwords an account bears. Unknown addresses are treated alike, from a table in memory, so that
//! being locked does not tell that an account exists.

use chrono::TimeDelta;
use ezw_actors::machine::Time;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Wrong passwords without a consequence.
const FREE: i32 = 5;
/// The first lock; each further wrong password doubles it.
const FIRST_LOCK_SECONDS: i64 = 30;
/// The longest lock. Longer ones would let a stranger keep the owner out.
const LONGEST_LOCK_SECONDS: i64 = 900;
/// Unknown addresses remembered at most.
const STRANGERS: usize = 10_000;

/// Until when an account is locked after its `failures`th wrong password in a row.
#[must_use]
pub(super) fn lock_after(failures: i32, now: Time) -> Option<Time> {
    let over = failures - FREE;
    if over < 0 {
        return None;
    }
    let seconds = FIRST_LOCK_SECONDS.saturating_mul(1_i64 << over.min(20)).min(LONGEST_LOCK_SECONDS);
    Some(now + TimeDelta::seconds(seconds))
}

/// Whole seconds left of a lock; none when it is over.
#[must_use]
pub(super) fn seconds_left(until: Option<Time>, now: Time) -> Option<u64> {
    let left = (until? - now).num_milliseconds();
    u64::try_from(left).ok().filter(|left| *left > 0).map(|left| left.div_ceil(1_000))
}

#[derive(Clone, Copy, Debug)]
struct Stranger {
    failures: i32,
    locked_until: Option<Time>,
    seen: Time,
}

/// Wrong passwords for addresses that nobody has.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<HashMap<[u8; 32], Stranger>>);

impl Strangers {
    /// Until when `address` (its hash) is locked.
    pub(super) fn locked_until(&self, address: &[u8; 32]) -> Option<Time> {
        let strangers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        strangers.get(address).and_then(|stranger| stranger.locked_until)
    }

    /// Counts a wrong password.
    pub(super) fn count_failure(&self, address: [u8; 32], now: Time) {
        let mut strangers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if strangers.len() >= STRANGERS && !strangers.contains_key(&address) {
            let oldest =
                strangers.iter().min_by_key(|(_, stranger)| stranger.seen).map(|(address, _)| *address);
            oldest.map(|oldest| strangers.remove(&oldest));
        }
        let stranger =
            strangers.entry(address).or_insert(Stranger { failures: 0, locked_until: None, seen: now });
        stranger.failures = stranger.failures.saturating_add(1);
        stranger.locked_until = lock_after(stranger.failures, now);
        stranger.seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_fifth_wrong_password_locks_and_each_further_one_doubles_up_to_a_quarter_of_an_hour() {
        let seconds = |failures| lock_after(failures, now()).map(|until| (until - now()).num_seconds());
        assert_eq!((1..=4).filter_map(seconds).count(), 0);
        assert_eq!((5..=11).filter_map(seconds).collect::<Vec<_>>(), [30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(seconds(i32::MAX), Some(900));
    }

    #[test]
    fn a_stranger_is_locked_like_anybody_and_few_are_remembered() {
        let strangers = Strangers::default();
        for _ in 0..5 {
            assert_eq!(seconds_left(strangers.locked_until(&[1; 32]), now()), None);
            strangers.count_failure([1; 32], now());
        }
        assert_eq!(seconds_left(strangers.locked_until(&[1; 32]), now()), Some(30));
        for stranger in 0..STRANGERS + 5 {
            let mut address = [2; 32];
            address[..8].copy_from_slice(&stranger.to_be_bytes());
            strangers.count_failure(address, now() + TimeDelta::seconds(1));
        }
        assert_eq!(strangers.0.lock().unwrap().len(), STRANGERS);
        assert_eq!(strangers.locked_until(&[1; 32]), None);
    }

    #[test]
    fn a_lock_that_ends_now_is_over() {
        assert_eq!(seconds_left(Some(now()), now()), None);
        assert_eq!(seconds_left(Some(now() + TimeDelta::milliseconds(1)), now()), Some(1));
    }
}
