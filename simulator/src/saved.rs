//! The state file: which lines are linked, with which credentials and number. Written whole, to a temporary file that
//! is then renamed, so a kill at any instruction leaves the old one or the new one.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedLine {
    pub(crate) line_id: Uuid,
    pub(crate) phone_number: String,
    pub(crate) lid: String,
    pub(crate) credentials: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Saved {
    /// The seed of the last start, taken again when none is given: lids stay what they were.
    pub(crate) seed: u64,
    /// Starts so far. Mixed into what must not come again, such as message ids.
    pub(crate) boots: u64,
    pub(crate) lines: Vec<SavedLine>,
}

/// None when there is no file yet. A file that cannot be read stops the start: silently unlinking every line would
/// look like a fleet-wide logout to the service.
pub(crate) fn load(path: &Path) -> anyhow::Result<Option<Saved>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the state file {}", path.display()));
        }
    };
    let saved = serde_json::from_slice(&bytes);
    saved.map(Some).with_context(|| format!("the state file {} is not one", path.display()))
}

pub(crate) fn write(path: &Path, saved: &Saved) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(saved)?;
    let temporary = temporary(path);
    // Whoever reads it can log in as the lines.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&bytes)?;
    file.sync_data()?;
    fs::rename(&temporary, path)
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_rubbish_is_refused() {
        let dir = std::env::temp_dir().join(format!("ezw-state-{}", Uuid::new_v4()));
        fs::create_dir_all(&dir).expect("dir");
        let path = dir.join("state.json");
        assert!(load(&path).expect("no file yet").is_none());
        let line = SavedLine {
            line_id: Uuid::from_u128(1),
            phone_number: "+491".to_owned(),
            lid: "1@lid".to_owned(),
            credentials: "c".to_owned(),
        };
        write(&path, &Saved { seed: 1, boots: 2, lines: vec![line.clone()] }).expect("written");
        let saved = load(&path).expect("read").expect("there");
        assert_eq!((saved.seed, saved.boots, saved.lines), (1, 2, vec![line]));
        fs::write(&path, "{").expect("rubbish");
        assert!(load(&path).is_err());
        fs::remove_dir_all(&dir).expect("clean");
    }
}
