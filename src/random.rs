//! The one source of chance: seeded from the operating system in service, from a number in tests.

use ezw_actors::machine::Time;
use rand::{
    RngCore as _, SeedableRng as _, TryRngCore as _,
    rngs::{OsRng, StdRng},
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// A cryptographic generator (ChaCha12), shared.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give; nothing secret can be made then.
    pub fn from_system() -> Result<Self, rand::rand_core::OsError> {
        let mut seed = [0; 32];
        OsRng.try_fill_bytes(&mut seed)?;
        Ok(Self(Arc::new(Mutex::new(StdRng::from_seed(seed)))))
    }

    /// The same numbers each time, for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A new UUIDv7 of the time `now`.
    #[must_use]
    pub fn id(&self, now: Time) -> Uuid {
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_seven_and_grow_with_time() {
        let random = Random::seeded(1);
        let early = random.id("2026-01-01T00:00:00Z".parse().unwrap());
        let late = random.id("2026-01-01T00:00:01Z".parse().unwrap());
        assert_eq!(early.get_version_num(), 7);
        assert!(early < late);
    }
}
