//! The token of one line: what a program sends to the Channel API.

use super::secret::{SecretHash, mint, well_formed};
use crate::random::Random;

/// Every line token starts so.
pub const PREFIX: &str = "ezw_line_";
/// 30 letters of base 62: 178 random bits.
const LETTERS: usize = 30;

/// A new token, in the only moment it is known.
#[derive(Clone)]
pub struct NewLineToken {
    /// What the owner copies.
    pub plaintext: String,
    /// What the row keeps.
    pub hash: SecretHash,
    /// What the dashboard shows, to tell tokens apart.
    pub preview: String,
}

impl std::fmt::Debug for NewLineToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewLineToken").field("preview", &self.preview).finish_non_exhaustive()
    }
}

impl NewLineToken {
    /// Makes one.
    #[must_use]
    pub fn mint(random: &Random) -> Self {
        let plaintext = mint(PREFIX, LETTERS, random);
        let preview = format!("{PREFIX}…{}", &plaintext[plaintext.len() - 4..]);
        Self { hash: SecretHash::of(&plaintext), preview, plaintext }
    }
}

/// What to look up for `text`; none when no token can read so.
#[must_use]
pub fn hash_of(text: &str) -> Option<SecretHash> {
    well_formed(text, PREFIX, LETTERS).then(|| SecretHash::of(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_token_is_recognized_and_shown_only_by_its_end() {
        let token = NewLineToken::mint(&Random::seeded(1));
        assert!(token.plaintext.starts_with("ezw_line_") && token.plaintext.len() == 9 + 30 + 6);
        assert_eq!(hash_of(&token.plaintext), Some(token.hash));
        assert_eq!(token.preview, format!("ezw_line_…{}", &token.plaintext[41..]));
        assert!(!format!("{token:?}").contains(&token.plaintext));
    }

    #[test]
    fn any_single_typo_is_refused_without_a_look_up() {
        let token = NewLineToken::mint(&Random::seeded(2)).plaintext;
        for at in 0..token.len() {
            let mut typo = token.clone().into_bytes();
            typo[at] = if typo[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(hash_of(std::str::from_utf8(&typo).unwrap()), None, "typo at {at}");
        }
        for bad in ["", "ezw_line_", &token[..44], &format!("{token}0"), &token.to_uppercase(), "ezw_line_é"]
        {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn tokens_do_not_repeat() {
        let random = Random::seeded(3);
        let tokens: HashSet<_> = (0..1_000).map(|_| NewLineToken::mint(&random).plaintext).collect();
        assert_eq!(tokens.len(), 1_000);
    }
}
