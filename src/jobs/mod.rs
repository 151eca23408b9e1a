//! Background work with no input, safe to run twice, on any node: timers and doorbells over rows.

mod claims;
mod doorbells;
mod heartbeat;
mod node;
mod sweeps;

pub use node::Node;

use crate::store::Db;
use ezw_actors::{Supervisor, lines::Lines, task};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// What the jobs of a node work with.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// The rows.
    pub db: Db,
    /// This process.
    pub node: Arc<Node>,
    /// The lines at work here.
    pub lines: Lines,
    /// Starts and ends them.
    pub supervisor: Arc<Supervisor>,
    /// What opens sealed credentials.
    pub sealer: Arc<crate::store::sealed::Sealer>,
}

impl Jobs {
    /// Starts them all; they end when `over` is cancelled.
    pub fn start(&self, runtime: &Handle, over: &CancellationToken) {
        let run = |name, job: futures_util::future::BoxFuture<'static, ()>| {
            let over = over.clone();
            task::spawn_on(runtime, name, async move {
                over.run_until_cancelled(job).await;
            });
        };
        run("heartbeat", Box::pin(heartbeat::run(self.clone())));
        run("claim lines", Box::pin(claims::run(self.clone())));
        run("ring lines", Box::pin(doorbells::run(self.clone())));
        run("sweep", Box::pin(sweeps::run(self.clone())));
        run("flush evidence", Box::pin(sweeps::flush_evidence(self.clone())));
        run("watch lines", Box::pin(Arc::clone(&self.supervisor).watch()));
    }
}
