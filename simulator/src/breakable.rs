//! A response body whose connection can be broken off. Ending a body the usual way says goodbye at the TCP level and
//! lingers for a second first; a `drop` fault is to look like a cable pulled out.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use tokio::sync::oneshot;

pub(crate) struct Breakable {
    inner: BoxBody,
    /// None once it has said whether the connection is to break.
    breaks: Option<oneshot::Receiver<()>>,
    broken: bool,
    flushed: bool,
}

impl Breakable {
    pub(crate) fn new(inner: BoxBody) -> (Self, oneshot::Sender<()>) {
        let (breaker, breaks) = oneshot::channel();
        (Self { inner, breaks: Some(breaks), broken: false, flushed: false }, breaker)
    }
}

impl MessageBody for Breakable {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let inner = Pin::new(&mut self.inner).poll_next(context);
        if let Poll::Ready(Some(bytes)) = inner {
            return Poll::Ready(Some(bytes));
        }
        if let Some(breaks) = &mut self.breaks
            && let Poll::Ready(said) = Pin::new(breaks).poll(context)
        {
            // A breaker that is dropped unused means an end the usual way.
            self.broken = said.is_ok();
            self.breaks = None;
        }
        if !self.broken {
            return Poll::Ready(ready!(inner));
        }
        if self.flushed {
            return Poll::Ready(Some(Err("broken off on purpose".into())));
        }
        // The server writes out what it holds when a body has nothing for the moment, and not after an error.
        self.flushed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
