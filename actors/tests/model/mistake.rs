//! Mistakes that somebody could make, to be switched on one at a time: what the model must find.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// The intent reads who owns the line, and locks nothing.
    NoRowLock,
    /// A claim takes what belongs to a heartbeat that it read as passed; nobody is marked dead by an update.
    HeartbeatOnlyRead,
    /// Heartbeats are held against the clock of the node that judges.
    OwnClock,
    /// The fence is the epoch alone.
    EpochWithoutIncarnation,
    /// What is sent again gets a new id at the provider.
    ResendWithNewId,
    /// Trust is counted from the answer to the renewal.
    TrustCountedAfterTheQuery,
    /// Any reply that nobody holds may be claimed, not only the heads of conversations.
    NoHeadRule,
    /// What is of unknown fate is sent again also where repeats are shown.
    ResendsWhereRepeatsAreShown,
    /// What was under way as its owner died is taken to have arrived.
    SilenceIsSent,
    /// A node enters its row before it holds its lock.
    EntersBeforeItsLock,
    /// The provider leaves the older sessions of a line open. Not ours to make: it shows what rests on it.
    OlderSessionsStay,
    /// Since when a fate is unknown, and a session open, is written by the clock of the node: `src/store` as it was.
    ClocksInRows,
    /// Lines whose row a failover turned back are not compared with their actors: `src/jobs/reconcile.rs` as it was.
    RowsTurnedBack,
    /// Who judges looks at its own lease before it asks, and not in the statement: it may have stood still in between, as
    /// with `nodes::mark_dead` as it was.
    JudgesAfterItsLease,
    /// Who finds the lock of another free does not ask whether its own is held, in the same statement: all locks are free after
    /// a failover. `nodes::mark_lost` as it was.
    HintsWithoutItsOwnLock,
    /// A process that stood still does not notice the gap: `Lease::renewed` as it was at first.
    GapNotSeen,
}
