//! Ends what waited too long, and forgets what nobody may ask for any more.

use super::Jobs;
use crate::store::{StoreError, overdue, retention};
use ezw_actors::lines::Evidence;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// Between sweeps: a reply or command may outlive its time by as much.
const EVERY: Duration = Duration::from_secs(5);
/// Sweeps from one that did a slow step to the next that does.
const SLOW: u32 = 60;
/// Signs of life are written down this often, in one statement.
const EVIDENCE_EVERY: Duration = Duration::from_secs(60);

/// What a sweep does, one at a time in this order.
#[derive(Clone, Copy, Debug)]
enum Step {
    ExpireReplies,
    RescueReplies,
    ExpireCommands,
    SettleUnknowns,
    ForgetKeys,
    ForgetSignIns,
}

const STEPS: [Step; 6] = [
    Step::ExpireReplies,
    Step::RescueReplies,
    Step::ExpireCommands,
    Step::SettleUnknowns,
    Step::ForgetKeys,
    Step::ForgetSignIns,
];

impl Step {
    /// Sweeps from one time it was done to the next.
    fn pause(self) -> u32 {
        match self {
            Self::ExpireReplies | Self::RescueReplies | Self::ExpireCommands => 1,
            Self::SettleUnknowns | Self::ForgetKeys | Self::ForgetSignIns => SLOW,
        }
    }

    async fn run(self, jobs: &Jobs) -> Result<(), StoreError> {
        let db = &jobs.db;
        match self {
            Self::ExpireReplies => while db.run(|conn| Box::pin(overdue::expire_replies(conn))).await? {},
            Self::RescueReplies => {
                db.run(|conn| Box::pin(overdue::rescue_abandoned(conn))).await?;
            }
            Self::ExpireCommands => {
                db.run(|conn| Box::pin(retention::expire_commands(conn))).await?;
            }
            Self::SettleUnknowns => {
                db.run(|conn| Box::pin(overdue::settle_old_unknowns(conn))).await?;
            }
            Self::ForgetKeys => db.run(|conn| Box::pin(retention::forget_old_keys(conn))).await?,
            Self::ForgetSignIns => {
                while db.run(|conn| Box::pin(retention::forget_old_sign_ins(conn))).await? {}
            }
        }
        Ok(())
    }
}

pub(super) async fn run(jobs: Jobs) {
    let mut due = STEPS.map(|step| (step, 0));
    for round in 0_u32.. {
        // One that fails keeps no other from being done, and is tried again in the next round.
        for (step, from) in due.iter_mut().filter(|(_, from)| *from <= round) {
            match step.run(&jobs).await {
                Ok(()) => *from = round.saturating_add(step.pause()),
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::debug!(?step, %error, "sweeping waits for Postgres");
                }
                Err(error @ (StoreError::Unfit(_) | StoreError::Broken(_))) => {
                    tracing::error!(?step, %error, "a step of the sweep fails");
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

pub(super) async fn flush_evidence(jobs: Jobs) {
    let mut flushed: HashMap<uuid::Uuid, Evidence> = HashMap::new();
    loop {
        tokio::time::sleep(EVIDENCE_EVERY).await;
        let owned = jobs.lines.owned();
        let still: HashSet<_> = owned.iter().map(|line| line.0).collect();
        flushed.retain(|line, _| still.contains(line));
        let mut news = Vec::new();
        for line in owned {
            let Some(evidence) = jobs.lines.peek(line).map(|peek| peek.evidence) else { continue };
            if flushed.get(&line.0) != Some(&evidence) {
                news.push((line.0, evidence));
            }
        }
        let told: HashMap<_, _> = news.iter().copied().collect();
        let written = jobs
            .db
            .run(move |conn| Box::pin(async move { retention::keep_evidence(conn, &news).await }))
            .await;
        match written {
            // Those left out come next time.
            Ok(written) => {
                flushed.extend(written.iter().filter_map(|line| Some((*line, *told.get(line)?))));
            }
            Err(error) => tracing::debug!(%error, "evidence waits for Postgres"),
        }
    }
}
