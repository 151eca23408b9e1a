//! Images, kept as files: a local folder now, through a library that knows other stores as well. What comes in is
//! streamed, looked at by its own first bytes, and durable before anybody is told that it is kept.
//!
//! A file without a row (its reply was refused, its process died) is an orphan, and swept a day later.

mod calls;
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
use bytes::Bytes;
use calls::{Calls, Failed};
use ezw_actors::{
    id::OrganizationId,
    port::{ByteStream, KeptImage, MediaError, MediaStore, Place},
};
use futures_util::{StreamExt as _, stream};
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as Key};
use places::{Places, Turn};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{runtime::Handle, sync::Semaphore};
use uuid::Uuid;

/// A file that tells the folder from the empty place where a share is mounted.
const MARK: &str = "ezw-media";
/// Read at once.
const PART_BYTES: u64 = 256 * 1024;

/// The images of all organizations.
#[derive(Clone, Debug)]
pub struct Media {
    store: Arc<dyn ObjectStore>,
    /// The folder, where the store is one.
    root: PathBuf,
    calls: Calls,
    /// Whoever goes through all of the folder.
    walks: Arc<Semaphore>,
    runtime: Handle,
    places: Places,
}

impl Media {
    /// In this folder, made when it is not there. One that was there, empty and without its mark, may be the place of a share
    /// that is not mounted: nothing is taken there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(root: &Path, runtime: Handle) -> anyhow::Result<Self> {
        mark(root)?;
        // A reply is promised once its image is kept: not before the disk has it.
        let store = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            root: root.to_owned(),
            calls: Calls::new(runtime.clone()),
            walks: Arc::new(Semaphore::new(1)),
            runtime,
            places: Places::default(),
        })
    }

    /// Whether images would be kept in this folder, which is there.
    ///
    /// # Errors
    /// Why not.
    pub fn is_marked(root: &Path) -> Result<(), String> {
        let has_images = sweep::organizations(root).is_ok_and(|of| !of.is_empty());
        if has_images || root.join(MARK).exists() { Ok(()) } else { Err(unmarked(root)) }
    }

    /// Begins to take an image of this tenant; none while as many come in as may at once, of it or of all together.
    #[must_use]
    pub fn begin(&self, organization: OrganizationId) -> Option<Upload> {
        let turn = self.places.upload(organization)?;
        Some(self.upload(organization, turn))
    }

    fn upload(&self, organization: OrganizationId, turn: Turn) -> Upload {
        let key = Key::from_iter([organization.to_string(), Uuid::now_v7().to_string()]);
        Upload::new(Arc::clone(&self.store), key, self.calls.clone(), turn)
    }

    /// Deletes what no row names and none will.
    ///
    /// # Errors
    /// When the store does not do it; it is swept then.
    pub async fn forget(&self, storage_key: &str) -> Result<(), MediaError> {
        let (store, key) = (Arc::clone(&self.store), Key::from(storage_key));
        let deleted = self.calls.make("delete an image", async move { store.delete(&key).await }).await;
        match deleted {
            Ok(()) | Err(Failed::Missing) => Ok(()),
            Err(Failed::Trouble(why)) => Err(MediaError::Trouble(why)),
        }
    }

    /// Whether the folder is there at all: what it lacks is missing only then.
    async fn is_there(&self) -> Result<(), MediaError> {
        let (store, mark) = (Arc::clone(&self.store), Key::from(MARK));
        let marked = self.calls.make("look for the folder", async move { store.head(&mark).await });
        match marked.await {
            Ok(_) => Ok(()),
            Err(Failed::Missing) => Err(MediaError::Trouble(unmarked(&self.root))),
            Err(Failed::Trouble(why)) => Err(MediaError::Trouble(why)),
        }
    }

    async fn part(&self, key: &Key, from: u64, size: u64) -> Result<Bytes, MediaError> {
        let (store, key) = (Arc::clone(&self.store), key.clone());
        let part = from..size.min(from + PART_BYTES);
        let read = async move { store.get_range(&key, part).await };
        Ok(self.calls.make("read an image", read).await?)
    }
}

fn unmarked(root: &Path) -> String {
    format!("{} is not the folder of images (it has no file {MARK}): is it mounted?", root.display())
}

/// Marks a folder that is new, or has images of a version without marks.
fn mark(root: &Path) -> io::Result<()> {
    let path = root.join(MARK);
    if path.try_exists()? {
        return Ok(());
    }
    let is_new = !root.try_exists()?;
    std::fs::create_dir_all(root)?;
    if is_new || !sweep::organizations(root)?.is_empty() {
        std::fs::write(path, b"")?;
    } else {
        tracing::warn!(
            folder = %root.display(),
            "images are neither kept nor shown: this folder is empty and has no file {MARK}. Mount it, or make that file if \
             it is to be new"
        );
    }
    Ok(())
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
        let (store, key) = (Arc::clone(&self.store), Key::from(storage_key));
        let asked = (Arc::clone(&store), key.clone());
        let found = self.calls.make("look for an image", async move { asked.0.head(&asked.1).await }).await;
        if let Err(Failed::Missing) = found {
            self.is_there().await?;
        }
        let size = found?.size;
        // A folder that hangs is found before anything is promised.
        let first = self.part(&key, 0, size).await?;
        let media = self.clone();
        let begun = first.len() as u64;
        let rest = stream::try_unfold(begun, move |from| {
            let (media, key) = (media.clone(), key.clone());
            async move {
                if from >= size {
                    return Ok(None);
                }
                let part = media.part(&key, from, size).await.map_err(io::Error::other)?;
                let next = from + (part.len() as u64).max(1);
                Ok(Some((part, next)))
            }
        });
        Ok(stream::iter([Ok(first)]).chain(rest).boxed())
    }
}

impl From<Failed> for MediaError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Missing => Self::Missing,
            Failed::Trouble(why) => Self::Trouble(why),
        }
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
