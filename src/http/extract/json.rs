//! JSON bodies, strictly: no key twice, no NUL, and (with `deny_unknown_fields`, which every request shape has) no
//! field that nobody reads. Leniency here would hide a caller's mistake until it costs something.

use super::read_body;
use crate::http::{
    error::{FieldError, Problem},
    state::AppState,
};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};
use std::{collections::HashSet, fmt};

/// A body that must be there.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// A body that may be absent, empty or `{}`, with or without a content type.
#[derive(Clone, Copy, Debug)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = read(&request, payload).await?;
            if body.is_empty() {
                return Err(Problem::field("", "a JSON body is required"));
            }
            if !is_json(&request, false) {
                return Err(Problem::UnsupportedMediaType);
            }
            parse(&body).map(Self)
        })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = read(&request, payload).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            if !is_json(&request, true) {
                return Err(Problem::UnsupportedMediaType);
            }
            parse(&body).map(Self)
        })
    }
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<web::Bytes, Problem> {
    let state = AppState::of(request)?;
    read_body(request, payload, state.limits.json_limit_bytes, state.limits.body_deadline).await
}

fn is_json(request: &HttpRequest, absent_is_fine: bool) -> bool {
    match request.mime_type() {
        Ok(None) => absent_is_fine,
        Ok(Some(kind)) => {
            let charset = kind.get_param("charset");
            kind.essence_str() == "application/json" && charset.is_none_or(|charset| charset == "utf-8")
        }
        Err(_) => false,
    }
}

/// Reads `body` as `T`.
///
/// # Errors
/// `invalid_request`, naming the field.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    typed::<Sound>(body, explain)?;
    // serde would take an array as the fields in their order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::field("", "a JSON object is required"));
    }
    // It is JSON: what serde calls an error of syntax now is a value of another kind than is wanted.
    typed(body, |path, error| match error.is_syntax() {
        true => Problem::field(if path == "." { "" } else { path }, "is not one of its values"),
        false => explain(path, error),
    })
}

fn typed<T: DeserializeOwned>(
    body: &[u8],
    explain: fn(&str, &serde_json::Error) -> Problem,
) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    reader.end().map_err(|_| Problem::field("", "more follows after the JSON value"))?;
    Ok(value)
}

/// Says in the contract's words what serde says in its own.
fn explain(path: &str, error: &serde_json::Error) -> Problem {
    if error.is_syntax() || error.is_eof() {
        let at = format!("line {} column {}", error.line(), error.column());
        return Problem::field("", format!("not JSON, at {at}"));
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let quoted = text.split('`').nth(1).unwrap_or_default();
    let parent = if path == "." { "" } else { path };
    let (field, message) = match text {
        _ if text.starts_with("missing field") => (join(parent, quoted), "is required".to_owned()),
        _ if text.starts_with("unknown field") => (join(parent, quoted), "is not a field of this".to_owned()),
        _ if text.starts_with("duplicate field") => (join(parent, quoted), "is given twice".to_owned()),
        _ => (parent.to_owned(), text.to_owned()),
    };
    Problem::InvalidRequest(vec![FieldError { field, message }])
}

fn join(parent: &str, name: &str) -> String {
    let named = parent == name || parent.ends_with(&format!(".{name}"));
    match (parent, named) {
        (_, true) => parent.to_owned(),
        ("", false) => name.to_owned(),
        (_, false) => format!("{parent}.{name}"),
    }
}

/// Any JSON value in which no object has a key twice and no text holds NUL, which Postgres cannot keep.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SoundVisitor)
    }
}

struct SoundVisitor;

fn without_nul<E: serde::de::Error>(text: &str) -> Result<Sound, E> {
    if text.contains('\0') { Err(E::custom("must not contain a NUL character")) } else { Ok(Sound) }
}

impl<'de> Visitor<'de> for SoundVisitor {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_unit<E>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Sound, E> {
        without_nul(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Sound, A::Error> {
        while items.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Sound, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            without_nul::<A::Error>(&key)?;
            if seen.contains(&key) {
                return Err(A::Error::custom(format!("duplicate field `{key}`")));
            }
            seen.insert(key);
            members.next_value::<Sound>()?;
        }
        Ok(Sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Shape {
        #[serde(default)]
        line_slots: Option<u32>,
        name: String,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u8,
    }

    fn refusal(body: &str) -> (String, String) {
        match parse::<Shape>(body.as_bytes()) {
            Err(Problem::InvalidRequest(errors)) => (errors[0].field.clone(), errors[0].message.clone()),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn a_good_body_is_read() {
        let shape: Shape = parse(br#"{"name":"a","lineSlots":3,"inner":{"count":1}}"#).unwrap();
        assert_eq!(shape, Shape { line_slots: Some(3), name: "a".into(), inner: Some(Inner { count: 1 }) });
    }

    #[test]
    fn each_fault_names_its_field() {
        assert_eq!(refusal("{}"), ("name".into(), "is required".into()));
        assert_eq!(refusal(r#"{"name":"a","inner":{}}"#), ("inner.count".into(), "is required".into()));
        assert_eq!(refusal(r#"{"name":"a","nmae":"b"}"#), ("nmae".into(), "is not a field of this".into()));
        assert_eq!(refusal(r#"{"name":"a","name":"b"}"#), ("name".into(), "is given twice".into()));
        assert_eq!(refusal(r#"{"name":"a","x":{"y":1,"y":2}}"#).1, "is given twice");
        assert_eq!(refusal(r#"{"name":"a","inner":{"count":"x"}}"#).0, "inner.count");
        assert_eq!(refusal(r#"{"name":"a","lineSlots":-1}"#).0, "lineSlots");
        assert_eq!(
            refusal(r#"{"name":"a\u0000"}"#),
            ("name".into(), "must not contain a NUL character".into())
        );
    }

    #[test]
    fn what_is_not_one_json_object_is_refused() {
        for bad in ["", "null", "[]", "7", "{", "{} {}", "{\"name\":\"a\"}x", "\u{feff}{}", "{'name':1}"] {
            refusal(bad);
        }
        refusal(&"[".repeat(10_000));
    }
}
