//! Statements about replies, as in `src/store/claim.sql`, `deliveries.rs` and `overdue.rs`.

use super::{
    locks::{Grip, Mode},
    mistake::Mistake,
    rows::{Ms, REPLIES, ReplyRow, Rows, Status, Write, line_row, reply_row},
    statement::{Claim, Dispatches, Fact, FactKind, Fence, Ran, Said},
    world::World,
};
use ezw_actors::Timings;

/// An attempt that nobody waits for is rescued so long after it began.
const RESCUE: Ms = 50_000;

impl World {
    /// `claim.sql`: the fence, the heads, their intents.
    pub(crate) fn claim(&mut self, slot: usize, seen: &Rows, fence: Fence, claim: Claim) -> Ran {
        let unlocked = self.makes(Mistake::NoRowLock);
        let mut line = seen.lines[fence.line];
        if !unlocked && self.holds(line, fence) {
            if self.grip(slot, line_row(fence.line), Mode::Share, false) == Grip::Waits {
                return Ran::Waits;
            }
            line = self.postgres.rows.lines[fence.line];
        }
        if !self.holds(line, fence) {
            return Ran::Answers(Said::Fenced);
        }
        let heads = if line.connected { self.heads(slot, seen, fence, claim) } else { [false; REPLIES] };
        let mut begun: Dispatches = [None; REPLIES];
        let mut left = claim.max;
        for reply in 0..self.replies {
            if left == 0 || !heads[reply] || self.comes_after_another(reply, &heads) {
                continue;
            }
            let row = self.begun(self.postgres.rows.replies[reply], fence, claim.deadline);
            begun[reply] = Some(row.provider_id);
            left -= 1;
            self.write(slot, Write::Reply(reply, row));
        }
        if begun == [None; REPLIES] {
            Ran::Answers(Said::Claimed(begun))
        } else {
            Ran::Commits(Said::Claimed(begun))
        }
    }

    /// What nobody else holds and no earlier reply holds up, locked.
    pub(crate) fn heads(&mut self, slot: usize, seen: &Rows, fence: Fence, claim: Claim) -> [bool; REPLIES] {
        let mut heads = [false; REPLIES];
        for (reply, head) in heads.iter_mut().enumerate().take(self.replies) {
            let row = seen.replies[reply];
            let wanted = row.line == fence.line && self.is_claimable(&row, claim);
            if !wanted || !self.is_head(seen, &row, claim.drops_repeats) {
                continue;
            }
            if self.grip(slot, reply_row(reply), Mode::Update, true) == Grip::Skipped {
                continue;
            }
            // Changed since: looked at again, with the others as they were.
            let row = self.postgres.rows.replies[reply];
            *head = self.is_claimable(&row, claim) && self.is_head(seen, &row, claim.drops_repeats);
        }
        heads
    }

    pub(crate) fn comes_after_another(&self, reply: usize, heads: &[bool; REPLIES]) -> bool {
        let rows = &self.postgres.rows.replies;
        let (conversation, seq) = (rows[reply].conversation, rows[reply].seq);
        !self.makes(Mistake::NoHeadRule)
            && (0..self.replies)
                .any(|at| heads[at] && rows[at].conversation == conversation && rows[at].seq < seq)
    }

    pub(crate) fn is_claimable(&self, row: &ReplyRow, claim: Claim) -> bool {
        let grace = Timings::REAL.unknown_grace.num_milliseconds().unsigned_abs();
        row.accepted
            && match row.status {
                Status::Queued => true,
                Status::Unknown => {
                    claim.settled
                        && claim.drops_repeats
                        && row.deadline.is_none()
                        && row.updated_at + grace <= self.now
                }
                Status::Sending | Status::Sent => false,
            }
    }

    pub(crate) fn is_head(&self, seen: &Rows, row: &ReplyRow, drops_repeats: bool) -> bool {
        let blocks = Timings::REAL.unknown_blocks.num_milliseconds().unsigned_abs();
        self.makes(Mistake::NoHeadRule)
            || !seen.replies.iter().any(|earlier| {
                earlier.accepted
                    && earlier.conversation == row.conversation
                    && earlier.seq < row.seq
                    && seen.holds_up(earlier, drops_repeats, blocks, self.now)
            })
    }

    pub(crate) fn begun(&mut self, row: ReplyRow, fence: Fence, deadline: i64) -> ReplyRow {
        let mut begun = ReplyRow {
            attempts: row.attempts + 1,
            epoch: fence.epoch,
            deadline: Some(deadline),
            attempt_started_at: self.now,
            updated_at: self.now,
            ..row
        };
        if row.status == Status::Queued {
            begun.status = Status::Sending;
        } else if self.makes(Mistake::ResendWithNewId) {
            self.numbers += 1;
            begun.provider_id = 100 + self.numbers;
        }
        begun
    }

    pub(crate) fn record(&mut self, slot: usize, seen: &Rows, fact: Fact) -> Ran {
        let clocks_in_rows = self.makes(Mistake::ClocksInRows);
        let changed = |row: ReplyRow, now: Ms| {
            let open = matches!(row.status, Status::Sending | Status::Unknown);
            let own = open && row.epoch == fact.epoch && row.deadline == Some(fact.deadline);
            let ours = row.accepted && row.provider_id == fact.id;
            let (deadline, updated_at) = (None, now);
            match fact.kind {
                FactKind::Accepted if ours && row.status != Status::Sent => {
                    Some(ReplyRow { status: Status::Sent, deadline, updated_at, ..row })
                }
                FactKind::NotWritten if ours && own && row.status == Status::Sending => {
                    let (status, attempts) = (Status::Queued, row.attempts - 1);
                    Some(ReplyRow { status, attempts, deadline, updated_at, ..row })
                }
                FactKind::NotWritten if ours && own => Some(ReplyRow { deadline, updated_at, ..row }),
                FactKind::Unknown(since) if ours && own => {
                    let since = if clocks_in_rows { since } else { now };
                    let unknown_since = Some(row.unknown_since.unwrap_or(since));
                    Some(ReplyRow { status: Status::Unknown, unknown_since, deadline, updated_at, ..row })
                }
                FactKind::Accepted | FactKind::NotWritten | FactKind::Unknown(_) => None,
            }
        };
        if changed(seen.replies[fact.reply], self.now).is_none() {
            return Ran::Answers(Said::Done);
        }
        if self.grip(slot, reply_row(fact.reply), Mode::Update, false) == Grip::Waits {
            return Ran::Waits;
        }
        if let Some(row) = changed(self.postgres.rows.replies[fact.reply], self.now) {
            self.write(slot, Write::Reply(fact.reply, row));
        }
        Ran::Commits(Said::Done)
    }

    pub(crate) fn rescue(&mut self, slot: usize, seen: &Rows) -> Ran {
        for reply in 0..self.replies {
            if !self.is_abandoned(&seen.replies[reply]) {
                continue;
            }
            if self.grip(slot, reply_row(reply), Mode::Update, false) == Grip::Waits {
                return Ran::Waits;
            }
            let row = self.postgres.rows.replies[reply];
            if self.is_abandoned(&row) {
                self.write(slot, Write::Reply(reply, given_up(row, self.now)));
            }
        }
        Ran::Commits(Said::Done)
    }

    pub(crate) fn is_abandoned(&self, row: &ReplyRow) -> bool {
        row.accepted && row.deadline.is_some() && row.attempt_started_at + RESCUE < self.now
    }
}

/// Nobody knows how far it got.
pub(crate) fn given_up(row: ReplyRow, now: Ms) -> ReplyRow {
    ReplyRow {
        status: Status::Unknown,
        unknown_since: Some(row.unknown_since.unwrap_or(now)),
        deadline: None,
        updated_at: now,
        ..row
    }
}
