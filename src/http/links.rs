//! The address under which a client reached us, for the links in replies.

use actix_web::{HttpRequest, http::header::HOST};

/// Scheme, host and prefix of this request, without a trailing slash: the configured public endpoint,
/// else what the client's own headers say. `X-Forwarded-Host` and `X-Forwarded-Proto` are believed, as
/// Cinder believes them (`api/common.py::get_request_url`); the last host of a list counts.
pub fn base(request: &HttpRequest, public_endpoint: Option<&str>) -> String {
    if let Some(endpoint) = public_endpoint {
        return endpoint.trim_end_matches('/').to_owned();
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let last = |list: &str| list.rsplit(',').next().unwrap_or_default().trim().to_owned();
    let host = header("X-Forwarded-Host")
        .map(last)
        .or_else(|| header(HOST.as_str()).map(str::to_owned))
        .or_else(|| request.uri().authority().map(ToString::to_string))
        .unwrap_or_else(|| "localhost".to_owned());
    let scheme = header("X-Forwarded-Proto").map(last).filter(|scheme| scheme == "https");
    format!("{}://{host}", scheme.as_deref().unwrap_or("http"))
}
