//! The address under which a client reached us, for the links in replies.

use actix_web::{HttpRequest, http::header::HOST};

/// Scheme, host and prefix of this request, without a trailing slash: the configured public endpoint,
/// else what the client's own headers say. `X-Forwarded-Host` and `X-Forwarded-Proto` are believed, as
/// Cinder believes them (`api/common.py::get_request_url`); the last host of a list counts.
pub fn base(request: &HttpRequest, public_endpoint: Option<&str>) -> String {
    if let Some(endpoint) = public_endpoint {
        return endpoint.trim_end_matches('/').to_owned();
    }
    let forwarded = header(request, "X-Forwarded-Host").map(last);
    format!("{}://{}", scheme(request), forwarded.unwrap_or_else(|| host(request)))
}

/// The same for version documents, whose host is always the request's own, as in Cinder.
pub fn own_base(request: &HttpRequest, public_endpoint: Option<&str>) -> String {
    match public_endpoint {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => format!("{}://{}", scheme(request), host(request)),
    }
}

/// A public endpoint that already ends in a version does not get a second one.
pub fn without_version(base: &str) -> &str {
    match base.rsplit_once('/') {
        Some((rest, last)) if last.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok()) => rest,
        _other => base,
    }
}

fn scheme(request: &HttpRequest) -> &'static str {
    let forwarded = header(request, "X-Forwarded-Proto").map(last);
    if forwarded.as_deref() == Some("https") {
        "https"
    } else {
        "http"
    }
}

fn host(request: &HttpRequest) -> String {
    header(request, HOST.as_str())
        .map(str::to_owned)
        .or_else(|| request.uri().authority().map(ToString::to_string))
        .unwrap_or_else(|| "localhost".to_owned())
}

fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn last(list: &str) -> String {
    list.rsplit(',').next().unwrap_or_default().trim().to_owned()
}
