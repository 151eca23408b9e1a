//! The service: adapters and HTTP around the line crate.

pub mod cli;
pub mod config;
pub mod dev;
pub mod jobs;
pub mod migrations;
pub mod provider;
pub mod store;
pub mod telemetry;
