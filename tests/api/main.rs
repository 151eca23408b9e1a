//! The HTTP interface from outside: a real process, a real Postgres, real Redis, and a client that knows only the
//! contract.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure here fails the test, as it should"
)]

#[path = "../support/mod.rs"]
mod support;

mod archive;
mod auth;
mod bad_input;
mod conversations;
mod every_endpoint;
mod health;
mod house;
mod images;
mod lines;
mod live;
mod orders;
mod passkey;
mod people;
mod qr;
mod resolve;
mod scenes;
mod send;
mod timeline;
mod tokens;
mod wakeup;
