//! What a send asks for, in either of its two formats.

use super::form::{self, Received};
use crate::{
    http::{
        Problem,
        api::{idempotency, pairing::phone_number},
        extract::{Json, parse_id},
    },
    store::replies::Target,
};
use actix_multipart::Multipart;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use ezw_actors::id::ConversationId;
use futures_util::future::LocalBoxFuture;
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
    /// 1 to 4,096 characters, not blank; with an image it may be left out.
    body_text: Option<String>,
    /// The caller's key, if not in the header.
    idempotency_key: Option<String>,
    /// The version of the conversation that was read.
    expected_version: Option<i64>,
}

/// A reply as a form, which may carry an image.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its description is used: a form is read as it comes")]
pub struct SendReplyForm {
    /// An existing conversation of the line; not together with `recipientPhoneNumber`.
    conversation_id: Option<String>,
    /// A number, `+` and 8 to 15 digits; not together with `conversationId`.
    recipient_phone_number: Option<String>,
    /// 1 to 4,096 characters, not blank; with an image it may be left out.
    body_text: Option<String>,
    /// The caller's key, if not in the header.
    idempotency_key: Option<String>,
    /// The version of the conversation that was read.
    expected_version: Option<i64>,
    /// One image: JPEG, PNG or WebP, at most 26,214,400 bytes and 100,000,000 pixels, sent at 32 KiB a second or more.
    #[schema(value_type = Option<String>, format = Binary)]
    media: Option<Vec<u8>>,
}

/// The body, from JSON or from a form, and the image of a form.
#[derive(Debug)]
pub struct Content(pub(super) SendReply, pub(super) Option<Received>);

/// Checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) target: Target,
    pub(super) body_text: Option<String>,
    pub(super) key: String,
    pub(super) expected_version: Option<i64>,
}

/// The longest text, in characters.
const LONGEST_TEXT: usize = 4_096;

impl Ask {
    pub(super) fn read(request: &HttpRequest, body: SendReply, has_image: bool) -> Result<Self, Problem> {
        let key = idempotency::key(request, body.idempotency_key.as_deref())?;
        let key = key.ok_or_else(|| Problem::field("Idempotency-Key", "is required"))?;
        Ok(Self {
            target: target(body.conversation_id, body.recipient_phone_number)?,
            body_text: body_text(body.body_text, has_image)?,
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

/// A form with an image may send an empty field as well as none.
fn body_text(given: Option<String>, has_image: bool) -> Result<Option<String>, Problem> {
    let given = given.filter(|text| !has_image || !text.is_empty());
    let text = match given {
        Some(text) => text,
        None if has_image => return Ok(None),
        None => return Err(Problem::field("bodyText", "is required unless media is present")),
    };
    if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Problem::field("bodyText", "give 1 to 4096 characters, not blank"));
    }
    Ok(Some(text))
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
                let (body, image) = form::read(&request, form.await).await?;
                Ok(Self(body, image))
            });
        }
        let body = Json::<SendReply>::from_request(request, payload);
        Box::pin(async move { body.await.map(|Json(body)| Self(body, None)) })
    }
}

fn is_form(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("multipart/form-data")
}

impl SendReply {
    /// A field of a form.
    pub(super) fn set(&mut self, name: &str, text: String) -> Result<(), Problem> {
        let slot = match name {
            "conversationId" => &mut self.conversation_id,
            "recipientPhoneNumber" => &mut self.recipient_phone_number,
            "bodyText" => &mut self.body_text,
            "idempotencyKey" => &mut self.idempotency_key,
            "expectedVersion" => return self.set_version(&text),
            _ => return Err(Problem::field(name, "is not a field of this")),
        };
        if slot.replace(text).is_some() {
            return Err(Problem::field(name, "is given twice"));
        }
        Ok(())
    }

    fn set_version(&mut self, text: &str) -> Result<(), Problem> {
        let version =
            text.parse().map_err(|_| Problem::field("expectedVersion", "give a positive integer"))?;
        if self.expected_version.replace(version).is_some() {
            return Err(Problem::field("expectedVersion", "is given twice"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(body: SendReply) -> Result<Ask, Problem> {
        Ask::read(&TestRequest::default().to_http_request(), body, false)
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
        assert_eq!(
            (ask.body_text.as_deref(), ask.key.as_str(), ask.expected_version),
            (Some("Hello"), "k", None)
        );
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
        body.set("bodyText", "a".into()).unwrap();
        body.set("expectedVersion", "3".into()).unwrap();
        assert_eq!((body.body_text.as_deref(), body.expected_version), (Some("a"), Some(3)));
        for (name, text) in [("bodyText", "b"), ("expectedVersion", "3"), ("other", "x")] {
            assert!(body.set(name, text.into()).is_err(), "{name}");
        }
    }

    #[test]
    fn an_image_needs_no_words() {
        let request = TestRequest::default().to_http_request();
        for (words, read) in [
            (None, Some(None)),
            (Some(""), Some(None)),
            (Some(" "), None),
            (Some("Here"), Some(Some("Here"))),
        ] {
            let body = SendReply { body_text: words.map(str::to_owned), ..good() };
            let asked = Ask::read(&request, body, true).ok().map(|ask| ask.body_text);
            assert_eq!(asked, read.map(|words: Option<&str>| words.map(str::to_owned)), "{words:?}");
        }
    }
}
