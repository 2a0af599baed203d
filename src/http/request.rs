//! Around every request: an id, a tidy path, a place and a log line.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode, Uri,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use super::{
    admission::{Admission, Full},
    body::{self, Outgoing},
    farewell::Farewell,
};
use crate::{
    service::Service,
    trail::{self, Trail},
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

/// What every request meets first, and its reply last.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Paths that are not tidied.
    pub as_they_are: AsTheyAre,
    /// How much is done at a time.
    pub admission: Admission,
    /// Whether connections end with their replies.
    pub farewell: Farewell,
    /// How long a client may take for a body.
    pub patience: Duration,
}

/// Asked by those who look whether the service is well, which it is although it is busy.
pub const HEALTH: &str = "/healthcheck";

/// The middleware around everything.
///
/// # Errors
/// What goes wrong outside any handler; actix turns it into the reply that it carries.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Outgoing>, Error> {
    let (Some(gate), Some(service)) = (
        request.app_data::<web::Data<Gate>>().cloned(),
        request.app_data::<web::Data<Service>>(),
    ) else {
        tracing::error!("there is no gate or no service");
        return Err(InternalError::new("no gate", StatusCode::INTERNAL_SERVER_ERROR).into());
    };
    let trail = Trail {
        id: service.request_id(),
        global: global_request_id(&request),
        asked: [request.method().as_str(), " ", request.path()].concat(),
    };
    let as_it_is = gate.as_they_are.has(request.path());
    if as_it_is {
        request.extensions_mut().insert(AsItIs);
    } else {
        tidy_path(&mut request);
    }
    trail::leave(trail, pass(request, next, &gate, as_it_is)).await
}

async fn pass(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    gate: &Gate,
    as_it_is: bool,
) -> Result<ServiceResponse<Outgoing>, Error> {
    let place = gate.admission.request();
    let admitted = place.is_some() || request.path() == HEALTH;
    let looks = *request.method() == Method::GET || *request.method() == Method::HEAD;
    let answered = if !admitted {
        let refusal = gate.admission.refusal(request.request());
        Ok(request.into_response(refusal))
    } else if request.method() == Method::OPTIONS && !as_it_is {
        // Cinder's CORS filter answers OPTIONS before anything looks at the path.
        Ok(request.into_response(HttpResponse::Ok().finish()))
    } else {
        let payload = request.take_payload();
        request.set_payload(body::within(gate.patience, payload));
        next.call(request).await.map(ServiceResponse::map_into_boxed_body)
    };
    drop(place);
    let id = id();
    let response = match answered {
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
    let mut response = fitted(response, gate, looks);
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if let Some(said) = gate.farewell.said() {
        response.response_mut().head_mut().set_connection_type(said);
    }
    let status = response.status();
    if !admitted || (looks && !status.is_client_error() && !status.is_server_error()) {
        // Nothing changed and nothing went wrong, or too much is asked to write it all down.
        tracing::debug!(status = status.as_u16(), "served");
    } else if status.is_server_error() {
        tracing::error!(status = status.as_u16(), "served");
    } else {
        tracing::info!(status = status.as_u16(), "served");
    }
    Ok(response)
}

/// The reply with a place for it until its client has it. Where there is none left for a long one, whoever only looks
/// is refused after all; what a change says has to be told.
fn fitted(response: ServiceResponse, gate: &Gate, looks: bool) -> ServiceResponse<Outgoing> {
    let place = match response.response().body().size() {
        BodySize::Sized(size) => gate.admission.reply(size),
        BodySize::None | BodySize::Stream => Ok(None),
    };
    match place {
        Ok(place) => response.map_body(|_head, body| Outgoing::new(body, place)),
        Err(Full) if looks => {
            let (request, _long) = response.into_parts();
            let refusal = gate.admission.refusal(&request);
            ServiceResponse::new(request, refusal).map_body(|_head, body| Outgoing::new(body, None))
        }
        Err(Full) => response.map_body(|_head, body| Outgoing::new(body, None)),
    }
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
