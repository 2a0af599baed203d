//! JSON in the form that Cinder's Python writes: a blank after each comma and colon, and everything
//! beyond ASCII escaped.

use std::io;

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode, web::Bytes};
use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

/// What one document takes, so that few have to grow.
const USUAL: usize = 1024;

#[derive(Clone, Copy, Debug)]
struct Python;

impl Formatter for Python {
    #[inline]
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    #[inline]
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    #[inline]
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    #[inline]
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly every text is, and this is asked many bytes at a time.
        if fragment.is_ascii() {
            writer.write_all(fragment.as_bytes())
        } else {
            escape(writer, fragment)
        }
    }
}

/// Writes a text whose characters are not all ASCII.
fn escape<W: ?Sized + io::Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let mut plain = 0;
    for (index, c) in fragment.char_indices().filter(|(_, c)| !c.is_ascii()) {
        writer.write_all(&fragment.as_bytes()[plain..index])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        plain = index + c.len_utf8();
    }
    writer.write_all(&fragment.as_bytes()[plain..])
}

/// The text of a value.
///
/// # Errors
/// Only when a map has keys that are no strings, which none of ours has.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(USUAL);
    append(&mut text, value)?;
    Ok(text)
}

/// Appends the text of a value.
///
/// # Errors
/// As [`to_vec`].
pub fn append<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Python))
}

/// A reply with a JSON body.
pub fn reply<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> HttpResponse {
    written(USUAL, status, |out| append(out, value))
}

/// A reply with the JSON body that `write` writes, of about this length: one that is guessed too short is copied as it
/// grows.
pub fn written(
    length: usize,
    status: StatusCode,
    write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> HttpResponse {
    let mut text = Vec::with_capacity(length);
    match write(&mut text) {
        Ok(()) => HttpResponseBuilder::new(status)
            .content_type("application/json")
            .body(Bytes::from(text)),
        Err(error) => {
            tracing::error!(%error, "a reply cannot be written as JSON");
            HttpResponse::InternalServerError().finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_python() {
        let value = serde_json::json!({"a": [1, "ü☃\u{1f600}\n\u{1}", "plain \"x\""], "b": {}, "c": []});
        assert_eq!(
            String::from_utf8(to_vec(&value).unwrap()).unwrap(),
            r#"{"a": [1, "\u00fc\u2603\ud83d\ude00\n\u0001", "plain \"x\""], "b": {}, "c": []}"#
        );
    }
}
