//! Secrets that callers carry: a prefix that says what they are, random letters, and a checksum, so that a typo or a
//! cut is refused without a look-up. Only their SHA-256 is kept: they have more random bits than a slow hash could add.

use crate::random::Random;
use sha2::{Digest as _, Sha256};

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK_LETTERS: usize = 6;

/// The SHA-256 of a secret, as rows keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// As a column takes it.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// A new secret: `prefix`, `letters` random letters of base 62, six of checksum.
#[must_use]
pub fn mint(prefix: &str, letters: usize, random: &Random) -> String {
    let mut text = prefix.to_owned();
    while text.len() < prefix.len() + letters {
        let missing = prefix.len() + letters - text.len();
        // 248 is the largest multiple of 62 in a byte: dropping what is above keeps every letter equally likely.
        let fair = random.bytes::<32>().into_iter().filter(|byte| *byte < 248).take(missing);
        text.extend(fair.map(|byte| char::from(LETTERS[usize::from(byte) % 62])));
    }
    text.push_str(&checksum(&text));
    text
}

/// Whether `text` is one that [`mint`] could have made.
#[must_use]
pub fn well_formed(text: &str, prefix: &str, letters: usize) -> bool {
    if text.len() != prefix.len() + letters + CHECK_LETTERS || !text.is_ascii() || !text.starts_with(prefix) {
        return false;
    }
    let (body, check) = text.split_at(prefix.len() + letters);
    body[prefix.len()..].bytes().all(|byte| byte.is_ascii_alphanumeric()) && checksum(body) == check
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    digest.iter().take(CHECK_LETTERS).map(|byte| char::from(LETTERS[usize::from(*byte) % 62])).collect()
}
