//! The pure machine of a line: states, events, decisions, and what a client sees of them. No IO, clock, randomness
//! or logging in here.

mod at_rest;
mod connecting;
mod decide;
mod decision;
mod ending;
mod event;
mod open;
mod pairing;
mod starting;
mod state;
mod view;
mod waiting;

pub use decide::{Facts, decide};
pub use decision::{Changes, Decision, Effect, History, Moment};
pub use event::{Event, News, StartFacts, Taking, event_names};
pub use open::stale_after;
pub use state::{
    FailReason, LineState, LogoutReason, Pairing, PairingStep, Purpose, ReconnectReason, RestingState,
    StateName, Time,
};
pub use view::{Lifecycle, NextAction, Overlay, Owner, Reason, SendState, Status, UserAction, View, view};
