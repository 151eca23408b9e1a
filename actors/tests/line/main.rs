//! Lines on a real actix system, with stand-ins for everything outside.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

mod archiving;
mod delivering;
mod dying;
mod pairing;
mod passkey;
mod supervision;
mod support;
mod trouble;
