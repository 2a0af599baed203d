//! The net under the handlers of every front.

use std::panic::AssertUnwindSafe;

use actix_web::Error;
use futures_util::FutureExt;

/// The reply of `handler`, or the front's own words for a handler that panicked.
///
/// # Errors
/// Those of the handler, and what `words` says of a panic: the request went down with the handler, so
/// actix has to send that reply.
pub async fn caught<T>(
    handler: impl Future<Output = Result<T, Error>>,
    words: impl FnOnce() -> Error,
) -> Result<T, Error> {
    match AssertUnwindSafe(handler).catch_unwind().await {
        Ok(done) => done,
        Err(_panic) => {
            tracing::error!("a handler panicked");
            Err(words())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{error::ErrorImATeapot, http::StatusCode};

    use super::*;

    #[actix_web::test]
    async fn a_panic_ends_in_the_fronts_own_words() {
        let words = || ErrorImATeapot("words");
        assert_eq!(caught(async { Ok(1) }, words).await.unwrap(), 1);
        let broken = async {
            tokio::task::yield_now().await;
            panic!("as a handler might");
            #[expect(unreachable_code, reason = "gives the block its type")]
            Ok::<(), _>(())
        };
        let error = caught(broken, words).await.unwrap_err();
        assert_eq!(error.as_response_error().status_code(), StatusCode::IM_A_TEAPOT);
    }
}
