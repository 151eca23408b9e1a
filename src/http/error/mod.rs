//! Refusals: one enum is the code book, and the only place where a status is chosen. Every one leaves as RFC 9457
//! `application/problem+json`; nothing outside of it is ever sent.

mod code_book;
#[cfg(test)]
mod tests;

pub use code_book::{Entry, code_book};

use super::{request_id, shape::words, stamp::Stamp};
use crate::store::StoreError;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};
use ezw_actors::machine::{Lifecycle, Reason, SendState, Time, View};
use serde::Serialize;
use serde_json::{Map, Value, json};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use thiserror::Error;
use utoipa::ToSchema;
use uuid::Uuid;

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, parameter or header; empty when the request as a whole is meant.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// What a conversation is now, for a caller whose version is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentConversation {
    /// The version to read again.
    pub version: i64,
    /// Who has it.
    pub assignee_user_id: Option<Uuid>,
}

/// What a line is now, for a caller whose reply it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentLine {
    /// Axis two.
    #[schema(schema_with = words::<Lifecycle>)]
    pub lifecycle_state: Lifecycle,
    /// Axis three.
    #[schema(schema_with = words::<SendState>)]
    pub effective_send_state: SendState,
    /// Why.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
    /// When that ends, if known.
    pub until: Option<Stamp>,
}

impl From<&View> for CurrentLine {
    fn from(view: &View) -> Self {
        Self {
            lifecycle_state: view.lifecycle,
            effective_send_state: view.send,
            reason: view.reason,
            until: view.until.map(Stamp),
        }
    }
}

/// Everything a caller can be refused with. The variant's name in snake_case is the `code`.
#[derive(Debug, Error, EnumDiscriminants)]
#[strum_discriminants(name(Code), vis(pub), derive(EnumIter, IntoStaticStr, Hash))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The words a program switches on.")]
#[expect(missing_docs, reason = "each variant's text says what it is; the code book adds what to do")]
pub enum Problem {
    #[error("The request is not as this endpoint expects it; see errors.")]
    InvalidRequest(Vec<FieldError>),
    #[error("The code is wrong, used or expired.")]
    InvalidCode,
    #[error("The image is not taken: {0}.")]
    InvalidMedia(&'static str),
    #[error("Send `Authorization: Bearer` with one token.")]
    BearerRequired,
    #[error("The token is not valid for this endpoint: unknown, expired, revoked or of the other kind.")]
    InvalidToken,
    #[error("The e-mail address or the password is wrong.")]
    InvalidCredentials,
    #[error("The membership of this user in the organization is not active.")]
    MembershipInactive,
    #[error("The caller may not do this.")]
    Forbidden,
    #[error("The state of the organization's billing does not allow this.")]
    BillingRestricted,
    #[error("Verify the e-mail address first.")]
    EmailUnverified,
    #[error("The address is not one of ours, was changed, or its time is over.")]
    InvalidLink,
    #[error("Every line slot is in use.")]
    LineSlotLimit,
    #[error("Every seat is in use.")]
    SeatLimit,
    #[error("There is no such thing here, or it is not visible to the caller.")]
    NotFound,
    #[error("This path does not take that method.")]
    MethodNotAllowed { allow: String },
    #[error("The body did not arrive in time.")]
    RequestTimeout,
    #[error("A challenge must be answered before sign-in succeeds.")]
    ChallengeRequired { challenge_name: &'static str, session: String },
    #[error("This organization or e-mail address is set up already.")]
    AlreadySetUp,
    #[error(
        "The line takes no reply now: a new one was not stored and will never be sent, and no order to send one again was taken."
    )]
    LineNotSendable(Box<CurrentLine>),
    #[error("This idempotency key was used for a different request.")]
    IdempotencyKeyReused,
    #[error("The conversation changed since it was read.")]
    VersionConflict(CurrentConversation),
    #[error("The conversation is assigned to somebody else.")]
    AlreadyAssigned(CurrentConversation),
    #[error("The line is paired, or stopped with a pairing that still holds.")]
    LineAlreadyPaired,
    #[error("The provider's cool-down has not ended.")]
    CoolingDown { until: Time },
    #[error("The line is archived.")]
    LineArchived,
    #[error("There is nothing to settle: the message is on its way, or has its final status.")]
    MessageFinal,
    #[error("Owners and admins see and send everywhere; there is nothing to set.")]
    PermissionsImplied,
    #[error("This person is a member already.")]
    AlreadyMember,
    #[error("The last active owner stays.")]
    LastOwner,
    #[error("This person cannot be invited: the address belongs to another organization.")]
    UserUnavailable,
    #[error("Billing is in order; there is nothing to recover.")]
    BillingNotRestricted,
    #[error("The body is larger than this endpoint takes.")]
    PayloadTooLarge,
    #[error("The content type is not one this endpoint takes.")]
    UnsupportedMediaType,
    #[error("Too many requests with this token or by this user; nothing was done.")]
    RateLimited { retry_after_seconds: u64 },
    #[error("Too many failed sign-ins for this account.")]
    TooManyAttempts { retry_after_seconds: u64 },
    #[error("The line wrote to as many new contacts this hour as it may.")]
    NewContactLimit { retry_after_seconds: u64 },
    #[error("As many replies wait on this line as it may hold.")]
    QueueFull,
    #[error("The headers are larger than this service takes.")]
    HeaderFieldsTooLarge,
    #[error("Something broke on our side; the request id names it.")]
    Internal(String),
    #[error("Live updates are not available.")]
    LiveUpdatesUnavailable,
    #[error("This deployment has no PostgreSQL source of truth.")]
    StoreNotConfigured,
    #[error("This deployment has no media store.")]
    MediaNotConfigured,
    #[error("This deployment has no live updates.")]
    LiveUpdatesNotConfigured,
    #[error("This deployment has no billing.")]
    BillingNotConfigured,
    #[error("PostgreSQL is not answering.")]
    StoreUnavailable,
    #[error("This deployment has no identity provider.")]
    IdentityNotConfigured,
    #[error("The identity provider is not answering.")]
    IdentityUnavailable,
    #[error("The store of pairing images is not answering, or not configured.")]
    QrStoreUnavailable,
    #[error("The media store is not answering.")]
    MediaUnavailable,
    #[error("The billing provider is not answering.")]
    BillingUnavailable,
    #[error("The answer was not ready in time; it is not known whether the request took effect.")]
    HandlerDeadline,
    #[error("The service is busy.")]
    Overloaded,
}

impl Problem {
    /// A 400 about one field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidRequest(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// The word a program switches on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Code::from(self).into()
    }

    /// What of this refusal is for the log only.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }

    /// The members that this refusal adds to the common ones.
    fn extras(&self) -> Map<String, Value> {
        let extras = match self {
            Self::InvalidRequest(errors) => json!({ "errors": errors }),
            Self::InvalidMedia(why) => json!({ "errors": [{ "field": "media", "message": why }] }),
            Self::ChallengeRequired { challenge_name, session } => {
                json!({ "challengeName": challenge_name, "session": session })
            }
            Self::LineNotSendable(line) => json!({ "line": line }),
            Self::VersionConflict(current) | Self::AlreadyAssigned(current) => json!({ "current": current }),
            Self::CoolingDown { until } => json!({ "until": Stamp(*until) }),
            _ => Value::Null,
        };
        match extras {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// Whole seconds after which asking again makes sense; every 429 and 503 has one.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_seconds }
            | Self::TooManyAttempts { retry_after_seconds }
            | Self::NewContactLimit { retry_after_seconds } => Some((*retry_after_seconds).max(1)),
            _ => match self.status_code() {
                StatusCode::TOO_MANY_REQUESTS => Some(10),
                StatusCode::SERVICE_UNAVAILABLE => Some(2),
                _ => None,
            },
        }
    }

    /// The body, with the current request's name in it.
    #[must_use]
    pub fn body(&self) -> Value {
        let entry = Code::from(self).entry();
        let mut body = self.extras();
        body.insert("type".into(), format!("urn:ezw:problem:{}", entry.code).into());
        body.insert("title".into(), entry.meaning.into());
        body.insert("status".into(), entry.status.into());
        body.insert("detail".into(), self.to_string().into());
        body.insert("code".into(), entry.code.into());
        body.insert("requestId".into(), request_id::current().into());
        Value::Object(body)
    }

    fn headers(&self, response: &mut HttpResponseBuilder) {
        if self.status_code() == StatusCode::UNAUTHORIZED {
            let error = matches!(self, Self::InvalidToken);
            let value = if error { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            response.insert_header((header::WWW_AUTHENTICATE, value));
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Self::MethodNotAllowed { allow } = self {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if matches!(
            self,
            Self::RequestTimeout | Self::PayloadTooLarge | Self::HeaderFieldsTooLarge | Self::InvalidMedia(_)
        ) {
            // The rest of the request was not read: the connection cannot carry another one.
            response.force_close();
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(Code::from(self).entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        self.headers(&mut response);
        response.content_type(PROBLEM_JSON).body(self.body().to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::StoreUnavailable,
            StoreError::Unfit(cause) | StoreError::Broken(cause) => Self::Internal(cause),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

/// The shape of every refusal, for the API description.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:ezw:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, always the same words.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What it is about.
    pub detail: String,
    /// The word a program switches on.
    pub code: String,
    /// The name of the request.
    pub request_id: Option<String>,
    /// With `invalid_request` and `invalid_media`: each field that is not as it should be.
    #[schema(nullable = false)]
    pub errors: Option<Vec<FieldError>>,
    /// With `version_conflict` and `already_assigned`: what is now.
    #[schema(nullable = false)]
    pub current: Option<CurrentConversation>,
    /// With `line_not_sendable`: what the line is now.
    #[schema(nullable = false)]
    pub line: Option<CurrentLine>,
    /// With `cooling_down`: when it ends.
    #[schema(nullable = false)]
    pub until: Option<Stamp>,
    /// With `challenge_required`: what is asked for.
    #[schema(nullable = false)]
    pub challenge_name: Option<String>,
    /// With `challenge_required`: comes back with the answer.
    #[schema(nullable = false)]
    pub session: Option<String>,
}
