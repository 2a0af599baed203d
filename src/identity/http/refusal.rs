//! Keystone's error documents: `{"error": {"code": …, "message": …, "title": …}}`.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

use crate::{http::json, identity::IdentityError, store::StoreError};

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refusal(IdentityError);

impl<E: Into<IdentityError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        use IdentityError as E;
        match &self.0 {
            E::Expecting { .. } | E::Invalid(_) => StatusCode::BAD_REQUEST,
            E::Unauthorized | E::ScopeOfCredential => StatusCode::UNAUTHORIZED,
            E::ForbiddenAction(_) | E::Forbidden(_) => StatusCode::FORBIDDEN,
            E::NotFound { .. } | E::TokenNotFound(_) | E::NoSuchPath => StatusCode::NOT_FOUND,
            E::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            E::Conflict { .. } => StatusCode::CONFLICT,
            E::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            E::Store(StoreError::Unavailable(_) | StoreError::Damaged(_)) => StatusCode::SERVICE_UNAVAILABLE,
            E::Store(StoreError::Corrupt { .. } | StoreError::Schema(_) | StoreError::Database(_)) | E::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status.is_server_error() {
            // The cause is for the operator; the client gets a constant text and the request id.
            tracing::error!(error = &self.0 as &dyn std::error::Error, "request failed");
            return failure(status);
        }
        document(status, &self.0.to_string())
    }
}

/// The reply when something broke here.
pub fn failure(status: StatusCode) -> HttpResponse {
    let message = if status == StatusCode::SERVICE_UNAVAILABLE {
        "The service is unavailable at this time."
    } else {
        "An unexpected error prevented the server from fulfilling your request."
    };
    document(status, message)
}

fn document(status: StatusCode, message: &str) -> HttpResponse {
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({"error": {"code": status.as_u16(), "message": message, "title": title}});
    json::reply(status, &body)
}
