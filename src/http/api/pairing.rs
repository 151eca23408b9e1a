//! Linking a number: QR codes and pairing codes. The API answers with command state; images and codes are read from
//! their short-lived store.

use super::{idempotency, lines::ring, private, shapes::CommandBody};
use crate::{
    auth::{Action, Principal},
    http::{
        AppState, Problem, Stamp,
        extract::{Json, OptionalJson, PathId},
    },
    live::QrImage,
    phone::is_phone_number,
    store::{
        StoreError,
        commands::{self, Pair, PairRequest, Paired},
        lines::{LineFacts, line_facts},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderValue},
    web,
};
use ezw_actors::{
    id::{Epoch, LineId},
    lines::Doorbell,
    machine::{LineState, PairingStep},
    port::Showing,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request for a QR code.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestQr {
    /// Makes a retry the same command.
    idempotency_key: Option<String>,
}

/// A command.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PairingCommand {
    command: CommandBody,
    /// The code to type on the phone, when there is one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pairing_code: Option<String>,
}

/// Asks for a QR code.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/qr", operation_id = "requestQr", tag = "WhatsApp lines", request_body(content = RequestQr, description = "May be left out."),
    params(("lineId" = Uuid, Path),
           ("Idempotency-Key" = Option<String>, Header, description = "here or as idempotencyKey in the body; makes a retry the same command")),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The command, queued now or open before.", body = PairingCommand),
        (status = 403, description = "forbidden, email_unverified, billing_restricted or line_slot_limit"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_already_paired, cooling_down or line_archived"),
    ),
)]
pub async fn request_qr(
    request: HttpRequest,
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    OptionalJson(body): OptionalJson<RequestQr>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency::key(&request, body.idempotency_key.as_deref())?;
    let asked = PairRequest { key, ..PairRequest::default() };
    let ordered = pair(&state, &principal, LineId(line), asked).await?;
    let body = PairingCommand { command: ordered.command, pairing_code: None };
    let mut response = private(StatusCode::OK, &body);
    if ordered.replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(idempotency::IDEMPOTENCY_REPLAYED, yes);
    }
    Ok(response)
}

/// A request for a code to type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestCode {
    /// The number to link: `+` and 8 to 15 digits.
    phone_number: String,
}

/// Asks for a pairing code. Asking again while the attempt is open answers with the code, once there is one.
#[utoipa::path(
    post, path = "/api/lines/{lineId}/pairing-code", operation_id = "requestPairingCode", tag = "WhatsApp lines", request_body = RequestCode,
    params(("lineId" = Uuid, Path)), security(("idToken" = [])),
    responses(
        (status = 200, description = "The command, and the code once there is one. An open attempt by QR code, or for another number, is answered without a code: end it with stop, then ask again.", body = PairingCommand),
        (status = 403, description = "forbidden, email_unverified, billing_restricted or line_slot_limit"),
        (status = 404, description = "not_found"),
        (status = 409, description = "line_already_paired, cooling_down or line_archived"),
    ),
)]
pub async fn request_code(
    state: web::Data<AppState>,
    principal: Principal,
    PathId(line): PathId,
    Json(body): Json<RequestCode>,
) -> Result<HttpResponse, Problem> {
    let number = phone_number(&body.phone_number, "phoneNumber")?;
    let asked = PairRequest { code_for: Some(number.clone()), ..PairRequest::default() };
    let ordered = pair(&state, &principal, LineId(line), asked).await?;
    // One number's code must not be shown to who links another.
    let ours =
        ordered.facts.state.pairing().is_some_and(|pairing| pairing.code_for.as_ref() == Some(&number));
    let pairing_code = match (&state.qr, shown(&ordered.facts).filter(|_| ours)) {
        // Redis away costs the code, not the answer: the command stands.
        (Some(store), Some((whose, PairingStep::Code))) => store.pairing_code(whose).await.unwrap_or(None),
        _ => None,
    };
    Ok(private(StatusCode::OK, &PairingCommand { command: ordered.command, pairing_code }))
}

/// A command that stands for what was asked, and the line it is about.
struct Ordered {
    command: CommandBody,
    facts: LineFacts,
    replayed: bool,
}

async fn pair(
    state: &AppState,
    principal: &Principal,
    line: LineId,
    asked: PairRequest,
) -> Result<Ordered, Problem> {
    let (scope, by) = (principal.scope(), principal.user.0);
    let verified = principal.address_suffices(Action::PairLines);
    let paired: Result<(Paired, Option<LineFacts>), Problem> = state
        .db()?
        .unit(move |conn| {
            Box::pin(async move {
                if !verified {
                    return Err(unverified(line_facts(conn, scope, line).await?));
                }
                let paired = commands::pair_once(conn, scope, by, line, &asked).await?;
                Ok((paired, line_facts(conn, scope, line).await?))
            })
        })
        .await;
    let (Paired { pair, replayed }, facts) = paired?;
    match (pair, facts) {
        (Pair::Accepted { command, new }, Some(facts)) => {
            if new {
                ring(state, line, Doorbell::Command);
            }
            Ok(Ordered { command: command.into(), facts, replayed })
        }
        (Pair::AlreadyPaired, _) => Err(Problem::LineAlreadyPaired),
        (Pair::CoolingDown { until }, _) => Err(Problem::CoolingDown { until }),
        (Pair::Archived, _) => Err(Problem::LineArchived),
        (Pair::BillingRestricted, _) => Err(Problem::BillingRestricted),
        (Pair::SlotLimit, _) => Err(Problem::LineSlotLimit),
        (Pair::NoLine, _) | (Pair::Accepted { .. }, None) => Err(Problem::NotFound),
    }
}

/// A line that is not there comes before a permission that is not.
pub(super) fn unverified(facts: Option<LineFacts>) -> Problem {
    if facts.is_some() { Problem::EmailUnverified } else { Problem::NotFound }
}

/// The image to scan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Qr)]
pub struct QrBody {
    /// A PNG as a data URL; the code's text is never sent.
    image_data_url: String,
    /// 1 for the first code of an attempt.
    wave: u8,
    /// How many codes an attempt has.
    waves: u8,
    /// When this one ends.
    expires_at: Stamp,
}

impl From<QrImage> for QrBody {
    fn from(image: QrImage) -> Self {
        Self {
            image_data_url: image.image_data_url,
            wave: image.wave,
            waves: image.waves,
            expires_at: Stamp(image.expires_at),
        }
    }
}

/// The same, as an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentQr {
    qr: QrBody,
}

/// The image a phone can scan now.
#[utoipa::path(
    get, path = "/api/lines/{lineId}/qr", operation_id = "currentQr", tag = "WhatsApp lines", params(("lineId" = Uuid, Path)),
    security(("idToken" = [])),
    responses(
        (status = 200, description = "The image; not to be cached.", body = CurrentQr),
        (status = 403, description = "forbidden or email_unverified"),
        (status = 404, description = "not_found"),
        (status = 503, description = "qr_store_unavailable"),
    ),
)]
pub async fn current_qr(
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
    let image = match shown(&facts) {
        Some((whose, PairingStep::Qr { .. })) => store.get(whose).await,
        // Also with nothing to read, a store that is away is told apart from a code that is not there.
        _ => store.check().await.map(|()| None),
    };
    let image = image.map_err(|error| {
        tracing::warn!(%error, "a pairing image could not be read");
        Problem::QrStoreUnavailable
    })?;
    let image = image.ok_or(Problem::NotFound)?;
    Ok(private(StatusCode::OK, &CurrentQr { qr: image.into() }))
}

/// What the line's row says is shown: only while its attempt is open, and nothing lies over it.
pub(super) fn shown(facts: &LineFacts) -> Option<(Showing, &PairingStep)> {
    let ended = facts.archived_at.is_some() || facts.stopped_at.is_some();
    match &*facts.state {
        // An attempt that was stopped may be on its way out while the next one is asked for already.
        LineState::Pairing { generation, pairing, step, .. }
            if !ended && facts.open_pair == Some(pairing.command.0) =>
        {
            let whose = Showing { line: facts.line(), epoch: Epoch(facts.epoch), generation: *generation };
            Some((whose, step))
        }
        _ => None,
    }
}

/// A number as this service writes it.
///
/// # Errors
/// `invalid_request` about `field`.
pub(super) fn phone_number(given: &str, field: &str) -> Result<String, Problem> {
    if is_phone_number(given) {
        Ok(given.to_owned())
    } else {
        Err(Problem::field(field, "give + and 8 to 15 digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_a_plus_and_8_to_15_digits() {
        for good in ["+12345678", "+4915112345678", "+123456789012345"] {
            assert_eq!(phone_number(good, "x").unwrap(), good);
        }
        for bad in [
            "",
            "+",
            "12345678",
            "+1234567",
            "+1234567890123456",
            "+12 345678",
            "++12345678",
            "+1234567a",
            "+١٢٣٤٥٦٧٨",
        ] {
            assert!(phone_number(bad, "x").is_err(), "{bad}");
        }
    }
}
