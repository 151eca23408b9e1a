//! What each statement of the service reads, locks and writes, as in `src/store`: a snapshot of its beginning, the newest
//! version of what it locked (READ COMMITTED looks at the condition again after a wait), and nothing before COMMIT.

use super::{
    event::Origin,
    locks::{Grip, Mode},
    rows::{LINES, Ms, REPLIES, Rows, Write},
    world::World,
};

/// A start of a line, as its statements name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    pub(crate) run: usize,
    pub(crate) line: usize,
    pub(crate) epoch: u32,
    /// The row's version as it was taken.
    pub(crate) version: u32,
    /// Not in any row that a guard reads.
    pub(crate) taking: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKind {
    Accepted,
    NotWritten,
    /// Since then, by the clock of the node.
    Unknown(Ms),
}

/// What is known of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fact {
    pub(crate) line: usize,
    pub(crate) taking: u32,
    pub(crate) reply: usize,
    /// At the provider.
    pub(crate) id: u32,
    pub(crate) epoch: u32,
    pub(crate) deadline: i64,
    pub(crate) kind: FactKind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) max: u32,
    pub(crate) settled: bool,
    pub(crate) drops_repeats: bool,
    pub(crate) deadline: i64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement {
    LockOwn {
        run: usize,
    },
    Enter {
        run: usize,
        shown: bool,
    },
    Renew {
        run: usize,
        shown: bool,
    },
    /// Marks those of the suspects dead whose lock is free; a bit for each run.
    Hint {
        run: usize,
        suspects: u32,
    },
    /// Marks dead whose heartbeat passed; `healthy` is what the judge of this model knows of who asks.
    MarkDead {
        run: usize,
        healthy: bool,
    },
    /// Locks what is due; a transaction goes on from here.
    Due {
        run: usize,
    },
    Take {
        run: usize,
        lines: [bool; LINES],
    },
    Retake {
        fence: Fence,
    },
    LetGo {
        fence: Fence,
    },
    Advance {
        fence: Fence,
        version: u32,
        connected: bool,
        at: Ms,
    },
    Claim {
        fence: Fence,
        claim: Claim,
    },
    Taken {
        fence: Fence,
        deadline: i64,
    },
    Record(Fact),
    Rescue,
}

/// Replies of an answer, with the ids they have at the provider.
pub(crate) type Dispatches = [Option<u32>; REPLIES];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    /// No answer came, or an error.
    Nothing,
    Done,
    No,
    Taken([Option<Fence>; LINES]),
    Claimed(Dispatches),
    /// Runs whose lock is free.
    Free(u32),
    Fenced,
}

/// How far a statement got.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ran {
    Waits,
    Answers(Said),
    Commits(Said),
    /// The transaction stays open: the client sends this next, or COMMIT.
    Goes(Option<Statement>),
}

impl World {
    pub(crate) fn run_statement(&mut self, slot: usize, seen: &Rows, it: Statement, from: Origin) -> Ran {
        match it {
            Statement::LockOwn { run } => self.lock_own(run, from),
            Statement::Enter { run, shown } => self.enter(slot, run, shown),
            Statement::Renew { run, shown } => self.renew(slot, seen, run, shown),
            Statement::Hint { run, suspects } => self.hint(slot, seen, (run, suspects), from),
            Statement::MarkDead { run, .. } => self.mark_dead(slot, seen, run, from.node),
            Statement::Due { run } => self.due(slot, seen, run),
            Statement::Take { run, lines } => self.take(slot, seen, run, lines),
            Statement::Retake { fence } => self.retake(slot, fence),
            Statement::LetGo { fence } => self.guarded(slot, seen, fence, |row| row.owner = None),
            Statement::Advance { fence, version, connected, at } => {
                self.advance(slot, seen, (fence, version), (connected, at))
            }
            Statement::Claim { fence, claim } => self.claim(slot, seen, fence, claim),
            Statement::Taken { fence, deadline } => {
                let mut taken = [None; REPLIES];
                for (at, row) in seen.replies.iter().enumerate() {
                    if row.line == fence.line && row.epoch == fence.epoch && row.deadline == Some(deadline) {
                        taken[at] = Some(row.provider_id);
                    }
                }
                Ran::Answers(Said::Claimed(taken))
            }
            Statement::Record(fact) => self.record(slot, seen, fact),
            Statement::Rescue => self.rescue(slot, seen),
        }
    }

    pub(crate) fn write(&mut self, slot: usize, write: Write) {
        if let Some(transaction) = &mut self.postgres.slots[slot] {
            transaction.writes.push(write);
        }
    }

    pub(crate) fn grip(&mut self, slot: usize, row: usize, mode: Mode, skips: bool) -> Grip {
        self.postgres.locks.take(slot, row, mode, skips)
    }
}
