//! The service: adapters and HTTP around the line crate.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod dev;
pub mod http;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod media;
pub mod migrations;
pub mod phone;
pub mod provider;
pub mod random;
pub mod store;
pub mod telemetry;
pub mod unread;
