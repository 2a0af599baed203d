//! Who asks, and the headers that Cinder's replies have; for `entry`, and around the version documents.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use serde_json::json;

use super::{error, microversion::Microversion, reply::VERSION_HEADER, webob};
use crate::{
    auth::{AuthError, Authenticator, Caller, Credentials},
    http::{
        json, panics,
        request::{self, COMPUTE_REQUEST_ID},
    },
};

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const STORAGE_TOKEN: HeaderName = HeaderName::from_static("x-storage-token");
const SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");
const PROJECT: HeaderName = HeaderName::from_static("x-project-id");

/// The strategy in use.
pub type Identity = dyn Authenticator;

/// Finds out who is asking.
///
/// # Errors
/// The reply to somebody who is nobody, or whom nobody can identify now.
pub async fn identify(request: &ServiceRequest, project: Option<&str>) -> Result<Arc<Caller>, HttpResponse> {
    let Some(identity) = request.app_data::<web::Data<Identity>>() else {
        tracing::error!("no identity is configured");
        return Err(error::internal());
    };
    // Bytes that are no text make a token that nobody has, which is not the same as none.
    let header = |name: HeaderName| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()))
    };
    let (token, service_token) = (header(TOKEN).or_else(|| header(STORAGE_TOKEN)), header(SERVICE_TOKEN));
    let project_header = header(PROJECT);
    let credentials = Credentials {
        token: token.as_deref(),
        service_token: service_token.as_deref(),
        project_header: project_header.as_deref(),
        project_in_url: project,
        method: request.method().as_str(),
        path: request.path(),
    };
    let refusal = match identity.authenticate(credentials).await {
        Ok(caller) => return Ok(caller),
        Err(AuthError::Unauthorized) => challenged(
            json::reply(StatusCode::UNAUTHORIZED, &unauthorized()),
            identity.get_ref(),
        ),
        Err(AuthError::NoUser) => challenged(webob::UNAUTHORIZED.reply(request.headers()), identity.get_ref()),
        Err(AuthError::Unavailable) => webob::KEYSTONE_UNAVAILABLE.reply(request.headers()),
    };
    Err(refusal)
}

/// The body of keystonemiddleware's 401.
fn unauthorized() -> serde_json::Value {
    json!({"error": {
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }})
}

/// With the address where to get a token.
fn challenged(mut reply: HttpResponse, identity: &Identity) -> HttpResponse {
    if let Some(challenge) = identity.challenge().and_then(|text| HeaderValue::from_str(&text).ok()) {
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    reply
}

/// For the version documents: everybody may read them, unless an identity service is there to ask. With
/// Keystone, Cinder answers a stranger 401 at `/v3/`, and clients discover at `/`.
///
/// # Errors
/// None: refusals are replies.
pub async fn authenticate_if_challenged(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let identity = request.app_data::<web::Data<Identity>>();
    if identity.is_some_and(|identity| identity.challenge().is_some())
        && let Err(refusal) = identify(&request, None).await
    {
        return Ok(request.into_response(refusal));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Turns panics into Cinder's 500 and gives replies Cinder's headers.
///
/// # Errors
/// The 500 for a panic: the request went down with the handler, so actix has to send the reply.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = panics::caught(next.call(request), || error::Fault::internal().into()).await?;
    let version = response.request().extensions().get::<Microversion>().copied();
    Ok(dressed(response.map_into_boxed_body(), version))
}

/// Gives a reply Cinder's headers: those of the version, if the request got as far as having one, and the request id
/// under its old name.
pub fn dressed(mut response: ServiceResponse, version: Option<Microversion>) -> ServiceResponse {
    // JSON replies carry the request id under its old name too; bare ones do not, and no more does the
    // router's own 404, which knows no version.
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let faulty = response.headers().contains_key(COMPUTE_REQUEST_ID);
    let bare = response.status() == StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(version) = version {
        headers.insert(HeaderName::from_static("openstack-api-version"), version.header());
        headers.insert(header::VARY, HeaderValue::from_static(VERSION_HEADER));
    }
    if (faulty || (json && version.is_some() && !bare))
        && let Some(id) = request::id()
    {
        headers.insert(COMPUTE_REQUEST_ID, id);
    }
    response
}
