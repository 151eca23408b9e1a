//! Statements about who lives and who owns what, as in `src/store/ownership.rs` and `line_store.rs`.

use super::{
    event::Origin,
    locks::{Grip, Mode},
    mistake::Mistake,
    queue::given_up,
    rows::{LINES, LineRow, Ms, NodeRow, ReplyRow, Rows, Status, Write, line_row, node_row, reply_row},
    statement::{Fence, Ran, Said, Statement},
    world::World,
};
use ezw_actors::lease::TTL;

const LEASE: Ms = TTL.as_millis() as Ms;

impl World {
    pub(crate) fn lock_own(&mut self, run: usize, from: Origin) -> Ran {
        let free = self.postgres.holder(run).is_none_or(|holder| Some(holder) == from.connection);
        if free && !self.is_hinted(run) {
            self.postgres.advisory[run] = from.connection;
            return Ran::Answers(Said::Done);
        }
        Ran::Answers(Said::No)
    }

    pub(crate) fn enter(&mut self, slot: usize, run: usize, holds_lock: bool) -> Ran {
        let heartbeat_until = self.now + LEASE;
        let row = NodeRow { entered: true, dead: false, holds_lock, heartbeat_until };
        self.write(slot, Write::Node(run, row));
        Ran::Commits(Said::Done)
    }

    /// Somebody else holds the lock just now, to see whether it is free.
    pub(crate) fn is_hinted(&self, run: usize) -> bool {
        self.postgres.slots.iter().flatten().any(|transaction| transaction.free & (1 << run) != 0)
    }

    pub(crate) fn renew(&mut self, slot: usize, seen: &Rows, run: usize, holds_lock: bool) -> Ran {
        if !seen.nodes[run].lives() {
            return Ran::Answers(Said::No);
        }
        if self.grip(slot, node_row(run), Mode::Update, false) == Grip::Waits {
            return Ran::Waits;
        }
        let row = self.postgres.rows.nodes[run];
        if !row.lives() {
            return Ran::Answers(Said::No);
        }
        let row = NodeRow { heartbeat_until: self.now + LEASE, holds_lock, ..row };
        self.judge.renewed(run, row.heartbeat_until);
        self.write(slot, Write::Node(run, row));
        Ran::Commits(Said::Done)
    }

    /// One statement: takes every lock that is free, and marks those of the suspects dead.
    pub(crate) fn hint(&mut self, slot: usize, seen: &Rows, who: (usize, u32), from: Origin) -> Ran {
        let (judge, suspects) = who;
        let is_shown = self.postgres.holder(judge).is_some();
        if !is_shown && !self.makes(Mistake::HintsWithoutItsOwnLock) {
            return Ran::Answers(Said::Free(0));
        }
        let mut free = self.postgres.slots[slot].as_ref().map_or(0, |transaction| transaction.free);
        for run in (0..self.runs).filter(|run| *run != judge) {
            let shows = |row: NodeRow| row.lives() && row.holds_lock;
            if shows(seen.nodes[run]) && self.postgres.holder(run).is_none() && !self.is_hinted(run) {
                free |= 1 << run;
            }
        }
        if let Some(transaction) = &mut self.postgres.slots[slot] {
            transaction.free = free;
        }
        for run in (0..self.runs).filter(|run| free & suspects & (1 << *run) != 0) {
            if self.grip(slot, node_row(run), Mode::Update, false) == Grip::Waits {
                return Ran::Waits;
            }
            let row = self.postgres.rows.nodes[run];
            if row.lives() && row.holds_lock {
                self.judge_the_hint(from.node, is_shown, run);
                self.mark(slot, run);
            }
        }
        Ran::Commits(Said::Free(free))
    }

    pub(crate) fn mark(&mut self, slot: usize, run: usize) {
        let row = self.postgres.rows.nodes[run];
        if row.lives() {
            self.write(slot, Write::Node(run, NodeRow { dead: true, ..row }));
        }
    }

    pub(crate) fn mark_dead(&mut self, slot: usize, seen: &Rows, judge: usize, node: usize) -> Ran {
        let clock = if self.makes(Mistake::OwnClock) { self.wall(node) } else { self.now };
        let own = seen.nodes[judge];
        let is_sound = own.lives() && own.heartbeat_until > self.now;
        if !is_sound && !self.makes(Mistake::JudgesAfterItsLease) {
            return Ran::Answers(Said::Done);
        }
        for run in 0..self.runs {
            let passed = |row: NodeRow| row.lives() && row.heartbeat_until < clock;
            if !passed(seen.nodes[run]) {
                continue;
            }
            if self.grip(slot, node_row(run), Mode::Update, false) == Grip::Waits {
                return Ran::Waits;
            }
            if passed(self.postgres.rows.nodes[run]) {
                self.judge_the_judge(node, run, is_sound || run == judge);
                self.mark(slot, run);
            }
        }
        Ran::Commits(Said::Done)
    }

    /// Whether a line may be taken, as far as this statement sees.
    pub(crate) fn is_due(&self, seen: &Rows, line: LineRow) -> bool {
        let read = self.makes(Mistake::HeartbeatOnlyRead);
        let passed = |owner: usize| seen.nodes[owner].heartbeat_until < self.now;
        seen.is_due(line) || (read && line.owner.is_some_and(passed))
    }

    pub(crate) fn due(&mut self, slot: usize, seen: &Rows, run: usize) -> Ran {
        let mut due = [false; LINES];
        for (line, due) in due.iter_mut().enumerate().take(self.lines) {
            if !seen.nodes[run].lives() || !self.is_due(seen, seen.lines[line]) {
                continue;
            }
            let skips = self.grip(slot, line_row(line), Mode::Update, true) == Grip::Skipped;
            // Changed since: looked at again, with the nodes as they were.
            *due = !skips && self.is_due(seen, self.postgres.rows.lines[line]);
        }
        if due == [false; LINES] {
            return Ran::Answers(Said::Taken([None; LINES]));
        }
        Ran::Goes(Some(Statement::Take { run, lines: due }))
    }

    /// Breaks off what the last start had under way, and takes the lines.
    pub(crate) fn take(&mut self, slot: usize, seen: &Rows, run: usize, lines: [bool; LINES]) -> Ran {
        for reply in 0..self.replies {
            let before = seen.replies[reply];
            let under_way = |row: ReplyRow| {
                row.accepted
                    && (row.status == Status::Sending
                        || (row.status == Status::Unknown && row.deadline.is_some()))
            };
            if !lines[before.line] || !under_way(before) {
                continue;
            }
            if self.grip(slot, reply_row(reply), Mode::Update, false) == Grip::Waits {
                return Ran::Waits;
            }
            let row = self.postgres.rows.replies[reply];
            if under_way(row) {
                let given_up = given_up(row, self.now);
                let status = if self.makes(Mistake::SilenceIsSent) { Status::Sent } else { given_up.status };
                self.write(slot, Write::Reply(reply, ReplyRow { status, ..given_up }));
            }
        }
        for (line, taken) in lines.into_iter().enumerate() {
            if taken {
                let row = self.postgres.rows.lines[line];
                self.numbers += 1;
                let taking = self.numbers;
                let taken = LineRow {
                    owner: Some(run),
                    epoch: row.epoch + 1,
                    version: row.version + 1,
                    connected: false,
                    taking,
                    ..row
                };
                self.write(slot, Write::Line(line, taken));
            }
        }
        Ran::Goes(None)
    }

    pub(crate) fn holds(&self, row: LineRow, fence: Fence) -> bool {
        row.epoch == fence.epoch
            && (row.owner == Some(fence.run) || self.makes(Mistake::EpochWithoutIncarnation))
    }

    pub(crate) fn retake(&mut self, slot: usize, fence: Fence) -> Ran {
        if self.grip(slot, line_row(fence.line), Mode::Update, false) == Grip::Waits {
            return Ran::Waits;
        }
        if !self.holds(self.postgres.rows.lines[fence.line], fence) {
            return Ran::Answers(Said::Fenced);
        }
        let mut lines = [false; LINES];
        lines[fence.line] = true;
        Ran::Goes(Some(Statement::Take { run: fence.run, lines }))
    }

    /// Changes the line's row while this start owns it.
    pub(crate) fn guarded(
        &mut self,
        slot: usize,
        seen: &Rows,
        fence: Fence,
        change: impl FnOnce(&mut LineRow),
    ) -> Ran {
        if !self.holds(seen.lines[fence.line], fence) {
            return Ran::Answers(Said::Fenced);
        }
        if self.grip(slot, line_row(fence.line), Mode::Update, false) == Grip::Waits {
            return Ran::Waits;
        }
        let mut row = self.postgres.rows.lines[fence.line];
        if !self.holds(row, fence) {
            return Ran::Answers(Said::Fenced);
        }
        change(&mut row);
        self.write(slot, Write::Line(fence.line, row));
        Ran::Commits(Said::Done)
    }

    pub(crate) fn advance(
        &mut self,
        slot: usize,
        seen: &Rows,
        (fence, version): (Fence, u32),
        (connected, at): (bool, Ms),
    ) -> Ran {
        let row = self.postgres.rows.lines[fence.line];
        if self.holds(row, fence) && row.version == version {
            // The answer to an earlier COMMIT of this very transition was lost.
            return Ran::Answers(Said::Done);
        }
        if row.version + 1 != version {
            return Ran::Answers(Said::Fenced);
        }
        let at = if self.makes(Mistake::ClocksInRows) { at } else { self.now };
        let ran = self.guarded(slot, seen, fence, |row| {
            row.version = version;
            row.connected = connected;
            if connected {
                row.session_started_at = at;
            }
        });
        if connected && matches!(ran, Ran::Commits(_)) {
            for reply in 0..self.replies {
                let row = seen.replies[reply];
                let waits =
                    row.line == fence.line && row.status == Status::Unknown && row.blocks_from.is_none();
                if waits && self.grip(slot, reply_row(reply), Mode::Update, true) == Grip::Held {
                    let row = ReplyRow { blocks_from: Some(at), ..self.postgres.rows.replies[reply] };
                    if row.status == Status::Unknown {
                        self.write(slot, Write::Reply(reply, row));
                    }
                }
            }
        }
        ran
    }
}
