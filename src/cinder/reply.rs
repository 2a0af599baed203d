//! The kinds of replies that Cinder gives.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::http;

/// Which version a request asks for, and which one a reply is of.
pub const VERSION_HEADER: &str = "OpenStack-API-Version";

/// A JSON document.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> HttpResponse {
    http::json::reply(status, value)
}

/// The same, for one of about this length.
pub fn json_of<T: Serialize + ?Sized>(length: usize, status: StatusCode, value: &T) -> HttpResponse {
    http::json::reply_of(length, status, value)
}

/// A JSON document with one item, under its name.
pub fn named<T: Serialize>(status: StatusCode, name: &'static str, item: T) -> HttpResponse {
    json(status, &Named { name, item })
}

/// Written as it is, without a map in between.
struct Named<T> {
    name: &'static str,
    item: T,
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.name, &self.item)?;
        map.end()
    }
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
