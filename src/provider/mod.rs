//! Providers of lines: adapters of the actors' provider port.

mod simulated;
mod simulated_frame;

pub use simulated::Simulated;
