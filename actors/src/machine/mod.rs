//! The pure machine of a line: states, events, decisions, and what a client sees of them. No IO, clock, randomness
//! or logging in here.

mod state;
mod view;

pub use state::{
    FailReason, LineState, LogoutReason, Pairing, PairingStep, Purpose, ReconnectReason, RestingState,
    StateName, Time,
};
pub use view::{Lifecycle, NextAction, Overlay, Owner, Reason, SendState, Status, UserAction, View, view};
