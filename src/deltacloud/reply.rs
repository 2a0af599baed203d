//! Replies, and what all of them have.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _, HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use md5::{Digest as _, Md5};

use super::{
    VERSION,
    cx::{Cx, Selected},
    error::Failure,
    error_document,
};
use crate::http::panics;

/// How long the service took for a list or an item, in seconds.
pub const RUNTIME: HeaderName = HeaderName::from_static("x-backend-runtime");

/// What caches may do with a document.
pub const REVALIDATE: (HeaderName, &str) = (header::CACHE_CONTROL, "max-age=0, private, must-revalidate");

const DRIVER: HeaderName = HeaderName::from_static("x-deltacloud-driver");
const PROVIDER: HeaderName = HeaderName::from_static("x-deltacloud-provider");

/// 200 with a document. It has an `ETag`, in quotes where upstream has none, because HTTP wants them.
pub fn document(cx: &Cx, body: Vec<u8>) -> HttpResponse {
    with_etag(StatusCode::OK, cx, body)
}

/// The same for lists and items, with how long they took.
pub fn timed(cx: &Cx, started: Instant, body: Vec<u8>) -> HttpResponse {
    let mut reply = document(cx, body);
    reply.headers_mut().insert(RUNTIME, runtime(started));
    reply
}

/// The value of [`RUNTIME`].
pub fn runtime(started: Instant) -> HeaderValue {
    let seconds = started.elapsed().as_secs_f64();
    HeaderValue::from_str(&seconds.to_string()).unwrap_or_else(|_never| HeaderValue::from_static("0"))
}

/// 201 with what was made, and where it is.
pub fn created(cx: &Cx, href: &str, body: Vec<u8>) -> HttpResponse {
    let mut reply = with_etag(StatusCode::CREATED, cx, body);
    if let Ok(href) = HeaderValue::from_str(href) {
        reply.headers_mut().insert(header::LOCATION, href);
    }
    reply
}

/// After a deletion: nothing for programs; browsers go back to the list.
pub fn destroyed(cx: &Cx, list: &str) -> HttpResponse {
    if cx.format == super::negotiate::Format::Html {
        return see_other(cx, list);
    }
    HttpResponse::NoContent().finish()
}

/// Sends a browser somewhere with GET.
pub fn see_other(cx: &Cx, href: &str) -> HttpResponse {
    let status = if cx.is_http_1_0() {
        StatusCode::FOUND
    } else {
        StatusCode::SEE_OTHER
    };
    HttpResponseBuilder::new(status)
        .insert_header((header::LOCATION, href))
        .finish()
}

/// A refusal.
pub fn failure(cx: &Cx, failure: &Failure) -> HttpResponse {
    let mut builder = HttpResponseBuilder::new(failure.status());
    if failure.is_challenge() {
        builder.insert_header((header::WWW_AUTHENTICATE, cx.challenge()));
    }
    if failure.is_no_route() {
        builder.insert_header(("X-Cascade", "pass"));
    }
    match error_document::body(failure, cx) {
        Some((content_type, body)) => builder.content_type(content_type).body(body),
        None => builder.finish(),
    }
}

fn with_etag(status: StatusCode, cx: &Cx, body: Vec<u8>) -> HttpResponse {
    let digest = u128::from_be_bytes(Md5::digest(&body).into());
    let etag = format!("\"{digest:032x}\"");
    HttpResponseBuilder::new(status)
        .content_type(cx.format.content_type())
        .insert_header((header::ETAG, etag))
        .insert_header(REVALIDATE)
        .body(body)
}

/// Around every request: a net under panics, and the headers that every answer has.
///
/// # Errors
/// The 500 for a panic, which actix sends.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = panics::caught(next.call(request), broken).await?.map_into_boxed_body();
    let selected = response.request().extensions().get::<Selected>().cloned();
    // What is refused for its format has not come to a driver.
    let selected = selected.filter(|_selected| response.status() != StatusCode::NOT_ACCEPTABLE);
    add_headers(response.headers_mut(), selected);
    Ok(response)
}

/// The answer in place of a handler that panicked: the shortest that every client knows for an error.
fn broken() -> Error {
    let reply = shortest(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    InternalError::from_response("a handler panicked", reply).into()
}

/// The answer to a request that there is no room for. Deltacloud's clients know no 503.
pub fn overloaded() -> HttpResponse {
    let mut reply = shortest(StatusCode::BAD_GATEWAY, "Backend Server Error");
    reply
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

fn shortest(status: StatusCode, words: &str) -> HttpResponse {
    let code = status.as_u16();
    let mut reply = HttpResponse::build(status)
        .content_type("application/xml")
        .body(format!(
            "<error status='{code}'>\n  <code>{code}</code>\n  <message><![CDATA[{words}]]></message>\n</error>\n",
        ));
    let selected = Selected {
        driver: super::DRIVER.to_owned(),
        provider: None,
    };
    add_headers(reply.headers_mut(), Some(selected));
    reply
}

fn add_headers(headers: &mut HeaderMap, selected: Option<Selected>) {
    let server = format!("Apache-Deltacloud/{VERSION}");
    let (driver, provider) = selected.map(|selected| (selected.driver, selected.provider)).unzip();
    let values = [
        (header::SERVER, Some(server)),
        (header::X_CONTENT_TYPE_OPTIONS, Some("nosniff".to_owned())),
        (header::VARY, Some("Accept".to_owned())),
        (DRIVER, driver),
        (PROVIDER, provider.flatten()),
        // Pages have no scripts, load nothing, and send forms nowhere else.
        (
            header::CONTENT_SECURITY_POLICY,
            Some(
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri \
                 'none'"
                    .to_owned(),
            ),
        ),
    ];
    for (name, value) in values {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
}
