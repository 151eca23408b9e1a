//! Stand-ins for the ports: rows in memory, a provider that a test drives, a feed and a sink that remember, clocks
//! that only a test turns. They refuse what Postgres would refuse, so that a test on them means something.

mod clock;
mod feed;
mod provider;
mod replies;
mod store;
mod store_commit;

pub use clock::ManualClock;
pub use feed::{RecordingFeed, RecordingInbound, ShownThing};
pub use provider::{Opening, ScriptedProvider, SessionHandle, Submitting};
pub use replies::{Reply, ReplyStatus};
pub use store::{Fault, LineSnapshot, MemoryStore, NewLine, Operation, Recorded};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic elsewhere must not hide what a test wants to see.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Panics without the noise of the panic hook: the test asked for it.
fn scripted_panic(what: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(what))
}
