//! Cinder's fault documents, and the one table that says which refusal becomes which.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde_json::{Map, Value, json};

use super::reply::VERSION_HEADER;
use crate::{
    http::{json, request::COMPUTE_REQUEST_ID},
    service::{Refusal, ServiceError},
};

/// Cinder's text for a request that is wrong in a way it does not explain.
const MALFORMED: &str =
    "The server could not comply with the request since it is either malformed or otherwise incorrect.";
const NOT_FOUND: &str = "The resource could not be found.";
const UNAVAILABLE: &str = "The service is unavailable at this time.";
const INTERNAL: &str = "The server has either erred or is incapable of performing the requested operation.";

/// A reply in Cinder's error form: `{"<name>": {"code": …, "message": …}}`.
#[derive(Debug)]
pub struct Fault {
    status: StatusCode,
    message: String,
    /// In how many seconds to try again.
    retry_after: Option<&'static str>,
    /// The version that a 406 refuses, which its reply names.
    refused: Option<String>,
}

impl Fault {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: None,
            refused: None,
        }
    }

    /// 400 with a text.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 with Cinder's generic text.
    pub fn malformed() -> Self {
        Self::bad_request(MALFORMED)
    }

    /// 404 for what this version of the API does not have.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, NOT_FOUND)
    }

    /// 404 with a text.
    pub fn item_not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 415.
    pub fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Content-Type")
    }

    /// 413 for a body over the limit.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request is too large.")
    }

    /// 406 with a text. Its reply names the version that it refuses, unless that is one of the two that
    /// came before microversions.
    pub fn not_acceptable(message: impl Into<String>, asked: &str) -> Self {
        let refused = (!matches!(asked, "1.0" | "2.0")).then(|| asked.to_owned());
        Self {
            refused,
            ..Self::new(StatusCode::NOT_ACCEPTABLE, message)
        }
    }

    /// 503 for a request that there is no room for now.
    pub fn overloaded() -> Self {
        Self {
            retry_after: Some("1"),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)
        }
    }

    /// 408 for a body that did not come in time.
    pub fn late() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time.")
    }

    /// 500.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
    }

    /// The status code.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    fn name(&self) -> &'static str {
        match self.status.as_u16() {
            400 => "badRequest",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "itemNotFound",
            409 => "conflictingRequest",
            413 => "overLimit",
            415 => "badMediaType",
            501 => "notImplemented",
            503 => "serviceUnavailable",
            _other => "computeFault",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut inner = Map::new();
        inner.insert("code".to_owned(), json!(self.status.as_u16()));
        inner.insert("message".to_owned(), json!(self.message));
        // Cinder's document says it for quotas only.
        if let Some(seconds) = self
            .retry_after
            .filter(|_| self.status == StatusCode::PAYLOAD_TOO_LARGE)
        {
            inner.insert("retryAfter".to_owned(), json!(seconds));
        }
        let mut body = Map::new();
        body.insert(self.name().to_owned(), Value::Object(inner));
        let mut reply = json::reply(self.status, &Value::Object(body));
        let headers = reply.headers_mut();
        // Filled with the request's id on the way out.
        headers.insert(COMPUTE_REQUEST_ID, HeaderValue::from_static(""));
        if let Some(seconds) = self.retry_after {
            headers.insert(actix_web::http::header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if let Some(refused) = &self.refused
            && let Ok(value) = HeaderValue::from_str(&format!("volume {refused}"))
        {
            headers.insert(HeaderName::from_static("openstack-api-version"), value);
            headers.insert(actix_web::http::header::VARY, HeaderValue::from_static(VERSION_HEADER));
        }
        reply
    }
}

/// The reply to a request whose handler failed altogether.
pub fn internal() -> HttpResponse {
    Fault::internal().error_response()
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let status = match error.refusal() {
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::Invalid => StatusCode::BAD_REQUEST,
            Refusal::Conflict => StatusCode::CONFLICT,
            Refusal::OverLimit => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Forbidden => StatusCode::FORBIDDEN,
            Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            // The cause is for the operator; the client gets a constant text and the request id.
            tracing::error!(error = &error as &dyn std::error::Error, "request failed");
        }
        match status {
            StatusCode::SERVICE_UNAVAILABLE => Self::new(status, UNAVAILABLE),
            StatusCode::INTERNAL_SERVER_ERROR => Self::internal(),
            _other => Self {
                retry_after: (status == StatusCode::PAYLOAD_TOO_LARGE).then_some("0"),
                ..Self::new(status, error.to_string())
            },
        }
    }
}
