//! What every line of this process shares: ports, limits, trust, the connect budget.

use crate::{
    breaker::Breaker,
    clock::Clock,
    outbound::Pacing,
    permits::Permits,
    port::{Feed, InboundSink, LineProvider, LineStore, MediaStore},
    registry::Registry,
    task,
    timings::Timings,
    trust::Trust,
};
use std::{future::Future, sync::Arc};
use tokio::{runtime::Handle, task::JoinHandle};

/// The outside of the lines of a process.
#[derive(Clone, Debug)]
pub struct Ports {
    /// The rows.
    pub store: Arc<dyn LineStore>,
    /// The provider.
    pub provider: Arc<dyn LineProvider>,
    /// The transient store of pairing codes.
    pub feed: Arc<dyn Feed>,
    /// Where inbound messages are committed.
    pub inbound: Arc<dyn InboundSink>,
    /// Where images are kept.
    pub media: Arc<dyn MediaStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Limits of the lines of a process.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Messages an actor's mailbox holds.
    pub mailbox: usize,
    /// How fast a line may send.
    pub pacing: Pacing,
    /// Connects a second, of all live processes together.
    pub connects_per_second: u32,
    /// Threads that lines run on.
    pub arbiters: usize,
}

/// One for all lines of a process.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Where work goes on that must not end with a line or its thread.
    pub(crate) runtime: Handle,
    pub(crate) ports: Ports,
    pub(crate) limits: Limits,
    pub(crate) timings: Timings,
    pub(crate) permits: Permits,
    pub(crate) breaker: Breaker,
    pub(crate) trust: Arc<Trust>,
    pub(crate) registry: Arc<Registry>,
}

impl Shared {
    /// Work that must not end with a line or its thread.
    pub(crate) fn spawn<F>(&self, name: &'static str, work: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn_on(&self.runtime, name, work)
    }
}
