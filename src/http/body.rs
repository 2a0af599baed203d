//! Bodies on their way: what a client sends, within a time, and what it takes, within a space.

use std::{
    error::Error,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;
use tokio::time::Sleep;

use super::admission::Place;

/// The body of a reply, with the place that it takes until the client has nearly all of it: actix asks for what
/// follows only then.
#[derive(Debug)]
pub struct Outgoing {
    body: BoxBody,
    place: Option<Place>,
}

impl Outgoing {
    /// Of a short reply, or with the place of a long one.
    pub fn new(body: BoxBody, place: Option<Place>) -> Self {
        Self { body, place }
    }
}

impl MessageBody for Outgoing {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if self.place.is_some() {
            return Err(self);
        }
        self.body.try_into_bytes().map_err(|body| Self::new(body, None))
    }
}

/// The body of a request, which ends in an error when the rest of it does not come in time.
struct Incoming {
    payload: Payload,
    patience: Duration,
    /// Most bodies come together with their heads, and need none.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// Gives a client so much time for a body.
pub fn within(patience: Duration, payload: Payload) -> Payload {
    match payload {
        Payload::None => Payload::None,
        payload @ (Payload::H1 { .. } | Payload::Stream { .. }) => Payload::Stream {
            payload: Box::pin(Incoming {
                payload,
                patience,
                deadline: None,
            }),
        },
    }
}

/// Whether a body broke off because its time was over.
pub fn is_late(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(part) = Pin::new(&mut this.payload).poll_next(context) {
            return Poll::Ready(part);
        }
        let patience = this.patience;
        let deadline = this
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        deadline
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}
