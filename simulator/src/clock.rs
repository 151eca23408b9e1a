//! The only place that reads the wall clock.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, cut to milliseconds so that every timestamp on the link has one length.
#[expect(clippy::disallowed_methods, reason = "the simulator plays the outside world, whose clock is real")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
