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

#[cfg(test)]
mod tests {
    use actix_web::{HttpResponse, error::ErrorImATeapot, http::StatusCode, test::TestRequest};

    use super::*;

    #[actix_web::test]
    async fn a_panic_ends_in_the_fronts_own_words() {
        let words = || ErrorImATeapot("words");
        let fine = async { Ok(TestRequest::default().to_srv_response(HttpResponse::Accepted().finish())) };
        assert_eq!(caught(fine, words).await.unwrap().status(), StatusCode::ACCEPTED);
        let broken = async {
            tokio::task::yield_now().await;
            panic!("as a handler might");
            #[expect(unreachable_code, reason = "gives the block its type")]
            Ok::<ServiceResponse<BoxBody>, _>(TestRequest::default().to_srv_response(HttpResponse::Ok().finish()))
        };
        let error = caught(broken, words).await.unwrap_err();
        assert_eq!(error.as_response_error().status_code(), StatusCode::IM_A_TEAPOT);
    }
}
