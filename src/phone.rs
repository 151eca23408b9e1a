//! Numbers of people.

/// Whether this is a number as this service writes it: `+` and 8 to 15 digits.
#[must_use]
pub fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
