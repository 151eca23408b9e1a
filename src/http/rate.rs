//! How often one token or one user may ask, on this node. Answered before any work is done.

use super::error::Problem;
use crate::auth::{UserId, secret::SecretHash};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use std::{
    fmt,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

/// Keys kept at most, give or take what one sweep's worth of requests adds.
const KEYS: usize = 50_000;
/// Requests between two looks at how many keys there are.
const SWEEP_EVERY: u32 = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    User(UserId),
    Token(SecretHash),
}

/// Counts requests.
pub struct RateLimits {
    limiter: DefaultKeyedRateLimiter<Key>,
    clock: DefaultClock,
    requests: AtomicU32,
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits").field("keys", &self.limiter.len()).finish_non_exhaustive()
    }
}

impl RateLimits {
    /// `per_second` requests in the long run, `burst` at once. Zero means one: a limit of none would be a service off.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst));
        Self {
            limiter: RateLimiter::dashmap(quota),
            clock: DefaultClock::default(),
            requests: AtomicU32::new(0),
        }
    }

    /// Counts a request of a user.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn user(&self, user: UserId) -> Result<(), Problem> {
        self.check(Key::User(user))
    }

    /// Counts a request with a line token, known or not.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn token(&self, token: SecretHash) -> Result<(), Problem> {
        self.check(Key::Token(token))
    }

    fn check(&self, key: Key) -> Result<(), Problem> {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY)
            && self.limiter.len() > KEYS
        {
            // A key is worth keeping only until its burst has filled up again: four seconds with the defaults.
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&key).map_err(|refusal| {
            let wait = refusal.wait_time_from(self.clock.now());
            Problem::RateLimited {
                retry_after_seconds: wait.as_millis().div_ceil(1_000).try_into().unwrap_or(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn each_caller_has_a_burst_of_their_own() {
        let limits = RateLimits::new(1, 3);
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        for _ in 0..3 {
            assert!(limits.user(one).is_ok());
        }
        assert!(matches!(limits.user(one), Err(Problem::RateLimited { retry_after_seconds: 1 })));
        assert!(limits.user(other).is_ok());
        assert!(limits.token(SecretHash([0; 32])).is_ok());
    }
}
