//! The development environment: private PostgreSQL, Redis and simulator beside the service, one command to start and
//! one Ctrl-C to stop them all. It never runs in a deployment, and nothing but the command line and the tests knows it.

mod announce;
mod api;
mod demo;
mod exec;
mod node_env;
mod place;
mod port;
pub mod postgres;
pub mod process;
pub mod redis;
mod secret;
mod seed;
mod simulator;
mod up;

pub use demo::demo;
pub use exec::exec;
pub use secret::signing_key;
pub use up::up;
