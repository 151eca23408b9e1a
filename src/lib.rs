//! The EZW Lines service: adapters and HTTP around the line actors.

pub mod auth;
pub mod config;
pub mod http;
pub mod live;
pub mod random;
pub mod store;
