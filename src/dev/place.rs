//! Where the private servers keep their files, and as whom they run.
//!
//! Postgres refuses to run as root. Under root the servers therefore get an unprivileged user, and a folder that this
//! user can reach: a checkout below `/root` (mode 0700) is out of its reach, so the files then go to `/var/lib/ezw-dev`.

use std::fs::{self, DirBuilder, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use nix::unistd::{Gid, Uid, User, chown};
use sha2::{Digest as _, Sha256};

const ELSEWHERE: &str = "/var/lib/ezw-dev";

/// The unprivileged user the servers run as when we are root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunAs {
    uid: Uid,
    gid: Gid,
}

/// The folder of one server.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) run_as: Option<RunAs>,
    /// Said to the user when the files aren't where they would look for them.
    pub(super) note: Option<String>,
}

impl RunAs {
    /// `None` when we aren't root: the servers then simply run as us.
    fn choose() -> anyhow::Result<Option<Self>> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                return Ok(Some(Self { uid: user.uid, gid: user.gid }));
            }
        }
        Err(anyhow!(
            "running as root needs a system user `postgres` or `nobody` for the servers; neither exists"
        ))
    }

    pub(super) fn setpriv_arguments(self) -> [String; 3] {
        [format!("--reuid={}", self.uid), format!("--regid={}", self.gid), "--clear-groups".into()]
    }

    /// Whether every folder above `path` lets this user pass.
    fn can_reach(self, path: &Path) -> bool {
        path.ancestors().skip(1).all(|folder| match fs::metadata(folder) {
            Ok(data) if data.uid() == self.uid.as_raw() => data.mode() & 0o100 != 0,
            Ok(data) if data.gid() == self.gid.as_raw() => data.mode() & 0o010 != 0,
            Ok(data) => data.mode() & 0o001 != 0,
            // Not there yet: we create it, passable.
            Err(_) => true,
        })
    }
}

impl Place {
    /// The folder `name` inside `data_dir`, or its substitute, created and owned as the server needs it.
    pub(super) fn prepare(data_dir: &Path, name: &str) -> anyhow::Result<Self> {
        create_passable(data_dir)?;
        let data_dir = data_dir.canonicalize().with_context(|| data_dir.display().to_string())?;
        let run_as = RunAs::choose()?;
        let wanted = data_dir.join(name);
        let (folder, note) = match run_as {
            Some(user) if !user.can_reach(&wanted) => {
                let parent = Path::new(ELSEWHERE).join(fingerprint(&data_dir));
                create_passable(&parent)?;
                let folder = parent.join(name);
                let note = format!(
                    "{} can't be reached by the unprivileged user of the servers, so {name} keeps its files in {}",
                    data_dir.display(),
                    folder.display()
                );
                (folder, Some(note))
            }
            _ => (wanted, None),
        };
        let place = Self { folder, run_as, note };
        place.own_folder(&place.folder)?;
        Ok(place)
    }

    /// Creates a folder that only the server's user may enter.
    pub(super) fn own_folder(&self, folder: &Path) -> anyhow::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o700)))
            .with_context(|| format!("the folder {} can't be made", folder.display()))?;
        self.give(folder)
    }

    /// Writes a file that only the server's user (and root) may read.
    pub(super) fn write_private(&self, path: &Path, content: &str) -> anyhow::Result<()> {
        write_private(path, content)?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(user) = self.run_as {
            chown(path, Some(user.uid), Some(user.gid))
                .with_context(|| format!("{} can't be given to the servers' user", path.display()))?;
        }
        Ok(())
    }
}

/// Deletes the folders of all servers of this data folder, wherever they are.
pub(super) fn remove_all(data_dir: &Path, names: &[&str]) -> anyhow::Result<()> {
    let Ok(data_dir) = data_dir.canonicalize() else { return Ok(()) };
    let elsewhere = Path::new(ELSEWHERE).join(fingerprint(&data_dir));
    for folder in names.iter().flat_map(|name| [data_dir.join(name), elsewhere.join(name)]) {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} can't be deleted", folder.display()))?;
        }
    }
    Ok(())
}

/// Replaces the file in one step, so that an interrupted write leaves the old content or the new.
pub(super) fn write_private(path: &Path, content: &str) -> anyhow::Result<()> {
    let draft = path.with_extension("draft");
    // A draft of an interrupted run may be there with another owner or mode.
    fs::remove_file(&draft).ok();
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().with_context(|| format!("{} can't be written", path.display()))
}

fn create_passable(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .with_context(|| format!("the folder {} can't be made", folder.display()))
}

/// Names the substitute after the data folder: the same on every run, another for another checkout.
fn fingerprint(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    hex::encode(digest.iter().take(8).copied().collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_replaced_and_readable_by_its_owner_alone() {
        let path = std::env::temp_dir().join(format!("ezw-place-{}", uuid::Uuid::new_v4()));
        write_private(&path, "one").unwrap();
        write_private(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_folder_under_a_closed_parent_is_out_of_reach() {
        let parent = std::env::temp_dir().join(format!("ezw-place-{}", uuid::Uuid::new_v4()));
        DirBuilder::new().mode(0o700).create(&parent).unwrap();
        let stranger = RunAs { uid: Uid::from_raw(54_321), gid: Gid::from_raw(54_321) };
        assert!(!stranger.can_reach(&parent.join("data")));
        fs::set_permissions(&parent, Permissions::from_mode(0o711)).unwrap();
        assert!(stranger.can_reach(&parent.join("data")));
        fs::remove_dir(parent).unwrap();
    }
}
