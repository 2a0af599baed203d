//! Refusals in Deltacloud's words.

use std::fmt::Write as _;

use actix_web::http::StatusCode;
use serde::Serialize;

use super::{cx::Cx, html, negotiate::Format, xml::Xml};
use crate::{
    auth::AuthError,
    service::{Refusal, ServiceError},
};

/// The type of what is told outside any format.
const PLAIN: &str = "text/html;charset=utf-8";

/// A refusal.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    message: String,
    shape: Shape,
}

/// How a refusal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
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

    /// Content type and body.
    pub fn body(&self, cx: &Cx) -> Option<(&'static str, Vec<u8>)> {
        match (self.shape, cx.format) {
            // What is not found is not found as a page, even one without a word.
            (Shape::Empty, _) if self.status == StatusCode::NOT_FOUND => Some((PLAIN, Vec::new())),
            (Shape::Empty, _) => None,
            (Shape::Plain | Shape::NoRoute, _) => Some((PLAIN, html::text(&self.message).into_bytes())),
            (Shape::Document | Shape::Challenge, format) => {
                let body = match format {
                    Format::Xml => self.xml(cx),
                    Format::Json => self.json(),
                    Format::Html => html::error(cx, self.status, &self.message).into_bytes(),
                };
                Some((format.content_type(), body))
            }
        }
    }

    /// Without the declaration, which clients of 2011 do not expect: libdeltacloud knows an error by its first six
    /// characters.
    fn xml(&self, cx: &Cx) -> Vec<u8> {
        let status = self.status.as_str();
        let mut xml = Xml::bare();
        xml.open("error", &[("status", status), ("url", &cx.path)]);
        let provider = cx.selected.provider.as_deref().unwrap_or("default");
        xml.element(
            "backend",
            &[("driver", &cx.selected.driver), ("provider", provider)],
            "",
        );
        xml.element("code", &[], status);
        xml.cdata("message", &[], &self.message);
        xml.element("backtrace", &[], "");
        xml.open("request", &[]);
        for (name, value) in cx.params.iter() {
            xml.cdata("param", &[("name", name)], &literal(value));
        }
        xml.close("request");
        xml.close("error");
        xml.end()
    }

    fn json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Document<'a> {
            code: u16,
            message: &'a str,
            error: String,
        }
        let document = Document {
            code: self.status.as_u16(),
            message: &self.message,
            error: format!("Deltacloud::Exceptions::{}", class(self.status)),
        };
        serde_json::to_vec(&document).unwrap_or_default()
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

/// The exception of Deltacloud's own that a status comes from.
fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "ValidationFailure",
        401 => "AuthenticationFailure",
        403 => "ForbiddenError",
        404 => "ObjectNotFound",
        409 => "Conflict",
        502 => "ProviderError",
        _other => "BackendError",
    }
}

/// A text as Ruby's `inspect` writes it.
fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '#' if chars.peek().is_some_and(|next| matches!(next, '{' | '$' | '@')) => quoted.push_str("\\#"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{1b}' => quoted.push_str("\\e"),
            c if c.is_control() => {
                // A text takes everything.
                let _infallible = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_ruby_does() {
        for (text, quoted) in [
            ("sn-1", "\"sn-1\""),
            ("", "\"\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("#{x} #y", "\"\\#{x} #y\""),
            ("\n\u{1}ü", "\"\\n\\u0001ü\""),
        ] {
            assert_eq!(literal(text), quoted);
        }
    }

    #[test]
    fn quota_and_outage_are_told_in_words_that_clients_know() {
        let quota = crate::domain::QuotaExceeded::Snapshots { limit: 1 };
        assert_eq!(Failure::from(ServiceError::from(quota)).status().as_u16(), 403);
        let gone = ServiceError::from(crate::service::BackendUnavailable);
        assert_eq!(Failure::from(gone).status().as_u16(), 502);
    }
}
