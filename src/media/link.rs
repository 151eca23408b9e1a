//! Addresses that open one image for a short time, to whoever holds them. Signed: nobody makes one up, or makes one
//! last longer. All nodes share the key.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use ezw_actors::{id::OrganizationId, machine::Time};
use std::fmt;
use uuid::Uuid;

/// Said before what is signed: a signature of this key for anything else is none for this.
const PURPOSE: &[u8] = b"ezw attachment 1";
const SIGNED_BYTES: usize = 16 + 16 + 8;
const TAG_BYTES: usize = 32;

/// Signs and checks addresses of images.
#[derive(Clone)]
pub struct Links {
    key: hmac::Key,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(hidden)")
    }
}

/// What a good address opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Of this tenant.
    pub organization: OrganizationId,
    /// This image.
    pub attachment: Uuid,
}

impl Links {
    /// With this key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// The word that opens it until then, in whole milliseconds.
    #[must_use]
    pub fn sign(&self, signed: Signed, until: Time) -> String {
        let mut word = Vec::with_capacity(SIGNED_BYTES + TAG_BYTES);
        word.extend(signed.organization.0.as_bytes());
        word.extend(signed.attachment.as_bytes());
        word.extend(until.timestamp_millis().to_be_bytes());
        let tag = hmac::sign(&self.key, &[PURPOSE, &word].concat());
        word.extend(tag.as_ref());
        BASE64_URL_SAFE_NO_PAD.encode(word)
    }

    /// What `word` opens now; none when it is not ours, was changed, or its time is over.
    #[must_use]
    pub fn check(&self, word: &str, now: Time) -> Option<Signed> {
        let word = BASE64_URL_SAFE_NO_PAD.decode(word).ok()?;
        let (signed, tag) = word.split_at_checked(SIGNED_BYTES)?;
        hmac::verify(&self.key, &[PURPOSE, signed].concat(), tag).ok()?;
        let (organization, rest) = signed.split_at_checked(16)?;
        let (attachment, until) = rest.split_at_checked(16)?;
        let until = DateTime::from_timestamp_millis(i64::from_be_bytes(until.try_into().ok()?))?;
        (now < until).then_some(Signed {
            organization: OrganizationId(Uuid::from_slice(organization).ok()?),
            attachment: Uuid::from_slice(attachment).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IT: Signed =
        Signed { organization: OrganizationId(Uuid::from_u128(1)), attachment: Uuid::from_u128(2) };

    fn at(seconds: i64) -> Time {
        DateTime::from_timestamp_millis(1_800_000_000_500 + seconds * 1_000).unwrap()
    }

    fn just_before(time: Time) -> Time {
        time - chrono::TimeDelta::milliseconds(1)
    }

    #[test]
    fn a_word_opens_its_image_until_its_time_is_over() {
        let links = Links::new(&[7; 32]);
        let word = links.sign(IT, at(60));
        assert_eq!(links.check(&word, at(0)), Some(IT));
        assert_eq!(links.check(&word, just_before(at(60))), Some(IT));
        assert_eq!(links.check(&word, at(60)), None);
        assert_eq!(Links::new(&[8; 32]).check(&word, at(0)), None, "another key");
    }

    proptest! {
        #[test]
        fn a_word_that_was_changed_opens_nothing(position in 0_usize..72, bit in 0_u8..8) {
            let links = Links::new(&[7; 32]);
            let mut word = BASE64_URL_SAFE_NO_PAD.decode(links.sign(IT, at(60))).unwrap();
            word[position] ^= 1 << bit;
            prop_assert_eq!(links.check(&BASE64_URL_SAFE_NO_PAD.encode(word), at(0)), None);
        }

        #[test]
        fn nonsense_opens_nothing(word in ".{0,120}") {
            prop_assert_eq!(Links::new(&[7; 32]).check(&word, at(0)), None);
        }
    }
}
