//! One image on its way in: looked at, counted and hashed as it passes; no more of it is held than its head and one part.

use super::{
    kind::{HEAD_BYTES, LARGEST_BYTES, Refused, look},
    places::Turn,
};
use bytes::{Bytes, BytesMut};
use ezw_actors::{port::KeptImage, task};
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart, path::Path as Key};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use thiserror::Error;
use tokio::runtime::Handle;

/// Written at once.
const PART_BYTES: usize = 256 * 1024;
/// Parts that may wait for the disk.
const PARTS_WAITING: usize = 1;

/// Why an image was not kept. Nothing is left of it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UploadError {
    /// It is not taken.
    #[error("{}", .0.text())]
    Refused(Refused),
    /// The store did not do it.
    #[error("the media store is not answering: {0}")]
    Store(String),
}

/// An image that comes in. Dropped before it is finished, nothing is left of it.
#[derive(Debug)]
pub struct Upload {
    store: Arc<dyn ObjectStore>,
    key: Key,
    runtime: Handle,
    writer: Option<WriteMultipart>,
    /// Its first bytes, until they tell what it is.
    head: BytesMut,
    /// How many of them were looked at.
    looked_at: usize,
    content_type: Option<&'static str>,
    hash: Sha256,
    size_bytes: u64,
    _turn: Turn,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn ObjectStore>, key: Key, runtime: Handle, turn: Turn) -> Self {
        Self {
            store,
            key,
            runtime,
            writer: None,
            head: BytesMut::new(),
            looked_at: 0,
            content_type: None,
            hash: Sha256::new(),
            size_bytes: 0,
            _turn: turn,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// As soon as it is clear that the image is not kept.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), UploadError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > LARGEST_BYTES {
            return Err(UploadError::Refused(Refused::TooLarge));
        }
        self.hash.update(&bytes);
        if self.content_type.is_none() {
            self.head.extend_from_slice(&bytes);
            let is_all = self.head.len() >= HEAD_BYTES;
            // Every look begins at the first byte: one for each chunk would cost the square of the head.
            if !is_all && self.head.len() < self.looked_at.saturating_mul(2) {
                return Ok(());
            }
            self.looked_at = self.head.len();
            self.content_type = self.seen(is_all)?;
            // Nothing of what may be no image touches the disk.
            return match self.content_type {
                Some(_) => {
                    let head = self.head.split().freeze();
                    self.pass_on(head).await
                }
                None => Ok(()),
            };
        }
        self.pass_on(bytes).await
    }

    /// What it is, as far as its first bytes tell yet.
    #[must_use]
    pub fn content_type(&self) -> Option<&'static str> {
        self.content_type.or_else(|| look(&self.head, true).ok().flatten())
    }

    fn seen(&self, is_all: bool) -> Result<Option<&'static str>, UploadError> {
        look(&self.head, is_all).map_err(UploadError::Refused)
    }

    async fn pass_on(&mut self, bytes: Bytes) -> Result<(), UploadError> {
        if self.writer.is_none() {
            let upload = self.store.put_multipart(&self.key).await.map_err(store)?;
            self.writer = Some(WriteMultipart::new_with_chunk_size(upload, PART_BYTES));
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.wait_for_capacity(PARTS_WAITING).await.map_err(store)?;
        writer.put(bytes);
        Ok(())
    }

    /// It is complete: durable once this answers.
    ///
    /// # Errors
    /// When it is no image after all, or the store does not do it.
    pub async fn finish(mut self) -> Result<KeptImage, UploadError> {
        let content_type = match self.content_type {
            Some(content_type) => content_type,
            None => {
                let content_type = self.seen(true)?.ok_or(UploadError::Refused(Refused::Broken))?;
                let head = self.head.split().freeze();
                self.pass_on(head).await?;
                content_type
            }
        };
        if let Some(writer) = self.writer.take() {
            writer.finish().await.map_err(store)?;
        }
        Ok(KeptImage {
            storage_key: self.key.to_string(),
            content_type: content_type.to_owned(),
            size_bytes: self.size_bytes,
            sha256: std::mem::take(&mut self.hash).finalize().into(),
        })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some(writer) = self.writer.take() else { return };
        // The caller may have hung up. What this does not clean up is swept.
        task::spawn_on(&self.runtime, "forget half an image", async move {
            if let Err(error) = writer.abort().await {
                tracing::debug!(%error, "half an image is left to the sweep");
            }
        });
    }
}

fn store(error: object_store::Error) -> UploadError {
    UploadError::Store(error.to_string())
}
