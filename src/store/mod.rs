//! Rows: plain functions on a connection, one file a table family. Every function takes a scope first; what must see
//! all organizations (claims, batched writes, token and login look-ups) says so in its name or its module.

mod db;
mod error;
mod scope;

pub use db::Db;
pub use error::{StoreError, violates};
pub use scope::OrgScope;
