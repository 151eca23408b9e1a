//! Replies of a line at work, as in `actors/src/line/delivery.rs`: claim, hand over, record.

use super::{
    event::{Event, Step, To},
    line::{Actor, Phase},
    mistake::Mistake,
    rows::{Ms, Status},
    statement::{Claim, Dispatches, Fact, FactKind, Fence, Said, Statement},
    world::{PROBES, World},
};
use chrono::TimeDelta;
use ezw_actors::{Timings, machine::Time, outbound::Answered};

/// A claim whose answer was lost is asked about under this version, which no start has.
const LOST: u32 = u32::MAX;

impl World {
    pub(crate) fn fate_unknown(&mut self, node: usize, line: usize, id: &str, deadline: Time, since: Ms) {
        let id = id.parse().unwrap_or(0);
        let rows = &self.postgres.rows.replies;
        let Some(reply) = rows.iter().position(|row| row.provider_id == id) else { return };
        let deadline = deadline.timestamp_micros();
        self.tell(node, line, (reply, id), deadline, FactKind::Unknown(since));
    }

    pub(crate) fn tell(&mut self, node: usize, line: usize, of: (usize, u32), deadline: i64, kind: FactKind) {
        let Some(actor) = &self.nodes[node].actors[line] else { return };
        let Fence { taking, epoch, .. } = actor.fence;
        let fact = Fact { line, taking, reply: of.0, id: of.1, epoch, deadline, kind };
        self.ask(node, To::Fact(fact), Statement::Record(fact));
    }

    /// A fact is told until it is written, whatever becomes of its line.
    pub(crate) fn recorded(&mut self, node: usize, fact: Fact, said: Said) {
        if matches!(said, Said::Nothing) {
            let after = 200 + self.below(1_500);
            return self.later(node, after, Step::Record(fact));
        }
        if self.actor(node, fact.line, fact.taking).is_some() {
            self.deliver(node, fact.line);
        }
    }

    /// What a poll's doorbell makes a line do: look for replies, and for what lasts too long.
    pub(crate) fn look_after(&mut self, node: usize, line: usize) {
        let (now, since) = (self.wall_time(node), self.wall(node));
        let Some(actor) = &mut self.nodes[node].actors[line] else { return };
        if actor.window.next_overdue().is_some_and(|due| due <= now) {
            let mut overdue = actor.window.overdue(now);
            overdue.sort();
            for (id, _) in &overdue {
                actor.window.end(id, false);
            }
            for (id, deadline) in overdue {
                self.fate_unknown(node, line, &id, deadline, since);
            }
        }
        self.deliver(node, line);
    }

    /// Claims what there is room for, if there may be something.
    pub(crate) fn deliver(&mut self, node: usize, line: usize) {
        let now = self.wall_time(node);
        let Some(actor) = &mut self.nodes[node].actors[line] else { return };
        if actor.committing.is_some() || actor.claiming || !actor.is_connected() {
            return;
        }
        let fence = actor.fence;
        let settled = actor.ready_at.is_some_and(|at| now >= at + Timings::REAL.unknown_grace);
        let max = actor.window.room(now);
        let drops_repeats = self.plan.drops_repeats || self.makes(Mistake::ResendsWhereRepeatsAreShown);
        self.numbers += 1;
        let deadline = now + Timings::REAL.ack_deadline + TimeDelta::microseconds(self.numbers.into());
        let claim = Claim { max, settled, drops_repeats, deadline: deadline.timestamp_micros() };
        let rows = &self.postgres.rows.replies;
        if max == 0 || !rows.iter().any(|row| row.line == line && self.is_claimable(row, claim)) {
            return;
        }
        if !self.trusts(node) {
            return;
        }
        if let Some(actor) = &mut self.nodes[node].actors[line] {
            actor.claiming = true;
        }
        self.tempt_freeze(node, 24);
        let (taking, version) = (fence.taking, self.version(node, line));
        let to = To::Claim { line, taking, deadline: claim.deadline, version };
        self.ask(node, to, Statement::Claim { fence, claim });
    }

    pub(crate) fn version(&self, node: usize, line: usize) -> u32 {
        self.nodes[node].actors[line].as_ref().map_or(0, |actor| actor.version)
    }

    /// The answer to a claim, or to the question what a claim took whose answer was lost.
    pub(crate) fn claimed(&mut self, node: usize, whose: (usize, u32, u32), deadline: i64, said: Said) {
        let (line, taking, version) = whose;
        let Some(actor) = self.actor(node, line, taking) else { return };
        match said {
            Said::Claimed(dispatches) if version == LOST => {
                actor.claiming = false;
                self.hand_back_all(node, line, dispatches, deadline);
                self.deliver(node, line);
            }
            Said::Claimed(dispatches) => {
                actor.claiming = false;
                let more = dispatches.iter().any(Option::is_some);
                self.hand_over_all(node, line, dispatches, (version, deadline));
                if more {
                    self.deliver(node, line);
                }
            }
            Said::Fenced => self.end_actor(node, line, "its claim is fenced"),
            Said::Nothing | Said::Done | Said::No | Said::Taken(_) | Said::Free(_) => {
                let fence = actor.fence;
                let to = To::Claim { line, taking, deadline, version: LOST };
                self.ask(node, to, Statement::Taken { fence, deadline });
            }
        }
    }

    pub(crate) fn hand_back_all(&mut self, node: usize, line: usize, dispatches: Dispatches, deadline: i64) {
        for (reply, id) in dispatches.into_iter().enumerate() {
            let Some(id) = id else { continue };
            let under_way = |actor: &Actor| actor.window.has(&id.to_string());
            if !self.nodes[node].actors[line].as_ref().is_some_and(under_way) {
                self.tell(node, line, (reply, id), deadline, FactKind::NotWritten);
            }
        }
    }

    pub(crate) fn hand_over_all(&mut self, node: usize, line: usize, dispatches: Dispatches, of: (u32, i64)) {
        let (version, deadline) = of;
        let now = self.wall_time(node);
        for (reply, id) in dispatches.into_iter().enumerate() {
            let Some(id) = id else { continue };
            let trusted = self.trusts(node);
            let Some(actor) = &mut self.nodes[node].actors[line] else { return };
            let answered = Answered {
                leaving: false,
                same_version: actor.version == version,
                committing: actor.committing.is_some(),
                takes_replies: actor.phase == Phase::Connected,
                has_session: actor.session.is_some(),
                trusted,
            };
            let (true, Some(session)) = (answered.hands_over(), actor.session) else {
                self.judge.count(|been| &mut been.handed_back);
                self.note(|| format!("node {node} hands reply {reply} back"));
                self.tell(node, line, (reply, id), deadline, FactKind::NotWritten);
                continue;
            };
            let named = Time::UNIX_EPOCH + TimeDelta::microseconds(deadline);
            actor.window.begin(id.to_string(), 1, named, now);
            let taking = actor.fence.taking;
            self.note(|| format!("node {node} hands reply {reply} over, as {id}"));
            self.tempt_freeze(node, 16);
            let after = self.below(4);
            self.later(node, after, Step::Send { line, taking, session, reply, id, deadline });
        }
    }

    /// The adapter writes it, if the session is still there.
    pub(crate) fn send(
        &mut self,
        node: usize,
        whose: (usize, u32),
        what: (usize, usize, u32),
        deadline: i64,
    ) {
        let (line, taking) = whose;
        let (session, reply, id) = what;
        let now = self.wall_time(node);
        let Some(actor) = self.actor(node, line, taking) else { return };
        let name = id.to_string();
        if actor.session == Some(session) {
            actor.window.written(&name, now);
            let lag = self.lag();
            let arrives = self.provider.in_order(session, self.now + lag);
            self.at(arrives, Event::SendArrives { session, reply, id });
            self.tempt_freeze(node, 32);
        } else {
            actor.window.unwritten(&name);
            self.tell(node, line, (reply, id), deadline, FactKind::NotWritten);
        }
    }

    pub(crate) fn acked(&mut self, node: usize, session: usize, reply: usize, id: u32) {
        let line = self.provider.sessions[session].fence.line;
        let taking = self.provider.sessions[session].fence.taking;
        let Some(actor) = self.actor(node, line, taking) else { return };
        actor.window.end(&id.to_string(), true);
        self.tempt_freeze(node, 48);
        self.tell(node, line, (reply, id), 0, FactKind::Accepted);
    }

    /// A reply of a customer's workspace is accepted: durable from its 202 on.
    pub(crate) fn accepted(&mut self, reply: usize) {
        if self.now < self.postgres.up_from {
            return self.at(self.postgres.up_from + 5, Event::Accepted { reply });
        }
        let (line, conversation) = self.provider.replies[reply].place;
        if conversation >= PROBES && self.now < self.plan.calm_at {
            return self.at(self.plan.calm_at + 100, Event::Accepted { reply });
        }
        self.remember();
        let rows = &mut self.postgres.rows.replies;
        let others = rows.iter().filter(|row| row.accepted && row.conversation == conversation);
        let seq = 1 + others.map(|row| row.seq).max().unwrap_or(0);
        let row = &mut rows[reply];
        (row.accepted, row.line, row.conversation, row.seq) = (true, line, conversation, seq);
        (row.status, row.provider_id) = (Status::Queued, 1 + reply as u32);
        self.provider.replies[reply].seq = seq;
        self.note(|| {
            format!("reply {reply} is accepted on line {line}: number {seq} of conversation {conversation}")
        });
        for node in 0..self.nodes.len() {
            let it = &self.nodes[node];
            if it.up && it.frozen_until <= self.now {
                self.deliver(node, line);
            }
        }
    }
}
