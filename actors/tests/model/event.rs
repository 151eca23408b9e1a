//! What can happen in a schedule, and in which order.

use super::{
    faults::Fault,
    rows::Ms,
    statement::{Fact, Fence, Said, Statement},
};
use std::cmp::Ordering;

/// Whom an answer of the database is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    Heartbeat {
        request: u32,
    },
    Claims,
    /// A start of a line, by its taking.
    Actor {
        line: usize,
        taking: u32,
    },
    /// A claim, by the version of the line as it was made.
    Claim {
        line: usize,
        taking: u32,
        deadline: i64,
        version: u32,
    },
    Fact(Fact),
    /// The supervisor, about a line whose actor died.
    Restart {
        fence: Fence,
        session: Option<usize>,
    },
    Nobody,
}

/// Who asked the database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) node: usize,
    pub(crate) boot: u32,
    pub(crate) to: To,
    /// The heartbeat's connection; all others come from a pool.
    pub(crate) connection: Option<usize>,
}

/// What a process does or hears.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Heartbeat {
        number: u32,
    },
    Poll,
    Answer(To, Said),
    /// The heartbeat's connection ended.
    Heard {
        connection: usize,
    },
    /// The next statement of a transaction that waits for it.
    Go(To, Next),
    Connect {
        line: usize,
        taking: u32,
    },
    Open {
        line: usize,
        taking: u32,
    },
    Send {
        line: usize,
        taking: u32,
        session: usize,
        reply: usize,
        id: u32,
        deadline: i64,
    },
    Ready {
        session: usize,
    },
    Closed {
        session: usize,
    },
    Acked {
        session: usize,
        reply: usize,
        id: u32,
    },
    Record(Fact),
    Restart {
        fence: Fence,
        session: Option<usize>,
    },
}

/// A transaction of several statements, between two of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    pub(crate) slot: usize,
    pub(crate) serial: u32,
    /// None is COMMIT.
    pub(crate) statement: Option<Statement>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Node {
        node: usize,
        boot: u32,
        step: Step,
    },
    Arrives {
        origin: Origin,
        statement: Statement,
    },
    Continues {
        next: Next,
    },
    Resumes {
        slot: usize,
        serial: u32,
    },
    Commits {
        slot: usize,
        serial: u32,
    },
    /// A transaction has waited for a lock, or for its client, for too long.
    TimesOut {
        slot: usize,
        serial: u32,
        step: u32,
    },
    ConnectionGone {
        connection: usize,
    },
    Opens {
        session: usize,
    },
    SendArrives {
        session: usize,
        reply: usize,
        id: u32,
    },
    Closes {
        session: usize,
    },
    Accepted {
        reply: usize,
    },
    Fault(Fault),
    Boots {
        node: usize,
    },
}

/// An event in the queue; the earliest is the greatest.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at: Ms,
    pub(crate) number: u32,
    pub(crate) event: Event,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.at == other.at { other.number.cmp(&self.number) } else { other.at.cmp(&self.at) }
    }
}
