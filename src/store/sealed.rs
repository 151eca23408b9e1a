//! Account credentials at rest: AES-256-GCM under a key that is not in the database. The line's id is bound in, so
//! that a row copied to another line does not open.

use super::StoreError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ezw_actors::{id::LineId, port::Credentials};
use std::fmt;

/// The key's length, in bytes.
pub const KEY_BYTES: usize = 32;

/// Seals and opens credentials.
pub struct Sealer(LessSafeKey);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(hidden)")
    }
}

impl Sealer {
    /// With this key.
    ///
    /// # Errors
    /// When the library refuses the key.
    pub fn new(key: &[u8; KEY_BYTES]) -> Result<Self, StoreError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| broken("the credentials key is refused"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals `credentials` for `line`.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn seal(&self, line: LineId, credentials: &Credentials) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0_u8; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| broken("no randomness"))?;
        let mut sealed = credentials.0.clone();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(line.0.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| broken("credentials could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `line`.
    ///
    /// # Errors
    /// When it was sealed with another key or for another line, or was changed.
    pub fn open(&self, line: LineId, sealed: &[u8]) -> Result<Credentials, StoreError> {
        let unreadable = || broken("stored credentials cannot be opened: another credentials key?");
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut rest = rest.to_vec();
        let opened =
            self.0.open_in_place(nonce, Aad::from(line.0.as_bytes()), &mut rest).map_err(|_| unreadable())?;
        Ok(Credentials(opened.to_vec()))
    }
}

fn broken(why: &str) -> StoreError {
    StoreError::Broken(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_sealed_opens_for_its_line_and_key_alone() {
        let sealer = Sealer::new(&[7; KEY_BYTES]).unwrap();
        let (line, other) = (LineId(Uuid::now_v7()), LineId(Uuid::now_v7()));
        let secret = Credentials(b"account".to_vec());
        let mut sealed = sealer.seal(line, &secret).unwrap();
        assert!(!sealed.windows(7).any(|bytes| bytes == b"account"));
        assert_eq!(sealer.open(line, &sealed).unwrap(), secret);
        assert!(sealer.open(other, &sealed).is_err(), "another line");
        assert!(Sealer::new(&[8; KEY_BYTES]).unwrap().open(line, &sealed).is_err(), "another key");
        assert!(sealer.open(line, &sealed[..5]).is_err(), "cut off");
        sealed[NONCE_LEN] ^= 1;
        assert!(sealer.open(line, &sealed).is_err(), "changed");
    }
}
