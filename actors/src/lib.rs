#![doc = include_str!("../README.md")]

mod arbiters;
pub mod backoff;
mod breaker;
pub mod clock;
pub mod command;
pub mod failpoint;
#[cfg(feature = "fake")]
pub mod fake;
pub mod id;
pub mod lease;
mod line;
pub mod lines;
pub mod machine;
pub mod metric;
pub mod outbound;
mod permits;
pub mod port;
mod quarantine;
mod registry;
mod shared;
mod supervisor;
pub mod task;
pub mod timings;
mod trust;
mod unlinking;

pub use breaker::Known;
pub use shared::{Limits, Ports};
pub use supervisor::{AtWork, Supervisor};
pub use timings::Timings;
pub use trust::Trust;
