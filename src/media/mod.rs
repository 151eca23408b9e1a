//! Images, kept as files: a local folder now, through a library that knows other stores as well. What comes in is
//! streamed, looked at by its own first bytes, and durable before anybody is told that it is kept.
//!
//! A file without a row (its reply was refused, its process died) is an orphan, and swept a day later.

mod kind;
mod link;
mod places;
mod sweep;
mod upload;

pub use kind::{LARGEST_BYTES, LARGEST_PIXELS, Refused};
pub use link::{Links, Signed};
pub use sweep::Orphans;
pub use upload::{Upload, UploadError};

use async_trait::async_trait;
use ezw_actors::{
    id::OrganizationId,
    port::{ByteStream, KeptImage, MediaError, MediaStore, Place},
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as Key};
use places::{Places, Turn};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::runtime::Handle;
use uuid::Uuid;

/// The images of all organizations.
#[derive(Clone, Debug)]
pub struct Media {
    store: Arc<dyn ObjectStore>,
    /// The folder, where the store is one.
    root: PathBuf,
    runtime: Handle,
    places: Places,
}

impl Media {
    /// In this folder, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(root: &Path, runtime: Handle) -> anyhow::Result<Self> {
        std::fs::create_dir_all(root)?;
        // A reply is promised once its image is kept: not before the disk has it.
        let store = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), root: root.to_owned(), runtime, places: Places::default() })
    }

    /// Begins to take an image of this tenant; none while as many come in as may at once, of it or of all together.
    #[must_use]
    pub fn begin(&self, organization: OrganizationId) -> Option<Upload> {
        let turn = self.places.upload(organization)?;
        Some(self.upload(organization, turn))
    }

    fn upload(&self, organization: OrganizationId, turn: Turn) -> Upload {
        let key = Key::from_iter([organization.to_string(), Uuid::now_v7().to_string()]);
        Upload::new(Arc::clone(&self.store), key, self.runtime.clone(), turn)
    }

    /// Deletes what no row names and none will.
    ///
    /// # Errors
    /// When the store does not do it; it is swept then.
    pub async fn forget(&self, storage_key: &str) -> Result<(), MediaError> {
        match self.store.delete(&Key::from(storage_key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(MediaError::Trouble(error.to_string())),
        }
    }
}

#[async_trait]
impl MediaStore for Media {
    async fn place(&self) -> Result<Place, MediaError> {
        self.places.inbound().await
    }

    async fn keep(
        &self,
        place: Place,
        organization: OrganizationId,
        mut bytes: ByteStream,
    ) -> Result<KeptImage, MediaError> {
        let mut upload = self.upload(organization, Box::new(place));
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|error| MediaError::Trouble(error.to_string()))?;
            upload.write(chunk).await?;
        }
        Ok(upload.finish().await?)
    }

    async fn open(&self, storage_key: &str) -> Result<ByteStream, MediaError> {
        let got = self.store.get(&Key::from(storage_key)).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => MediaError::Missing,
            other => MediaError::Trouble(other.to_string()),
        })?;
        Ok(got.into_stream().map_err(io::Error::other).boxed())
    }
}

impl From<UploadError> for MediaError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Refused(why) => Self::Refused(why.text()),
            UploadError::Store(why) => Self::Trouble(why),
        }
    }
}

#[cfg(test)]
mod tests;
