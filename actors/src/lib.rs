//! Everything true about a line, without HTTP, SQL, Redis or a vendor.

pub mod clock;
pub mod command;
pub mod id;
pub mod lines;
pub mod machine;
mod registry;
pub mod task;
