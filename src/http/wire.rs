//! JSON for what lists have a thousand of, written without the way through a serializer: names of fields stand in the
//! program with everything around them, and are copied as one. The bytes are those of [`super::json`].

use serde::Serialize;
use uuid::Uuid;

use super::json;

/// What can be written as JSON.
pub trait Wire {
    /// Appends the text.
    ///
    /// # Errors
    /// As [`json::to_vec`].
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<T: Serialize + ?Sized> Wire for T {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        json::append(out, self)
    }
}

/// Appends a text in its quotes.
pub fn text(out: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    // One look at all bytes is cheaper than a decision at each, and nearly every text is plain.
    if !text.bytes().fold(true, |all, byte| all & plain(byte)) {
        return json::append(out, text);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// Appends a text, or null.
pub fn optional_text(out: &mut Vec<u8>, optional: Option<&str>) -> serde_json::Result<()> {
    let Some(present) = optional else {
        null(out);
        return Ok(());
    };
    text(out, present)
}

/// Appends null.
pub fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

/// Appends an id.
pub fn uuid(out: &mut Vec<u8>, id: Uuid) {
    let mut text = *b"\"00000000-0000-0000-0000-000000000000\"";
    id.as_hyphenated().encode_lower(&mut text[1..37]);
    out.extend_from_slice(&text);
}

/// Appends the beginning of a field; the first of an object begins that, too.
macro_rules! field {
    ($out:expr, first $name:literal) => {
        $out.extend_from_slice(concat!("{\"", $name, "\": ").as_bytes())
    };
    ($out:expr, $name:literal) => {
        $out.extend_from_slice(concat!(", \"", $name, "\": ").as_bytes())
    };
}
pub(crate) use field;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_serializer() {
        for sample in [
            "",
            "plain",
            "a \"quote\"",
            "back\\slash",
            "tab\t",
            "del\u{7f}",
            "ü☃\u{1f600}",
            "~ !",
            "\u{1}",
        ] {
            let mut out = Vec::new();
            text(&mut out, sample).unwrap();
            assert_eq!(out, json::to_vec(sample).unwrap(), "{sample:?}");
        }
        let mut out = Vec::new();
        let id = Uuid::from_u128(0x0c1a_7b62_f5e4_4f0f_a1d5_a3bd_3be7_f001);
        uuid(&mut out, id);
        assert_eq!(out, json::to_vec(&id).unwrap());
    }
}
