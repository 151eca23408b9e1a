//! Passwords and keys of a development environment, made once and kept beside its data.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::config::{CredentialsKey, MediaKey, parse_credentials_key, parse_media_key};

/// 32 hexadecimal digits: safe in a URL and in a configuration file as they are.
pub(super) fn password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(hex::encode(bytes))
}

/// The signing key in `file`, made on the first run: EC P-256, PKCS#8 PEM, as `openssl genpkey` writes it.
pub fn signing_key(file: &Path) -> anyhow::Result<SecretString> {
    if !file.exists() {
        super::place::write_private(file, &new_signing_key()?)?;
    }
    std::fs::read_to_string(file).map(SecretString::from).with_context(|| file.display().to_string())
}

/// The key in `file` that seals line accounts, made on the first run.
pub(super) fn credentials_key(file: &Path) -> anyhow::Result<CredentialsKey> {
    parse_credentials_key(&hex_key(file)?)
        .ok_or_else(|| anyhow!("{} is no credentials key: 64 hexadecimal digits", file.display()))
}

/// The key in `file` that signs addresses of images, made on the first run.
pub(super) fn media_key(file: &Path) -> anyhow::Result<MediaKey> {
    parse_media_key(&hex_key(file)?)
        .ok_or_else(|| anyhow!("{} is no media key: 64 hexadecimal digits", file.display()))
}

/// The words of a key of 32 bytes.
fn hex_key(file: &Path) -> anyhow::Result<SecretString> {
    if !file.exists() {
        super::place::write_private(file, &format!("{}{}", password()?, password()?))?;
    }
    std::fs::read_to_string(file).map(SecretString::from).with_context(|| file.display().to_string())
}

fn new_signing_key() -> anyhow::Result<String> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .map_err(|_| anyhow!("the signing key could not be made"))?;
    let der = pair.to_pkcs8v1().map_err(|_| anyhow!("the signing key could not be written"))?;
    let text = STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line)?);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signing_key_is_one_that_jsonwebtoken_signs_with() {
        let pem = new_signing_key().unwrap();
        let key = jsonwebtoken::EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        let token = jsonwebtoken::encode(&header, &serde_json::json!({"sub": "1"}), &key).unwrap();
        assert_eq!(token.split('.').count(), 3);
    }

    #[test]
    fn passwords_differ_and_need_no_escaping() {
        let (one, two) = (password().unwrap(), password().unwrap());
        assert_ne!(one, two);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
