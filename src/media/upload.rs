//! One image on its way in: looked at, counted and hashed as it passes; no more of it is held than its head and one part.

use super::{
    MARK, PART_BYTES,
    calls::{Calls, Failed},
    kind::{HEAD_BYTES, LARGEST_BYTES, Refused, look},
    places::Turn,
};
use bytes::{Bytes, BytesMut};
use ezw_actors::port::KeptImage;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, path::Path as Key};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use thiserror::Error;

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
    calls: Calls,
    /// What is written so far.
    file: Option<Box<dyn MultipartUpload>>,
    /// What is written next.
    part: BytesMut,
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
    pub(super) fn new(store: Arc<dyn ObjectStore>, key: Key, calls: Calls, turn: Turn) -> Self {
        Self {
            store,
            key,
            calls,
            file: None,
            part: BytesMut::new(),
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

    async fn pass_on(&mut self, mut bytes: Bytes) -> Result<(), UploadError> {
        if self.file.is_none() {
            let (store, key) = (Arc::clone(&self.store), self.key.clone());
            // Where its folder is not mounted, a file would be lost to everybody else.
            let begin = async move {
                store.head(&Key::from(MARK)).await?;
                store.put_multipart(&key).await
            };
            self.file = Some(self.calls.make("begin an image", begin).await?);
        }
        let full = usize::try_from(PART_BYTES).unwrap_or(usize::MAX);
        while !bytes.is_empty() {
            let room = full.saturating_sub(self.part.len()).min(bytes.len());
            self.part.extend_from_slice(&bytes.split_to(room));
            if self.part.len() >= full {
                self.write_part().await?;
            }
        }
        Ok(())
    }

    async fn write_part(&mut self) -> Result<(), UploadError> {
        let part = self.part.split().freeze();
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.put_part(part.into());
        Ok(self.calls.make("write an image", written).await?)
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
        if !self.part.is_empty() {
            self.write_part().await?;
        }
        if let Some(mut file) = self.file.take() {
            let completed = async move {
                let completed = file.complete().await;
                if completed.is_err() {
                    abort(file).await;
                }
                completed.map(drop)
            };
            self.calls.make("finish an image", completed).await?;
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
        let Some(file) = self.file.take() else { return };
        // The caller may have hung up. What this does not clean up is swept.
        self.calls.make_later(abort(file));
    }
}

async fn abort(mut file: Box<dyn MultipartUpload>) {
    if let Err(error) = file.abort().await {
        tracing::debug!(%error, "half an image is left to the sweep");
    }
}

impl From<Failed> for UploadError {
    fn from(failed: Failed) -> Self {
        Self::Store(match failed {
            // The folder itself, then: a new file is not there before.
            Failed::Missing => "its folder is gone".to_owned(),
            Failed::Trouble(why) => why,
        })
    }
}
