//! What holds for thousands of lines, or for one line asked by thousands, from outside. Heavy: `.config/nextest.toml`
//! gives each of these tests the machine for itself; `cargo test` alone is told so by [`alone`].

#![expect(clippy::unwrap_used, reason = "a failure here fails the test, as it should")]
#![expect(clippy::print_stdout, reason = "what was measured is worth reading also when it was enough")]

#[path = "../support/mod.rs"]
mod support;

mod accepts;
mod blast;
mod cutoffs;
mod false_green;
mod storm;
mod wakeups;

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
