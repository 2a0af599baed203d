//! Version discovery, for everybody.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, LOCATION},
    },
};
use serde_json::{Value, json};

use super::{cx::Cx, lists::member, refusal::Refusal};
use crate::{http::json, identity::NOTE};

/// `GET /identity`: 300.
pub async fn root(cx: Cx) -> Result<HttpResponse, Refusal> {
    let body = json!({"versions": {"values": [version(&cx)]}});
    let mut reply = json::reply(StatusCode::MULTIPLE_CHOICES, &body);
    if let Ok(newest) = HeaderValue::from_str(&cx.link("")) {
        reply.headers_mut().insert(LOCATION, newest);
    }
    Ok(reply)
}

/// `GET /identity/v3`.
pub async fn v3(cx: Cx) -> Result<HttpResponse, Refusal> {
    Ok(member(StatusCode::OK, "version", version(&cx)))
}

/// Keystone's, and a word about what this is.
fn version(cx: &Cx) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": cx.link("")}],
        "media-types": [{
            "base": "application/json",
            "type": "application/vnd.openstack.identity-v3+json",
        }],
        "note": NOTE,
    })
}
