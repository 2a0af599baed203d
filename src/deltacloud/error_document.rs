//! Refusals as documents.

use std::fmt::Write as _;

use actix_web::http::StatusCode;
use serde::Serialize;

use super::{
    cx::Cx,
    error::{Failure, Shape},
    html,
    negotiate::Format,
    xml::Xml,
};

/// The type of what is told outside any format.
const PLAIN: &str = "text/html;charset=utf-8";

/// Content type and body.
pub fn body(failure: &Failure, cx: &Cx) -> Option<(&'static str, Vec<u8>)> {
    match (failure.shape, cx.format) {
        // What is not found is not found as a page, even one without a word.
        (Shape::Empty, _) if failure.status == StatusCode::NOT_FOUND => Some((PLAIN, Vec::new())),
        (Shape::Empty, _) => None,
        (Shape::Plain | Shape::NoRoute, _) => Some((PLAIN, html::text(&failure.message).into_bytes())),
        (Shape::Document | Shape::Challenge, format) => {
            let body = match format {
                Format::Xml => xml(failure, cx),
                Format::Json => json(failure),
                Format::Html => html::error(cx, failure.status, &failure.message).into_bytes(),
            };
            Some((format.content_type(), body))
        }
    }
}

/// Without the declaration, which clients of 2011 do not expect: libdeltacloud knows an error by its first six
/// characters.
fn xml(failure: &Failure, cx: &Cx) -> Vec<u8> {
    let status = failure.status.as_str();
    let mut xml = Xml::bare();
    xml.open("error", &[("status", status), ("url", &cx.path)]);
    let provider = cx.selected.provider.as_deref().unwrap_or("default");
    xml.element(
        "backend",
        &[("driver", &cx.selected.driver), ("provider", provider)],
        "",
    );
    xml.element("code", &[], status);
    xml.cdata("message", &[], &failure.message);
    xml.element("backtrace", &[], "");
    xml.open("request", &[]);
    for (name, value) in cx.params.iter() {
        xml.cdata("param", &[("name", name)], &literal(value));
    }
    xml.close("request");
    xml.close("error");
    xml.end()
}

fn json(failure: &Failure) -> Vec<u8> {
    #[derive(Serialize)]
    struct Document<'a> {
        code: u16,
        message: &'a str,
        error: String,
    }
    let document = Document {
        code: failure.status.as_u16(),
        message: &failure.message,
        error: format!("Deltacloud::Exceptions::{}", class(failure.status)),
    };
    serde_json::to_vec(&document).unwrap_or_default()
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
}
