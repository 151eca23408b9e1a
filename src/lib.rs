//! The service: adapters and HTTP around the line crate.

pub mod cli;
pub mod config;
pub mod dev;
pub mod migrations;
pub mod store;
pub mod telemetry;
