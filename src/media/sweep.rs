//! Files that no row names.

use super::Media;
use ezw_actors::{id::OrganizationId, machine::Time, port::MediaError};
use std::{
    fs::{self, DirEntry},
    io,
    ops::ControlFlow,
    path::Path,
    time::SystemTime,
};
use tokio::sync::mpsc;
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
    /// All that was kept before `then`, in portions as it is read: no further than one ahead of who takes them. What is in
    /// no organization's folder is not ours to delete, and left out; what cannot be read is logged and passed over.
    #[must_use]
    pub fn kept_before(&self, then: Time) -> mpsc::Receiver<Orphans> {
        let (portions, taken) = mpsc::channel(1);
        let (root, then) = (self.root.clone(), SystemTime::from(then));
        self.runtime.spawn_blocking(move || {
            if let Err(error) = list(&root, then, &portions) {
                tracing::warn!(%error, "the images that are kept cannot be listed");
            }
        });
        taken
    }

    /// Deletes halves of images older than `then` that a crash left behind; nobody can open those.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn forget_halves(&self, then: Time) -> Result<usize, MediaError> {
        let (root, then) = (self.root.clone(), SystemTime::from(then));
        let swept = self.runtime.spawn_blocking(move || halves(&root, then)).await;
        swept.map_err(trouble)?.map_err(trouble)
    }
}

fn list(root: &Path, then: SystemTime, portions: &mpsc::Sender<Orphans>) -> io::Result<()> {
    for organization in organizations(root)? {
        let mut storage_keys = Vec::new();
        // Gone is who wanted to know.
        let hand_over = |storage_keys: &mut Vec<String>| {
            let storage_keys = std::mem::take(storage_keys);
            if storage_keys.is_empty() {
                return ControlFlow::Continue(());
            }
            match portions.blocking_send(Orphans { organization, storage_keys }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        };
        let flow = each_old(root, organization, then, |file| {
            let name = file.file_name();
            match name.to_str() {
                Some(name) if !is_half(name) => storage_keys.push(format!("{organization}/{name}")),
                Some(_) | None => return ControlFlow::Continue(()),
            }
            if storage_keys.len() < AT_ONCE {
                ControlFlow::Continue(())
            } else {
                hand_over(&mut storage_keys)
            }
        });
        if flow.is_break() || hand_over(&mut storage_keys).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn halves(root: &Path, then: SystemTime) -> io::Result<usize> {
    let mut swept = 0;
    for organization in organizations(root)? {
        let _ = each_old(root, organization, then, |file| {
            if is_half(&file.file_name().to_string_lossy()) {
                match fs::remove_file(file.path()) {
                    Ok(()) => swept += 1,
                    Err(error) => passed_over(&file.path(), &error),
                }
            }
            ControlFlow::Continue(())
        });
    }
    Ok(swept)
}

/// The library writes beside the final name, with a `#` that no final name has.
fn is_half(name: &str) -> bool {
    name.contains('#')
}

/// Those that have a folder here. Any other folder is none of our business.
fn organizations(root: &Path) -> io::Result<Vec<OrganizationId>> {
    let folders = fs::read_dir(root)?.filter_map(|folder| match folder {
        Ok(folder) => {
            let name = folder.file_name().into_string().ok()?;
            let organization = OrganizationId(name.parse::<Uuid>().ok()?);
            (organization.to_string() == name).then_some(organization)
        }
        Err(error) => {
            passed_over(root, &error);
            None
        }
    });
    Ok(folders.collect())
}

/// Hands over the organization's files from before `then`, one by one, until it is told to stop.
fn each_old(
    root: &Path,
    organization: OrganizationId,
    then: SystemTime,
    mut each: impl FnMut(&DirEntry) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let folder = root.join(organization.to_string());
    let files = match fs::read_dir(&folder) {
        Ok(files) => files,
        Err(error) => {
            passed_over(&folder, &error);
            return ControlFlow::Continue(());
        }
    };
    for file in files {
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                passed_over(&folder, &error);
                continue;
            }
        };
        let is_old =
            file.metadata().and_then(|metadata| Ok(metadata.is_file() && metadata.modified()? < then));
        match is_old {
            Ok(true) => each(&file)?,
            Ok(false) => {}
            Err(error) => passed_over(&file.path(), &error),
        }
    }
    ControlFlow::Continue(())
}

fn passed_over(path: &Path, error: &io::Error) {
    // Finished meanwhile, or swept by another node.
    if error.kind() != io::ErrorKind::NotFound {
        tracing::warn!(path = %path.display(), %error, "passed over as images of nobody are looked for");
    }
}

fn trouble(error: impl std::fmt::Display) -> MediaError {
    MediaError::Trouble(error.to_string())
}
