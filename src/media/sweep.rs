//! Files that no row names.

use super::Media;
use ezw_actors::{id::OrganizationId, machine::Time, port::MediaError};
use futures_util::TryStreamExt as _;
use object_store::ObjectStore as _;
use std::{fs, io, path::Path, time::SystemTime};
use uuid::Uuid;

/// Files looked up in one statement.
const AT_ONCE: usize = 500;

/// Files old enough that their row would be there by now, by their organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphans {
    /// The tenant that their key names.
    pub organization: OrganizationId,
    /// Their keys, some hundred at most.
    pub storage_keys: Vec<String>,
}

impl Media {
    /// All that was kept before `then`, in portions. What bears no organization's name is not ours to delete, and left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn kept_before(&self, then: Time) -> Result<Vec<Orphans>, MediaError> {
        let mut portions: Vec<Orphans> = Vec::new();
        let mut listed = self.store.list(None);
        while let Some(object) = listed.try_next().await.map_err(trouble)? {
            let key = object.location.to_string();
            let organization = key.split_once('/').and_then(|(name, _)| name.parse::<Uuid>().ok());
            let Some(organization) = organization.map(OrganizationId).filter(|_| object.last_modified < then)
            else {
                continue;
            };
            match portions.last_mut() {
                Some(last) if last.organization == organization && last.storage_keys.len() < AT_ONCE => {
                    last.storage_keys.push(key);
                }
                Some(_) | None => portions.push(Orphans { organization, storage_keys: vec![key] }),
            }
        }
        Ok(portions)
    }

    /// Deletes halves of images older than `then` that a crash left behind; the store does not list those.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn forget_halves(&self, then: Time) -> Result<usize, MediaError> {
        let (root, then) = (self.root.clone(), SystemTime::from(then));
        let swept = tokio::task::spawn_blocking(move || halves(&root, then)).await;
        swept.map_err(trouble)?.map_err(trouble)
    }
}

/// The library writes beside the final name, with a `#` that no final name has.
fn halves(root: &Path, then: SystemTime) -> io::Result<usize> {
    let mut swept = 0;
    for folder in fs::read_dir(root)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let file = file?;
            let is_half = file.file_name().to_string_lossy().contains('#');
            // Gone meanwhile: finished, or swept by another node.
            let is_old = file.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|at| at < then);
            if is_half && is_old && fs::remove_file(file.path()).is_ok() {
                swept += 1;
            }
        }
    }
    Ok(swept)
}

fn trouble(error: impl std::fmt::Display) -> MediaError {
    MediaError::Trouble(error.to_string())
}
