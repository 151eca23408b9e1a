//! The store's functions on a real database: what two connections at once may and may not do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]

#[path = "../support/mod.rs"]
mod support;

mod archive;
mod away;
mod bed;
mod cancelled;
mod claims;
mod commands;
mod contacts;
mod crowd;
mod erasing;
mod inbound;
mod link;
mod live;
mod outcomes;
mod passkeys;
mod plans;
mod receipts;
mod replies;
mod resolving;
mod retention;
mod sending;
mod shares;
mod timeline;
mod transitions;
mod unlinkings;
