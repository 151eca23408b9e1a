//! Images of messages, as handlers reach them.

use crate::media::{Links, Media};
use actix_web::HttpRequest;
use url::Url;

/// Where they are kept, and how they are shown.
#[derive(Clone, Debug)]
pub struct Images {
    /// The bytes.
    pub store: Media,
    /// Signs and checks addresses.
    pub links: Links,
    /// What addresses begin with; else `http` and the host that the caller asked.
    pub public_url: Option<Url>,
}

impl Images {
    /// What an address for this caller begins with.
    #[must_use]
    pub fn base_for(&self, request: &HttpRequest) -> String {
        if let Some(url) = &self.public_url {
            return url.as_str().trim_end_matches('/').to_owned();
        }
        // Nothing of what proxies add: any caller could add it too.
        let host = request.headers().get("host").and_then(|host| host.to_str().ok());
        let host = host.filter(|host| !host.is_empty() && host.bytes().all(is_of_host));
        format!("http://{}", host.unwrap_or_else(|| request.app_config().host()))
    }
}

/// Of a name, a number or a port: an address made of anything else is a trap for who shows it.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte)
}
