//! Who signs ID tokens, for whom, and for how long.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::setting::{ConfigError, Setting};
use super::source::{Source, invalid};

#[derive(Debug, Clone)]
pub struct Identity {
    pub issuer: String,
    pub audience: String,
    /// EC P-256 private key, PKCS#8 PEM. Every node has the same one.
    pub signing_key_pem: Option<SecretString>,
    /// Tokens signed with it are still accepted: set it while a key is exchanged.
    pub previous_signing_key_pem: Option<SecretString>,
    pub id_token_seconds: u32,
    pub refresh_token_days: u32,
}

/// How to make the key; part of every message about a missing or unreadable one.
pub const MAKE_A_KEY: &str = "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing-key.pem` and give its file in EZW_SIGNING_KEY_FILE";

const ISSUER: Setting = Setting::text("EZW_IDENTITY_ISSUER", "identity.issuer", "`iss` of the ID tokens");
const AUDIENCE: Setting =
    Setting::text("EZW_IDENTITY_AUDIENCE", "identity.audience", "`aud` of the ID tokens");
pub(super) const SIGNING_KEY: Setting =
    Setting::text("EZW_SIGNING_KEY", "identity.signing_key", "EC P-256 private key, PKCS#8 PEM");
const SIGNING_KEY_FILE: Setting = Setting::text(
    "EZW_SIGNING_KEY_FILE",
    "identity.signing_key_file",
    "file with the EC P-256 private key, PKCS#8 PEM",
);
const PREVIOUS_KEY: Setting = Setting::text(
    "EZW_PREVIOUS_SIGNING_KEY",
    "identity.previous_signing_key",
    "the key before, accepted during a rotation",
);
const PREVIOUS_KEY_FILE: Setting = Setting::text(
    "EZW_PREVIOUS_SIGNING_KEY_FILE",
    "identity.previous_signing_key_file",
    "file with the key before",
);
const ID_TOKEN: Setting = Setting::number(
    "EZW_IDENTITY_ID_TOKEN_SECONDS",
    "identity.id_token_seconds",
    (3_600, 60, 86_400),
    "seconds",
    "life of an ID token",
);
const REFRESH_TOKEN: Setting = Setting::number(
    "EZW_IDENTITY_REFRESH_TOKEN_DAYS",
    "identity.refresh_token_days",
    (30, 1, 365),
    "days",
    "life of a refresh token",
);

pub(super) const SETTINGS: &[Setting] = &[
    ISSUER,
    AUDIENCE,
    SIGNING_KEY,
    SIGNING_KEY_FILE,
    PREVIOUS_KEY,
    PREVIOUS_KEY_FILE,
    ID_TOKEN,
    REFRESH_TOKEN,
];

pub(super) const SECRETS: &[&str] = &[SIGNING_KEY.variable, PREVIOUS_KEY.variable];

impl Identity {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: source.text(&ISSUER)?.unwrap_or_else(|| "https://ezw.local".into()),
            audience: source.text(&AUDIENCE)?.unwrap_or_else(|| "ezw-workspace".into()),
            signing_key_pem: key(source, &SIGNING_KEY, &SIGNING_KEY_FILE)?,
            previous_signing_key_pem: key(source, &PREVIOUS_KEY, &PREVIOUS_KEY_FILE)?,
            id_token_seconds: source.number(&ID_TOKEN)?,
            refresh_token_days: source.number(&REFRESH_TOKEN)?,
        })
    }
}

fn key(source: &Source, inline: &Setting, file: &Setting) -> Result<Option<SecretString>, ConfigError> {
    let (given, path) = (source.secret(inline)?, source.text(file)?);
    let (setting, pem) = match (given, path) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(invalid(
                inline,
                "",
                &format!("{} is given as well: give one of them", file.variable),
            ));
        }
        (Some(pem), None) => (inline, pem),
        (None, Some(path)) => (file, read_key(file, Path::new(&path))?),
    };
    if pem.expose_secret().contains("-----BEGIN PRIVATE KEY-----") {
        return Ok(Some(pem));
    }
    Err(ConfigError::InvalidSecret {
        setting: setting.to_string(),
        expected: format!("it must be a PKCS#8 PEM (`BEGIN PRIVATE KEY`); {MAKE_A_KEY}"),
    })
}

fn read_key(setting: &Setting, path: &Path) -> Result<SecretString, ConfigError> {
    std::fs::read_to_string(path)
        .map(SecretString::from)
        .map_err(|error| invalid(setting, &path.display().to_string(), &format!("it can't be read: {error}")))
}
