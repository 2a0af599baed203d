//! Values as Python prints them: Cinder's validation texts quote them that way.

use std::{fmt::Write as _, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

/// What `str.isprintable` refuses: controls, formats, private and unassigned code points, and every
/// separator but the plain blank.
static UNPRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{C}\p{Z}--\x20]").ok());

/// `str(value)`: like [`repr`], but a string stands without quotes.
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => repr(value),
    }
}

/// `repr(value)`.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quote(text),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let items = map
                .iter()
                .map(|(key, value)| format!("{}: {}", quote(key), repr(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `repr(text)`: single quotes unless the text has one and no double quote.
pub fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(mark);
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            c if c == mark => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if is_unprintable(c) => {
                let code = u32::from(c);
                // Writing to a String cannot fail.
                let _infallible = match code {
                    0..=0xff => write!(quoted, "\\x{code:02x}"),
                    0x100..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _beyond => write!(quoted, "\\U{code:08x}"),
                };
            }
            c => quoted.push(c),
        }
    }
    quoted.push(mark);
    quoted
}

fn is_unprintable(c: char) -> bool {
    let class = UNPRINTABLE.as_ref();
    class.is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn like_python() {
        assert_eq!(str(&json!("x")), "x");
        assert_eq!(str(&json!(null)), "None");
        assert_eq!(
            repr(&json!({"a": [1, true, null, 1.5], "b": "it's", "c": "say \"hi\" it's\n"})),
            r#"{'a': [1, True, None, 1.5], 'b': "it's", 'c': 'say "hi" it\'s\n'}"#
        );
        assert_eq!(
            quote("é \u{7}\u{a0}\u{ad}\u{200d}\u{3000}\u{f0000} ☃\u{1f600}"),
            "'é \\x07\\xa0\\xad\\u200d\\u3000\\U000f0000 ☃\u{1f600}'"
        );
    }
}
