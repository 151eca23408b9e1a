//! The EZW Lines service: adapters and HTTP around the line actors.

pub mod config;
pub mod store;
