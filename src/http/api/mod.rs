//! The workspace's endpoints, one file a resource.

pub mod conversations;
pub mod idempotency;
pub mod lines;
pub mod live;
pub mod messages;
pub mod pairing;
pub mod send;
pub mod shapes;

use crate::{auth::Principal, store::visibility::Viewer};

/// The caller, as the store filters rows for them.
#[must_use]
pub fn viewer(principal: &Principal) -> Viewer {
    use crate::auth::policy::{Action, Reach, reach};
    Viewer { user: principal.user.0, sees_all: reach(principal.role, Action::ReadInbox) == Reach::All }
}

impl actix_web::FromRequest for Principal {
    type Error = crate::http::Problem;
    type Future = std::future::Ready<Result<Self, crate::http::Problem>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        use actix_web::HttpMessage as _;
        let found = request.extensions().get::<Self>().cloned();
        std::future::ready(found.ok_or_else(|| crate::http::Problem::Internal("no caller".into())))
    }
}
