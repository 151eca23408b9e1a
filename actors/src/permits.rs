//! The connect budget of this process: so many connects a second, first come, first served. A fleet that lost its
//! network comes back in order instead of in a storm that gets numbers banned.

use std::{sync::Mutex, time::Duration};
use tokio::time::Instant;

/// Hands out instants, evenly spaced.
#[derive(Debug)]
pub(crate) struct Permits {
    spacing: Duration,
    next: Mutex<Option<Instant>>,
}

impl Permits {
    /// `per_second` connects a second, at least one.
    #[must_use]
    pub(crate) fn new(per_second: u32) -> Self {
        Self { spacing: Duration::from_secs(1) / per_second.max(1), next: Mutex::new(None) }
    }

    /// Waits for its turn. A turn whose line went away meanwhile is lost: at worst the fleet connects slower.
    pub(crate) async fn wait(&self) {
        let turn = self.turn(Instant::now());
        tokio::time::sleep_until(turn).await;
    }

    fn turn(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.spacing);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_evenly_spaced_and_none_is_saved_up() {
        let permits = Permits::new(20);
        let start = Instant::now();
        let turns: Vec<_> = (0..3).map(|_| permits.turn(start) - start).collect();
        assert_eq!(turns, [0, 50, 100].map(Duration::from_millis));
        let later = start + Duration::from_secs(60);
        assert_eq!(permits.turn(later), later);
        assert_eq!(permits.turn(later), later + Duration::from_millis(50));
    }
}
