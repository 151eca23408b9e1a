//! The pure machine and what derives from it: the table of every state and event, the laws of a line, a search for
//! dead ends, the command table, and the documents that must not drift from the code.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop where it stands, and tell")]

mod budgets;
mod commands;
mod laws;
mod readme;
mod samples;
mod search;
mod table;
mod view_table;
mod world;
