//! What a request says, read strictly. Callers are not extracted here: the route table's own check runs before any
//! of this, so that a stranger learns nothing from how a body is refused.

mod body;
mod json;
mod page;
mod query;

pub use body::{Deadline, read_body, refuse_encoded};
pub use json::{Json, OptionalJson};
pub use page::{Cursor, DEFAULT_LIMIT, LARGEST_LIMIT, Limit, Page};
pub use query::Query;

use super::error::Problem;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::future::{Ready, ready};
use uuid::Uuid;

/// The id in the path. A malformed one becomes the nil id, which names nothing: it takes the same way, and the same
/// time, to the same 404 as an id that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathId(pub Uuid);

/// Reads an id as this service writes it: 36 characters with hyphens.
#[must_use]
pub fn parse_id(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

fn nth_id(request: &HttpRequest, index: usize) -> Uuid {
    request.match_info().iter().nth(index).and_then(|(_, text)| parse_id(text)).unwrap_or(Uuid::nil())
}

impl FromRequest for PathId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(nth_id(request, 0))))
    }
}
