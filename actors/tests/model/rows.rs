//! What the database holds: rows, small enough to be copied whole, so that a statement has a snapshot and a failover has
//! something to go back to. Knows nothing of locks and transactions.

/// Milliseconds of true time, which is the database's.
pub(crate) type Ms = u64;

pub(crate) const LINES: usize = 2;
pub(crate) const REPLIES: usize = 8;
/// Runs of processes in one schedule, at most.
pub(crate) const RUNS: usize = 32;
/// Rows that can be locked: nodes, lines, replies.
pub(crate) const LOCKABLE: usize = RUNS + LINES + REPLIES;

/// A row of `nodes`. The index is the incarnation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeRow {
    pub(crate) entered: bool,
    pub(crate) dead: bool,
    /// Its heartbeat's connection holds its lock, as it says.
    pub(crate) holds_lock: bool,
    pub(crate) heartbeat_until: Ms,
}

impl NodeRow {
    pub(crate) fn lives(self) -> bool {
        self.entered && !self.dead
    }
}

/// A row of `lines`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineRow {
    pub(crate) owner: Option<usize>,
    pub(crate) epoch: u32,
    pub(crate) version: u32,
    pub(crate) connected: bool,
    /// By the clock of the node that wrote it.
    pub(crate) session_started_at: Ms,
    /// Which taking of any line this is: never used twice, whatever a failover undoes. Only the judge looks at it.
    pub(crate) taking: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Queued,
    Sending,
    Unknown,
    Sent,
}

/// A row of `outbound`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplyRow {
    pub(crate) accepted: bool,
    pub(crate) line: usize,
    pub(crate) conversation: usize,
    /// Its place in the conversation.
    pub(crate) seq: u32,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    pub(crate) epoch: u32,
    /// The deadline it was claimed with, which is the attempt's name.
    pub(crate) deadline: Option<i64>,
    pub(crate) attempt_started_at: Ms,
    pub(crate) provider_id: u32,
    pub(crate) unknown_since: Option<Ms>,
    pub(crate) blocks_from: Option<Ms>,
    pub(crate) updated_at: Ms,
}

/// The database.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) nodes: [NodeRow; RUNS],
    pub(crate) lines: [LineRow; LINES],
    pub(crate) replies: [ReplyRow; REPLIES],
    /// Who committed the first intent of an epoch of a line, by the run. Only the judge looks at it.
    pub(crate) intents: [Option<(u32, usize)>; LINES],
}

impl Rows {
    /// Nobody alive owns it.
    pub(crate) fn is_due(&self, line: LineRow) -> bool {
        line.owner.is_none_or(|owner| self.nodes[owner].dead)
    }

    /// Whether a reply holds back those behind it in its conversation.
    pub(crate) fn holds_up(&self, earlier: &ReplyRow, drops_repeats: bool, blocks: Ms, now: Ms) -> bool {
        match earlier.status {
            Status::Sent => false,
            Status::Queued => true,
            Status::Sending => earlier.deadline.is_some(),
            Status::Unknown => {
                let from = if drops_repeats { None } else { earlier.blocks_from };
                let from = from.unwrap_or(self.lines[earlier.line].session_started_at);
                earlier.deadline.is_some() || now < from.max(earlier.unknown_since.unwrap_or(0)) + blocks
            }
        }
    }
}

/// A change that a transaction makes, seen by others once it is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Write {
    Node(usize, NodeRow),
    Line(usize, LineRow),
    Reply(usize, ReplyRow),
}

impl Rows {
    pub(crate) fn apply(&mut self, write: Write) {
        match write {
            Write::Node(at, row) => self.nodes[at] = row,
            Write::Line(at, row) => self.lines[at] = row,
            Write::Reply(at, row) => self.replies[at] = row,
        }
    }
}

pub(crate) fn node_row(run: usize) -> usize {
    run
}

pub(crate) fn line_row(line: usize) -> usize {
    RUNS + line
}

pub(crate) fn reply_row(reply: usize) -> usize {
    RUNS + LINES + reply
}
