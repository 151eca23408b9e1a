//! What wrong passwords cost: how long an address is locked. They are counted in the store, alike for addresses that
//! somebody has and that nobody has.

use chrono::TimeDelta;
use ezw_actors::machine::Time;

/// Wrong passwords without a consequence.
const FREE: i32 = 5;
/// The first lock; each further wrong password doubles it.
const FIRST_LOCK_SECONDS: i64 = 30;
/// The longest lock. Longer ones would let a stranger keep the owner out.
const LONGEST_LOCK_SECONDS: i64 = 900;

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
    fn a_lock_that_ends_now_is_over() {
        assert_eq!(seconds_left(Some(now()), now()), None);
        assert_eq!(seconds_left(Some(now() + TimeDelta::milliseconds(1)), now()), Some(1));
    }
}
