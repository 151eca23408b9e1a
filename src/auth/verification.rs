//! Proof that an e-mail address is its person's: a code that the address receives.

use super::{identity::EmailAddress, secret::SecretHash};
use crate::{
    mail::Letter,
    random::Random,
    store::sessions::{NewCode, Purpose},
};
use chrono::TimeDelta;
use ezw_actors::machine::Time;
use uuid::Uuid;

/// How long a code holds.
const LIFE_MINUTES: i64 = 60;
/// Wrong tries at a code before it is worthless.
pub const MOST_ATTEMPTS: i32 = 5;
/// A person gets a letter at most this often.
pub const RESEND_PAUSE_SECONDS: i64 = 60;
/// Letters and digits that people do not mix up: 10 of these are 50 bits.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 10;

/// A code for `user`, and the letter that brings it.
#[must_use]
pub fn new_code(user: Uuid, email: &EmailAddress, now: Time, random: &Random) -> (NewCode, Letter) {
    let plaintext: String = random
        .bytes::<LENGTH>()
        .into_iter()
        .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
        .collect();
    let code = NewCode {
        id: random.id(now),
        user_id: user,
        purpose: Purpose::VerifyEmail,
        hash: hash_of(&plaintext).0,
        now,
        expires_at: now + TimeDelta::minutes(LIFE_MINUTES),
    };
    let (first, second) = plaintext.split_at(LENGTH / 2);
    let letter = Letter {
        to: email.as_str().to_owned(),
        subject: "Verify your e-mail address",
        text: format!("Your verification code is {first}-{second}\nIt holds for {LIFE_MINUTES} minutes."),
    };
    (code, letter)
}

/// The hash of a code as somebody typed it: case, hyphens and spaces do not matter, nor do the letters that look like
/// digits.
#[must_use]
pub fn hash_of(typed: &str) -> SecretHash {
    let plain: String = typed
        .chars()
        .filter(|letter| !matches!(letter, '-' | ' '))
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    SecretHash::of(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_brings_the_code_in_a_form_that_fits_however_it_is_typed() {
        let email = EmailAddress::parse("a@b.c").unwrap();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let (code, letter) = new_code(Uuid::from_u128(1), &email, now, &Random::seeded(1));
        let typed = letter.text.split_whitespace().find(|word| word.contains('-')).unwrap().to_owned();
        assert_eq!(typed.len(), 11);
        for typed in [typed.clone(), typed.to_lowercase(), typed.replace('-', ""), format!(" {typed} ")] {
            assert_eq!(hash_of(&typed).0, code.hash, "{typed}");
        }
        assert_ne!(hash_of("").0, code.hash);
        assert_eq!(hash_of("oIl-0"), hash_of("0110"));
    }
}
