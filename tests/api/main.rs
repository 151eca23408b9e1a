//! The HTTP interface from outside: a real process, a real Postgres, real Redis, and a client that knows only the
//! contract.

mod auth;
mod bad_input;
mod health;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
