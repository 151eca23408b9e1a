//! Background work with no input, safe to run twice, on any node: timers and doorbells over rows.

mod claims;
mod doorbells;
mod heartbeat;
mod hints;
mod node;
mod orphans;
mod reconcile;
mod sweeps;
mod unlinkings;

pub(crate) use hints::say_due;
pub use node::Node;
pub(crate) use orphans::ORPHANS;

use crate::{
    media::Media,
    store::{Db, breaker::Client},
};
use ezw_actors::{Supervisor, lines::Lines, task};
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// The pause before a job that panicked begins anew.
const RESTART: Duration = Duration::from_secs(1);

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
    /// What this process tells the provider it is.
    pub client: Arc<Client>,
    /// The images; none when the deployment keeps none.
    pub media: Option<Media>,
    /// Whether nodes ring each other and see a death at once; polling finds all of it without.
    pub hints: bool,
    /// Cancelled when the process lets its lines go: it takes none any more.
    pub draining: CancellationToken,
}

impl Jobs {
    /// Starts them all; they end when `over` is cancelled. One that panics is logged and begins anew.
    pub fn start(&self, runtime: &Handle, over: &CancellationToken) {
        self.run(runtime, over, "heartbeat", heartbeat::run);
        self.run(runtime, over, "claim lines", claims::run);
        self.run(runtime, over, "ring lines", doorbells::run);
        self.run(runtime, over, "hints of other nodes", hints::run);
        self.run(runtime, over, "reconcile lines", reconcile::run);
        self.run(runtime, over, "sweep", sweeps::run);
        if self.media.is_some() {
            self.run(runtime, over, "forget images of nobody", orphans::run);
        }
        self.run(runtime, over, "unlink numbers", unlinkings::run);
        self.run(runtime, over, "flush evidence", sweeps::flush_evidence);
        self.run(runtime, over, "watch lines", |jobs: Jobs| jobs.supervisor.watch());
    }

    /// The process is about to stop: no line is taken here from now on, and its share is the others'.
    pub fn take_no_more(&self) {
        self.draining.cancel();
        self.node.take_lines(false);
    }

    fn run<J, F>(&self, runtime: &Handle, over: &CancellationToken, name: &'static str, job: J)
    where
        J: Fn(Jobs) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (jobs, over, inner) = (self.clone(), over.clone(), runtime.clone());
        task::spawn_on(runtime, name, async move {
            while !over.is_cancelled() {
                let once = job(jobs.clone());
                let bounded = over.clone();
                // In a task of its own, which catches a panic; the outer one then starts it again.
                let round = task::spawn_on(&inner, name, async move {
                    bounded.run_until_cancelled(once).await;
                });
                let _ = round.await;
                tokio::time::sleep(RESTART).await;
            }
        });
    }
}
