//! A policy file: YAML as oslo.policy reads it, one rule's name and text a line. Whatever is not
//! understood keeps the service from starting, since a rule that is silently dropped leaves open what
//! somebody meant to close.

use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, MarkedYaml};

use super::{check::Check, parse};

/// Why a policy file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read at all.
    #[error("the policy file {} cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is not understood.
    #[error("the policy file {}, line {line}: {reason}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What was expected.
        reason: String,
    },
}

/// Something that is wrong at a line.
#[derive(Debug)]
pub(super) struct Mistake {
    pub line: usize,
    pub reason: String,
}

impl Mistake {
    /// The same with the file's name.
    pub fn of(self, path: &Path) -> PolicyError {
        PolicyError::Line {
            path: path.to_owned(),
            line: self.line,
            reason: self.reason,
        }
    }
}

/// A rule of a file.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub line: usize,
    pub name: String,
    pub check: Check<String>,
}

/// Reads a file's text.
///
/// # Errors
/// The first [`Mistake`].
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, Mistake> {
    let documents = MarkedYaml::load_from_str(text).map_err(|error| Mistake {
        line: error.marker().line(),
        reason: error.info().to_owned(),
    })?;
    let mistake = |node: &MarkedYaml<'_>, reason: String| Mistake {
        line: node.span.start.line(),
        reason,
    };
    if let Some(second) = documents.get(1) {
        return Err(mistake(second, "expected one document".to_owned()));
    }
    let Some(document) = documents.first().filter(|document| !document.data.is_null()) else {
        return Ok(Vec::new());
    };
    let Some(mapping) = document.data.as_mapping() else {
        return Err(mistake(
            document,
            "expected lines such as \"volume:get\": \"role:reader\"".to_owned(),
        ));
    };
    let rule = |(key, value): (&MarkedYaml<'_>, &MarkedYaml<'_>)| {
        let name = key
            .data
            .as_str()
            .ok_or_else(|| mistake(key, "expected a rule's name".to_owned()))?;
        Ok(Rule {
            line: key.span.start.line(),
            name: name.to_owned(),
            check: check(value).map_err(|reason| mistake(value, format!("the rule {name:?}: {reason}")))?,
        })
    };
    mapping.iter().map(rule).collect()
}

/// A rule's text, or the older form of lists: the outer is joined by "or", the inner ones by "and".
fn check(value: &MarkedYaml<'_>) -> Result<Check<String>, String> {
    if let Some(text) = value.data.as_str() {
        return parse::rule(text);
    }
    let expected = || "expected a text in quotes".to_owned();
    let outer = value.data.as_sequence().ok_or_else(expected)?;
    if outer.is_empty() {
        return Ok(Check::Always);
    }
    let inner = |value: &MarkedYaml<'_>| match (value.data.as_str(), value.data.as_sequence()) {
        (Some(text), _) => parse::check(text),
        (None, Some(checks)) if !checks.is_empty() => {
            let check = |value: &MarkedYaml<'_>| parse::check(value.data.as_str().ok_or_else(expected)?);
            Ok(Check::All(checks.iter().map(check).collect::<Result<_, _>>()?))
        }
        (None, _) => Err(expected()),
    };
    Ok(Check::Any(outer.iter().map(inner).collect::<Result<_, _>>()?))
}
