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
    Ok(read_key(source, (&KEY, &KEY_FILE), MAKE_A_KEY)?.map(CredentialsKey))
}

/// A key of 32 bytes: in a variable, or in the file that another names.
pub(super) fn read_key(
    source: &Source,
    (key, file): (&Setting, &Setting),
    make_a_key: &str,
) -> Result<Option<[u8; 32]>, ConfigError> {
    let (setting, text) = match (source.secret(key)?, source.text(file)?) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(invalid(key, "", &format!("{} is given as well: give one of them", file.variable)));
        }
        (Some(text), None) => (key, text),
        (None, Some(path)) => (file, read_file(file, &path)?),
    };
    match parse_bytes(&text) {
        Some(key) => Ok(Some(key)),
        None => Err(ConfigError::InvalidSecret {
            setting: setting.to_string(),
            expected: format!("it must be 64 hexadecimal digits; {make_a_key}"),
        }),
    }
}

/// The key as a file or variable holds it.
pub(crate) fn parse(text: &SecretString) -> Option<CredentialsKey> {
    parse_bytes(text).map(CredentialsKey)
}

pub(super) fn parse_bytes(text: &SecretString) -> Option<[u8; 32]> {
    let mut key = [0_u8; 32];
    hex::decode_to_slice(text.expose_secret().trim(), &mut key).ok()?;
    Some(key)
}

fn read_file(setting: &Setting, path: &str) -> Result<SecretString, ConfigError> {
    std::fs::read_to_string(Path::new(path))
        .map(SecretString::from)
        .map_err(|error| invalid(setting, path, &format!("it can't be read: {error}")))
}
