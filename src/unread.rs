//! What follows of a body that nobody wants any more. By itself actix-web reads a chunked one to its end, however long
//! that takes: an answer was no reason for it to stop, and neither was who asked. Here what was not read is held until the
//! answer is out, and the connection is closed then: what still comes is read for 5 s, so that the answer is not lost.

use actix_web::{
    Error, HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{InternalError, PayloadError},
    middleware::Next,
    web::Bytes,
};
use futures_util::{Stream, StreamExt as _};
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

/// For what still comes once the answer is out, on every listener: whoever is slow to stop must find the answer.
pub const LINGER: Duration = Duration::from_secs(5);

/// A request's body, wherever it is read.
#[derive(Clone)]
struct Held(Rc<RefCell<Payload>>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}

/// An answer's body, with the request's.
struct Answer {
    body: BoxBody,
    _request: Held,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// The outermost middleware of a listener.
///
/// # Errors
/// Those of the service.
pub async fn close(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let held = Held(Rc::new(RefCell::new(payload)));
    request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    let answer = |body: BoxBody| BoxBody::new(Answer { body, _request: held });
    match next.call(request).await {
        Ok(response) => Ok(response.map_into_boxed_body().map_body(|_, body| answer(body))),
        Err(error) => {
            let response = error.error_response().map_body(|_, body| answer(body));
            Err(InternalError::from_response("refused", response).into())
        }
    }
}
