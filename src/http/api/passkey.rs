//! Linking a number whose account has a passkey: the challenge to sign, and the answer of whoever holds the passkey.

use super::{
    lines::ring,
    pairing::{shown, unverified},
    private,
    shapes::CommandBody,
};
use crate::{
    auth::{Action, Principal},
    http::{
        AppState, Problem, Stamp,
        extract::{Json, PathId},
    },
    store::{
        StoreError,
        lines::{LineFacts, line_facts},
        passkeys::{self, Answer},
    },
};
use actix_web::{HttpResponse, http::StatusCode, web};
use ezw_actors::{id::LineId, lines::Doorbell, machine::PairingStep};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest answer, in characters.
const LONGEST_RESPONSE: usize = 8_192;

/// A challenge to sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Passkey)]
pub struct PasskeyBody {
    /// What the provider wants signed.
    challenge: String,
    /// When it stops working.
    expires_at: Stamp,
}

impl std::fmt::Debug for PasskeyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyBody").finish_non_exhaustive()
    }
}

/// The same, as an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentPasskey {
    passkey: PasskeyBody,
}

/// The passkey challenge that a pairing waits for.
#[utoipa::path(
    get, path = "/api/lines/{lineId}/passkey", operation_id = "currentPasskey", tag = "WhatsApp lines", params(("lineId" = Uuid, Path)),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The challenge; not to be cached.", body = CurrentPasskey),
        (status = 403, description = "forbidden or email_unverified"),
        (status = 404, description = "not_found: also when none waits"),
        (status = 503, description = "qr_store_unavailable"),
    ),
)]
pub async fn current(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
) -> Result<HttpResponse, Problem> {
    let scope = principal.scope();
    let facts: Result<Option<LineFacts>, StoreError> = state
        .db()?
        .run(move |conn| Box::pin(async move { line_facts(conn, scope, LineId(line)).await }))
        .await;
    let facts = facts?.ok_or(Problem::NotFound)?;
    if !principal.address_suffices(Action::PairLines) {
        return Err(Problem::EmailUnverified);
    }
    let store = state.qr.as_ref().ok_or(Problem::QrStoreUnavailable)?;
    let waiting = match shown(&facts) {
        Some((whose, PairingStep::Passkey)) => store.passkey(whose).await,
        // Also with nothing to read, a store that is away is told apart from a challenge that is not there.
        _ => store.check().await.map(|()| None),
    };
    let waiting = waiting.map_err(|error| {
        tracing::warn!(%error, "a passkey challenge could not be read");
        Problem::QrStoreUnavailable
    })?;
    let waiting = waiting.ok_or(Problem::NotFound)?;
    let passkey = PasskeyBody { challenge: waiting.challenge, expires_at: Stamp(waiting.expires_at) };
    Ok(private(StatusCode::OK, &CurrentPasskey { passkey }))
}

/// The answer to a challenge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerPasskey {
    /// What signing the challenge gave, as the provider wants it: 1 to 8,192 characters.
    #[schema(value_type = String, min_length = 1, max_length = 8192)]
    response: SecretString,
}

/// The pair command that the answer is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyAnswered {
    command: CommandBody,
}

/// Answers the passkey challenge. 200 says that the answer is kept for the line, which hands it to the provider; the line's
/// state tells what came of it. The same answer again changes nothing.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/passkey", operation_id = "answerPasskey", tag = "WhatsApp lines", request_body = AnswerPasskey,
    params(("lineId" = Uuid, Path)), security(("idToken" = [])),
    responses(
        (status = 200, description = "The pair command that the answer is for.", body = PasskeyAnswered),
        (status = 403, description = "forbidden, email_unverified or billing_restricted"),
        (status = 404, description = "not_found: also when none waits"),
    ),
)]
pub async fn answer(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    Json(body): Json<AnswerPasskey>,
) -> Result<HttpResponse, Problem> {
    let response = body.response;
    if !(1..=LONGEST_RESPONSE).contains(&response.expose_secret().chars().count()) {
        return Err(Problem::field("response", "give 1 to 8,192 characters"));
    }
    let (scope, by, line) = (principal.scope(), principal.user.0, LineId(line));
    let verified = principal.address_suffices(Action::PairLines);
    let answered: Result<Answer, Problem> = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move {
                if !verified {
                    return Err(unverified(line_facts(conn, scope, line).await?));
                }
                Ok(passkeys::answer(conn, scope, by, line, &response).await?)
            })
        })
        .await;
    match answered? {
        Answer::Accepted { command, new } => {
            if new {
                ring(&state, line, Doorbell::Command);
            }
            Ok(private(StatusCode::OK, &PasskeyAnswered { command: command.into() }))
        }
        Answer::NoneWaits | Answer::NoLine => Err(Problem::NotFound),
        Answer::BillingRestricted => Err(Problem::BillingRestricted),
    }
}
