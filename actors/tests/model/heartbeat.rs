//! The heartbeat of a process, as in `src/jobs/heartbeat.rs`, and what it concludes from it; with the lock of its
//! connection, by which others see at once that it is gone.

use super::{
    event::{Event, Step, To},
    mistake::Mistake,
    node::Asks,
    rows::{LINES, Ms, RUNS},
    statement::{Said, Statement},
    world::World,
};
use ezw_actors::lease::{JUDGES_AFTER, RENEW_EVERY};
use std::time::Instant;

pub(crate) const RENEWS: Ms = RENEW_EVERY.as_millis() as Ms;

impl World {
    pub(crate) fn beat(&mut self, node: usize) {
        if self.nodes[node].connection.is_none() {
            if !self.reaches(node) {
                self.nodes[node].lease.missed();
                let after = 200 + self.below(2_000);
                return self.beats_again(node, after);
            }
            let connection = self.connect(node);
            self.nodes[node].connection = Some(connection);
            self.nodes[node].locked = false;
        }
        let Some(run) = self.identity(node) else { return };
        let early = self.makes(Mistake::EntersBeforeItsLock) && self.nodes[node].run.is_none();
        // The lock before the row: nobody must find this node without it.
        if self.plan.hints && !self.nodes[node].locked && !early {
            return self.ask_by_heartbeat(node, Asks::Lock, Statement::LockOwn { run });
        }
        self.say(node, early);
    }

    /// Renews, or enters: with or without the lock, and the row says which.
    fn say(&mut self, node: usize, early: bool) {
        let Some(run) = self.identity(node) else { return };
        let it = &mut self.nodes[node];
        it.asked = self.now;
        let shown = it.locked || early;
        let (asks, statement) = match it.run {
            None => (Asks::Enter, Statement::Enter { run, shown }),
            Some(_) => (Asks::Renew, Statement::Renew { run, shown }),
        };
        self.ask_by_heartbeat(node, asks, statement);
    }

    /// Who it is, or is about to be; a schedule has only so many.
    fn identity(&mut self, node: usize) -> Option<usize> {
        let known = self.nodes[node].run.or(self.nodes[node].entering);
        if known.is_some() || self.runs == RUNS {
            return known;
        }
        self.runs += 1;
        self.nodes[node].entering = Some(self.runs - 1);
        self.nodes[node].entering
    }

    pub(crate) fn ask_by_heartbeat(&mut self, node: usize, asks: Asks, statement: Statement) {
        self.numbers += 1;
        let request = self.numbers;
        (self.nodes[node].request, self.nodes[node].asks) = (request, asks);
        self.tempt_freeze(node, 160);
        self.ask(node, To::Heartbeat { request }, statement);
    }

    pub(crate) fn beaten(&mut self, node: usize, said: Said) {
        let (asks, asked) = (self.nodes[node].asks, self.nodes[node].asked);
        match (said, asks) {
            (Said::Nothing, _) => self.lose_connection(node),
            // A connection that the server does not know to be gone yet has it still.
            (Said::No, Asks::Lock) => self.say(node, false),
            (Said::No, Asks::Enter | Asks::Renew) => self.was_marked_dead(node),
            (_, Asks::Lock) => {
                self.nodes[node].locked = true;
                self.say(node, false);
            }
            (_, Asks::Enter) => {
                let entered = self.nodes[node].entering.take();
                self.nodes[node].run = entered;
                self.nodes[node].entered_on = self.nodes[node].connection;
                self.note(|| format!("node {node} entered as run {entered:?}"));
                self.beat(node);
            }
            (_, Asks::Renew) => {
                let late = self.makes(Mistake::TrustCountedAfterTheQuery);
                let asked = self.monotonic(node, if late { self.now } else { asked });
                self.renewed(node, asked);
                self.beats_again(node, RENEWS);
            }
        }
    }

    /// The next beat, in place of any that is due.
    pub(crate) fn beats_again(&mut self, node: usize, pause: Ms) {
        self.numbers += 1;
        let number = self.numbers;
        self.nodes[node].beat = number;
        self.later(node, pause, Step::Heartbeat { number });
    }

    /// Nobody speaks on this connection, so all that can be heard is its end.
    pub(crate) fn heard(&mut self, node: usize, connection: usize) {
        if self.nodes[node].connection == Some(connection) {
            self.numbers += 1;
            // What was asked over it gets no answer.
            self.nodes[node].request = self.numbers;
            self.lose_connection(node);
        }
    }

    pub(crate) fn renewed(&mut self, node: usize, asked: Instant) {
        let it = &mut self.nodes[node];
        it.gapless_since.get_or_insert(asked);
        it.lease.renewed(asked);
    }

    /// It does not answer, or said that it is gone: others may act at once.
    pub(crate) fn lose_connection(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        // Whoever is shown by this connection may be taken for dead by now.
        if it.locked {
            it.lease.lost()
        } else {
            it.lease.missed()
        }
        it.gapless_since = None;
        // Whether it entered is not known: it will as another.
        (it.locked, it.entering) = (false, None);
        if let Some(connection) = it.connection.take() {
            let after = if self.one_in(4) { self.below(6_000) } else { self.below(20) };
            self.at(self.now + after, Event::ConnectionGone { connection });
        }
        self.note(|| format!("node {node} gives its heartbeat connection up, and its trust"));
        let after = 20 + self.below(1_500);
        self.beats_again(node, after);
    }

    pub(crate) fn was_marked_dead(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        it.lease.lost();
        it.gapless_since = None;
        (it.run, it.entering, it.locked) = (None, None, false);
        self.note(|| format!("node {node} learns that it was marked dead"));
        (0..LINES).for_each(|line| self.end_actor(node, line, "its process was marked dead"));
        let after = self.below(50);
        self.beats_again(node, after);
    }

    /// Whether intents and provider calls may start: asked at every start of one, and judged there.
    pub(crate) fn trusts(&mut self, node: usize) -> bool {
        let it = &self.nodes[node];
        let holds = it.lease.holds(self.monotonic(node, self.now));
        if let (true, Some(run)) = (holds, it.run) {
            self.judge_trust(node, run);
        }
        holds
    }

    pub(crate) fn judges(&self, node: usize) -> bool {
        let now = self.monotonic(node, self.now);
        let it = &self.nodes[node];
        if self.makes(Mistake::GapNotSeen) {
            let since = it.gapless_since.map(|since| now.saturating_duration_since(since));
            return it.lease.holds(now) && since.is_some_and(|since| since >= JUDGES_AFTER);
        }
        it.lease.judges(now)
    }
}
