//! The store's functions on a real database: what two connections at once may and may not do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]

#[path = "../support/mod.rs"]
mod support;

mod archive;
mod bed;
mod commands;
mod contacts;
mod live;
mod passkeys;
mod replies;
mod timeline;
