//! Version discovery. `/` needs no token, and `/v3/` only where an identity service can be asked for one:
//! clients discover before they authenticate, and real Cinder's noauth breaks them by answering 204 here.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header::LOCATION},
    web,
};
use serde_json::json;

use super::{
    CinderOptions,
    error::Fault,
    microversion::Microversion,
    reply::{self, VERSION_HEADER},
};
use crate::http::links;

/// `/`, whatever the method: 300.
pub async fn root(request: HttpRequest) -> Result<HttpResponse, Fault> {
    document(&request, StatusCode::MULTIPLE_CHOICES)
}

/// `GET /v3/`.
pub async fn v3(request: HttpRequest) -> Result<HttpResponse, Fault> {
    document(&request, StatusCode::OK)
}

/// `GET /v3`: its address ends with a slash.
pub async fn v3_without_slash(request: HttpRequest) -> HttpResponse {
    let base = links::own_base(&request, endpoint(&request));
    HttpResponse::Found()
        .insert_header((LOCATION, format!("{base}/v3/")))
        .content_type("text/plain; charset=utf8")
        .finish()
}

fn endpoint(request: &HttpRequest) -> Option<&str> {
    request
        .app_data::<web::Data<CinderOptions>>()
        .and_then(|options| options.public_endpoint.as_deref())
}

fn document(request: &HttpRequest, status: StatusCode) -> Result<HttpResponse, Fault> {
    let header = request
        .headers()
        .get(VERSION_HEADER)
        .map(|value| value.to_str().unwrap_or_default());
    request.extensions_mut().insert(Microversion::negotiate(header)?);
    let base = links::own_base(request, endpoint(request));
    Ok(reply::json(
        status,
        &json!({"versions": [{
            "id": "v3.0",
            "status": "CURRENT",
            "version": Microversion::MAX.to_string(),
            "min_version": Microversion::MIN.to_string(),
            "updated": "2023-08-31T00:00:00Z",
            "links": [
                {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
                {"rel": "self", "href": format!("{}/v3/", links::without_version(&base))},
            ],
            "media-types": [{
                "base": "application/json",
                "type": "application/vnd.openstack.volume+json;version=3",
            }],
        }]}),
    ))
}
