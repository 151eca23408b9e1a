//! Pairing images. Whoever has the code's text can take the account, so the text is neither stored nor logged: only
//! its image is kept, in Redis, for as long as the code lives. A pairing code is typed by a person and a passkey challenge
//! answered by one, so these are kept as they are.

use super::redis::{Redis, RedisError};
use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ezw_actors::{
    clock::Clock,
    machine::Time,
    port::{Feed, Showing, ShownCode, ShownPasskey, ShownQr},
};
use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use qrcode::{EcLevel, QrCode, types::Color};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;
use thiserror::Error;

/// What a client shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrImage {
    /// A PNG as a data URL.
    pub image_data_url: String,
    /// 1 for the first code of an attempt.
    pub wave: u8,
    /// How many codes an attempt has.
    pub waves: u8,
    /// When this one ends.
    pub expires_at: Time,
}

impl std::fmt::Debug for QrImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrImage")
            .field("wave", &self.wave)
            .field("waves", &self.waves)
            .finish_non_exhaustive()
    }
}

/// Why an image is not there.
#[derive(Debug, Error)]
pub enum QrError {
    /// Redis is away.
    #[error(transparent)]
    Store(#[from] RedisError),
    /// The code cannot be drawn. The code itself is not part of this.
    #[error("the pairing code cannot be drawn: {0}")]
    Draw(String),
}

/// A code to type on the phone, as clients read it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptCode {
    code: String,
    expires_at: Time,
}

fn qr_key(whose: Showing) -> String {
    format!("ezw:qr:{}:{}:{}", whose.line, whose.epoch.0, whose.generation.0)
}

/// A passkey challenge, as clients read it. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyChallenge {
    /// What to answer.
    pub challenge: String,
    /// When it stops working.
    pub expires_at: Time,
}

impl std::fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyChallenge").finish_non_exhaustive()
    }
}

fn passkey_key(whose: Showing) -> String {
    format!("ezw:passkey:{}:{}:{}", whose.line, whose.epoch.0, whose.generation.0)
}

fn code_key(whose: Showing) -> String {
    format!("ezw:code:{}:{}:{}", whose.line, whose.epoch.0, whose.generation.0)
}

/// Keeps pairing images in Redis.
#[derive(Clone, Debug)]
pub struct QrStore {
    redis: Redis,
    clock: Arc<dyn Clock>,
}

impl QrStore {
    /// A store in `redis`.
    #[must_use]
    pub fn new(redis: Redis, clock: Arc<dyn Clock>) -> Self {
        Self { redis, clock }
    }

    /// Draws and keeps a code's image until the code ends; the one before is replaced. A code that has ended is not
    /// kept.
    ///
    /// # Errors
    /// When the code cannot be drawn or Redis does not answer.
    pub async fn put(&self, whose: Showing, code: &ShownQr) -> Result<(), QrError> {
        let image = QrImage {
            image_data_url: data_url(&png(&code.payload)?),
            wave: code.wave,
            waves: code.waves,
            expires_at: code.expires_at,
        };
        self.keep(qr_key(whose), &image, code.expires_at).await
    }

    /// The image a phone can scan now.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn get(&self, whose: Showing) -> Result<Option<QrImage>, QrError> {
        let image = self.read::<QrImage>(qr_key(whose)).await?;
        Ok(image.filter(|image| image.expires_at > self.clock.now()))
    }

    /// The pairing code that can be typed now.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn pairing_code(&self, whose: Showing) -> Result<Option<String>, QrError> {
        let kept = self.read::<KeptCode>(code_key(whose)).await?;
        Ok(kept.filter(|kept| kept.expires_at > self.clock.now()).map(|kept| kept.code))
    }

    /// The passkey challenge that can be answered now.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn passkey(&self, whose: Showing) -> Result<Option<PasskeyChallenge>, QrError> {
        let kept = self.read::<PasskeyChallenge>(passkey_key(whose)).await?;
        Ok(kept.filter(|kept| kept.expires_at > self.clock.now()))
    }

    /// Keeps a challenge until it ends, and takes the codes before it away.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn put_passkey(&self, whose: Showing, passkey: ShownPasskey) -> Result<(), QrError> {
        let kept = PasskeyChallenge { challenge: passkey.challenge, expires_at: passkey.expires_at };
        self.keep(passkey_key(whose), &kept, kept.expires_at).await?;
        self.forget(&[qr_key(whose), code_key(whose)]).await
    }

    /// The attempt is over: what it showed goes before its time.
    ///
    /// # Errors
    /// When Redis does not answer; what was shown then ends by itself with its code.
    pub async fn clear(&self, whose: Showing) -> Result<(), QrError> {
        self.forget(&[qr_key(whose), code_key(whose), passkey_key(whose)]).await
    }

    async fn forget(&self, keys: &[String]) -> Result<(), QrError> {
        let mut command = redis::cmd("DEL");
        command.arg(keys);
        self.redis.run::<i64>(command).await?;
        Ok(())
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), QrError> {
        Ok(self.redis.ping().await?)
    }

    async fn keep<T: Serialize>(&self, key: String, value: &T, until: Time) -> Result<(), QrError> {
        let life = (until - self.clock.now()).num_milliseconds();
        if life <= 0 {
            return Ok(());
        }
        let value = serde_json::to_string(value).map_err(|error| QrError::Draw(error.to_string()))?;
        let mut command = redis::cmd("PSETEX");
        command.arg(key).arg(life).arg(value);
        Ok(self.redis.run::<()>(command).await?)
    }

    async fn read<T: DeserializeOwned>(&self, key: String) -> Result<Option<T>, QrError> {
        let mut command = redis::cmd("GET");
        command.arg(key);
        let value = self.redis.run::<Option<String>>(command).await?;
        Ok(value.and_then(|value| serde_json::from_str(&value).ok()))
    }
}

/// The actors' port. What Redis refuses is logged and not shown: the pairing goes on, and ends by itself.
#[async_trait]
impl Feed for QrStore {
    async fn show_qr(&self, whose: Showing, code: ShownQr) {
        if let Err(error) = self.put(whose, &code).await {
            tracing::warn!(line = %whose.line, wave = code.wave, %error, "a pairing image is not shown");
        }
    }

    async fn show_pairing_code(&self, whose: Showing, code: ShownCode) {
        let kept = KeptCode { code: code.code, expires_at: code.expires_at };
        if let Err(error) = self.keep(code_key(whose), &kept, kept.expires_at).await {
            tracing::warn!(line = %whose.line, %error, "a pairing code is not shown");
        }
    }

    async fn show_passkey(&self, whose: Showing, passkey: ShownPasskey) {
        if let Err(error) = self.put_passkey(whose, passkey).await {
            tracing::warn!(line = %whose.line, %error, "a passkey challenge is not shown");
        }
    }

    async fn hide(&self, whose: Showing) {
        if let Err(error) = self.clear(whose).await {
            tracing::warn!(line = %whose.line, %error, "what a pairing showed stays until it ends by itself");
        }
    }
}

/// Pixels of one module, and modules of the quiet zone that scanners need around the code.
const SCALE: usize = 5;
const QUIET: usize = 4;

fn png(payload: &str) -> Result<Vec<u8>, QrError> {
    let draw = |error: &dyn std::fmt::Display| QrError::Draw(error.to_string());
    let code = QrCode::with_error_correction_level(payload, EcLevel::L).map_err(|error| draw(&error))?;
    let modules = code.width();
    let colors = code.to_colors();
    let side = (modules + 2 * QUIET) * SCALE;
    let mut pixels = vec![u8::MAX; side * side];
    for (pixel, value) in pixels.iter_mut().enumerate() {
        let (row, column) = (pixel / side / SCALE, pixel % side / SCALE);
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < modules);
        if let (Some(row), Some(column)) = (inside(row), inside(column))
            && colors.get(row * modules + column) == Some(&Color::Dark)
        {
            *value = 0;
        }
    }
    let size = u32::try_from(side).map_err(|error| draw(&error))?;
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(&pixels, size, size, ExtendedColorType::L8)
        .map_err(|error| draw(&error))?;
    Ok(png)
}

fn data_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_as_a_small_png() {
        // As long as WhatsApp's: a reference and four keys.
        let payload =
            format!("2@{},{},{},{},6", "r".repeat(90), "a".repeat(44), "b".repeat(44), "c".repeat(44));
        let png = png(&payload).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(png.len() < 10_000, "{} bytes", png.len());
    }

    #[test]
    fn a_payload_too_long_for_any_code_is_an_error_that_does_not_repeat_it() {
        let payload = "secret".repeat(2_000);
        let error = png(&payload).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn an_image_is_not_shown_in_logs() {
        let image =
            QrImage { image_data_url: "data:…".into(), wave: 1, waves: 6, expires_at: Time::UNIX_EPOCH };
        assert!(!format!("{image:?}").contains("data:"));
    }
}
