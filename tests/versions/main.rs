//! The release before this one beside this one: its rows come along, its programs work on.
//!
//! What is kept of it is in `previous/`: made by `make keep-release` from its real program, never edited. The programs of
//! both work side by side in `make versions`, which has to build the other one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod catalog;
mod kept;
mod mistakes;
mod previous;
mod schema;
mod upgrade;
