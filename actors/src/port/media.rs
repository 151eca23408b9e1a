//! The bytes of images: kept where the service says, streamed to the provider and from it, never held whole.

use crate::id::OrganizationId;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::{fmt, io};
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes as they come.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// An image that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptImage {
    /// Where.
    pub storage_key: String,
    /// By its own first bytes: `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// How large.
    pub size_bytes: u64,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
}

/// An image was not kept, or cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MediaError {
    /// It is none that is kept, however often it is tried.
    #[error("{0}")]
    Refused(&'static str),
    /// There are no such bytes.
    #[error("the bytes are gone")]
    Missing,
    /// Try again.
    #[error("the media store is not answering: {0}")]
    Trouble(String),
}

/// A place among the images that come in at once; dropped, it is another's.
#[derive(Debug)]
pub struct Place(pub OwnedSemaphorePermit);

/// Where images are kept.
#[async_trait]
pub trait MediaStore: Send + Sync + fmt::Debug {
    /// Waits for a place: before the bytes are asked for, so that nobody sends them to one who cannot take them yet.
    ///
    /// # Errors
    /// `Refused` where no images are kept at all.
    async fn place(&self) -> Result<Place, MediaError>;

    /// Keeps an image of this tenant. It is durable when this answers.
    ///
    /// # Errors
    /// See [`MediaError`]. Bytes that break off are trouble.
    async fn keep(
        &self,
        place: Place,
        organization: OrganizationId,
        bytes: ByteStream,
    ) -> Result<KeptImage, MediaError>;

    /// The bytes of what was kept there.
    ///
    /// # Errors
    /// `Missing` or `Trouble`.
    async fn open(&self, storage_key: &str) -> Result<ByteStream, MediaError>;
}

const NOT_CONFIGURED: &str = "no media store is configured";

/// No images are kept by this process. Another one, that has the key, may have kept some: what was kept is not gone.
#[derive(Clone, Copy, Debug)]
pub struct NoMedia;

#[async_trait]
impl MediaStore for NoMedia {
    async fn place(&self) -> Result<Place, MediaError> {
        Err(MediaError::Refused(NOT_CONFIGURED))
    }

    async fn keep(&self, _: Place, _: OrganizationId, _: ByteStream) -> Result<KeptImage, MediaError> {
        Err(MediaError::Refused(NOT_CONFIGURED))
    }

    async fn open(&self, _: &str) -> Result<ByteStream, MediaError> {
        Err(MediaError::Trouble(NOT_CONFIGURED.to_owned()))
    }
}
