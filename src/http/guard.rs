//! Who calls: checked by the route table before a handler, or any reading of query and body, begins. The order is the
//! contract's: missing bearer, store, bad token, rate, membership, role.

use super::{error::Problem, state::AppState};
use crate::{
    auth::{
        Action, MembershipStatus, Principal, UserId, id_token::Identified, line_token, policy::allow,
        secret::SecretHash,
    },
    store::{Db, StoreError, people},
};
use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};
use ezw_actors::id::OrganizationId;
use std::future::{Ready, ready};

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Nothing, of the probes and readers that run the service: they are never refused.
    Operations,
    /// Nothing but patience: counted by address.
    Open,
    /// The address itself is signed, and checked by the handler: counted by the caller's address.
    Signed,
    /// A well-formed line token; the handler's own look-up resolves it, in one query with what it reads.
    Line,
    /// An ID token of an active member whose role may ever do this.
    User(Action),
}

/// The token of a Channel API call, before its look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineBearer(pub SecretHash);

/// Lets a request through to its handler, or refuses it.
pub(super) async fn check(
    auth: Auth,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match auth {
        Auth::Operations => {}
        Auth::Open | Auth::Signed => AppState::of(request.request())?.rates.anybody(request.request())?,
        Auth::Line => {
            let bearer = line_bearer(request.request())?;
            request.extensions_mut().insert(bearer);
        }
        Auth::User(action) => {
            let principal = principal(request.request(), action).await?;
            tracing::Span::current().record("user", tracing::field::display(principal.user));
            request.extensions_mut().insert(principal);
        }
    }
    next.call(request).await
}

fn line_bearer(request: &HttpRequest) -> Result<LineBearer, Problem> {
    let text = bearer(request)?;
    let state = AppState::of(request)?;
    let db = state.db()?;
    let hash = line_token::hash_of(text).ok_or_else(|| bad_token(db))?;
    state.rates.token(hash)?;
    Ok(LineBearer(hash))
}

async fn principal(request: &HttpRequest, action: Action) -> Result<Principal, Problem> {
    let text = bearer(request)?;
    let state = AppState::of(request)?;
    let db = state.db()?;
    let identity = state.identity.as_ref().ok_or(Problem::InvalidToken)?;
    let identified = identity.verify(text).await.map_err(|reason| {
        tracing::debug!(%reason, "an ID token was refused");
        bad_token(db)
    })?;
    state.rates.user(identified.user)?;
    let UserId(user) = identified.user;
    let member: Option<people::MemberRow> = db
        .run(move |conn| Box::pin(people::member_by_user(conn, user)))
        .await
        .map_err(|error: StoreError| error)?;
    let principal = active_principal(member.ok_or(Problem::InvalidToken)?, identified)?;
    if allow(principal.role, action) { Ok(principal) } else { Err(Problem::Forbidden) }
}

/// A store that is silent comes before a token that is bad. A bad token is not worth a query, so what counts is
/// whether the last caller was answered.
fn bad_token(db: &Db) -> Problem {
    if db.answers() { Problem::InvalidToken } else { Problem::StoreUnavailable }
}

fn active_principal(member: people::MemberRow, identified: Identified) -> Result<Principal, Problem> {
    let status = member.status.parse::<MembershipStatus>();
    if status != Ok(MembershipStatus::Active) {
        return Err(Problem::MembershipInactive);
    }
    Ok(Principal {
        user: identified.user,
        email: member.email,
        email_verified: member.email_verified_at.is_some(),
        display_name: member.display_name,
        organization: OrganizationId(member.organization_id),
        organization_name: member.organization_name,
        role: member.role.parse().map_err(|_| Problem::Internal(format!("no role {}", member.role)))?,
        expires_at: identified.expires_at,
    })
}

/// The one bearer token of a request.
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Problem::BearerRequired) };
    let text = value.to_str().map_err(|_| Problem::BearerRequired)?;
    let (scheme, token) = text.split_once(' ').ok_or(Problem::BearerRequired)?;
    let good = scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if good { Ok(token) } else { Err(Problem::BearerRequired) }
}

fn checked<T: Clone + 'static>(request: &HttpRequest) -> Ready<Result<T, Problem>> {
    let found = request.extensions().get::<T>().cloned();
    ready(found.ok_or_else(|| Problem::Internal("the route table does not ask for this caller".into())))
}

impl FromRequest for Principal {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        checked(request)
    }
}

impl FromRequest for LineBearer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        checked(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_bearer_is_one_header_with_one_token() {
        let read = |values: &[&str]| {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header(("authorization", *value));
            }
            bearer(&request.to_http_request()).map(str::to_owned).ok()
        };
        assert_eq!(read(&["Bearer abc.d-e_f"]).as_deref(), Some("abc.d-e_f"));
        assert_eq!(read(&["bearer abc"]).as_deref(), Some("abc"));
        for bad in ["", "abc", "Bearer", "Bearer ", "Bearer  abc", "Bearer a b", "Basic abc", "Bearer a,b"] {
            assert_eq!(read(&[bad]), None, "{bad}");
        }
        assert_eq!(read(&["Bearer abc", "Bearer abc"]), None);
        assert_eq!(read(&[]), None);
    }
}
