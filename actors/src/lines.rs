//! The only handle that HTTP and jobs hold on the lines of this process. It hides addresses; ringing is best
//! effort, because the row that a doorbell stands for is found by polling too.

use crate::{
    clock::Clock,
    id::{Epoch, Incarnation, LineId},
    machine::{Owner, Time},
    registry::Registry,
    trust::Trust,
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// "Look at your row." Never the facts themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doorbell {
    /// A reply was accepted.
    Outbound,
    /// A pair or wakeup command was written or ended.
    Command,
    /// A stop order, archive or billing change was committed.
    Orders,
    /// Something is due by the clock.
    Clock,
}

/// A doorbell of a line that is not at work here.
pub type Elsewhere = (LineId, Doorbell);

/// When the line last showed signs of life, in this session or before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The last frame of any kind from the provider.
    pub last_frame_at: Option<Time>,
    /// The last acknowledgement of a send.
    pub last_ack_at: Option<Time>,
    /// The last inbound message. A quiet line cannot be told from a deaf one: it is shown, nothing is claimed.
    pub last_inbound_at: Option<Time>,
    /// When the oldest send of this session that still lacks an acknowledgement, and had no later one, was handed over.
    pub unacked_since: Option<Time>,
}

/// What the owner of a line knows beyond its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peek {
    /// The start that owns the line.
    pub epoch: Epoch,
    /// The version of the row it last committed.
    pub version: i64,
    /// Signs of life, fresher than the row's.
    pub evidence: Evidence,
    /// Past this nothing is sendable; none in states that claim no life.
    pub stale_after: Option<Time>,
    /// When the actor must act by itself.
    pub due: Option<Time>,
    /// This process holds its lease.
    pub trusted: bool,
}

impl Peek {
    /// How far the owner's word reaches now.
    #[must_use]
    pub fn owner(&self, now: Time) -> Owner {
        let fresh = self.stale_after.is_none_or(|until| now < until);
        if fresh && self.trusted { Owner::Here } else { Owner::HereStale }
    }
}

/// The lines this process owns.
#[derive(Clone, Debug)]
pub struct Lines {
    pub(crate) registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
}

impl Lines {
    /// None owned yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, trust: Arc<Trust>) -> Self {
        Self { registry: Arc::new(Registry::new(trust)), clock }
    }

    /// The clock that peeks are dated by.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// What the owner knows of `line`; none when it is not owned here.
    #[must_use]
    pub fn peek(&self, line: LineId) -> Option<Peek> {
        self.registry.peek(line, self.clock.monotonic())
    }

    /// Rings at `line`: at its actor if it is at work here, else at the other nodes, and at the claiming of unowned lines if
    /// it may be one that a command starts.
    pub fn ring(&self, line: LineId, bell: Doorbell) {
        self.registry.ring(line, bell);
    }

    /// Rings at `line` if it is at work here: the row was seen to need it, or another node rang.
    pub fn ring_here(&self, line: LineId, bell: Doorbell) {
        let _ = self.registry.ring_here(line, bell);
    }

    /// Rings at the claiming of unowned lines.
    pub fn ring_unowned(&self) {
        self.registry.unowned.notify_one();
    }

    /// Doorbells of lines that are not at work here go to `sink` from now on. What it has no room for is dropped: the row is
    /// found by polling.
    pub fn pass_on(&self, sink: mpsc::Sender<Elsewhere>) {
        self.registry.elsewhere.store(Some(Arc::new(sink)));
    }

    /// Waits until a line that is not at work here has something to do.
    pub async fn unowned_rang(&self) {
        self.registry.unowned.notified().await;
    }

    /// Whether an actor of the line is at work here, or about to be started anew.
    #[must_use]
    pub fn holds(&self, line: LineId) -> bool {
        self.registry.holds(line)
    }

    /// Who this process is among the nodes, from now on.
    pub fn set_incarnation(&self, incarnation: Incarnation) {
        self.registry.incarnation.store(Some(Arc::new(incarnation)));
    }

    /// Who this process is among the nodes; none before it entered.
    #[must_use]
    pub fn incarnation(&self) -> Option<Incarnation> {
        self.registry.incarnation.load().as_deref().copied()
    }

    /// The lines at work here.
    #[must_use]
    pub fn owned(&self) -> Vec<LineId> {
        self.registry.ids()
    }

    /// How many lines are at work here.
    #[must_use]
    pub fn count(&self) -> usize {
        self.registry.len()
    }
}
