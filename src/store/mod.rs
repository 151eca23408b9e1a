//! Rows: plain functions on a connection, one file a table family. Every function takes a scope first; what must see
//! all organizations (claims, batched writes, token and login look-ups) says so in its name or its module.

pub mod api_tokens;
pub mod audit;
pub mod billing;
pub mod contacts;
pub mod conversations;
mod db;
mod error;
pub mod lines;
pub mod live_events;
pub mod people;
pub mod schema;
mod scope;
pub mod sessions;
pub mod visibility;
pub mod wakeups;

pub use db::Db;
pub use error::{StoreError, violates};
pub use scope::OrgScope;
