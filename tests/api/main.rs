//! The HTTP interface from outside: a real process, a real Postgres, real Redis, and a client that knows only the
//! contract.

#[path = "../support/mod.rs"]
mod support;

mod auth;
mod bad_input;
mod conversations;
mod health;
mod lines;
mod live;
mod people;
mod qr;
mod send;
mod tokens;
