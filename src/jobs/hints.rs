//! Doorbells of lines that are at work on other nodes, by way of Postgres. Polling within a second finds what they were
//! for, so what gets lost here costs a second; nothing is ever waited for.

use super::Jobs;
use crate::store::{StoreError, nodes};
use ezw_actors::{
    backoff::Doubling,
    id::LineId,
    lines::{Doorbell, Elsewhere},
    task,
};
use std::{collections::HashSet, time::Duration};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Where nodes hear each other.
const CHANNEL: &str = "ezw_lines";
/// Doorbells that wait to be passed on.
const WAITING: usize = 1_024;
/// Doorbells in one notification: Postgres takes less than 8,000 bytes.
const AT_ONCE: usize = 150;
/// Between two of them: what is rung meanwhile goes along.
const PAUSE: Duration = Duration::from_millis(5);
/// When nobody said anything for so long, the connection is tried.
const SILENCE: Duration = Duration::from_secs(20);
/// For PostgreSQL to answer then.
const ANSWER: Duration = Duration::from_secs(5);
/// "Something is due to be taken."
const DUE: &str = "due";

pub(super) async fn run(jobs: Jobs) {
    if !jobs.hints {
        return std::future::pending().await;
    }
    let (sender, rung) = mpsc::channel(WAITING);
    jobs.lines.pass_on(sender);
    let passing = AbortOnDropHandle::new(task::spawn("pass doorbells on", pass_on(jobs.clone(), rung)));
    let mut waits = Doubling::new(Duration::from_millis(200), Duration::from_secs(5));
    let hearing = async {
        loop {
            if let Err(error) = hear(&jobs, &mut waits).await {
                tracing::debug!(%error, "hints of other nodes wait for Postgres");
            }
            tokio::time::sleep(waits.next_wait()).await;
        }
    };
    // Should passing on end, both begin anew.
    tokio::select! {
        _ = passing => {}
        () = hearing => {}
    }
}

async fn pass_on(jobs: Jobs, mut rung: mpsc::Receiver<Elsewhere>) {
    let mut bells = Vec::with_capacity(AT_ONCE);
    while rung.recv_many(&mut bells, AT_ONCE).await > 0 {
        let once: HashSet<Elsewhere> = bells.drain(..).collect();
        let words: Vec<String> =
            once.into_iter().map(|(line, bell)| format!("{}{line}", letter(bell))).collect();
        if let Err(error) = say(&jobs, words.join(" ")).await {
            tracing::debug!(%error, "doorbells are left to polling");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Lines were let go here: whoever has room need not wait for its next look.
pub(crate) async fn say_due(jobs: &Jobs) {
    if jobs.hints
        && let Err(error) = say(jobs, DUE.to_owned()).await
    {
        tracing::debug!(%error, "others find what is due by polling");
    }
}

async fn say(jobs: &Jobs, words: String) -> Result<(), StoreError> {
    jobs.db.run(move |conn| Box::pin(async move { nodes::notify(conn, CHANNEL, &words).await })).await
}

async fn hear(jobs: &Jobs, waits: &mut Doubling) -> Result<(), StoreError> {
    let mut connection = jobs.db.watched_connection().await?;
    let listening = tokio::time::timeout(ANSWER, connection.listen(CHANNEL)).await;
    listening.map_err(|_| StoreError::Unavailable("no answer in time".to_owned()))??;
    waits.succeeded();
    loop {
        let Ok(heard) = tokio::time::timeout(SILENCE, connection.heard()).await else {
            connection.check(ANSWER).await?;
            continue;
        };
        let Some(words) = heard else { return Ok(()) };
        for word in words.split(' ') {
            match read(word) {
                Some((line, Doorbell::Command)) if !jobs.lines.holds(line) => jobs.lines.ring_unowned(),
                Some((line, bell)) => jobs.lines.ring_here(line, bell),
                // Also what a newer release says and this one does not know.
                None => jobs.lines.ring_unowned(),
            }
        }
    }
}

fn letter(bell: Doorbell) -> char {
    match bell {
        Doorbell::Outbound => 'o',
        Doorbell::Command => 'c',
        Doorbell::Orders => 'r',
        Doorbell::Clock => 't',
    }
}

fn read(word: &str) -> Option<Elsewhere> {
    let bell = match word.chars().next()? {
        'o' => Doorbell::Outbound,
        'c' => Doorbell::Command,
        'r' => Doorbell::Orders,
        't' => Doorbell::Clock,
        _ => return None,
    };
    Some((LineId(word.get(1..)?.parse().ok()?), bell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doorbell_is_read_as_it_was_written_and_anything_else_is_a_look_at_what_is_due() {
        let line = LineId(uuid::Uuid::from_u128(7));
        for bell in [Doorbell::Outbound, Doorbell::Command, Doorbell::Orders, Doorbell::Clock] {
            assert_eq!(read(&format!("{}{line}", letter(bell))), Some((line, bell)));
        }
        for strange in ["", DUE, "o", "o7", "x00000000-0000-0000-0000-000000000007", "ö"] {
            assert_eq!(read(strange), None, "{strange}");
        }
    }

    #[test]
    fn a_full_notification_fits() {
        let word = format!("o{} ", LineId(uuid::Uuid::max()));
        assert!(word.len() * AT_ONCE < 8_000);
    }
}
