//! The kinds of replies that Cinder gives.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use serde::Serialize;

use crate::http::{self, wire::Wire};

/// Which version a request asks for, and which one a reply is of.
pub const VERSION_HEADER: &str = "OpenStack-API-Version";

/// What one item takes, with room to spare.
const ONE: usize = 1024;

/// A JSON document.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> HttpResponse {
    http::json::reply(status, value)
}

/// A JSON document with one item, under its name.
pub fn named<T: Wire>(status: StatusCode, name: &'static str, item: &T) -> HttpResponse {
    http::json::written(ONE, status, |out| {
        out.extend_from_slice(b"{\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\": ");
        item.write(out)?;
        out.push(b'}');
        Ok(())
    })
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
