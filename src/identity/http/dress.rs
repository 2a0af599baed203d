//! Around every request below `/identity`: a net under panics, and the headers of Keystone's replies.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
};

use super::{cx::base, refusal::failure};
use crate::http::panics;

/// Turns panics into Keystone's 500, tells where to log in with each 401, and names what replies depend on.
///
/// # Errors
/// The 500 for a panic: the request went down with the handler, so actix has to send the reply.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let words = || {
        let reply = failure(StatusCode::INTERNAL_SERVER_ERROR);
        InternalError::from_response("a handler panicked", reply).into()
    };
    let mut response = panics::caught(next.call(request), words).await?.map_into_boxed_body();
    if response.status() == StatusCode::UNAUTHORIZED
        && let Ok(challenge) =
            HeaderValue::from_str(&format!("Keystone uri=\"{}/identity/v3\"", base(response.request())))
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    let vary = HeaderValue::from_static("X-Auth-Token");
    response.headers_mut().insert(header::VARY, vary);
    Ok(response)
}
