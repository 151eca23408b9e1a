//! One line at work on a node, as its actor does it: connect, claim, hand over, record. Every step is one that the process
//! may be killed or frozen after.

use super::{
    event::{Event, Step, To},
    statement::{Fence, Said, Statement},
    world::World,
};
use chrono::TimeDelta;
use ezw_actors::{
    Timings,
    machine::Time,
    outbound::{Pacing, Window},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No session, and none under way.
    Down,
    /// `connecting` is being committed, or a session is opening.
    Connecting,
    Connected,
}

/// What its last transition is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commits {
    Connecting,
    Connected,
    Reconnecting,
}

#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) fence: Fence,
    pub(crate) phase: Phase,
    pub(crate) version: u32,
    pub(crate) committing: Option<Commits>,
    pub(crate) claiming: bool,
    pub(crate) session: Option<usize>,
    pub(crate) ready_at: Option<Time>,
    pub(crate) window: Window,
}

impl Actor {
    pub(crate) fn new(fence: Fence, pacing: Pacing, now: Time) -> Self {
        Self {
            fence,
            phase: Phase::Down,
            version: fence.version,
            committing: None,
            claiming: false,
            session: None,
            ready_at: None,
            window: Window::new(pacing, Timings::REAL.ack_deadline, now),
        }
    }

    /// Its last transition is committed, as far as it knows.
    pub(crate) fn rests(&self) -> bool {
        self.committing.is_none()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.phase == Phase::Connected && self.session.is_some()
    }
}

impl World {
    pub(crate) fn actor(&mut self, node: usize, line: usize, taking: u32) -> Option<&mut Actor> {
        self.nodes[node].actors[line].as_mut().filter(|actor| actor.fence.taking == taking)
    }

    pub(crate) fn start_actor(&mut self, node: usize, fence: Fence) {
        // The actor before this one should be about to leave. One of the same epoch was undone by a failover and does not
        // know it yet: the place is taken, and the lines that are alone or behind are looked for anyway.
        let before = self.nodes[node].actors[fence.line].as_ref().map(|actor| actor.fence.epoch);
        if before.is_some_and(|before| before >= fence.epoch) {
            return;
        }
        self.end_actor(node, fence.line, "another start of its line begins");
        let now = self.wall_time(node);
        let actor = Actor::new(fence, self.plan.pacing, now);
        self.nodes[node].actors[fence.line] = Some(actor);
        let Fence { line, taking, epoch, .. } = fence;
        self.note(|| format!("node {node} starts line {line} with epoch {epoch}, taking {taking}"));
        let after = self.below(60);
        self.later(node, after, Step::Connect { line, taking });
    }

    /// A line that is connected as the schedule begins.
    pub(crate) fn own_from_before(&mut self, node: usize, line: usize) {
        let run = self.nodes[node].run;
        let row = &mut self.postgres.rows.lines[line];
        (row.owner, row.epoch, row.version, row.connected, row.taking) = (run, 1, 1, true, 1);
        row.session_started_at = 40_000;
        let fence = Fence { run: run.unwrap_or_default(), line, epoch: 1, version: 1, taking: 1 };
        let session = self.provider.open_from_before(node, fence);
        let now = self.wall_time(node);
        let mut actor = Actor::new(fence, self.plan.pacing, now);
        actor.phase = Phase::Connected;
        actor.session = Some(session);
        actor.ready_at = Some(now - TimeDelta::seconds(60));
        self.nodes[node].actors[line] = Some(actor);
        self.note(|| format!("line {line} is connected on node {node}"));
    }

    /// It closes, and writes nothing.
    pub(crate) fn end_actor(&mut self, node: usize, line: usize, why: &str) {
        if let Some(actor) = self.nodes[node].actors[line].take() {
            self.note(|| format!("node {node}: line {line} ends: {why}"));
            self.close_session(actor.session);
        }
    }

    pub(crate) fn commit(&mut self, node: usize, line: usize, commits: Commits) {
        let at = self.wall(node);
        let Some(actor) = &mut self.nodes[node].actors[line] else { return };
        actor.committing = Some(commits);
        let (fence, version) = (actor.fence, actor.version + 1);
        let statement = Statement::Advance { fence, version, connected: commits == Commits::Connected, at };
        self.ask(node, To::Actor { line, taking: fence.taking }, statement);
    }

    /// The wait for a permit is over when there is trust.
    pub(crate) fn connect_line(&mut self, node: usize, line: usize, taking: u32) {
        let Some(actor) = self.actor(node, line, taking) else { return };
        if actor.committing.is_some() || actor.phase != Phase::Down {
            return;
        }
        if self.trusts(node) {
            self.commit(node, line, Commits::Connecting);
        } else {
            let after = 200 + self.below(400);
            self.later(node, after, Step::Connect { line, taking });
        }
    }

    /// The answer to a transition; it is asked for until that is known.
    pub(crate) fn advanced(&mut self, node: usize, line: usize, taking: u32, said: Said) {
        let Some(actor) = self.actor(node, line, taking) else { return };
        let Some(commits) = actor.committing else { return };
        match said {
            Said::Done => actor.committing = None,
            Said::Fenced => return self.end_actor(node, line, "it is fenced"),
            Said::Nothing | Said::No | Said::Taken(_) | Said::Claimed(_) | Said::Free(_) => {
                return self.commit(node, line, commits);
            }
        }
        actor.version += 1;
        match commits {
            Commits::Connecting => {
                actor.phase = Phase::Connecting;
                self.tempt_freeze(node, 32);
                let after = self.below(20);
                self.later(node, after, Step::Open { line, taking });
            }
            Commits::Connected if actor.session.is_some() => {
                actor.phase = Phase::Connected;
                self.deliver(node, line);
            }
            Commits::Connected => self.commit(node, line, Commits::Reconnecting),
            Commits::Reconnecting => {
                actor.phase = Phase::Down;
                let after = 300 + self.below(2_500);
                self.later(node, after, Step::Connect { line, taking });
            }
        }
    }

    pub(crate) fn open(&mut self, node: usize, line: usize, taking: u32) {
        let boot = self.nodes[node].boot;
        let Some(actor) = self.actor(node, line, taking) else { return };
        let fence = actor.fence;
        let session = self.provider.begin(node, boot, fence);
        if let Some(actor) = self.actor(node, line, taking) {
            actor.session = Some(session);
        }
        let lag = self.lag();
        let arrives = self.provider.in_order(session, self.now + lag);
        self.at(arrives, Event::Opens { session });
    }

    pub(crate) fn of_session(&mut self, node: usize, session: usize) -> Option<&mut Actor> {
        let line = self.provider.sessions[session].fence.line;
        self.nodes[node].actors[line].as_mut().filter(|actor| actor.session == Some(session))
    }

    pub(crate) fn ready(&mut self, node: usize, session: usize) {
        let now = self.wall_time(node);
        let Some(actor) = self.of_session(node, session) else { return };
        actor.ready_at = Some(now);
        let line = actor.fence.line;
        self.commit(node, line, Commits::Connected);
    }

    /// The provider closed it, or it broke.
    pub(crate) fn closed(&mut self, node: usize, session: usize) {
        let since = self.wall(node);
        let Some(actor) = self.of_session(node, session) else { return };
        (actor.session, actor.ready_at) = (None, None);
        let (line, idle) = (actor.fence.line, actor.committing.is_none());
        let mut attempts = actor.window.abandon();
        // The window keeps them in no order.
        attempts.sort();
        for (id, deadline) in attempts {
            self.fate_unknown(node, line, &id, deadline, since);
        }
        // A transition that is under way looks at the session when it is over.
        if idle {
            self.commit(node, line, Commits::Reconnecting);
        }
    }

    pub(crate) fn close_session(&mut self, session: Option<usize>) {
        let Some(session) = session else { return };
        let lag = self.lag();
        let at = self.provider.in_order(session, self.now + lag);
        self.at(at, Event::Closes { session });
    }

    pub(crate) fn close_all(&mut self, node: usize) {
        let boot = self.nodes[node].boot;
        for session in 0..self.provider.sessions.len() {
            let it = &self.provider.sessions[session];
            if it.node == node && it.boot == boot && !it.over {
                let at = self.provider.in_order(session, self.now + 1);
                self.at(at, Event::Closes { session });
            }
        }
    }
}
