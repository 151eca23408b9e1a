//! The development environment: private PostgreSQL, Redis and simulator beside the service, one command to start and
//! one Ctrl-C to stop them all. It never runs in a deployment, and nothing outside this folder knows it.

mod exec;
mod place;
mod port;
pub mod postgres;
mod process;
pub mod redis;
mod secret;

pub use exec::exec;
