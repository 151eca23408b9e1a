//! Replies under kills: what was promised with a 202, against what the phone network and the rows say in the end. Heavy:
//! `.config/nextest.toml` gives each run the machine for itself; `cargo test` alone is told so by [`alone`].

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]
#![expect(clippy::print_stdout, reason = "the figures are what a run is for")]

#[path = "../support/mod.rs"]
mod support;

mod failpoints;
mod judge;
mod load;
mod nodes;
mod run;
mod sends;

static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Waits until no other test of this binary runs.
async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// A number that a longer form of a test sets.
fn number(variable: &str, default: u32) -> u32 {
    let set = std::env::var(variable).ok().filter(|value| !value.is_empty());
    set.map_or(default, |value| value.parse().unwrap())
}

/// What everything random is drawn from; printed by each run.
fn seed() -> u64 {
    u64::from(number("EZW_TEST_SEED", 1))
}
