//! Reading a body under a deadline and a size. actix-web has neither a body-read timeout nor a handler deadline: both
//! are kept here, in one clock per request that the outermost middleware watches.

use crate::http::error::Problem;
use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt as _;
use std::{cell::Cell, rc::Rc, time::Duration};
use tokio::time::{Instant, timeout};

/// When the answer must be there. Reading a body puts it off; the time for handling starts at the body's end.
#[derive(Clone, Debug)]
pub struct Deadline {
    at: Rc<Cell<Instant>>,
    handling: Duration,
}

impl Deadline {
    /// A request without a body, as all start.
    #[must_use]
    pub fn starting_now(handling: Duration) -> Self {
        Self { at: Rc::new(Cell::new(Instant::now() + handling)), handling }
    }

    /// The deadline of `request`, if the edge set one (a test of a lone handler has none).
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// A body is being read, for `reading` at most.
    pub fn reading(&self, reading: Duration) {
        self.at.set(Instant::now() + reading + self.handling);
    }

    /// The body is complete.
    pub fn handling(&self) {
        self.at.set(Instant::now() + self.handling);
    }

    /// Waits for `work`; none when the deadline passed first.
    pub async fn keep<F: Future>(&self, work: F) -> Option<F::Output> {
        tokio::pin!(work);
        loop {
            let at = self.at.get();
            tokio::select! {
                biased;
                output = &mut work => return Some(output),
                () = tokio::time::sleep_until(at) => if self.at.get() <= at { return None },
            }
        }
    }
}

/// Reads the whole body: 413 over `limit_bytes`, 408 when it takes longer than `limit_time`.
///
/// # Errors
/// As said, 415 for an encoded body, and 400 when the connection broke or the framing is wrong.
pub async fn read_body(
    request: &HttpRequest,
    payload: Payload,
    limit_bytes: usize,
    limit_time: Duration,
) -> Result<Bytes, Problem> {
    refuse_encoded(request)?;
    if declared_length(request).is_some_and(|length| length > limit_bytes as u64) {
        return Err(Problem::PayloadTooLarge);
    }
    let deadline = Deadline::of(request);
    if let Some(deadline) = &deadline {
        deadline.reading(limit_time);
    }
    let body =
        timeout(limit_time, collect(payload, limit_bytes)).await.map_err(|_| Problem::RequestTimeout)?;
    if let Some(deadline) = &deadline {
        deadline.handling();
    }
    body
}

/// Bodies are read as they come: none is unpacked.
///
/// # Errors
/// 415 for an encoded one.
pub fn refuse_encoded(request: &HttpRequest) -> Result<(), Problem> {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding.as_bytes() != b"identity") {
        return Err(Problem::UnsupportedMediaType);
    }
    Ok(())
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(mut payload: Payload, limit_bytes: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::field("", "the body broke off"))?;
        if body.len() + chunk.len() > limit_bytes {
            return Err(Problem::PayloadTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
