//! The provider, as the simulator is: one session of a line at a time, a new one closes the older, what comes over a closed
//! one goes nowhere. It acknowledges what it takes, and shows a repeated id to its people or not.

use super::{
    event::{Event, Step},
    judge::Property,
    mistake::Mistake,
    rows::{LINES, Ms, REPLIES, Rows},
    statement::Fence,
    world::World,
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) node: usize,
    pub(crate) boot: u32,
    pub(crate) fence: Fence,
    /// Closed by one of both, as the provider sees it.
    pub(crate) over: bool,
    /// Nothing overtakes within a session.
    last_arrival: Ms,
}

/// A reply as the provider's people know it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// Line and conversation.
    pub(crate) place: (usize, usize),
    pub(crate) seq: u32,
    /// The first id it came with.
    pub(crate) id: Option<u32>,
    pub(crate) times: u32,
}

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) sessions: Vec<Session>,
    pub(crate) current: [Option<usize>; LINES],
    /// The youngest start whose session opened.
    youngest: [u32; LINES],
    /// Starts that a failover undid: line, the last before, the last of these.
    undone: Vec<(usize, u32, u32)>,
    pub(crate) replies: [Shown; REPLIES],
}

impl Provider {
    pub(crate) fn empty() -> Self {
        Self {
            sessions: Vec::with_capacity(8),
            current: [None; LINES],
            youngest: [0; LINES],
            undone: Vec::new(),
            replies: [Shown::default(); REPLIES],
        }
    }

    pub(crate) fn begin(&mut self, node: usize, boot: u32, fence: Fence) -> usize {
        self.sessions.push(Session { node, boot, fence, over: false, last_arrival: 0 });
        self.sessions.len() - 1
    }

    pub(crate) fn open_from_before(&mut self, node: usize, fence: Fence) -> usize {
        let session = self.begin(node, 0, fence);
        (self.current[fence.line], self.youngest[fence.line]) = (Some(session), fence.taking);
        session
    }

    /// When something on its way now arrives, after all that was sent before.
    pub(crate) fn in_order(&mut self, session: usize, at: Ms) -> Ms {
        let session = &mut self.sessions[session];
        session.last_arrival = session.last_arrival.max(at);
        session.last_arrival
    }

    /// A start that a failover undid was never a later one, whatever opens for it still.
    pub(crate) fn forget_undone(&mut self, rows: &Rows, last: u32) {
        for (line, row) in rows.lines.iter().enumerate() {
            self.youngest[line] = self.youngest[line].min(row.taking);
            self.undone.push((line, row.taking, last));
        }
    }

    fn is_undone(&self, fence: Fence) -> bool {
        let undid = |(line, before, last): &(usize, u32, u32)| {
            *line == fence.line && (*before + 1..=*last).contains(&fence.taking)
        };
        self.undone.iter().any(undid)
    }
}

impl World {
    fn tell_client(&mut self, session: usize, step: Step) {
        let Session { node, boot, .. } = self.provider.sessions[session];
        let lag = self.lag();
        self.at(self.now + lag, Event::Node { node, boot, step });
    }

    pub(crate) fn opens(&mut self, session: usize) {
        let Session { fence, node, .. } = self.provider.sessions[session];
        let older = self.provider.current[fence.line].replace(session);
        if let Some(older) = older.filter(|_| !self.makes(Mistake::OlderSessionsStay)) {
            self.provider.sessions[older].over = true;
            self.tell_client(older, Step::Closed { session: older });
        }
        if !self.provider.is_undone(fence) {
            let youngest = &mut self.provider.youngest[fence.line];
            *youngest = (*youngest).max(fence.taking);
        }
        self.note(|| format!("provider: session {session} of line {} opens, from node {node}", fence.line));
        self.tell_client(session, Step::Ready { session });
    }

    /// The socket is gone, or the provider closes it.
    pub(crate) fn closes(&mut self, session: usize) {
        let line = self.provider.sessions[session].fence.line;
        if self.provider.current[line] == Some(session) {
            self.provider.current[line] = None;
            self.note(|| format!("provider: session {session} of line {line} is over"));
            self.tell_client(session, Step::Closed { session });
        }
        self.provider.sessions[session].over = true;
    }

    pub(crate) fn send_arrives(&mut self, session: usize, reply: usize, id: u32) {
        let fence = self.provider.sessions[session].fence;
        if self.provider.sessions[session].over {
            self.note(|| format!("provider: reply {reply} comes over session {session}, which is over"));
            return;
        }
        self.note(|| format!("provider: takes reply {reply} as {id} over session {session}"));
        let youngest = self.provider.youngest[fence.line];
        if fence.taking < youngest {
            let Fence { taking, .. } = fence;
            self.violates(Property::OlderSession, || {
                format!(
                    "reply {reply} is taken from start {taking}, and start {youngest} had opened a session"
                )
            });
        }
        self.shows(reply, id);
        // An acknowledgement is lost now and then; a call of 20 s without one is given up.
        if !(self.is_rough() && self.one_in(24)) {
            self.tell_client(session, Step::Acked { session, reply, id });
        }
    }

    fn shows(&mut self, reply: usize, id: u32) {
        let shown = &mut self.provider.replies[reply];
        let first = *shown.id.get_or_insert(id);
        let (seq, conversation) = (shown.seq, shown.place.1);
        let repeat = shown.times > 0;
        // By the id that it knows, a provider that drops repeats sees none here.
        if !repeat || first != id || !self.plan.drops_repeats {
            shown.times += 1;
        }
        let times = shown.times;
        if first != id {
            self.violates(Property::OneId, || format!("reply {reply} came as {first} and comes as {id}"));
        }
        if times > 1 && !self.judge.intent_undone[reply] {
            self.violates(Property::SeenOnce, || format!("reply {reply} is seen {times} times"));
        }
        if repeat {
            return self.judge.count(|been| &mut been.repeats);
        }
        let later = |other: &Shown| other.place.1 == conversation && other.seq > seq && other.times > 0;
        let later = self.provider.replies.iter().position(later);
        if let Some(later) = later.filter(|later| !self.judge.lost[reply] && !self.judge.lost[*later]) {
            self.violates(Property::Order, || {
                format!(
                    "reply {reply} comes after reply {later}, which follows it in conversation {conversation}"
                )
            });
        }
    }
}
