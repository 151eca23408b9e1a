//! Pairing images. Whoever has the code's text can take the account, so the text is neither stored nor logged: only
//! its image is kept, in Redis, for as long as the code lives.

use super::redis::{Redis, RedisError};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ezw_actors::{
    clock::Clock,
    id::{Epoch, Generation, LineId},
    machine::Time,
};
use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use qrcode::{EcLevel, QrCode, types::Color};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
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

/// The session an image belongs to: an image of an older one is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QrSession {
    /// The line.
    pub line: LineId,
    /// The assignment.
    pub epoch: Epoch,
    /// The session with the provider.
    pub generation: Generation,
}

impl QrSession {
    fn key(&self) -> String {
        format!("ezw:qr:{}:{}:{}", self.line, self.epoch.0, self.generation.0)
    }
}

/// One code of an attempt.
#[derive(Debug)]
pub struct QrCodeShown {
    /// What the phone scans.
    pub payload: SecretString,
    /// 1 for the first code.
    pub wave: u8,
    /// How many there are.
    pub waves: u8,
    /// When it ends.
    pub expires_at: Time,
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
    pub async fn put(&self, session: QrSession, code: QrCodeShown) -> Result<(), QrError> {
        let life = (code.expires_at - self.clock.now()).num_milliseconds();
        if life <= 0 {
            return self.clear(session).await;
        }
        let image = QrImage {
            image_data_url: data_url(&png(code.payload.expose_secret())?),
            wave: code.wave,
            waves: code.waves,
            expires_at: code.expires_at,
        };
        let value = serde_json::to_string(&image).map_err(|error| QrError::Draw(error.to_string()))?;
        let mut command = redis::cmd("PSETEX");
        command.arg(session.key()).arg(life).arg(value);
        Ok(self.redis.run::<()>(command).await?)
    }

    /// The image a phone can scan now.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn get(&self, session: QrSession) -> Result<Option<QrImage>, QrError> {
        let mut command = redis::cmd("GET");
        command.arg(session.key());
        let value = self.redis.run::<Option<String>>(command).await?;
        let image = value.and_then(|value| serde_json::from_str::<QrImage>(&value).ok());
        Ok(image.filter(|image| image.expires_at > self.clock.now()))
    }

    /// The attempt is over: its image goes before its time.
    ///
    /// # Errors
    /// When Redis does not answer; the image then ends by itself with its code.
    pub async fn clear(&self, session: QrSession) -> Result<(), QrError> {
        let mut command = redis::cmd("DEL");
        command.arg(session.key());
        self.redis.run::<i64>(command).await?;
        Ok(())
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
