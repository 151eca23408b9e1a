//! The key that seals the accounts of lines at rest. It is not in the database, so a copy of that opens no account.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::setting::{ConfigError, Setting};
use super::source::{Source, invalid};

/// 32 bytes, the same on every node.
#[derive(Clone)]
pub struct CredentialsKey(pub [u8; 32]);

impl fmt::Debug for CredentialsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsKey(hidden)")
    }
}

/// How to make the key; part of every message about a missing or unreadable one.
pub(super) const MAKE_A_KEY: &str =
    "make one with `openssl rand -hex 32 >credentials-key` and give its file in EZW_CREDENTIALS_KEY_FILE";

pub(super) const KEY: Setting =
    Setting::text("EZW_CREDENTIALS_KEY", "credentials.key", "seals line accounts: 64 hexadecimal digits");
const KEY_FILE: Setting = Setting::text(
    "EZW_CREDENTIALS_KEY_FILE",
    "credentials.key_file",
    "file with the key that seals line accounts",
);

pub(super) const SETTINGS: &[Setting] = &[KEY, KEY_FILE];
pub(super) const SECRETS: &[&str] = &[KEY.variable];

pub(super) fn read(source: &Source) -> Result<Option<CredentialsKey>, ConfigError> {
    let (setting, text) = match (source.secret(&KEY)?, source.text(&KEY_FILE)?) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(invalid(
                &KEY,
                "",
                &format!("{} is given as well: give one of them", KEY_FILE.variable),
            ));
        }
        (Some(text), None) => (KEY, text),
        (None, Some(path)) => (KEY_FILE, read_file(&path)?),
    };
    match parse(&text) {
        Some(key) => Ok(Some(key)),
        None => Err(ConfigError::InvalidSecret {
            setting: setting.to_string(),
            expected: format!("it must be 64 hexadecimal digits; {MAKE_A_KEY}"),
        }),
    }
}

/// The key as a file or variable holds it.
pub(crate) fn parse(text: &SecretString) -> Option<CredentialsKey> {
    let mut key = [0_u8; 32];
    hex::decode_to_slice(text.expose_secret().trim(), &mut key).ok()?;
    Some(CredentialsKey(key))
}

fn read_file(path: &str) -> Result<SecretString, ConfigError> {
    std::fs::read_to_string(Path::new(path))
        .map(SecretString::from)
        .map_err(|error| invalid(&KEY_FILE, path, &format!("it can't be read: {error}")))
}
