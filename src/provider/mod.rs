//! Providers of lines: adapters of the actors' provider port.

mod simulated;
mod simulated_frame;
mod simulated_inbound;
mod simulated_media;

pub use simulated::Simulated;
