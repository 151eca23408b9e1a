//! The referee's book: what reached "WhatsApp", in order. Append-only, numbered without gaps from 1, and written to
//! the file before anything that follows from an entry is said on the link.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Connect,
    Close,
    Accepted,
    Repeat,
    Late,
    Receipt,
    Inbound,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) line_id: Uuid,
    /// Of the session that the entry came from; the line's last known one where no session is concerned.
    pub(crate) generation: Option<i64>,
    pub(crate) kind: Kind,
    pub(crate) provider_message_id: Option<String>,
    /// The other party: recipient of a send, chat of an inbound message.
    pub(crate) to: Option<String>,
    pub(crate) body_digest: Option<String>,
    /// Close code.
    pub(crate) code: Option<u16>,
    /// Receipt kind, or why a session closed.
    pub(crate) detail: Option<String>,
}

/// What an entry says; number and time are the journal's.
#[derive(Default)]
pub(crate) struct Note<'a> {
    pub(crate) generation: Option<i64>,
    pub(crate) provider_message_id: Option<&'a str>,
    pub(crate) to: Option<&'a str>,
    pub(crate) body_digest: Option<String>,
    pub(crate) code: Option<u16>,
    pub(crate) detail: Option<&'a str>,
}

/// How long another simulator has to let go of the journal.
const LEAVING: Duration = Duration::from_secs(5);

pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    keep: usize,
    next_seq: u64,
    file: Option<File>,
    pub(crate) file_errors: u64,
}

impl Journal {
    /// Takes up an existing file where it ended, holding at most `keep` entries in memory.
    pub(crate) fn open(path: Option<&Path>, keep: usize) -> anyhow::Result<Self> {
        let mut journal =
            Self { entries: VecDeque::new(), keep: keep.max(1), next_seq: 1, file: None, file_errors: 0 };
        if let Some(path) = path {
            let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path);
            let file = file.with_context(|| format!("cannot open the journal {}", path.display()))?;
            // One whose parent was killed ends a moment after it.
            let until = Instant::now() + LEAVING;
            while file.try_lock().is_err() {
                if Instant::now() > until {
                    bail!("another simulator is writing the journal {}", path.display());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            journal.load(&file).with_context(|| format!("cannot read the journal {}", path.display()))?;
            journal.file = Some(file);
        }
        Ok(journal)
    }

    fn load(&mut self, mut file: &File) -> anyhow::Result<()> {
        for line in BufReader::new(file).split(b'\n') {
            // A line cut off by a crash was never acted on; its number is given again.
            let Ok(entry) = serde_json::from_slice::<Entry>(&line?) else { continue };
            self.next_seq = entry.seq + 1;
            self.hold(entry);
        }
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, entry: Entry) {
        if self.entries.len() >= self.keep {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn append(&mut self, at: DateTime<Utc>, line_id: Uuid, kind: Kind, note: Note<'_>) {
        let entry = Entry {
            seq: self.next_seq,
            at,
            line_id,
            generation: note.generation,
            kind,
            provider_message_id: note.provider_message_id.map(str::to_owned),
            to: note.to.map(str::to_owned),
            body_digest: note.body_digest,
            code: note.code,
            detail: note.detail.map(str::to_owned),
        };
        self.next_seq += 1;
        if let Some(file) = &mut self.file {
            // One write call for one line, so that a reader or a crash never sees half of it.
            let written = serde_json::to_vec(&entry).map_err(std::io::Error::other).and_then(|mut line| {
                line.push(b'\n');
                file.write_all(&line)
            });
            if let Err(error) = written {
                self.file_errors += 1;
                tracing::error!(%error, seq = entry.seq, "journal entry not written to the file");
            }
        }
        self.hold(entry);
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Entries with a number above `after`, oldest first.
    pub(crate) fn page(&self, after: u64, limit: usize, line: Option<Uuid>) -> Vec<Entry> {
        let skip = (after + 1).saturating_sub(self.first_seq());
        let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(self.entries.len());
        let page = self.entries.range(skip..).filter(|entry| line.is_none_or(|line| entry.line_id == line));
        page.take(limit).cloned().collect()
    }

    pub(crate) fn first_seq(&self) -> u64 {
        self.entries.front().map_or(self.next_seq, |entry| entry.seq)
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: &str) -> Note<'_> {
        Note { provider_message_id: Some(id), ..Note::default() }
    }

    #[test]
    fn memory_holds_the_newest_and_pages_by_number() {
        let mut journal = Journal::open(None, 3).expect("journal");
        for id in ["a", "b", "c", "d", "e"] {
            journal.append(crate::clock::now(), Uuid::nil(), Kind::Accepted, note(id));
        }
        let seqs =
            |after, limit| journal.page(after, limit, None).iter().map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!(seqs(0, 10), [3, 4, 5]);
        assert_eq!(seqs(3, 1), [4]);
        assert_eq!(seqs(9, 10), [0_u64; 0]);
    }

    #[test]
    fn a_torn_last_line_is_left_alone_and_its_number_given_again() {
        let dir = std::env::temp_dir().join(format!("ezw-journal-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&dir).expect("dir");
        let path = dir.join("journal.jsonl");
        let mut journal = Journal::open(Some(&path), 10).expect("journal");
        journal.append(crate::clock::now(), Uuid::nil(), Kind::Accepted, note("a"));
        drop(journal);
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"{\"seq\":2,"))
            .expect("torn");

        let mut journal = Journal::open(Some(&path), 10).expect("journal again");
        assert!(Journal::open(Some(&path), 10).is_err(), "a second writer");
        journal.append(crate::clock::now(), Uuid::nil(), Kind::Accepted, note("b"));
        drop(journal);

        let journal = Journal::open(Some(&path), 10).expect("journal a third time");
        assert_eq!(journal.entries().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
        std::fs::remove_dir_all(&dir).expect("clean");
    }
}
