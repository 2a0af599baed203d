//! Refusals in Deltacloud's words.

use actix_web::http::StatusCode;

use crate::{
    auth::AuthError,
    service::{Refusal, ServiceError},
};

/// A refusal.
#[derive(Clone, Debug)]
pub struct Failure {
    pub(super) status: StatusCode,
    pub(super) message: String,
    pub(super) shape: Shape,
}

/// How a refusal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As an error document in the format that was asked for.
    Document,
    /// The same, with the question who it is.
    Challenge,
    /// As one sentence, whatever the format.
    Plain,
    /// The same, from a router.
    NoRoute,
    /// As nothing but the status.
    Empty,
}

impl Failure {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            shape: Shape::Document,
        }
    }

    /// 400.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 as a plain sentence.
    pub fn plain(message: impl Into<String>) -> Self {
        Self {
            shape: Shape::Plain,
            ..Self::invalid(message)
        }
    }

    /// 401 for somebody who may try again.
    pub fn challenge() -> Self {
        Self {
            shape: Shape::Challenge,
            ..Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
        }
    }

    /// 401 for somebody who has tried.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404 in the words of Deltacloud.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 404 for a path or method that there is not, as a router says it.
    pub fn no_such_path() -> Self {
        Self {
            shape: Shape::NoRoute,
            ..Self::new(
                StatusCode::NOT_FOUND,
                "There is nothing here under this method and path.",
            )
        }
    }

    /// 404 without a word.
    pub fn nothing() -> Self {
        Self {
            shape: Shape::Empty,
            ..Self::new(StatusCode::NOT_FOUND, "")
        }
    }

    /// 406: no answer in a format that was asked for.
    pub fn not_acceptable() -> Self {
        Self {
            shape: Shape::Empty,
            ..Self::new(StatusCode::NOT_ACCEPTABLE, "")
        }
    }

    /// 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether it asks who it is.
    pub fn is_challenge(&self) -> bool {
        self.shape == Shape::Challenge
    }

    /// Whether there is no such path or method.
    pub fn is_no_route(&self) -> bool {
        self.shape == Shape::NoRoute
    }

    /// The same with nothing but the standard words, as upstream's lists have it.
    #[must_use]
    pub fn on_a_list(mut self) -> Self {
        if let Some(words) = phrase(self.status).filter(|_words| self.shape != Shape::Plain) {
            words.clone_into(&mut self.message);
        }
        self
    }

    /// The same as a plain sentence.
    #[must_use]
    pub fn into_plain(self, message: &str) -> Self {
        Self {
            message: message.to_owned(),
            shape: Shape::Plain,
            ..self
        }
    }
}

impl From<ServiceError> for Failure {
    /// Statuses that Deltacloud's clients know: 413, 429 and 503 they would take for success.
    fn from(error: ServiceError) -> Self {
        let status = match error.refusal() {
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::Invalid => StatusCode::BAD_REQUEST,
            Refusal::Conflict => StatusCode::CONFLICT,
            Refusal::OverLimit | Refusal::Forbidden => StatusCode::FORBIDDEN,
            Refusal::Unavailable => StatusCode::BAD_GATEWAY,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if let Some(words) = phrase(status).filter(|_words| status.is_server_error()) {
            tracing::error!(error = &error as &dyn std::error::Error, "request failed");
            return Self::new(status, words);
        }
        Self::new(status, error.to_string())
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthorized | AuthError::NoUser => {
                Self::unauthorized("Authentication failed with response code 401")
            }
            AuthError::Unavailable => Self::new(StatusCode::BAD_GATEWAY, "The identity service does not answer."),
        }
    }
}

fn phrase(status: StatusCode) -> Option<&'static str> {
    Some(match status.as_u16() {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Resource Conflict",
        500 => "Internal Server Error",
        502 => "Backend Server Error",
        _other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_and_outage_are_told_in_words_that_clients_know() {
        let quota = crate::domain::QuotaExceeded::Snapshots { limit: 1 };
        assert_eq!(Failure::from(ServiceError::from(quota)).status().as_u16(), 403);
        let gone = ServiceError::from(crate::service::BackendUnavailable);
        assert_eq!(Failure::from(gone).status().as_u16(), 502);
    }
}
