//! What operators see: the log and the metrics listener. It knows nothing about lines; what is measured is named where
//! it happens.

mod log;
mod metrics;

pub use log::init;
pub use metrics::{Listener, listen, recorder};
