//! One file a resource. Handlers read the request, ask the store, and say what came of it; who may call is settled
//! before they run.

pub mod attachments;
pub mod auth;
pub mod conversations;
pub mod idempotency;
pub mod line_orders;
pub mod line_tokens;
pub mod lines;
pub mod live;
pub mod messages;
pub mod operations;
pub mod pairing;
pub mod passkey;
pub mod resolve;
pub mod send;
pub mod shapes;
pub mod signup;
pub mod timeline;
pub mod verify_email;

use super::error::Problem;
use crate::{
    auth::{
        Principal,
        identity::IdentityError,
        policy::{Action, Reach, reach},
    },
    store::visibility::Viewer,
};
use actix_web::{HttpResponse, http::StatusCode, http::header};
use serde::Serialize;

/// An answer that no cache keeps: it carries a secret, or is true only now.
fn private<T: Serialize>(status: StatusCode, body: &T) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// The longest name of anything, in characters.
const LONGEST_NAME: usize = 200;

/// A name as it is kept: trimmed, 1 to 200 characters on one line.
fn good_name(given: &str) -> Option<&str> {
    let name = given.trim();
    let good = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    good.then_some(name)
}

/// The caller, as the store filters rows for them.
fn viewer(principal: &Principal) -> Viewer {
    Viewer { user: principal.user.0, sees_all: reach(principal.role, Action::ReadInbox) == Reach::All }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::InvalidCredentials => Self::InvalidCredentials,
            IdentityError::InvalidToken => Self::InvalidToken,
            IdentityError::MembershipInactive => Self::MembershipInactive,
            IdentityError::Locked { seconds } => Self::TooManyAttempts { retry_after_seconds: seconds },
            IdentityError::Busy => Self::Overloaded,
            IdentityError::Store(error) => error.into(),
            IdentityError::Broken(cause) => Self::Internal(cause),
        }
    }
}
