//! What a send asks for, in either of its two formats.

use crate::{
    http::{
        AppState, Problem,
        api::{idempotency, pairing::phone_number},
        extract::{Deadline, Json, parse_id},
    },
    store::replies::Target,
};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use ezw_actors::id::ConversationId;
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use serde::Deserialize;
use utoipa::ToSchema;

/// A reply to queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendReply {
    /// An existing conversation of the line; not together with `recipientPhoneNumber`.
    conversation_id: Option<String>,
    /// A number, `+` and 8 to 15 digits; not together with `conversationId`.
    recipient_phone_number: Option<String>,
    /// 1 to 4,096 characters, not blank.
    body_text: Option<String>,
    /// The caller's key, if not in the header.
    idempotency_key: Option<String>,
    /// The version of the conversation that was read.
    expected_version: Option<i64>,
}

/// The body, from JSON or from a form.
#[derive(Debug)]
pub struct Content(pub(super) SendReply);

/// Checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) target: Target,
    pub(super) body_text: String,
    pub(super) key: String,
    pub(super) expected_version: Option<i64>,
}

/// The longest text, in characters.
const LONGEST_TEXT: usize = 4_096;

impl Ask {
    pub(super) fn read(request: &HttpRequest, body: SendReply) -> Result<Self, Problem> {
        let key = idempotency::key(request, body.idempotency_key.as_deref())?;
        let key = key.ok_or_else(|| Problem::field("Idempotency-Key", "is required"))?;
        Ok(Self {
            target: target(body.conversation_id, body.recipient_phone_number)?,
            body_text: body_text(body.body_text)?,
            key,
            expected_version: expected_version(body.expected_version)?,
        })
    }
}

fn target(conversation: Option<String>, phone: Option<String>) -> Result<Target, Problem> {
    match (conversation, phone) {
        (Some(_), Some(_)) => {
            Err(Problem::field("recipientPhoneNumber", "give this or conversationId, not both"))
        }
        (None, None) => Err(Problem::field("conversationId", "give this or recipientPhoneNumber")),
        (Some(id), None) => {
            let id = parse_id(&id).ok_or_else(|| Problem::field("conversationId", "give an id"))?;
            Ok(Target::Conversation(ConversationId(id)))
        }
        (None, Some(phone)) => Ok(Target::Phone(phone_number(&phone, "recipientPhoneNumber")?)),
    }
}

fn body_text(given: Option<String>) -> Result<String, Problem> {
    let text = given.ok_or_else(|| Problem::field("bodyText", "is required unless media is present"))?;
    if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Problem::field("bodyText", "give 1 to 4096 characters, not blank"));
    }
    Ok(text)
}

fn expected_version(given: Option<i64>) -> Result<Option<i64>, Problem> {
    if given.is_some_and(|version| version < 1) {
        return Err(Problem::field("expectedVersion", "give a positive integer"));
    }
    Ok(given)
}

impl FromRequest for Content {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_form(request) {
            let (request, mut payload) = (request.clone(), payload.take());
            let form = Multipart::from_request(&request, &mut payload);
            return Box::pin(async move {
                read_form(&request, form.await.map_err(|_| broken())?).await.map(Self)
            });
        }
        let body = Json::<SendReply>::from_request(request, payload);
        Box::pin(async move { body.await.map(|Json(body)| Self(body)) })
    }
}

fn is_form(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("multipart/form-data")
}

/// Under the same limits of time and size as JSON: without media, a form is only text.
async fn read_form(request: &HttpRequest, form: Multipart) -> Result<SendReply, Problem> {
    let limits = AppState::of(request)?.limits;
    let deadline = Deadline::of(request);
    if let Some(deadline) = &deadline {
        deadline.reading(limits.body_deadline);
    }
    let fields = tokio::time::timeout(limits.body_deadline, read_fields(form, limits.json_limit_bytes));
    let body = fields.await.map_err(|_| Problem::RequestTimeout)?;
    if let Some(deadline) = &deadline {
        deadline.handling();
    }
    body
}

async fn read_fields(mut form: Multipart, limit_bytes: usize) -> Result<SendReply, Problem> {
    let mut body = SendReply::default();
    let mut left = limit_bytes;
    while let Some(field) = form.next().await {
        let field = field.map_err(refused)?;
        let name = field.name().unwrap_or_default().to_owned();
        if name == "media" {
            return Err(Problem::MediaNotConfigured);
        }
        let text = read_text(field, &name, &mut left).await?;
        set(&mut body, &name, text)?;
    }
    Ok(body)
}

async fn read_text(mut field: Field, name: &str, left: &mut usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(refused)?;
        *left = left.checked_sub(chunk.len()).ok_or(Problem::PayloadTooLarge)?;
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| Problem::field(name, "give UTF-8 text"))?;
    if text.contains('\0') {
        return Err(Problem::field(name, "must not contain a NUL character"));
    }
    Ok(text)
}

fn set(body: &mut SendReply, name: &str, text: String) -> Result<(), Problem> {
    let slot = match name {
        "conversationId" => &mut body.conversation_id,
        "recipientPhoneNumber" => &mut body.recipient_phone_number,
        "bodyText" => &mut body.body_text,
        "idempotencyKey" => &mut body.idempotency_key,
        "expectedVersion" => return set_version(body, &text),
        _ => return Err(Problem::field(name, "is not a field of this")),
    };
    if slot.replace(text).is_some() {
        return Err(Problem::field(name, "is given twice"));
    }
    Ok(())
}

fn set_version(body: &mut SendReply, text: &str) -> Result<(), Problem> {
    let version = text.parse().map_err(|_| Problem::field("expectedVersion", "give a positive integer"))?;
    if body.expected_version.replace(version).is_some() {
        return Err(Problem::field("expectedVersion", "is given twice"));
    }
    Ok(())
}

fn broken() -> Problem {
    Problem::field("", "not a form")
}

fn refused(_: MultipartError) -> Problem {
    broken()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(body: SendReply) -> Result<Ask, Problem> {
        Ask::read(&TestRequest::default().to_http_request(), body)
    }

    fn good() -> SendReply {
        SendReply {
            recipient_phone_number: Some("+4915112345678".into()),
            body_text: Some("Hello".into()),
            idempotency_key: Some("k".into()),
            ..SendReply::default()
        }
    }

    #[test]
    fn a_good_reply_is_read() {
        let ask = read(good()).unwrap();
        assert_eq!(ask.target, Target::Phone("+4915112345678".into()));
        assert_eq!((ask.body_text.as_str(), ask.key.as_str(), ask.expected_version), ("Hello", "k", None));
    }

    #[test]
    fn each_fault_names_its_field() {
        let id = || Some("01938a2e-7c1b-7000-8000-000000000001".to_owned());
        let faults = [
            ("Idempotency-Key", SendReply { idempotency_key: None, ..good() }),
            ("conversationId", SendReply { recipient_phone_number: None, ..good() }),
            ("recipientPhoneNumber", SendReply { conversation_id: id(), ..good() }),
            ("recipientPhoneNumber", SendReply { recipient_phone_number: Some("0151".into()), ..good() }),
            (
                "conversationId",
                SendReply { conversation_id: Some("7".into()), recipient_phone_number: None, ..good() },
            ),
            ("bodyText", SendReply { body_text: None, ..good() }),
            ("bodyText", SendReply { body_text: Some(" \n".into()), ..good() }),
            ("bodyText", SendReply { body_text: Some("ä".repeat(4_097)), ..good() }),
            ("expectedVersion", SendReply { expected_version: Some(0), ..good() }),
        ];
        for (expected, body) in faults {
            match read(body) {
                Err(Problem::InvalidRequest(errors)) => assert_eq!(errors[0].field, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
        assert!(read(SendReply { body_text: Some("ä".repeat(4_096)), ..good() }).is_ok());
    }

    #[test]
    fn a_form_field_is_known_and_given_once() {
        let mut body = SendReply::default();
        set(&mut body, "bodyText", "a".into()).unwrap();
        set(&mut body, "expectedVersion", "3".into()).unwrap();
        assert_eq!((body.body_text.as_deref(), body.expected_version), (Some("a"), Some(3)));
        for (name, text) in [("bodyText", "b"), ("expectedVersion", "3"), ("other", "x")] {
            assert!(set(&mut body, name, text.into()).is_err(), "{name}");
        }
    }
}
