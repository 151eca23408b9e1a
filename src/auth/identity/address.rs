//! What an address and a password must look like.

use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use thiserror::Error;

/// An e-mail address in the one form that is kept: ASCII, lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address; none when no mail could reach it. Only ASCII: `lower()` of Postgres and of Rust differ
    /// beyond it, and two spellings of one address would be two people.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let local_good =
            (1..=64).contains(&local.len()) && !local.contains(['@', '<', '>', '"', ',', ';', '\\']);
        let labels_good = domain.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        let good = visible && local_good && labels_good && (3..=254).contains(&text.len());
        good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress")
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WeakPassword {
    /// Fewer than 8 characters.
    #[error("give at least 8 characters")]
    Short,
    /// More than 512 bytes: hashing longer ones would be work without worth.
    #[error("give at most 512 bytes")]
    Long,
    /// The address, or one character again and again.
    #[error("give one that is harder to guess")]
    Guessable,
}

/// Checks a new password. Length is what counts; rules of composition only make people write passwords down.
///
/// # Errors
/// Why it is not taken.
pub fn acceptable_password(
    password: &SecretString,
    email: Option<&EmailAddress>,
) -> Result<(), WeakPassword> {
    let text = password.expose_secret();
    let first = text.chars().next();
    if text.chars().count() < 8 {
        Err(WeakPassword::Short)
    } else if text.len() > 512 {
        Err(WeakPassword::Long)
    } else if text.chars().all(|letter| Some(letter) == first)
        || email.is_some_and(|email| text.eq_ignore_ascii_case(email.as_str()))
    {
        Err(WeakPassword::Guessable)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(EmailAddress::parse(" Ann.B+x@Example.COM ").unwrap().as_str(), "ann.b+x@example.com");
        assert!(EmailAddress::parse("owner@localhost").is_some());
    }

    #[test]
    fn what_no_mail_could_reach_is_no_address() {
        let long = format!("{}@b.c", "a".repeat(65));
        for bad in [
            "", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b..c", "a@.b", "ä@b.c", "a@b_c", "<a>@b.c",
            "a\n@b.c", &long,
        ] {
            assert_eq!(EmailAddress::parse(bad).map(|email| email.0), None, "{bad}");
        }
    }

    #[test]
    fn a_password_is_long_and_not_the_address() {
        let email = EmailAddress::parse("owner@example.com").unwrap();
        let verdict = |text: &str| acceptable_password(&text.into(), Some(&email));
        assert_eq!(verdict("1234567"), Err(WeakPassword::Short));
        assert_eq!(verdict(&"ab".repeat(257)), Err(WeakPassword::Long));
        assert_eq!(verdict("Owner@Example.com"), Err(WeakPassword::Guessable));
        assert_eq!(verdict("aaaaaaaaaa"), Err(WeakPassword::Guessable));
        assert_eq!(verdict("pässwörd"), Ok(()));
    }
}
