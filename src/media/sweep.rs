//! Files that no row names.

use super::Media;
use ezw_actors::{id::OrganizationId, machine::Time, port::MediaError};
use std::{
    fs::{self, DirEntry},
    io,
    ops::ControlFlow,
    path::Path,
    sync::Arc,
    time::SystemTime,
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Files looked up in one statement.
const AT_ONCE: usize = 500;
/// After so many files there is a sign of life, also when none of them is old.
const LOOKED_AT: usize = 5_000;

/// Files old enough that their row would be there by now, by their organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphans {
    /// The tenant that their key names.
    pub organization: OrganizationId,
    /// Their keys, some hundred at most; none when nothing old was met for a while.
    pub storage_keys: Vec<String>,
}

impl Media {
    /// All that was kept before `then`, in portions as it is read: no further than one ahead of who takes them. Halves that
    /// a crash left behind are deleted on the way; nobody can open those. What is in no organization's folder is not ours to
    /// delete, and left out; what cannot be read is logged and passed over.
    ///
    /// # Errors
    /// While the last look has not ended: a folder that hangs keeps one thread, and not one more each time.
    pub fn kept_before(&self, then: Time) -> Result<mpsc::Receiver<Orphans>, MediaError> {
        let walk = Arc::clone(&self.walks).try_acquire_owned();
        let walk = walk.map_err(|_| MediaError::Trouble("the folder is still being read".to_owned()))?;
        let (portions, taken) = mpsc::channel(1);
        let (root, then) = (self.root.clone(), SystemTime::from(then));
        self.runtime.spawn_blocking(move || {
            if let Err(error) = list(&root, then, &portions) {
                tracing::warn!(%error, "the images that are kept cannot be listed");
            }
            drop(walk);
        });
        Ok(taken)
    }
}

fn list(root: &Path, then: SystemTime, portions: &mpsc::Sender<Orphans>) -> io::Result<()> {
    for organization in organizations(root)? {
        let (mut storage_keys, mut looked_at) = (Vec::new(), 0);
        // Gone is who wanted to know.
        let hand_over = |storage_keys: &mut Vec<String>| {
            let storage_keys = std::mem::take(storage_keys);
            match portions.blocking_send(Orphans { organization, storage_keys }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        };
        let flow = each(root, organization, then, |file, is_old| {
            looked_at += 1;
            match file.file_name().to_str() {
                Some(name) if is_old && is_half(name) => remove(file),
                Some(name) if is_old => storage_keys.push(format!("{organization}/{name}")),
                Some(_) | None => {}
            }
            if storage_keys.len() < AT_ONCE && looked_at < LOOKED_AT {
                return ControlFlow::Continue(());
            }
            looked_at = 0;
            hand_over(&mut storage_keys)
        });
        if flow.is_break() || (!storage_keys.is_empty() && hand_over(&mut storage_keys).is_break()) {
            return Ok(());
        }
    }
    Ok(())
}

fn remove(file: &DirEntry) {
    if let Err(error) = fs::remove_file(file.path()) {
        passed_over(&file.path(), &error);
    }
}

/// The library writes beside the final name, with a `#` that no final name has.
fn is_half(name: &str) -> bool {
    name.contains('#')
}

/// Those that have a folder here. Any other folder is none of our business.
pub(super) fn organizations(root: &Path) -> io::Result<Vec<OrganizationId>> {
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

/// Hands over the organization's files one by one, and whether they are from before `then`, until it is told to stop.
fn each(
    root: &Path,
    organization: OrganizationId,
    then: SystemTime,
    mut each: impl FnMut(&DirEntry, bool) -> ControlFlow<()>,
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
            Ok(is_old) => each(&file, is_old)?,
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
