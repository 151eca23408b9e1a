//! Images: the key that signs their addresses, and what callers reach this service by.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use super::credentials::read_key;
use super::setting::{ConfigError, Setting};
use super::source::{Source, invalid};

/// 32 bytes, the same on every node. Without it the deployment keeps no images.
#[derive(Clone)]
pub struct MediaKey(pub [u8; 32]);

impl fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MediaKey(hidden)")
    }
}

#[derive(Debug, Clone)]
pub struct Media {
    pub key: Option<MediaKey>,
    /// What signed addresses begin with; else the host that the caller asked.
    pub public_url: Option<Url>,
}

/// How to make the key; part of every message about an unreadable one.
const MAKE_A_KEY: &str =
    "make one with `openssl rand -hex 32 >media-key` and give its file in EZW_MEDIA_KEY_FILE";

const KEY: Setting = Setting::text(
    "EZW_MEDIA_KEY",
    "media.key",
    "signs addresses of images: 64 hexadecimal digits; without it no images are kept",
);
const KEY_FILE: Setting =
    Setting::text("EZW_MEDIA_KEY_FILE", "media.key_file", "file with the key that signs addresses of images");
const PUBLIC_URL: Setting = Setting::text(
    "EZW_HTTP_PUBLIC_URL",
    "http.public_url",
    "what addresses of images begin with, https://lines.example.com; default: http and the host that the caller asked",
);

pub(super) const SETTINGS: &[Setting] = &[KEY, KEY_FILE, PUBLIC_URL];
pub(super) const SECRETS: &[&str] = &[KEY.variable];

impl Media {
    pub(super) fn read(source: &Source) -> Result<Self, ConfigError> {
        let key = read_key(source, (&KEY, &KEY_FILE), MAKE_A_KEY)?.map(MediaKey);
        Ok(Self { key, public_url: public_url(source)? })
    }
}

/// The key as a file or variable holds it.
pub(crate) fn parse(text: &SecretString) -> Option<MediaKey> {
    super::credentials::parse_bytes(text).map(MediaKey)
}

fn public_url(source: &Source) -> Result<Option<Url>, ConfigError> {
    const WANTED: &str =
        "give an http or https URL without user, password and query, for example https://lines.example.com";
    let Some(text) = source.text(&PUBLIC_URL)? else { return Ok(None) };
    match Url::parse(&text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none() =>
        {
            Ok(Some(url))
        }
        // It may hold a password.
        Ok(_) if text.contains('@') => Err(invalid(&PUBLIC_URL, "(an address with @)", WANTED)),
        _ => Err(invalid(&PUBLIC_URL, &text, WANTED)),
    }
}
