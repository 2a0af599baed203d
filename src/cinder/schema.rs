//! Reading request bodies: strict, typed, and with the texts that Cinder's JSON schemas produce.
//!
//! A [`Fields`] reads one object: each known key is taken out and checked, then [`Fields::finish`]
//! refuses what is left. Cinder reports one error per request; so does this, the first one met.

use serde_json::{Map, Value};

use super::{error::Fault, python};
use crate::domain::{Label, LabelError, Metadata, MetadataRule};

/// Cinder's spellings of booleans in bodies (`api/validation/parameter_types.py::boolean`).
const TRUE: [&str; 12] = [
    "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t",
];
const FALSE: [&str; 12] = [
    "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f",
];

/// `Invalid input for field/attribute <name>. Value: <value>. <reason>`.
pub fn invalid(name: &str, value: &Value, reason: &str) -> Fault {
    Fault::bad_request(format!(
        "Invalid input for field/attribute {name}. Value: {}. {reason}",
        python::str(value)
    ))
}

/// The reason for a value of the wrong type.
pub fn wrong_type(value: &Value, types: &str) -> String {
    format!("{} is not of type {types}", python::repr(value))
}

/// The reason for a value that none of several forms fits.
pub fn no_form_fits(value: &Value) -> String {
    format!("{} is not valid under any of the given schemas", python::repr(value))
}

/// Reads the one object that a body must hold under `name`.
///
/// # Errors
/// 400 when the body is no object, lacks the key, or (`strict`) has others.
pub fn root(body: Value, name: &'static str, strict: bool) -> Result<Fields, Fault> {
    let Value::Object(mut map) = body else {
        return Err(Fault::bad_request(wrong_type(&body, "'object'")));
    };
    let Some(inner) = map.shift_remove(name) else {
        return Err(Fault::bad_request(format!(
            "{} is a required property",
            python::quote(name)
        )));
    };
    if strict && !map.is_empty() {
        return Err(Fault::bad_request(unexpected(&map)));
    }
    Fields::read(name, inner)
}

fn unexpected(left: &Map<String, Value>) -> String {
    let mut names: Vec<_> = left.keys().map(|key| python::quote(key)).collect();
    names.sort();
    let verb = if names.len() == 1 { "was" } else { "were" };
    format!(
        "Additional properties are not allowed ({} {verb} unexpected)",
        names.join(", ")
    )
}

/// An object that is being read.
#[derive(Clone, Debug)]
pub struct Fields {
    name: String,
    whole: Value,
    left: Map<String, Value>,
}

impl Fields {
    /// Starts to read `value`, which error texts call `name`.
    ///
    /// # Errors
    /// 400 unless it is an object.
    pub fn read(name: &str, value: Value) -> Result<Self, Fault> {
        let Value::Object(left) = &value else {
            return Err(invalid(name, &value, &wrong_type(&value, "'object'")));
        };
        Ok(Self {
            name: name.to_owned(),
            left: left.clone(),
            whole: value,
        })
    }

    /// Starts to read a body that is the object itself; error texts call it nothing.
    ///
    /// # Errors
    /// 400 unless it is an object.
    pub fn bare(body: Value) -> Result<Self, Fault> {
        if body.is_object() {
            return Self::read("", body);
        }
        Err(Fault::bad_request(wrong_type(&body, "'object'")))
    }

    /// Takes a key out, whatever its value.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.left.shift_remove(key)
    }

    /// Checks that a key is there.
    ///
    /// # Errors
    /// 400.
    pub fn must_have(&self, key: &str) -> Result<(), Fault> {
        if self.left.contains_key(key) {
            return Ok(());
        }
        Err(self.refuse(&format!("{} is a required property", python::quote(key))))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// 400.
    pub fn required_text(&mut self, key: &str) -> Result<String, Fault> {
        self.must_have(key)?;
        match self.take(key).unwrap_or_default() {
            Value::String(text) => Ok(text),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(invalid(key, &other, &wrong_type(&other, "'string'")))
            }
        }
    }

    /// The object as it was sent.
    pub const fn whole(&self) -> &Value {
        &self.whole
    }

    /// Whether the object was sent without any key.
    pub fn is_whole_empty(&self) -> bool {
        self.whole.as_object().is_some_and(Map::is_empty)
    }

    /// The whole object as metadata.
    ///
    /// # Errors
    /// 400.
    pub fn into_metadata(self, rule: MetadataRule) -> Result<Metadata, Fault> {
        metadata(&self.name, self.left, rule)
    }

    /// The 400 for the object as a whole.
    pub fn refuse(&self, reason: &str) -> Fault {
        if self.name.is_empty() {
            return Fault::bad_request(reason);
        }
        invalid(&self.name, &self.whole, reason)
    }

    /// The keys that nobody took, with their values.
    pub fn into_rest(self) -> Map<String, Value> {
        self.left
    }

    /// Refuses keys that nobody took.
    ///
    /// # Errors
    /// 400.
    pub fn finish(self) -> Result<(), Fault> {
        if self.left.is_empty() {
            Ok(())
        } else {
            Err(self.refuse(&unexpected(&self.left)))
        }
    }

    /// A name: outer `None` when absent, inner when null.
    ///
    /// # Errors
    /// 400.
    pub fn name(&mut self, key: &str) -> Result<Option<Option<Label>>, Fault> {
        self.label(key, Label::name)
    }

    /// A description: outer `None` when absent, inner when null.
    ///
    /// # Errors
    /// 400.
    pub fn description(&mut self, key: &str) -> Result<Option<Option<Label>>, Fault> {
        self.label(key, Label::description)
    }

    /// A name that is kept with the blanks around it.
    ///
    /// # Errors
    /// 400.
    pub fn untrimmed_name(&mut self, key: &str) -> Result<Option<Option<Label>>, Fault> {
        self.label(key, |text| {
            Label::name(text).map(|_fine| Label::stored(text.to_owned()))
        })
    }

    /// A description that is kept with the blanks around it.
    ///
    /// # Errors
    /// 400.
    pub fn untrimmed_description(&mut self, key: &str) -> Result<Option<Option<Label>>, Fault> {
        self.label(key, |text| {
            Label::description(text).map(|_fine| Label::stored(text.to_owned()))
        })
    }

    fn label(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<Label, LabelError>,
    ) -> Result<Option<Option<Label>>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match &value {
            Value::Null => Ok(Some(None)),
            Value::String(text) => match parse(text) {
                Ok(label) => Ok(Some(Some(label))),
                Err(LabelError::TooLong) => Err(invalid(key, &value, &format!("{} is too long", python::repr(&value)))),
                // Cinder prints a regular expression of several kilobytes here (gap G18).
                Err(LabelError::NotPrintable) => Err(invalid(
                    key,
                    &value,
                    &format!(
                        "{} does not match the pattern of printable characters",
                        python::repr(&value)
                    ),
                )),
            },
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(invalid(key, &value, &wrong_type(&value, "'string', 'null'")))
            }
        }
    }

    /// A boolean, or one of Cinder's words for one.
    ///
    /// # Errors
    /// 400.
    pub fn boolean(&mut self, key: &str) -> Result<Option<bool>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match &value {
            Value::Bool(flag) => return Ok(Some(*flag)),
            Value::String(word) if TRUE.contains(&word.as_str()) => return Ok(Some(true)),
            Value::String(word) if FALSE.contains(&word.as_str()) => return Ok(Some(false)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {}
        }
        if !value.is_string() {
            return Err(invalid(key, &value, &wrong_type(&value, "'boolean', 'string'")));
        }
        let words = |first: &str, words: &[&str]| {
            let quoted = words.iter().map(|word| python::quote(word));
            [first.to_owned()]
                .into_iter()
                .chain(quoted)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let all = format!("{}, {}", words("True", &TRUE), words("False", &FALSE));
        Err(invalid(
            key,
            &value,
            &format!("{} is not one of [{}]", python::repr(&value), all),
        ))
    }

    /// An id, a null, or nothing: the text as it was sent. Any spelling of a UUID passes, as in Cinder.
    ///
    /// # Errors
    /// 400.
    pub fn uuid(&mut self, key: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match &value {
            Value::Null => Ok(None),
            Value::String(text) if is_uuid_like(text) => Ok(Some(text.clone())),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(invalid(key, &value, &no_form_fits(&value)))
            }
        }
    }

    /// An id that must be there and must not be null; any spelling of a UUID passes.
    ///
    /// # Errors
    /// 400.
    pub fn strict_uuid(&mut self, key: &str) -> Result<String, Fault> {
        let text = self.required_text(key)?;
        if is_uuid_like(&text) {
            return Ok(text);
        }
        let value = Value::from(text);
        Err(invalid(
            key,
            &value,
            &format!("{} is not a 'uuid'", python::repr(&value)),
        ))
    }

    /// How a back end names something: an object, a text or a null.
    ///
    /// # Errors
    /// 400.
    pub fn reference(&mut self, key: &str) -> Result<Value, Fault> {
        match self.take(key).unwrap_or_default() {
            value @ (Value::Null | Value::String(_) | Value::Object(_)) => Ok(value),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
                Err(invalid(key, &other, &wrong_type(&other, "'object', 'null', 'string'")))
            }
        }
    }

    /// A text, a null, or nothing.
    ///
    /// # Errors
    /// 400.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(invalid(key, &value, &wrong_type(&value, "'string', 'null'")))
            }
        }
    }

    /// Metadata that may be null or absent.
    ///
    /// # Errors
    /// 400.
    pub fn metadata(&mut self, key: &str, rule: MetadataRule) -> Result<Option<Metadata>, Fault> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Metadata::new())),
            Some(Value::Object(map)) => metadata(key, map, rule).map(Some),
            Some(other) => Err(invalid(key, &other, &wrong_type(&other, "'object', 'null'"))),
        }
    }
}

/// Metadata: keys that fit the rule, values that are texts of at most 255 characters.
///
/// # Errors
/// 400.
pub fn metadata(name: &str, map: Map<String, Value>, rule: MetadataRule) -> Result<Metadata, Fault> {
    let whole = Value::Object(map.clone());
    let mut items = Metadata::new();
    for (key, value) in map {
        if !rule.accepts(&key) {
            let reason = format!(
                "{} does not match any of the regexes: {}",
                python::quote(&key),
                python::quote(rule.pattern())
            );
            return Err(invalid(name, &whole, &reason));
        }
        match &value {
            Value::String(text) if text.chars().count() <= crate::domain::MAX_CHARS => {
                items.insert(key, text.clone());
            }
            Value::String(_) => {
                return Err(invalid(&key, &value, &format!("{} is too long", python::repr(&value))));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(invalid(&key, &value, &wrong_type(&value, "'string'")));
            }
        }
    }
    Ok(items)
}

/// What oslo.utils takes for a UUID: dashes, braces, case and `urn:uuid:` do not matter.
fn is_uuid_like(text: &str) -> bool {
    let plain: String = text
        .replace("urn:", "")
        .replace("uuid:", "")
        .chars()
        .filter(|c| !matches!(c, '-' | '{' | '}'))
        .collect();
    plain.len() == 32 && plain.chars().all(|c| c.is_ascii_hexdigit())
}

/// Cinder's booleans in query strings (`oslo.utils strutils.bool_from_string`, strict).
pub fn query_boolean(name: &str, text: &str) -> Result<bool, Fault> {
    lenient_boolean(text).ok_or_else(|| Fault::bad_request(format!("Value '{text}' for '{name}' is not a boolean.")))
}

/// The same, without an error text.
pub fn lenient_boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "off" | "n" | "no" => Some(false),
        _other => None,
    }
}
