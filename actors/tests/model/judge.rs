//! The properties, held against what really happened: the judge sees all clocks, rows and sessions at once.

use super::{
    line::Actor,
    node::Node,
    postgres::Transaction,
    rows::{LINES, LineRow, Ms, REPLIES, RUNS, ReplyRow, Rows, Status, Write},
    statement::Statement,
    world::World,
};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    /// (a) No intent is committed by a start of a line that is not its owner any more.
    GuardedIntent,
    /// (b) Nothing is taken from an older start once a younger one's session opened.
    OlderSession,
    /// (c) One id at the provider for each reply.
    OneId,
    /// (c) Nobody sees a reply twice.
    SeenOnce,
    /// (d) First arrivals keep the order of their conversation.
    Order,
    /// (e) What was accepted is not lost.
    Kept,
    /// (f) One epoch of a line belongs to one run of one node.
    OneOwner,
    /// (f) Whoever trusts its lease has one, by the database's clock.
    Trust,
    /// (g) Who renewed in time is not marked dead, and its lines are not taken.
    Alive,
    /// (g) Nobody is marked dead by a node that stood still itself a moment ago.
    SoundJudge,
    /// (h) When faults are over, lines are owned and replies flow.
    Recovers,
}

/// What was broken, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) property: Property,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.property, self.what)
    }
}

/// How often the interesting things happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Been {
    pub(crate) intents: u64,
    pub(crate) takeovers: u64,
    /// Runs marked dead because their heartbeat passed.
    pub(crate) late: u64,
    /// Runs marked dead because their lock was free.
    pub(crate) hinted: u64,
    /// Attempts whose fate became unknown.
    pub(crate) broken_off: u64,
    /// Replies that were claimed, and not handed over.
    pub(crate) handed_back: u64,
    pub(crate) resent: u64,
    /// What the provider took again.
    pub(crate) repeats: u64,
    pub(crate) freezes: u64,
    /// Failovers that undid a taking.
    pub(crate) undone: u64,
}

impl Been {
    pub(crate) fn is_everywhere(&self) -> bool {
        let Self {
            intents,
            takeovers,
            late,
            hinted,
            broken_off,
            handed_back,
            resent,
            repeats,
            freezes,
            undone,
        } = *self;
        let counts =
            [intents, takeovers, late, hinted, broken_off, handed_back, resent, repeats, freezes, undone];
        counts.iter().all(|count| *count > 0)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.intents += other.intents;
        self.takeovers += other.takeovers;
        self.late += other.late;
        self.hinted += other.hinted;
        self.broken_off += other.broken_off;
        self.handed_back += other.handed_back;
        self.resent += other.resent;
        self.repeats += other.repeats;
        self.freezes += other.freezes;
        self.undone += other.undone;
    }
}

#[derive(Debug, Default)]
pub(crate) struct Judge {
    pub(crate) violation: Option<Violation>,
    pub(crate) been: Been,
    /// Until when a run's last renewal is good, whether or not a failover undid it.
    lease_until: [Ms; RUNS],
    /// A failover lost an intent of this reply: it may be sent again as if it never had been.
    pub(crate) intent_undone: [bool; REPLIES],
    /// A failover lost that it was accepted.
    pub(crate) lost: [bool; REPLIES],
}

impl Judge {
    pub(crate) fn count(&mut self, of: impl FnOnce(&mut Been) -> &mut u64) {
        *of(&mut self.been) += 1;
    }

    pub(crate) fn renewed(&mut self, run: usize, until: Ms) {
        self.lease_until[run] = self.lease_until[run].max(until);
    }
}

impl World {
    pub(crate) fn violates(&mut self, property: Property, what: impl FnOnce() -> String) {
        if self.judge.violation.is_none() {
            let violation = Violation { property, what: what() };
            self.note(|| format!("VIOLATION of {violation}"));
            self.judge.violation = Some(violation);
        }
    }

    pub(crate) fn judge_trust(&mut self, node: usize, run: usize) {
        let until = self.judge.lease_until[run];
        if until <= self.now {
            let over = self.now - until;
            self.violates(Property::Trust, || {
                format!("node {node} trusts its lease {over} ms after it passed by the database's clock")
            });
        }
    }

    /// Called before the writes are applied.
    pub(crate) fn judge_commit(&mut self, transaction: &Transaction) {
        for write in &transaction.writes {
            match *write {
                Write::Node(run, row) if row.dead => self.judge_mark(transaction, run),
                Write::Line(line, row) if row.owner.is_some() => self.judge_taking(line, row),
                Write::Reply(_, row) if row.status == Status::Unknown && row.deadline.is_none() => {
                    self.judge.count(|been| &mut been.broken_off);
                }
                Write::Node(..) | Write::Line(..) | Write::Reply(..) => {}
            }
        }
        if let Statement::Claim { .. } = transaction.statement {
            self.judge_intent(transaction);
        }
    }

    fn judge_intent(&mut self, transaction: &Transaction) {
        let Statement::Claim { fence, .. } = transaction.statement else { return };
        let row = self.postgres.rows.lines[fence.line];
        self.judge.count(|been| &mut been.intents);
        let again = |write: &&Write| matches!(write, Write::Reply(_, row) if row.status == Status::Unknown);
        self.judge.been.resent += transaction.writes.iter().filter(again).count() as u64;
        // A failover may let a run take a line twice in one epoch, with one actor: that is one owner.
        let (epoch, line, run) = (fence.epoch, fence.line, fence.run);
        if row.owner != Some(run) || row.epoch != epoch {
            let property = if row.epoch == epoch { Property::OneOwner } else { Property::GuardedIntent };
            let (owner, now) = (row.owner, row.epoch);
            self.violates(property, || {
                format!(
                    "run {run} commits an intent for line {line} in epoch {epoch}: it is {owner:?}'s in {now}"
                )
            });
        }
        let first = self.postgres.rows.intents[line].filter(|(before, _)| *before == epoch);
        let (_, owner) = *self.postgres.rows.intents[line].insert(first.unwrap_or((epoch, run)));
        if owner != run {
            self.violates(Property::OneOwner, || {
                format!("runs {owner} and {run} commit intents in epoch {epoch} of line {line}")
            });
        }
    }

    fn judge_mark(&mut self, transaction: &Transaction, run: usize) {
        let judge = transaction.origin;
        if let Statement::MarkDead { healthy, run: judges } = transaction.statement {
            self.judge.count(|been| &mut been.late);
            if let Some(until) = self.renewal_ahead(run) {
                let left = until - self.now;
                self.violates(Property::Alive, || {
                    format!("run {run} is marked dead, and its heartbeat is good for {left} ms more")
                });
            }
            if !healthy && run != judges && self.is_well_run(run) {
                self.violates(Property::SoundJudge, || {
                    format!(
                        "node {} stood still a moment ago and marks run {run} dead, which is alive",
                        judge.node
                    )
                });
            }
        }
    }

    /// Called as a statement marks a run dead whose lock was free.
    pub(crate) fn judge_the_hint(&mut self, node: usize, is_shown: bool, run: usize) {
        self.judge.count(|been| &mut been.hinted);
        if self.is_connected_throughout(run) {
            self.violates(Property::Alive, || format!("run {run} is marked dead, and is connected as ever"));
        }
        if !is_shown && self.is_well_run(run) {
            self.violates(Property::SoundJudge, || {
                format!("node {node} has lost its own connection, and marks run {run} dead, which is alive")
            });
        }
    }

    /// Called as a statement marks a run dead whose heartbeat passed.
    pub(crate) fn judge_the_judge(&mut self, node: usize, run: usize, is_sound: bool) {
        if !is_sound && self.is_well_run(run) {
            self.violates(Property::SoundJudge, || {
                format!("node {node} marks run {run} dead, which is alive, and its own lease is over")
            });
        }
    }

    /// A renewal that is good beyond now: committed, or executed and on its way to that.
    fn renewal_ahead(&self, run: usize) -> Option<Ms> {
        let committed = self.postgres.rows.nodes[run].heartbeat_until;
        let renewal = |write: &Write| match write {
            Write::Node(at, row) if *at == run && row.lives() => Some(row.heartbeat_until),
            Write::Node(..) | Write::Line(..) | Write::Reply(..) => None,
        };
        let pending =
            self.postgres.slots.iter().flatten().flat_map(|other| &other.writes).filter_map(renewal);
        pending.chain([committed]).max().filter(|until| *until > self.now)
    }

    fn judge_taking(&mut self, line: usize, taken: LineRow) {
        let row = self.postgres.rows.lines[line];
        if row.taking == taken.taking {
            return;
        }
        self.judge.count(|been| &mut been.takeovers);
        let Some(owner) = row.owner.filter(|owner| !self.postgres.rows.nodes[*owner].dead) else { return };
        let from_another = taken.owner != row.owner;
        if let Some(until) = self.renewal_ahead(owner).filter(|_| from_another) {
            let left = until - self.now;
            self.violates(Property::Alive, || {
                format!("line {line} is taken from run {owner}, whose heartbeat is good for {left} ms more")
            });
        }
    }

    /// What the failover undid.
    pub(crate) fn judge_failover(&mut self, old: &Rows) {
        let new = self.postgres.rows;
        for reply in 0..REPLIES {
            let (before, after) = (old.replies[reply], new.replies[reply]);
            self.judge.lost[reply] |= before.accepted && !after.accepted;
            let undone =
                before.attempts > after.attempts || before.status != after.status || self.judge.lost[reply];
            self.judge.intent_undone[reply] |= undone;
        }
        if (0..LINES).any(|line| old.lines[line].taking != new.lines[line].taking) {
            self.judge.count(|been| &mut been.undone);
        }
    }

    /// Faults are over, and everything that was to happen happened.
    pub(crate) fn is_well(&mut self) -> bool {
        (0..self.lines).all(|line| self.is_at_work(line))
            && (0..self.replies).all(|reply| self.is_done(reply))
    }

    fn is_at_work(&self, line: usize) -> bool {
        let row = self.postgres.rows.lines[line];
        let owns = |node: &Node| {
            let at_work = |actor: &Actor| {
                let at_this = actor.fence.epoch == row.epoch && actor.version == row.version;
                let open = |session: usize| !self.provider.sessions[session].over;
                at_this && actor.is_connected() && actor.session.is_some_and(open)
            };
            node.up && node.run == row.owner && node.actors[line].as_ref().is_some_and(at_work)
        };
        row.connected && self.nodes.iter().any(owns)
    }

    /// Sent; or lost with its acceptance; or of unknown fate for good, with those that wait behind it.
    fn is_done(&self, reply: usize) -> bool {
        let rows = &self.postgres.rows;
        let row = rows.replies[reply];
        if row.status == Status::Sent || self.judge.lost[reply] {
            return true;
        }
        let unknown = |other: &ReplyRow| {
            other.conversation == row.conversation
                && other.seq <= row.seq
                && other.accepted
                && other.status == Status::Unknown
                && other.deadline.is_none()
        };
        row.accepted && !self.plan.drops_repeats && rows.replies.iter().any(unknown)
    }

    pub(crate) fn judge_the_end(&mut self) {
        for reply in 0..self.replies {
            let row = self.postgres.rows.replies[reply];
            if row.accepted && row.status == Status::Sent && self.provider.replies[reply].times == 0 {
                self.violates(Property::Kept, || format!("reply {reply} is called sent, and never arrived"));
            }
            if !row.accepted && !self.judge.lost[reply] {
                self.violates(Property::Kept, || {
                    format!("reply {reply} was accepted, and there is no row of it")
                });
            }
        }
    }

    /// The quiet time was not enough.
    pub(crate) fn stuck(&mut self) {
        let line = (0..self.lines).find(|line| !self.is_at_work(*line));
        let reply = (0..self.replies).find(|reply| !self.is_done(*reply));
        let rows = self.postgres.rows;
        self.violates(Property::Recovers, || match (line, reply) {
            (Some(line), _) => format!("line {line} is not at work again: {:?}", rows.lines[line]),
            (None, Some(reply)) => format!("reply {reply} is not sent: {:?}", rows.replies[reply]),
            (None, None) => "it goes on and on".to_owned(),
        });
    }
}
