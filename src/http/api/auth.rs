//! Signing in and out, and who one is.

use super::private;
use crate::{
    auth::{
        Principal, Role,
        identity::{EmailAddress, SignIn, Tokens, acceptable_password},
    },
    http::{
        error::{FieldError, Problem},
        extract::Json,
        stamp::Stamp,
        state::AppState,
    },
};
use actix_web::{HttpResponse, http::StatusCode, web};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Address and password, or the session of a challenge and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LoginRequest {
    /// The user's address.
    pub email: Option<String>,
    /// The user's password.
    #[schema(value_type = Option<String>, format = Password)]
    pub password: Option<SecretString>,
    /// The challenge's session, from the 409 before.
    #[schema(value_type = Option<String>)]
    pub session: Option<SecretString>,
    /// With `session`: the password to use from now on, 8 characters at least.
    #[schema(value_type = Option<String>, format = Password)]
    pub new_password: Option<SecretString>,
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RefreshRequest {
    /// From the last sign-in or refresh. It works once.
    #[schema(value_type = String)]
    pub refresh_token: SecretString,
}

/// What signing in gives.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tokens)]
pub struct TokensBody {
    /// The bearer token of workspace endpoints.
    pub id_token: String,
    /// Exchanged once for the next pair.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds the ID token lives.
    pub expires_in: u32,
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionBody {
    /// Who calls.
    pub principal: PrincipalBody,
}

/// A workspace user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Principal)]
pub struct PrincipalBody {
    /// The person.
    pub user_id: Uuid,
    /// Their address.
    pub email: String,
    /// Whether they proved it theirs.
    pub email_verified: bool,
    /// What colleagues see.
    pub display_name: String,
    /// Their organization.
    pub organization_id: Uuid,
    /// Its name.
    pub organization_name: String,
    /// What they are in it.
    pub role: Role,
    /// When the token presented ends.
    pub expires_at: Stamp,
}

fn signed_in(tokens: Tokens) -> HttpResponse {
    let Tokens { id_token, refresh_token, expires_in } = tokens;
    private(StatusCode::OK, &TokensBody { id_token, refresh_token, token_type: "Bearer", expires_in })
}

fn missing(fields: &[&str]) -> Problem {
    let error = |field: &&str| FieldError { field: (*field).to_owned(), message: "is required".into() };
    Problem::InvalidRequest(fields.iter().map(error).collect())
}

/// Sign in to a workspace.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Authentication", operation_id = "login",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Signed in.", body = TokensBody),
        (status = 400, description = "invalid_request: neither address and password nor session and new password"),
        (status = 401, description = "invalid_credentials, or invalid_token for the session"),
        (status = 403, description = "membership_inactive"),
        (status = 409, description = "challenge_required, with challengeName and session"),
        (status = 429, description = "too_many_attempts"),
        (status = 503, description = "identity_not_configured, store_unavailable or overloaded"),
    ),
)]
pub async fn login(
    state: web::Data<AppState>,
    Json(request): Json<LoginRequest>,
) -> Result<HttpResponse, Problem> {
    let identity = state.identity()?;
    if let Some(session) = request.session {
        if request.email.is_some() && request.password.is_some() {
            return Err(Problem::field("session", "give either a session or address and password"));
        }
        let new_password = request.new_password.ok_or_else(|| missing(&["newPassword"]))?;
        acceptable_password(&new_password, None)
            .map_err(|weak| Problem::field("newPassword", weak.to_string()))?;
        return Ok(signed_in(identity.choose_password(session, new_password).await?));
    }
    if request.new_password.is_some() {
        return Err(missing(&["session"]));
    }
    let (email, password) = match (request.email, request.password) {
        (Some(email), Some(password)) => (email, password),
        (Some(_), None) => return Err(missing(&["password"])),
        (None, Some(_)) => return Err(missing(&["email"])),
        (None, None) => return Err(missing(&["email", "password"])),
    };
    // What is no address is nobody's: the same answer as for an unknown one.
    let email = EmailAddress::parse(&email).ok_or(Problem::InvalidCredentials)?;
    match identity.sign_in(&email, password).await? {
        SignIn::Done(tokens) => Ok(signed_in(tokens)),
        SignIn::NewPasswordRequired { session } => Err(Problem::ChallengeRequired {
            challenge_name: "NEW_PASSWORD_REQUIRED",
            session: secrecy::ExposeSecret::expose_secret(&session).to_owned(),
        }),
    }
}

/// Exchange a refresh token for the next pair of tokens.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "Authentication", operation_id = "refresh",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "The next pair. The token presented does not work any more.", body = TokensBody),
        (status = 401, description = "invalid_token: unknown, expired or revoked; used twice, its whole family ends"),
        (status = 403, description = "membership_inactive"),
        (status = 503, description = "identity_not_configured or store_unavailable"),
    ),
)]
pub async fn refresh(
    state: web::Data<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<HttpResponse, Problem> {
    Ok(signed_in(state.identity()?.refresh(request.refresh_token).await?))
}

/// Sign out: the refresh token and all that descend from the same sign-in end. ID tokens run out by themselves.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "Authentication", operation_id = "logout",
    request_body = RefreshRequest,
    responses(
        (status = 204, description = "Signed out, or never signed in."),
        (status = 503, description = "identity_not_configured or store_unavailable"),
    ),
)]
pub async fn logout(
    state: web::Data<AppState>,
    Json(request): Json<RefreshRequest>,
) -> Result<HttpResponse, Problem> {
    state.identity()?.sign_out(request.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who the bearer of this ID token is now.
#[utoipa::path(
    get, path = "/api/auth/session", tag = "Authentication", operation_id = "session",
    security(("idToken" = [])),
    responses((status = 200, description = "The caller.", body = SessionBody)),
)]
pub async fn session(principal: Principal) -> HttpResponse {
    let body = SessionBody {
        principal: PrincipalBody {
            user_id: principal.user.0,
            email: principal.email,
            email_verified: principal.email_verified,
            display_name: principal.display_name,
            organization_id: principal.organization.0,
            organization_name: principal.organization_name,
            role: principal.role,
            expires_at: principal.expires_at.into(),
        },
    };
    private(StatusCode::OK, &body)
}
