//! Values as Python prints them: Cinder's validation texts quote them that way.

use std::fmt::Write as _;

use serde_json::Value;

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
            c if c.is_control() => {
                let code = u32::from(c);
                // Writing to a String cannot fail.
                let _infallible = write!(quoted, "\\x{code:02x}");
            }
            c => quoted.push(c),
        }
    }
    quoted.push(mark);
    quoted
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
    }
}
