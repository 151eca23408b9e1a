//! Proof that an address is its person's.

use crate::{
    auth::{
        identity::EmailAddress,
        secret::SecretHash,
        verification::{self, MOST_ATTEMPTS, RESEND_PAUSE_SECONDS},
    },
    http::{error::Problem, extract::Json, state::AppState},
    mail::{Letter, Mailer},
    store::{
        Db, StoreError, login_failures, people,
        sessions::{self, Purpose},
    },
};
use actix_web::{HttpResponse, web};
use chrono::TimeDelta;
use ezw_actors::{machine::Time, task};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

/// Letters being prepared at once; a request beyond them is answered all the same, and its person asks again.
const RESENDS_AT_ONCE: usize = 32;
static RESENDS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(RESENDS_AT_ONCE)));

/// Rows that tries to verify any address are counted in.
const TRIES_ROWS: u16 = 64;

/// An address and the code it received.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The address.
    pub email: String,
    /// The code; case, spaces and hyphens do not matter.
    pub code: String,
}

/// An address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendRequest {
    /// The address.
    pub email: String,
}

/// The address is verified.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedBody {
    email_verified: bool,
}

/// Verify an e-mail address with the code it received.
#[utoipa::path(
    post, path = "/api/auth/verify-email", tag = "Authentication", operation_id = "verifyEmail",
    request_body = VerifyRequest,
    responses(
        (status = 200, description = "Verified.", body = VerifiedBody),
        (status = 400, description = "invalid_code: wrong, used, expired, tried too often, or nobody's; or invalid_request"),
        (status = 501, description = "store_not_configured"),
    ),
)]
pub async fn verify(
    state: web::Data<AppState>,
    Json(request): Json<VerifyRequest>,
) -> Result<HttpResponse, Problem> {
    let db = state.db()?;
    let email = EmailAddress::parse(&request.email).ok_or(Problem::InvalidCode)?;
    let hash = verification::hash_of(&request.code);
    let tries = tries_of(&email);
    let now = state.clock.now();
    let verified = db.unit(move |conn| {
        Box::pin(async move {
            // A row is written for any address, so that the time of an answer does not tell which ones are known. The
            // count has no consequence: a code bears few wrong tries by itself. Many addresses share a row, so that
            // made-up ones make no more of them.
            login_failures::count(conn, tries.as_slice(), now).await?;
            let Some(person) = people::person_by_email(conn, email.as_str()).await? else { return Ok(false) };
            let (user, purpose) = (person.user_id, Purpose::VerifyEmail);
            let consumed =
                sessions::consume_code_of(conn, user, purpose, hash.as_slice(), now, MOST_ATTEMPTS).await?;
            if consumed {
                people::verify_email(conn, user, now).await?;
            }
            // Ok either way: a wrong try is counted only if this commits.
            Ok::<_, StoreError>(consumed)
        })
    });
    if verified.await? {
        Ok(HttpResponse::Ok().json(VerifiedBody { email_verified: true }))
    } else {
        Err(Problem::InvalidCode)
    }
}

/// The row that tries for this address are counted in.
fn tries_of(email: &EmailAddress) -> SecretHash {
    let [first, second, ..] = SecretHash::of(email.as_str()).0;
    let row = u16::from_be_bytes([first, second]) % TRIES_ROWS;
    SecretHash::of(&format!("verify-email {row}"))
}

/// Send the verification code again.
#[utoipa::path(
    post, path = "/api/auth/verify-email/resend", tag = "Authentication", operation_id = "resendVerification",
    request_body = ResendRequest,
    responses(
        (status = 202, description = "If the address waits for verification, it gets a new code, once a minute at most."),
        (status = 501, description = "store_not_configured"),
    ),
)]
pub async fn resend(
    state: web::Data<AppState>,
    Json(request): Json<ResendRequest>,
) -> Result<HttpResponse, Problem> {
    let db = state.db()?.clone();
    // After the answer: neither its content nor its time tells whether the address is known.
    if let (Some(email), Ok(permit)) =
        (EmailAddress::parse(&request.email), RESENDS.clone().try_acquire_owned())
    {
        let state = state.get_ref().clone();
        task::spawn("verification letter", async move {
            let _held = permit;
            match letter_for(&db, &state, email).await {
                Ok(Some(letter)) => hand_over(state.mailer, letter),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a verification code was not renewed"),
            }
        });
    }
    Ok(HttpResponse::Accepted().finish())
}

async fn letter_for(db: &Db, state: &AppState, email: EmailAddress) -> Result<Option<Letter>, StoreError> {
    let now: Time = state.clock.now();
    let random = state.random.clone();
    db.unit(move |conn| {
        Box::pin(async move {
            let person = people::person_by_email(conn, email.as_str()).await?;
            let Some(person) = person.filter(|person| person.email_verified_at.is_none()) else {
                return Ok(None);
            };
            let (code, letter) = verification::new_code(person.user_id, &email, now, &random);
            let not_since = now - TimeDelta::seconds(RESEND_PAUSE_SECONDS);
            let kept = sessions::replace_code(conn, &code, Some(not_since)).await?;
            Ok(kept.then_some(letter))
        })
    })
    .await
}

/// Hands a letter over after its code was committed. One that is lost is asked for again.
pub(super) fn hand_over(mailer: Option<Arc<dyn Mailer>>, letter: Letter) {
    let Some(mailer) = mailer else {
        tracing::warn!(letter = letter.subject, "a letter was not sent: this deployment has no mailer");
        return;
    };
    task::spawn("letter", async move {
        if let Err(error) = mailer.hand_over(letter).await {
            tracing::error!(%error, "a letter was not handed over");
        }
    });
}
