//! A line from outside: through the HTTP interface, with the phone network played by the simulator process.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here fails the test, as it should")]

#[path = "support/mod.rs"]
mod support;

#[path = "lines/crash_loops.rs"]
mod crash_loops;
#[path = "lines/crashes.rs"]
mod crashes;
#[path = "lines/erasing.rs"]
mod erasing;
#[path = "lines/journey.rs"]
mod journey;
#[path = "lines/nodes.rs"]
mod nodes;
#[path = "lines/orders.rs"]
mod orders;
#[path = "lines/outages.rs"]
mod outages;
#[path = "lines/passkey.rs"]
mod passkey;
#[path = "lines/replies.rs"]
mod replies;
#[path = "lines/rescue.rs"]
mod rescue;
#[path = "lines/resolving.rs"]
mod resolving;
#[path = "lines/scenes.rs"]
mod scenes;
#[path = "lines/states.rs"]
mod states;
#[path = "lines/supervision.rs"]
mod supervision;
#[path = "lines/unlinking.rs"]
mod unlinking;
