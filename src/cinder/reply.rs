//! The kinds of replies that Cinder gives.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use serde::Serialize;

use crate::http;

/// Which version a request asks for, and which one a reply is of.
pub const VERSION_HEADER: &str = "OpenStack-API-Version";

/// A JSON document.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> HttpResponse {
    http::json::reply(status, value)
}

/// No body, but the type of one: what Cinder's JSON pipeline makes of nothing.
pub fn empty_json(status: StatusCode) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .content_type("application/json")
        .finish()
}

/// No body, straight from the web framework; such replies lack `x-compute-request-id`.
pub fn bare(status: StatusCode) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .content_type("text/html; charset=UTF-8")
        .finish()
}
