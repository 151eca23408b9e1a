//! The API from outside: a service process, a simulator process, a database of its own for each test.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]

#[path = "../support/mod.rs"]
mod support;

mod conversations;
mod lines;
mod live;
mod people;
mod qr;
mod send;
