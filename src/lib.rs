//! The EZW Lines service: adapters and HTTP around the line actors.

pub mod auth;
pub mod cli;
pub mod config;
pub mod dev;
pub mod http;
pub mod live;
pub mod mail;
pub mod migrations;
pub mod random;
pub mod store;
pub mod telemetry;
