//! Letters to people: verification codes and first passwords. A port, because how a deployment sends mail is its own
//! affair; the one implementation writes files that a mail transfer agent, or a developer, picks up.

use crate::random::Random;
use async_trait::async_trait;
use ezw_actors::clock::Clock;
use std::{fmt, io, path::PathBuf, sync::Arc};
use tokio::io::AsyncWriteExt as _;

/// One letter.
#[derive(Clone)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// What it is about.
    pub subject: &'static str,
    /// What it says. It may carry a secret: it is never logged.
    pub text: String,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Takes letters for delivery.
#[async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Takes one letter; Ok means that it was handed over, not that it arrived.
    ///
    /// # Errors
    /// When it could not be handed over. The person asks for another.
    async fn hand_over(&self, letter: Letter) -> io::Result<()>;
}

/// Writes each letter to a file of its own in one folder, readable by the service's user alone.
#[derive(Clone, Debug)]
pub struct FileMailer {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl FileMailer {
    /// Letters go to `folder`, which is made when the first one comes.
    #[must_use]
    pub fn new(folder: PathBuf, clock: Arc<dyn Clock>, random: Random) -> Self {
        Self { folder, clock, random }
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn hand_over(&self, letter: Letter) -> io::Result<()> {
        let now = self.clock.now();
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).await?;
        let path = self.folder.join(format!("{}.txt", self.random.id(now)));
        let mut options = tokio::fs::OpenOptions::new();
        let mut file = options.create_new(true).write(true).mode(0o600).open(path).await?;
        let (to, subject, text) = (&letter.to, letter.subject, &letter.text);
        let date = now.to_rfc2822();
        file.write_all(format!("To: {to}\nSubject: {subject}\nDate: {date}\n\n{text}\n").as_bytes()).await?;
        file.sync_all().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ezw_actors::clock::SystemClock;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn a_letter_is_a_file_that_only_its_owner_reads() {
        let random = Random::from_system().unwrap();
        let folder = std::env::temp_dir().join(format!("ezw-mail-{}", hex::encode(random.bytes::<8>())));
        let mailer = FileMailer::new(folder.clone(), Arc::new(SystemClock), random);
        let letter = Letter { to: "a@b.c".into(), subject: "Hello", text: "secret".into() };
        assert!(!format!("{letter:?}").contains("secret"));
        mailer.hand_over(letter.clone()).await.unwrap();
        mailer.hand_over(letter).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 2);
        let mode = std::fs::metadata(&files[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(std::fs::read_to_string(&files[0]).unwrap().starts_with("To: a@b.c\nSubject: Hello\n"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
