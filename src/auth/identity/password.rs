//! Argon2id, as slow for a guess at nobody as for a guess at somebody, and never more of it at once than the machine
//! can carry: a storm of sign-ins waits in a bounded queue and is then refused, while everything else goes on.

use crate::random::Random;
use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _, password_hash::SaltString};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Checks computed at once; each takes 19 MiB and a core for some tens of milliseconds.
const CHECKS_AT_ONCE: usize = 2;
/// Checks that wait at most.
const CHECKS_WAITING: usize = 128;
/// Passwords to keep are hashed one at a time and in a queue of their own: anybody may sign up, and a storm of it must
/// not keep members from signing in.
const HASHES_AT_ONCE: usize = 1;
/// Hashes that wait at most.
const HASHES_WAITING: usize = 16;

/// The queue of hashes is full.
#[derive(Clone, Copy, Debug, Error)]
#[error("too many passwords are being checked")]
pub struct PasswordsBusy;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    checks: Queue,
    hashes: Queue,
    random: Random,
    /// Of a password nobody knows, to check guesses at unknown accounts against.
    nobody: Arc<str>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

/// Work that waits for its turn, up to a bound.
#[derive(Clone)]
struct Queue {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    longest: usize,
}

/// A place in a queue.
pub struct Turn {
    permits: Arc<Semaphore>,
    waiting: Waiting,
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    /// Computes one hash, of a password nobody knows.
    ///
    /// # Errors
    /// When Argon2 refuses its own defaults: a defect of the build.
    pub fn new(random: Random) -> Result<Self, argon2::password_hash::Error> {
        let nobody = hash(&hex::encode(random.bytes::<32>()), &random)?.into();
        let checks = Queue::new(CHECKS_AT_ONCE, CHECKS_WAITING);
        let hashes = Queue::new(HASHES_AT_ONCE, HASHES_WAITING);
        Ok(Self { checks, hashes, random, nobody })
    }

    /// The hash to keep of `password`.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordsBusy> {
        let random = self.random.clone();
        let turn = self.hashes.join()?;
        turn.compute(move || hash(password.expose_secret(), &random).map_err(|_| PasswordsBusy)).await?
    }

    /// A place among the checks, for who must know that there is one before anything else happens.
    ///
    /// # Errors
    /// When too many wait.
    pub fn turn(&self) -> Result<Turn, PasswordsBusy> {
        self.checks.join()
    }

    /// Whether `password` is the one behind `kept`; without one the same work is done, and the answer is no.
    ///
    /// # Errors
    /// When the process is about to end.
    pub async fn check(
        &self,
        turn: Turn,
        password: SecretString,
        kept: Option<String>,
    ) -> Result<bool, PasswordsBusy> {
        let nobody = self.nobody.clone();
        turn.compute(move || {
            let known = kept.is_some();
            let kept = kept.as_deref().unwrap_or(&nobody);
            let right = PasswordHash::new(kept).is_ok_and(|kept| {
                Argon2::default().verify_password(password.expose_secret().as_bytes(), &kept).is_ok()
            });
            known && right
        })
        .await
    }
}

impl Queue {
    fn new(at_once: usize, longest: usize) -> Self {
        let permits = Arc::new(Semaphore::new(at_once));
        Self { permits, waiting: Arc::new(AtomicUsize::new(0)), longest }
    }

    fn join(&self) -> Result<Turn, PasswordsBusy> {
        let waiting = Waiting(self.waiting.clone());
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.longest {
            return Err(PasswordsBusy);
        }
        Ok(Turn { permits: self.permits.clone(), waiting })
    }
}

impl Turn {
    async fn compute<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordsBusy> {
        let Self { permits, waiting } = self;
        let permit = permits.acquire_owned().await.map_err(|_| PasswordsBusy)?;
        let computed = tokio::task::spawn_blocking(move || {
            // Held to the end of the work: a caller who left does not make room for another hash.
            let _held = (permit, waiting);
            work()
        });
        computed.await.map_err(|_| PasswordsBusy)
    }
}

fn hash(password: &str, random: &Random) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(&random.bytes::<16>())?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn passwords() -> Passwords {
        Passwords::new(Random::seeded(1)).unwrap()
    }

    async fn check(
        passwords: &Passwords,
        password: &str,
        kept: Option<String>,
    ) -> Result<bool, PasswordsBusy> {
        passwords.check(passwords.turn()?, password.into(), kept).await
    }

    #[tokio::test]
    async fn only_the_right_password_fits_and_hashes_are_salted() {
        let passwords = passwords();
        let kept = passwords.hash("correct horse".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert_ne!(kept, passwords.hash("correct horse".into()).await.unwrap());
        assert!(check(&passwords, "correct horse", Some(kept.clone())).await.unwrap());
        assert!(!check(&passwords, "correct house", Some(kept)).await.unwrap());
        assert!(!check(&passwords, "x", Some("not a hash".into())).await.unwrap());
    }

    #[tokio::test]
    async fn a_guess_at_nobody_does_the_work_of_a_guess_at_somebody() {
        let passwords = passwords();
        let kept = passwords.hash("correct horse".into()).await.unwrap();
        let mut fastest = [Duration::MAX; 2];
        let alike = |fastest: &[Duration; 2]| {
            (0.5..2.0).contains(&(fastest[0].as_secs_f64() / fastest[1].as_secs_f64()))
        };
        // The fastest of several is the work itself; on a busy machine it takes a while to see it.
        for round in 0..100 {
            if round >= 5 && alike(&fastest) {
                break;
            }
            for (slot, kept) in fastest.iter_mut().zip([Some(kept.clone()), None]) {
                let start = Instant::now();
                assert!(!check(&passwords, "wrong", kept).await.unwrap());
                *slot = (*slot).min(start.elapsed());
            }
        }
        assert!(alike(&fastest), "somebody {:?}, nobody {:?}", fastest[0], fastest[1]);
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_empties_when_callers_leave() {
        let passwords = passwords();
        let held = passwords.checks.permits.clone().acquire_many_owned(2).await.unwrap();
        let mut waiting: Vec<_> =
            (0..CHECKS_WAITING).map(|_| Box::pin(check(&passwords, "x", None))).collect();
        for check in &mut waiting {
            assert!(futures_util::poll!(check.as_mut()).is_pending());
        }
        assert!(check(&passwords, "x", None).await.is_err());
        // Signing up has a queue of its own, and the other way round.
        assert!(passwords.hash("x".into()).await.is_ok());
        drop(waiting);
        drop(held);
        assert!(check(&passwords, "x", None).await.is_ok());
    }
}
