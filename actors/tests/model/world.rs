//! The scheduler: one seed, one queue of what is to happen, one clock. Owns time and chance; what happens is elsewhere.

use super::{
    event::{Entry, Event, Step},
    faults::Plan,
    judge::{Judge, Violation},
    mistake::Mistake,
    node::Node,
    postgres::Postgres,
    provider::Provider,
    rows::{LINES, Ms, REPLIES},
};
use chrono::TimeDelta;
use ezw_actors::machine::Time;
use rand::{RngCore as _, SeedableRng as _, rngs::SmallRng};
use std::{
    collections::BinaryHeap,
    time::{Duration, Instant},
};

/// A schedule begins here, so that what came before it has times too.
pub(crate) const START: Ms = 100_000;
/// Conversations from here on are asked for when faults are over.
pub(crate) const PROBES: usize = 3;
/// After the last fault, all must be well again within so long.
const QUIET: Ms = 150_000;
/// A schedule of so many events goes round in circles.
const MOST_EVENTS: u32 = 20_000;

/// One schedule.
#[derive(Debug)]
pub(crate) struct World {
    rng: SmallRng,
    queue: BinaryHeap<Entry>,
    pub(crate) events: u32,
    pub(crate) now: Ms,
    origin: Instant,
    pub(crate) mistake: Option<Mistake>,
    pub(crate) plan: Plan,
    pub(crate) postgres: Postgres,
    pub(crate) provider: Provider,
    pub(crate) nodes: Vec<Node>,
    pub(crate) lines: usize,
    pub(crate) replies: usize,
    pub(crate) runs: usize,
    pub(crate) numbers: u32,
    pub(crate) judge: Judge,
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    fn new(seed: u64, origin: Instant, mistake: Option<Mistake>, trace: bool) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let plan = Plan::draw(&mut rng);
        let mut world = Self {
            rng,
            queue: BinaryHeap::with_capacity(64),
            events: 0,
            now: START,
            origin,
            mistake,
            plan,
            postgres: Postgres::empty(),
            provider: Provider::empty(),
            nodes: Vec::with_capacity(3),
            lines: 1,
            replies: 0,
            runs: 0,
            numbers: 0,
            judge: Judge::default(),
            trace: trace.then(Vec::new),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let nodes = 2 + usize::from(self.one_in(3));
        self.lines = if self.one_in(4) { LINES } else { 1 };
        (0..nodes).for_each(|node| self.enter_warm(node));
        for line in 0..self.lines {
            if self.one_in(4) {
                self.note(|| format!("line {line} belongs to nobody"));
            } else {
                let node = self.below(nodes as u64) as usize;
                self.own_from_before(node, line);
            }
        }
        let waiting = 3 + usize::from(self.one_in(2));
        // Two at once in one conversation, so that their order is at stake; the others somewhere.
        for reply in 0..waiting {
            let after = self.below(if reply < 2 { 200 } else { 20_000 });
            let conversation = if reply < 2 { 0 } else { self.below(2) as usize };
            self.send_later(reply, 0, conversation, START + after);
        }
        if self.lines == LINES {
            let after = self.below(15_000);
            self.send_later(waiting, 1, 2, START + after);
        }
        // One more for each line when all faults are over, in a conversation of its own: it must arrive.
        for line in 0..self.lines {
            let reply = self.replies;
            let after = self.plan.calm_at + 100;
            self.send_later(reply, line, PROBES + line, after);
        }
        for at in 0..self.plan.faults.len() {
            let (when, fault) = self.plan.faults[at];
            self.at(when, Event::Fault(fault));
        }
    }

    fn send_later(&mut self, reply: usize, line: usize, conversation: usize, at: Ms) {
        debug_assert!(reply < REPLIES);
        self.replies = self.replies.max(reply + 1);
        self.provider.replies[reply].place = (line, conversation);
        self.at(at, Event::Accepted { reply });
    }

    /// Runs to the end, which is quiet.
    fn run(&mut self) {
        while self.judge.violation.is_none() {
            let Some(entry) = self.queue.pop() else { break };
            self.now = self.now.max(entry.at);
            self.events += 1;
            if self.now > self.plan.calm_at + QUIET || self.events > MOST_EVENTS {
                self.stuck();
                break;
            }
            let polled = matches!(entry.event, Event::Node { step: Step::Poll, .. });
            self.happen(entry.event);
            if polled && self.now > self.plan.calm_at && self.is_well() {
                self.judge_the_end();
                break;
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Node { node, boot, step } => self.on_node(node, boot, step),
            Event::Arrives { origin, statement } => self.arrives(origin, statement),
            Event::Continues { next } => self.continues(next),
            Event::Resumes { slot, serial } => self.resumes(slot, serial),
            Event::Commits { slot, serial } => self.commits(slot, serial),
            Event::TimesOut { slot, serial, step } => self.times_out(slot, serial, step),
            Event::ConnectionGone { connection } => self.connection_gone(connection),
            Event::Opens { session } => self.opens(session),
            Event::SendArrives { session, reply, id } => self.send_arrives(session, reply, id),
            Event::Closes { session } => self.closes(session),
            Event::Accepted { reply } => self.accepted(reply),
            Event::Fault(fault) => self.fault(fault),
            Event::Boots { node } => self.boots(node),
        }
    }

    fn on_node(&mut self, node: usize, boot: u32, step: Step) {
        let it = &self.nodes[node];
        if it.boot != boot || !it.up {
            return;
        }
        if self.now < it.frozen_until {
            // In what order it wakes to what came meanwhile is anybody's guess, but for its order within a session.
            let wakes = it.frozen_until;
            let jitter = match step {
                Step::Ready { .. } | Step::Closed { .. } | Step::Acked { .. } => 1,
                Step::Heartbeat { .. }
                | Step::Poll
                | Step::Answer(..)
                | Step::Heard { .. }
                | Step::Go(..)
                | Step::Connect { .. }
                | Step::Open { .. }
                | Step::Send { .. }
                | Step::Record(_)
                | Step::Restart { .. } => self.below(3),
            };
            return self.at(wakes + jitter, Event::Node { node, boot, step });
        }
        self.step(node, step);
    }

    /// Puts an event into the queue.
    pub(crate) fn at(&mut self, at: Ms, event: Event) {
        self.numbers += 1;
        self.queue.push(Entry { at, number: self.numbers, event });
    }

    /// Something that this run of a process does or hears in `pause`.
    pub(crate) fn later(&mut self, node: usize, pause: Ms, step: Step) {
        let boot = self.nodes[node].boot;
        self.at(self.now + pause, Event::Node { node, boot, step });
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        (u64::from(self.rng.next_u32()) * limit) >> 32
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// How long something is on its way: a moment mostly, now and then very long.
    pub(crate) fn lag(&mut self) -> Ms {
        let most = if self.is_rough() { 64 } else { 60 };
        match self.below(most) {
            0..52 => 1 + self.below(8),
            52..60 => 8 + self.below(200),
            60..63 => 200 + self.below(1_000),
            _ => 1_200 + self.below(2_800),
        }
    }

    /// Faults happen still.
    pub(crate) fn is_rough(&self) -> bool {
        self.now < self.plan.rough_until
    }

    /// The monotonic clock of a node.
    pub(crate) fn monotonic(&self, node: usize, at: Ms) -> Instant {
        self.origin + Duration::from_millis(at + self.nodes[node].offset)
    }

    pub(crate) fn origin_of_clocks(&self) -> Instant {
        self.origin
    }

    /// The wall clock of a node, in milliseconds.
    pub(crate) fn wall(&self, node: usize) -> Ms {
        self.now.saturating_add_signed(self.nodes[node].skew)
    }

    /// The same as the actors know it.
    pub(crate) fn wall_time(&self, node: usize) -> Time {
        Time::UNIX_EPOCH + TimeDelta::milliseconds(self.wall(node).cast_signed())
    }

    /// A line of the trace, if there is one.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9.3} {}", (self.now - START) as f64 / 1_000.0, line()));
        }
    }

    pub(crate) fn makes(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }
}

/// What a schedule came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) violation: Option<Violation>,
    pub(crate) events: u32,
    pub(crate) judge: Judge,
    pub(crate) trace: Vec<String>,
}

/// Runs one schedule; the same seed is the same schedule.
pub(crate) fn schedule(seed: u64, origin: Instant, mistake: Option<Mistake>, trace: bool) -> Outcome {
    let mut world = World::new(seed, origin, mistake, trace);
    world.run();
    let World { judge, events, trace, .. } = world;
    Outcome { violation: judge.violation.clone(), events, judge, trace: trace.unwrap_or_default() }
}
