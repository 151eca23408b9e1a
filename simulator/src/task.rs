//! The only place that starts tasks. A task here ends with the process or with its socket; a panic in one is
//! reported by the runtime and takes nothing else with it.

use std::future::Future;

/// Starts `future` on the current arbiter.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that the rest of the crate uses")]
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    drop(actix_web::rt::spawn(future));
}
