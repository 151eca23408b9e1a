//! The caller's key: `Idempotency-Key`, or `idempotencyKey` in the body, or the same in both.

use crate::http::error::Problem;
use actix_web::{HttpRequest, http::header::HeaderName};

/// The header of the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key, in characters.
const LONGEST: usize = 255;

/// The key of this request, if it has one.
///
/// # Errors
/// `invalid_request` when it is malformed, doubled, or not the same in both places.
pub fn key(request: &HttpRequest, in_body: Option<&str>) -> Result<Option<String>, Problem> {
    let mut given = request.headers().get_all(IDEMPOTENCY_KEY);
    let in_header = given.next().map(|value| {
        value.to_str().map_err(|_| Problem::field("Idempotency-Key", "give visible ASCII characters"))
    });
    let in_header = in_header.transpose()?;
    if given.next().is_some() {
        return Err(Problem::field("Idempotency-Key", "give it once"));
    }
    if let Some(key) = in_header {
        check("Idempotency-Key", key)?;
    }
    if let Some(key) = in_body {
        check("idempotencyKey", key)?;
    }
    match (in_header, in_body) {
        (Some(header), Some(body)) if header != body => {
            Err(Problem::field("idempotencyKey", "is not the same as the Idempotency-Key header"))
        }
        (header, body) => Ok(header.or(body).map(str::to_owned)),
    }
}

fn check(field: &str, key: &str) -> Result<(), Problem> {
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (1..=LONGEST).contains(&key.len()) {
        Ok(())
    } else {
        Err(Problem::field(field, "give 1 to 255 visible ASCII characters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(header: &[&str], body: Option<&str>) -> Result<Option<String>, Problem> {
        let request = header
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header((IDEMPOTENCY_KEY, *value)));
        key(&request.to_http_request(), body)
    }

    #[test]
    fn a_key_comes_from_the_header_or_the_body() {
        assert_eq!(read(&[], None).unwrap(), None);
        assert_eq!(read(&["a"], None).unwrap().as_deref(), Some("a"));
        assert_eq!(read(&[], Some("b")).unwrap().as_deref(), Some("b"));
        assert_eq!(read(&["a"], Some("a")).unwrap().as_deref(), Some("a"));
        assert_eq!(read(&[&"x".repeat(255)], None).unwrap().map(|key| key.len()), Some(255));
    }

    #[test]
    fn a_key_that_is_doubled_contradicted_or_malformed_is_refused() {
        assert!(read(&["a", "a"], None).is_err());
        assert!(read(&["a"], Some("b")).is_err());
        assert!(read(&["a b"], None).is_err());
        assert!(read(&[""], None).is_err());
        for bad in ["", " ", "a b", "ä", "a\n", &"x".repeat(256)] {
            assert!(read(&[], Some(bad)).is_err(), "{bad:?}");
        }
    }
}
