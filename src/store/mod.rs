//! Rows: plain functions on a connection, one file a table family. Every function takes a scope first; what must see
//! all organizations (claims, batched writes, token and login look-ups) says so in its name or its module.

pub mod api_tokens;
pub mod archive;
pub mod attachments;
pub mod audit;
pub mod billing;
pub mod breaker;
pub mod census;
pub mod commands;
pub mod contacts;
pub mod conversations;
mod db;
pub mod deliveries;
pub mod erasing;
mod error;
pub mod fleet;
pub mod inbound;
pub mod line_directory;
pub mod line_store;
pub mod lines;
pub mod live_events;
pub mod login_failures;
pub mod messages;
pub mod nodes;
pub mod overdue;
pub mod ownership;
pub mod passkeys;
pub mod people;
pub mod poison;
pub mod policy;
pub mod replies;
pub mod resolving;
pub mod retention;
pub mod schema;
mod scope;
pub mod sealed;
pub mod sessions;
pub mod unlinkings;
pub mod visibility;

pub use db::{Db, Watched};
pub use error::{StoreError, violates};
pub use scope::OrgScope;
