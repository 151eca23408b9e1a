//! The development environment from outside: what a person at a terminal sees.

#![expect(clippy::expect_used, reason = "a failure here fails the test, as it should")]

mod support;

#[path = "dev/doctor.rs"]
mod doctor;
#[path = "dev/environment.rs"]
mod environment;
#[path = "dev/exec.rs"]
mod exec;
#[path = "dev/servers.rs"]
mod servers;
