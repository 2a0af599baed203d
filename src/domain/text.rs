//! Names, descriptions and metadata: Cinder's limits, checked once, where text enters.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

/// User metadata, sorted by key.
pub type Metadata = BTreeMap<String, String>;

/// Longest name, description, metadata key and metadata value, in characters.
pub const MAX_CHARS: usize = 255;

/// What a description may hold: letters, marks, numbers, punctuation, symbols and plain spaces
/// (Cinder: `api/validation/parameter_types.py::description`).
static PRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$").ok());

/// A name or a description: at most 255 characters, surrounding blanks removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// Why a text is no [`Label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// More than 255 characters, blanks included: Cinder counts before it trims.
    #[error("is too long")]
    TooLong,
    /// A control, format or private character, or one outside the basic plane.
    #[error("is not printable")]
    NotPrintable,
}

impl Label {
    /// A name: any characters.
    ///
    /// # Errors
    /// [`LabelError::TooLong`].
    pub fn name(text: &str) -> Result<Self, LabelError> {
        if text.chars().count() > MAX_CHARS {
            return Err(LabelError::TooLong);
        }
        Ok(Self(text.trim().to_owned()))
    }

    /// A description: printable characters of the basic multilingual plane only.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn description(text: &str) -> Result<Self, LabelError> {
        let label = Self::name(text)?;
        let printable = text.chars().all(|c| c < '\u{ffff}')
            && PRINTABLE.as_ref().is_some_and(|printable| printable.is_match(text));
        if printable {
            Ok(label)
        } else {
            Err(LabelError::NotPrintable)
        }
    }

    /// A text that was checked when it entered and comes back from the database.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which characters a metadata key may have: Cinder's create calls and its metadata resource differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataRule {
    /// `POST /snapshots`, `POST /volumes`, volume metadata: `A-Z a-z 0-9 - _ : . /` and space.
    WithSlash,
    /// Snapshot metadata resource: the same without `/`.
    WithoutSlash,
}

impl MetadataRule {
    /// Cinder's regular expression, which its error texts print.
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::WithSlash => "^[a-zA-Z0-9-_:. /]{1,255}$",
            Self::WithoutSlash => "^[a-zA-Z0-9-_:. ]{1,255}$",
        }
    }

    /// Whether `key` fits the pattern.
    pub fn accepts(self, key: &str) -> bool {
        let legal = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '-' | '_' | ':' | '.' | ' ')
                || (c == '/' && self == Self::WithSlash)
        };
        !key.is_empty() && key.len() <= MAX_CHARS && key.chars().all(legal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_before_trimming() {
        assert_eq!(Label::name(&"x".repeat(255)).unwrap().as_str().len(), 255);
        assert_eq!(Label::name(&format!("{} ", "x".repeat(255))), Err(LabelError::TooLong));
        assert_eq!(Label::name(" \u{3000}t ").unwrap().as_str(), "t");
        assert_eq!(Label::name(&"☃".repeat(255)).unwrap().as_str().chars().count(), 255);
    }

    #[test]
    fn descriptions_are_printable() {
        assert!(Label::description("Größe: 5 € — ok ☃").is_ok());
        for bad in [
            "a\nb",
            "tab\t",
            "soft\u{ad}hyphen",
            "joiner\u{200d}",
            "emoji \u{1f600}",
            "private \u{e000}",
        ] {
            assert_eq!(Label::description(bad), Err(LabelError::NotPrintable), "{bad:?}");
            assert!(Label::name(bad).is_ok(), "{bad:?}");
        }
    }

    #[test]
    fn metadata_keys() {
        assert!(MetadataRule::WithSlash.accepts("velero.io/backup"));
        assert!(!MetadataRule::WithoutSlash.accepts("velero.io/backup"));
        for rule in [MetadataRule::WithSlash, MetadataRule::WithoutSlash] {
            assert!(rule.accepts("a-b_c:d. 1"));
            assert!(!rule.accepts(""));
            assert!(!rule.accepts("newline\n"));
            assert!(!rule.accepts("umläut"));
            assert!(!rule.accepts(&"k".repeat(256)));
        }
    }
}
