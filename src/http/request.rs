//! Around every request: an id, a tidy path and a log line.

use crate::{
    service::Service,
    trail::{self, Trail},
};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, Uri,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

/// Paths below which a front has rules of its own: nothing is tidied or answered before it.
#[derive(Clone, Debug, Default)]
pub struct AsTheyAre(Vec<String>);

/// The mark of a request whose path is one of those.
#[derive(Clone, Copy, Debug)]
pub struct AsItIs;

impl AsTheyAre {
    /// Everything at and below these paths.
    pub fn below<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        Self(paths.into_iter().map(str::to_owned).collect())
    }

    /// Whether a path is one of them. Parameters of a segment, behind a semicolon, are no part of its name.
    pub fn has(&self, path: &str) -> bool {
        self.0.iter().any(|base| {
            path.strip_prefix(&**base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ';']))
        })
    }
}

/// The id in replies, with the same value under Nova's old name where Cinder has it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");
/// The old name; cinderclient reads this one.
pub const COMPUTE_REQUEST_ID: HeaderName = HeaderName::from_static("x-compute-request-id");

/// The id of the request that this is called for, as a reply says it.
pub fn id() -> Option<HeaderValue> {
    trail::with_id(|id| HeaderValue::from_str(id).ok()).flatten()
}

/// The outermost middleware.
///
/// # Errors
/// What goes wrong outside any handler; actix turns it into the reply that it carries.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let id = match request.app_data::<web::Data<Service>>() {
        Some(service) => service.request_id(),
        None => String::new(),
    };
    let trail = Trail {
        id,
        global: global_request_id(&request),
        asked: format!("{} {}", request.method(), request.path()),
    };
    let as_it_is = request
        .app_data::<web::Data<AsTheyAre>>()
        .is_some_and(|paths| paths.has(request.path()));
    if as_it_is {
        request.extensions_mut().insert(AsItIs);
    } else {
        tidy_path(&mut request);
    }
    trail::leave(trail, answer(request, next, as_it_is)).await
}

async fn answer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    as_it_is: bool,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let looks = *request.method() == Method::GET || *request.method() == Method::HEAD;
    // Cinder's CORS filter answers OPTIONS before anything looks at the path.
    let answered = if request.method() == Method::OPTIONS && !as_it_is {
        Ok(request.into_response(HttpResponse::Ok().finish()).map_into_right_body())
    } else {
        next.call(request).await.map(ServiceResponse::map_into_left_body)
    };
    let id = id();
    let mut response = match answered {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "served an error");
            let mut response = error.error_response();
            if let Some(id) = id {
                response.headers_mut().insert(COMPUTE_REQUEST_ID, id.clone());
                response.headers_mut().insert(REQUEST_ID, id);
            }
            return Err(InternalError::from_response(error, response).into());
        }
    };
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status();
    if status.is_server_error() {
        tracing::error!(status = status.as_u16(), "served");
    } else if looks && !status.is_client_error() {
        // Nothing changed and nothing went wrong: not worth more than the request itself.
        tracing::debug!(status = status.as_u16(), "served");
    } else {
        tracing::info!(status = status.as_u16(), "served");
    }
    Ok(response)
}

/// The id under which a chain of services works on one thing: the client's, if it looks like an id.
fn global_request_id(request: &ServiceRequest) -> Option<String> {
    let sent = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let id = sent.strip_prefix("req-")?;
    uuid::Uuid::try_parse(id).ok().map(|_valid| sent.to_owned())
}

/// Routes as Cinder's router sees them: a `.json` suffix is a format and no part of the path, an encoded
/// slash is a slash, and doubled slashes inside the path are one. Trailing slashes stay, and lead to a 404 there as here.
fn tidy_path(request: &mut ServiceRequest) {
    let path = request.path();
    if is_tidy(path) {
        return;
    }
    let decoded = path
        .strip_suffix(".json")
        .unwrap_or(path)
        .replace("%2F", "/")
        .replace("%2f", "/");
    let inside = decoded.trim_end_matches('/');
    let mut tidy = String::with_capacity(decoded.len());
    for c in inside.chars() {
        if !(c == '/' && tidy.ends_with('/')) {
            tidy.push(c);
        }
    }
    tidy.push_str(&decoded[inside.len()..]);
    if tidy == path {
        return;
    }
    let target = match request.uri().query() {
        Some(query) => format!("{tidy}?{query}"),
        None => tidy,
    };
    if let Ok(uri) = Uri::try_from(target) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// Whether there is certainly nothing to do, as for nearly every path.
fn is_tidy(path: &str) -> bool {
    let mut last = 0;
    let ordinary = path.bytes().all(|byte| {
        let doubled = byte == b'/' && last == b'/';
        last = byte;
        byte != b'%' && !doubled
    });
    ordinary && path.strip_suffix(".json").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_whole_segments() {
        let own = AsTheyAre::below(["/api"]);
        for path in [
            "/api",
            "/api/",
            "/api;driver=mock",
            "/api/storage_snapshots",
            "/api;a=b/realms",
        ] {
            assert!(own.has(path), "{path}");
        }
        for path in ["/", "/apis", "/v3/api", "/API"] {
            assert!(!own.has(path), "{path}");
        }
    }
}
