//! The EZW Lines service: adapters and HTTP around the line actors.

pub mod cli;
pub mod config;
pub mod dev;
pub mod migrations;
pub mod telemetry;
