//! One process: its heartbeat, its claims, what it does when it finds lines alone. As `src/jobs` does it, with the lock of
//! the heartbeat's connection beside it.

use super::{
    event::{Event, Next, Step, To},
    faults::Fault,
    heartbeat::RENEWS,
    line::Actor,
    mistake::Mistake,
    rows::{LINES, LineRow, Ms, NodeRow},
    statement::{Fence, Said, Statement},
    world::{START, World},
};
use ezw_actors::{
    Trust,
    lease::{JUDGES_AFTER, Lease, MARGIN, TTL},
};
use std::{sync::Arc, time::Instant};

const LEASE: Ms = TTL.as_millis() as Ms;
const TRUSTED: Ms = LEASE - MARGIN.as_millis() as Ms;
const GAPLESS: Ms = JUDGES_AFTER.as_millis() as Ms;
/// Between two looks at the locks of others.
const BLIP: Ms = 800;

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) up: bool,
    /// Counts its processes.
    pub(crate) boot: u32,
    pub(crate) frozen_until: Ms,
    /// Its way to the database is cut.
    pub(crate) cut_until: Ms,
    /// Of the monotonic clock.
    pub(crate) offset: Ms,
    /// Of the wall clock.
    pub(crate) skew: i64,
    pub(crate) lease: Lease,
    pub(crate) run: Option<usize>,
    /// The run it is about to enter as.
    pub(crate) entering: Option<usize>,
    pub(crate) connection: Option<usize>,
    /// The connection on which it entered; lost, it is not connected without a gap any more.
    pub(crate) entered_on: Option<usize>,
    /// Its own lock is held on that connection.
    pub(crate) locked: bool,
    /// The beat that is due.
    pub(crate) beat: u32,
    pub(crate) request: u32,
    /// Runs whose lock was free at the last look, and when that was.
    pub(crate) suspects: (u32, Ms),
    pub(crate) asked: Ms,
    pub(crate) asks: Asks,
    /// As the lease was when it did not see gaps.
    pub(crate) gapless_since: Option<Instant>,
    pub(crate) claiming: bool,
    pub(crate) actors: [Option<Actor>; LINES],
    pub(crate) restarting: [bool; LINES],
    /// Epoch and version of lines that no actor stands behind, or one that is ahead.
    alone: [Option<(u32, u32)>; LINES],
    looked_at: Ms,
    /// The last times it stood still for longer than trust lasts: until when.
    pub(crate) stood_still_until: Ms,
}

/// What the heartbeat waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    Lock,
    Enter,
    Renew,
}

impl Node {
    pub(crate) fn fresh(origin: Instant, boot: u32, (offset, skew): (Ms, i64)) -> Self {
        Self {
            up: true,
            boot,
            frozen_until: 0,
            cut_until: 0,
            offset,
            skew,
            lease: Lease::new(Arc::new(Trust::none(origin))),
            run: None,
            entering: None,
            connection: None,
            entered_on: None,
            locked: false,
            beat: 0,
            request: 0,
            suspects: (0, 0),
            asked: 0,
            asks: Asks::Lock,
            gapless_since: None,
            claiming: false,
            actors: [const { None }; LINES],
            restarting: [false; LINES],
            alone: [None; LINES],
            looked_at: 0,
            stood_still_until: 0,
        }
    }
}

impl World {
    /// A node that has been at work for a while.
    pub(crate) fn enter_warm(&mut self, node: usize) {
        let clocks = (self.below(1_000_000), self.below(120_001).cast_signed() - 60_000);
        let mut fresh = Node::fresh(self.origin_of_clocks(), 0, clocks);
        let run = self.runs;
        self.runs += 1;
        let connection = self.connect(node);
        self.postgres.connections[connection].since = 0;
        self.postgres.advisory[run] = Some(connection).filter(|_| self.plan.hints);
        (fresh.run, fresh.connection, fresh.locked) = (Some(run), Some(connection), self.plan.hints);
        fresh.entered_on = Some(connection);
        self.nodes.push(fresh);
        let last = START - self.below(RENEWS);
        for back in (0..5).rev() {
            let asked = self.monotonic(node, last - back * RENEWS);
            self.renewed(node, asked);
        }
        let row = NodeRow {
            entered: true,
            dead: false,
            holds_lock: self.plan.hints,
            heartbeat_until: last + LEASE,
        };
        self.postgres.rows.nodes[run] = row;
        self.judge.renewed(run, row.heartbeat_until);
        self.beats_again(node, last + RENEWS - START);
        let after = self.below(1_500);
        self.later(node, after, Step::Poll);
        let skew = self.nodes[node].skew;
        self.note(|| format!("node {node} is run {run}, its wall clock {skew} ms off"));
    }

    pub(crate) fn boots(&mut self, node: usize) {
        let it = &self.nodes[node];
        let (boot, clocks) = (it.boot + 1, (it.offset, it.skew));
        let cut_until = it.cut_until;
        self.nodes[node] = Node { cut_until, ..Node::fresh(self.origin_of_clocks(), boot, clocks) };
        self.note(|| format!("node {node} starts anew"));
        self.beats_again(node, 1);
        let after = self.below(1_500);
        self.later(node, after, Step::Poll);
    }

    pub(crate) fn step(&mut self, node: usize, step: Step) {
        match step {
            Step::Heartbeat { number } if number == self.nodes[node].beat => self.beat(node),
            Step::Heartbeat { .. } => {}
            Step::Heard { connection } => self.heard(node, connection),
            Step::Poll => self.poll(node),
            Step::Answer(to, said) => self.answered(node, to, said),
            Step::Go(to, next) => self.go_on(node, to, next),
            Step::Connect { line, taking } => self.connect_line(node, line, taking),
            Step::Open { line, taking } => self.open(node, line, taking),
            Step::Send { line, taking, session, reply, id, deadline } => {
                self.send(node, (line, taking), (session, reply, id), deadline);
            }
            Step::Ready { session } => self.ready(node, session),
            Step::Closed { session } => self.closed(node, session),
            Step::Acked { session, reply, id } => self.acked(node, session, reply, id),
            Step::Record(fact) => self.ask(node, To::Fact(fact), Statement::Record(fact)),
            Step::Restart { fence, session } => {
                self.ask(node, To::Restart { fence, session }, Statement::Retake { fence });
            }
        }
    }

    /// The client of an open transaction sends its next statement.
    pub(crate) fn go_on(&mut self, node: usize, _to: To, next: Next) {
        self.tempt_freeze(node, 48);
        let leaves = self.nodes[node].frozen_until.max(self.now);
        let lag = self.lag();
        self.at(leaves + lag, Event::Continues { next });
    }

    pub(crate) fn answered(&mut self, node: usize, to: To, said: Said) {
        match to {
            To::Heartbeat { request } if request == self.nodes[node].request => self.beaten(node, said),
            To::Heartbeat { .. } | To::Nobody => {}
            To::Claims => self.claims_answered(node, said),
            To::Actor { line, taking } => self.advanced(node, line, taking, said),
            To::Claim { line, taking, deadline, version } => {
                self.claimed(node, (line, taking, version), deadline, said);
            }
            To::Fact(fact) => self.recorded(node, fact, said),
            To::Restart { fence, session } => self.restarted(node, fence, session, said),
        }
    }

    /// Looks for lines to take, for replies to send, and for lines of its own without an actor.
    pub(crate) fn poll(&mut self, node: usize) {
        let after = 1_000 + self.below(1_500);
        self.later(node, after, Step::Poll);
        let Some(run) = self.nodes[node].run else { return };
        (0..self.lines).for_each(|line| self.look_after(node, line));
        if !self.reaches(node) {
            return;
        }
        if !self.nodes[node].claiming && self.trusts(node) {
            self.judge_and_claim(node, run);
        }
        let rows = self.postgres.rows;
        if rows.replies.iter().any(|row| self.is_abandoned(row)) {
            self.ask(node, To::Nobody, Statement::Rescue);
        }
        if self.now >= self.nodes[node].looked_at + 3_000 {
            self.nodes[node].looked_at = self.now;
            (0..self.lines).for_each(|line| self.reconcile(node, run, rows.lines[line], line));
        }
    }

    /// Marks others dead, if it may and there seems to be somebody, and then claims.
    fn judge_and_claim(&mut self, node: usize, run: usize) {
        let judges = self.judges(node) && !self.makes(Mistake::HeartbeatOnlyRead);
        if !judges {
            self.nodes[node].suspects = (0, 0);
        } else if self.is_somebody_late(node) {
            let stood = self.nodes[node].stood_still_until;
            let healthy = self.now < stood || self.now >= stood + GAPLESS;
            self.tempt_freeze(node, 24);
            self.nodes[node].claiming = true;
            return self.ask(node, To::Claims, Statement::MarkDead { run, healthy });
        }
        self.hint_and_claim(node, run, judges);
    }

    /// It takes two looks: a connection that broke and is there again is no death.
    fn hint_and_claim(&mut self, node: usize, run: usize, judges: bool) {
        let (suspects, seen) = self.nodes[node].suspects;
        let looks = judges && self.plan.hints && self.now >= seen + BLIP;
        if looks && (suspects != 0 || self.is_a_lock_free(run)) {
            self.nodes[node].claiming = true;
            self.tempt_freeze(node, 24);
            return self.ask(node, To::Claims, Statement::Hint { run, suspects });
        }
        self.ask_for_lines(node, run);
    }

    /// Most looks find none: these are left out.
    fn is_a_lock_free(&self, me: usize) -> bool {
        let rows = &self.postgres.rows.nodes;
        let free =
            |run: usize| rows[run].lives() && rows[run].holds_lock && self.postgres.holder(run).is_none();
        (0..self.runs).any(|run| run != me && free(run))
    }

    /// Most looks find nobody: these are left out, but for a few, whose statement may be under way for long.
    pub(crate) fn is_somebody_late(&mut self, node: usize) -> bool {
        let clock = if self.makes(Mistake::OwnClock) { self.wall(node) } else { self.now };
        let rows = &self.postgres.rows.nodes;
        let late = rows.iter().any(|row| row.lives() && row.heartbeat_until < clock);
        late || (self.is_rough() && self.one_in(12))
    }

    pub(crate) fn ask_for_lines(&mut self, node: usize, run: usize) {
        let rows = &self.postgres.rows;
        let read = self.makes(Mistake::HeartbeatOnlyRead) && self.judges(node);
        let passed =
            |row: LineRow| row.owner.is_some_and(|owner| rows.nodes[owner].heartbeat_until < self.now);
        let due = |row: &LineRow| rows.is_due(*row) || (read && passed(*row));
        if !rows.lines[..self.lines].iter().any(due) {
            return;
        }
        self.nodes[node].claiming = true;
        self.tempt_freeze(node, 48);
        self.ask(node, To::Claims, Statement::Due { run });
    }

    pub(crate) fn claims_answered(&mut self, node: usize, said: Said) {
        self.nodes[node].claiming = false;
        let trusted = self.nodes[node].run.filter(|_| self.trusts(node));
        match (said, trusted) {
            (Said::Done, Some(run)) => self.hint_and_claim(node, run, true),
            (Said::Free(free), run) => {
                self.nodes[node].suspects = (free, self.now);
                if let Some(run) = run {
                    self.ask_for_lines(node, run);
                }
            }
            (Said::Taken(taken), _) => self.start_taken(node, taken),
            (Said::Done | Said::Nothing | Said::No | Said::Claimed(_) | Said::Fenced, _) => {}
        }
    }

    pub(crate) fn start_taken(&mut self, node: usize, taken: [Option<Fence>; LINES]) {
        taken.into_iter().flatten().for_each(|fence| self.start_actor(node, fence));
    }

    /// A line that is this node's by its row, and that no actor stands behind at two looks, is let go. An actor that is
    /// ahead of its row at two looks has lost what it committed to a failover, and ends.
    pub(crate) fn reconcile(&mut self, node: usize, run: usize, row: LineRow, line: usize) {
        let turned_back =
            |actor: &Actor| actor.rests() && (actor.fence.epoch, actor.version) != (row.epoch, row.version);
        let it = &mut self.nodes[node];
        let ours = row.owner == Some(run);
        let ahead = ours && it.actors[line].as_ref().is_some_and(turned_back);
        let alone = ours && it.actors[line].is_none() && !it.restarting[line];
        let seen = (alone || ahead).then_some((row.epoch, row.version));
        let again = seen.is_some() && it.alone[line] == seen;
        it.alone[line] = seen;
        if again && alone {
            let fence = Fence { run, line, epoch: row.epoch, version: row.version, taking: row.taking };
            self.ask(node, To::Nobody, Statement::LetGo { fence });
        } else if again && !self.makes(Mistake::RowsTurnedBack) {
            self.end_actor(node, line, "a failover turned its row back");
        }
    }

    /// An actor dies; the supervisor takes its line anew.
    pub(crate) fn actor_dies(&mut self, node: usize, line: usize) {
        let Some(actor) = self.nodes[node].actors[line].take() else { return };
        self.note(|| format!("node {node}: the actor of line {line} dies"));
        self.nodes[node].restarting[line] = true;
        let (fence, session) = (actor.fence, actor.session);
        self.ask(node, To::Restart { fence, session }, Statement::Retake { fence });
    }

    pub(crate) fn restarted(&mut self, node: usize, fence: Fence, session: Option<usize>, said: Said) {
        if matches!(said, Said::Nothing) {
            return self.later(node, 1_000, Step::Restart { fence, session });
        }
        // Before another opens.
        self.close_session(session);
        self.nodes[node].restarting[fence.line] = false;
        if let Said::Taken(taken) = said {
            self.start_taken(node, taken);
        }
    }

    /// A node dies, and everything it holds open is closed by its kernel.
    pub(crate) fn crash(&mut self, node: usize) {
        self.nodes[node].up = false;
        self.note(|| format!("node {node} is killed"));
        if let Some(connection) = self.nodes[node].connection.take() {
            let after = 1 + self.below(10);
            self.at(self.now + after, Event::ConnectionGone { connection });
        }
        self.drop_idle(node);
        self.close_all(node);
        let after = 500 + self.below(8_000);
        self.rough_for(after);
        self.at(self.now + after, Event::Boots { node });
    }

    pub(crate) fn freeze(&mut self, node: usize, until: Ms) {
        let it = &mut self.nodes[node];
        if !it.up || it.frozen_until > self.now {
            return;
        }
        it.frozen_until = until;
        if until - self.now >= TRUSTED {
            it.stood_still_until = until;
        }
        self.judge.count(|been| &mut been.freezes);
        let lasts = until - self.now;
        self.rough_for(lasts);
        self.note(|| format!("node {node} stands still for {lasts} ms"));
    }

    /// Freezes a node in the middle of something, one time in so many.
    pub(crate) fn tempt_freeze(&mut self, node: usize, chances: u64) {
        if self.plan.tempted > 0 && self.is_rough() && self.one_in(chances) {
            self.plan.tempted -= 1;
            let lasts = Fault::standstill(self.below(1 << 16));
            // Now and then with the machine that all of them are on.
            let all = self.one_in(4);
            for other in 0..self.nodes.len() {
                if all || other == node {
                    self.freeze(other, self.now + lasts);
                }
            }
        }
    }

    /// Whether a run has been connected since it entered, as it sees it and as the server does.
    pub(crate) fn is_connected_throughout(&self, run: usize) -> bool {
        let node = self.nodes.iter().find(|node| node.up && node.run == Some(run));
        let connection = node.and_then(|node| node.connection.filter(|at| node.entered_on == Some(*at)));
        connection.is_some_and(|at| self.postgres.connections[at].open)
    }

    /// Whether a process is there, awake and on the line to the database.
    pub(crate) fn is_well_run(&self, run: usize) -> bool {
        let well = |at: usize| {
            let it = &self.nodes[at];
            it.run == Some(run) && it.up && it.frozen_until <= self.now && self.reaches(at)
        };
        (0..self.nodes.len()).any(well)
    }
}
