//! Tasks with a name. A panic in one is logged with that name instead of vanishing.

use std::{future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt as _;
use tokio::{runtime::Handle, task::JoinHandle};

/// Runs `future` on the current runtime. A panic is logged and ends only this task.
#[expect(clippy::disallowed_methods, reason = "the one place where tasks are started")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<Option<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(guarded(name, future))
}

/// Runs `future` on this thread: for what cannot leave it. Must run inside an actix system or a local set.
#[expect(clippy::disallowed_methods, reason = "the one place where tasks are started")]
pub fn spawn_local<F>(name: &'static str, future: F) -> JoinHandle<Option<F::Output>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    tokio::task::spawn_local(guarded(name, future))
}

/// Runs `future` on another runtime than the current one.
pub fn spawn_on<F>(runtime: &Handle, name: &'static str, future: F) -> JoinHandle<Option<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    runtime.spawn(guarded(name, future))
}

async fn guarded<F: Future>(name: &'static str, future: F) -> Option<F::Output> {
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(output) => Some(output),
        Err(panic) => {
            tracing::error!(task = name, panic = panic_text(panic.as_ref()), "a task panicked");
            None
        }
    }
}

/// What a panic said, as far as it said it in words.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}
