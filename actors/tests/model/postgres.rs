//! Transactions: what arrives, waits, commits, is broken off; connections and advisory locks; failovers. What a statement
//! means is elsewhere.

use super::{
    event::{Event, Next, Origin, Step, To},
    faults::Fault,
    locks::Locks,
    rows::{LINES, LineRow, Ms, RUNS, Rows, Write},
    statement::{Fence, Ran, Said, Statement},
    world::{START, World},
};
use std::collections::VecDeque;

/// `lock_timeout`.
const LOCK_TIMEOUT: Ms = 2_000;
/// `idle_in_transaction_session_timeout`.
const IDLE_TIMEOUT: Ms = 3_000;
/// Commits that a failover may lose.
const LOSES: usize = 6;

#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) serial: u32,
    /// Counts its statements.
    step: u32,
    pub(crate) origin: Origin,
    pub(crate) statement: Statement,
    /// What the statement saw as it began.
    snapshot: Option<Box<Rows>>,
    pub(crate) writes: Vec<Write>,
    /// Advisory locks that it holds, by run: to see that they are free.
    pub(crate) free: u32,
    /// What it answers once committed.
    said: Said,
    idle: bool,
}

/// A heartbeat's connection, as the server sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) node: usize,
    pub(crate) open: bool,
    pub(crate) since: Ms,
}

#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) rows: Rows,
    before: VecDeque<Rows>,
    pub(crate) slots: Vec<Option<Transaction>>,
    pub(crate) locks: Locks,
    /// Advisory locks of sessions, one for each run of a process.
    pub(crate) advisory: [Option<usize>; RUNS],
    pub(crate) connections: Vec<Connection>,
    pub(crate) up_from: Ms,
}

impl Postgres {
    pub(crate) fn empty() -> Self {
        Self {
            rows: Rows::default(),
            before: VecDeque::new(),
            slots: Vec::with_capacity(8),
            locks: Locks::none(),
            advisory: [None; RUNS],
            connections: Vec::with_capacity(8),
            up_from: 0,
        }
    }

    fn transaction(&mut self, slot: usize, serial: u32) -> Option<&mut Transaction> {
        self.slots.get_mut(slot)?.as_mut().filter(|transaction| transaction.serial == serial)
    }

    /// A lock of a session that still stands.
    pub(crate) fn holder(&self, run: usize) -> Option<usize> {
        self.advisory[run].filter(|connection| self.connections[*connection].open)
    }
}

impl World {
    /// Sends a statement that is a transaction of its own, or begins one.
    pub(crate) fn ask(&mut self, node: usize, to: To, statement: Statement) {
        let connection = match to {
            To::Heartbeat { .. } => self.nodes[node].connection,
            To::Claims
            | To::Actor { .. }
            | To::Claim { .. }
            | To::Fact(_)
            | To::Restart { .. }
            | To::Nobody => None,
        };
        let origin = Origin { node, boot: self.nodes[node].boot, to, connection };
        // Frozen just before it is sent: what was checked a moment ago may be long over when it arrives.
        let leaves = self.nodes[node].frozen_until.max(self.now);
        let lag = self.lag();
        if self.is_rough() && self.one_in(96) || !self.reaches(node) {
            self.note(|| format!("node {node}: {statement:?} never arrives"));
            return self.lose(origin);
        }
        self.at(leaves + lag, Event::Arrives { origin, statement });
    }

    /// Whether a node gets through to the database now.
    pub(crate) fn reaches(&self, node: usize) -> bool {
        self.now >= self.nodes[node].cut_until && self.now >= self.postgres.up_from
    }

    /// The answer does not come. A heartbeat is given up after 2 s, whatever comes from a pool sooner or later.
    fn lose(&mut self, origin: Origin) {
        let patience = if self.one_in(4) { 12_000 } else { 1_000 };
        let after = match origin.to {
            To::Heartbeat { .. } => 2_000,
            To::Claims
            | To::Actor { .. }
            | To::Claim { .. }
            | To::Fact(_)
            | To::Restart { .. }
            | To::Nobody => 20 + self.below(patience),
        };
        self.reply(origin, Said::Nothing, after);
    }

    fn reply(&mut self, origin: Origin, said: Said, after: Ms) {
        let Origin { node, boot, to, .. } = origin;
        self.at(self.now + after, Event::Node { node, boot, step: Step::Answer(to, said) });
    }

    /// Sends an answer on its way, which is not to say that it arrives.
    pub(crate) fn answer(&mut self, origin: Origin, said: Said) {
        let cut = self.now < self.nodes[origin.node].cut_until;
        if cut || (self.is_rough() && self.one_in(64)) {
            self.note(|| format!("node {}: the answer {said:?} is lost", origin.node));
            return self.lose(origin);
        }
        let lag = self.lag();
        if lag >= 2_000 && matches!(origin.to, To::Heartbeat { .. }) {
            return self.lose(origin);
        }
        self.reply(origin, said, lag);
    }

    pub(crate) fn arrives(&mut self, origin: Origin, statement: Statement) {
        let closed = origin.connection.is_some_and(|connection| !self.postgres.connections[connection].open);
        if closed || !self.reaches(origin.node) {
            return self.lose(origin);
        }
        self.numbers += 1;
        let transaction = Transaction {
            serial: self.numbers,
            step: 0,
            origin,
            statement,
            snapshot: None,
            writes: Vec::new(),
            free: 0,
            said: Said::Nothing,
            idle: false,
        };
        let slots = &mut self.postgres.slots;
        let slot = slots.iter().position(Option::is_none).unwrap_or(slots.len());
        if slot == slots.len() {
            slots.push(None);
        }
        slots[slot] = Some(transaction);
        self.execute(slot);
    }

    /// The next statement of a transaction that is open, or its COMMIT.
    pub(crate) fn continues(&mut self, next: Next) {
        let Some(transaction) = self.postgres.transaction(next.slot, next.serial) else { return };
        transaction.idle = false;
        transaction.step += 1;
        match next.statement {
            Some(statement) => {
                transaction.statement = statement;
                transaction.snapshot = None;
                self.execute(next.slot);
            }
            None => self.begin_commit(next.slot),
        }
    }

    pub(crate) fn resumes(&mut self, slot: usize, serial: u32) {
        if let Some(transaction) = self.postgres.transaction(slot, serial) {
            transaction.step += 1;
            self.execute(slot);
        }
    }

    fn execute(&mut self, slot: usize) {
        let rows = self.postgres.rows;
        let Some(transaction) = &mut self.postgres.slots[slot] else { return };
        let (statement, origin) = (transaction.statement, transaction.origin);
        let (serial, step) = (transaction.serial, transaction.step);
        let seen = transaction.snapshot.as_ref().map_or(rows, |snapshot| **snapshot);
        match self.run_statement(slot, &seen, statement, origin) {
            Ran::Waits => {
                if let Some(transaction) = &mut self.postgres.slots[slot] {
                    transaction.snapshot = Some(Box::new(seen));
                }
                self.note(|| format!("node {}: {statement:?} waits for a lock", origin.node));
                self.at(self.now + LOCK_TIMEOUT, Event::TimesOut { slot, serial, step });
            }
            Ran::Answers(said) => {
                self.end(slot);
                self.answer(origin, said);
            }
            Ran::Commits(said) => {
                if let Some(transaction) = &mut self.postgres.slots[slot] {
                    transaction.said = said;
                }
                self.begin_commit(slot);
            }
            Ran::Goes(next) => {
                let taken = self.taken_by(slot);
                if let Some(transaction) = &mut self.postgres.slots[slot] {
                    transaction.said = Said::Taken(taken);
                    transaction.idle = true;
                }
                let next = Next { slot, serial, statement: next };
                let lag = self.lag();
                let Origin { node, boot, to, .. } = origin;
                self.at(self.now + lag, Event::Node { node, boot, step: Step::Go(to, next) });
                self.at(self.now + IDLE_TIMEOUT, Event::TimesOut { slot, serial, step });
            }
        }
    }

    fn begin_commit(&mut self, slot: usize) {
        let Some(serial) = self.postgres.slots[slot].as_ref().map(|transaction| transaction.serial) else {
            return;
        };
        // A commit waits for the disk, or for a replica, and holds its locks for so long.
        let lag = if self.is_rough() && self.one_in(16) { 200 + self.below(4_000) } else { self.below(4) };
        self.at(self.now + lag, Event::Commits { slot, serial });
    }

    pub(crate) fn commits(&mut self, slot: usize, serial: u32) {
        if self.postgres.transaction(slot, serial).is_none() {
            return;
        }
        let Some(transaction) = self.end(slot) else { return };
        self.remember();
        self.judge_commit(&transaction);
        for write in &transaction.writes {
            self.postgres.rows.apply(*write);
        }
        self.note(|| format!("node {}: {:?} is committed", transaction.origin.node, transaction.statement));
        self.answer(transaction.origin, transaction.said);
        self.tempt_failover(&transaction);
    }

    /// What a failover may go back to.
    pub(crate) fn remember(&mut self) {
        if self.plan.loses {
            self.postgres.before.push_back(self.postgres.rows);
            if self.postgres.before.len() > LOSES {
                self.postgres.before.pop_front();
            }
        }
    }

    /// A transaction is over, one way or another: who waited for it goes on.
    fn end(&mut self, slot: usize) -> Option<Transaction> {
        let ended = self.postgres.slots[slot].take();
        for granted in self.postgres.locks.release(slot) {
            if let Some(serial) = self.postgres.slots[granted].as_ref().map(|transaction| transaction.serial)
            {
                self.at(self.now, Event::Resumes { slot: granted, serial });
            }
        }
        ended
    }

    fn break_off(&mut self, slot: usize) {
        if let Some(transaction) = self.end(slot) {
            self.note(|| {
                format!("node {}: {:?} is broken off", transaction.origin.node, transaction.statement)
            });
            self.lose(transaction.origin);
        }
    }

    pub(crate) fn times_out(&mut self, slot: usize, serial: u32, step: u32) {
        if self.postgres.transaction(slot, serial).is_some_and(|transaction| transaction.step == step) {
            self.break_off(slot);
        }
    }

    /// The server notices that a client is gone: its session's locks are free, what it left open is broken off.
    pub(crate) fn connection_gone(&mut self, at: usize) {
        let connection = &mut self.postgres.connections[at];
        if !connection.open {
            return;
        }
        connection.open = false;
        let node = connection.node;
        self.note(|| format!("the server sees node {node}'s heartbeat connection gone"));
        // Its client hears it, unless the network is silent or it let go of it itself.
        if self.now >= self.nodes[node].cut_until && !self.one_in(3) {
            let lag = self.lag();
            self.later(node, lag, Step::Heard { connection: at });
        }
    }

    /// The pool's connections of a process that died: open transactions end, single statements run on.
    pub(crate) fn drop_idle(&mut self, node: usize) {
        for slot in 0..self.postgres.slots.len() {
            let idle = |transaction: &Transaction| transaction.idle && transaction.origin.node == node;
            if self.postgres.slots[slot].as_ref().is_some_and(idle) {
                self.break_off(slot);
            }
        }
    }

    /// Opens a heartbeat's connection.
    pub(crate) fn connect(&mut self, node: usize) -> usize {
        self.postgres.connections.push(Connection { node, open: true, since: self.now });
        self.postgres.connections.len() - 1
    }

    /// Another server takes over, with all that was committed or all but the last few commits.
    pub(crate) fn fail_over(&mut self) {
        let away = 200 + self.below(4_000);
        let lost =
            if self.plan.loses { self.below(1 + self.postgres.before.len() as u64) as usize } else { 0 };
        let old = self.postgres.rows;
        if lost > 0 {
            self.postgres.rows = self.postgres.before[self.postgres.before.len() - lost];
        }
        self.note(|| format!("failover: away for {away} ms, {lost} commits are lost"));
        self.postgres.before.clear();
        self.postgres.up_from = self.now + away;
        self.rough_for(away);
        (0..self.postgres.slots.len()).for_each(|slot| self.break_off(slot));
        for connection in 0..self.postgres.connections.len() {
            self.connection_gone(connection);
        }
        self.postgres.advisory = [None; RUNS];
        self.judge_failover(&old);
        self.provider.forget_undone(&self.postgres.rows, self.numbers);
    }

    /// Right after a line was taken is when a failover hurts most.
    fn tempt_failover(&mut self, transaction: &Transaction) {
        let took = matches!(transaction.said, Said::Taken(_)) && self.now > START;
        if took && self.plan.failover_after_take && self.is_rough() {
            self.plan.failover_after_take = false;
            let after = self.below(600);
            self.at(self.now + after, Event::Fault(Fault::Failover));
        }
    }

    /// Which lines a transaction takes, with their new starts.
    fn taken_by(&self, slot: usize) -> [Option<Fence>; LINES] {
        let mut taken = [None; LINES];
        for write in self.postgres.slots[slot].iter().flat_map(|transaction| &transaction.writes) {
            if let Write::Line(line, LineRow { owner: Some(run), epoch, version, taking, .. }) = *write {
                taken[line] = Some(Fence { run, line, epoch, version, taking });
            }
        }
        taken
    }
}
