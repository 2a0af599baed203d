//! The net under the handlers of every front.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
};
use futures_util::FutureExt;

/// The reply of `handler`, or the front's own words for a handler that panicked.
///
/// # Errors
/// Those of the handler, and what `words` says of a panic: the request went down with the handler, so
/// actix has to send that reply.
pub async fn caught<B: MessageBody + 'static>(
    handler: impl Future<Output = Result<ServiceResponse<B>, Error>>,
    words: impl FnOnce() -> Error,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match AssertUnwindSafe(handler).catch_unwind().await {
        Ok(done) => done.map(ServiceResponse::map_into_boxed_body),
        Err(_panic) => {
            tracing::error!("a handler panicked");
            Err(words())
        }
    }
}
