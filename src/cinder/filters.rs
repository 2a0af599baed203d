//! Filters of lists: who may use which, and what they mean (Cinder: `api/common.py`,
//! `api/api_utils.py`, `resource_filters.json`).

use serde_json::{Map, Value};

use super::{error::Fault, extract::Cx, microversion::Microversion, schema};
use crate::{
    domain::{Filter, ProjectId, Scope},
    http::query::Params,
};

/// The filters that members may use from 3.31 on, by resource (Cinder: `resource_filters.json`).
pub const RESOURCE_FILTERS: [(&str, &[&str]); 9] = [
    (
        "volume",
        &[
            "name",
            "status",
            "metadata",
            "bootable",
            "migration_status",
            "availability_zone",
            "group_id",
            "size",
            "created_at",
            "updated_at",
            "consumes_quota",
        ],
    ),
    ("backup", &["name", "status", "volume_id"]),
    (
        "snapshot",
        &[
            "name",
            "status",
            "volume_id",
            "metadata",
            "availability_zone",
            "consumes_quota",
        ],
    ),
    ("group", &["name"]),
    ("group_snapshot", &["name", "status", "group_id"]),
    ("attachment", &["volume_id", "status", "instance_id", "attach_status"]),
    (
        "message",
        &[
            "resource_uuid",
            "resource_type",
            "event_id",
            "request_id",
            "message_level",
        ],
    ),
    ("pool", &["name", "volume_type"]),
    ("volume_type", &["is_public", "extra_specs"]),
];

/// Filters of one resource.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Its name in [`RESOURCE_FILTERS`]; members are refused other keys from 3.31 on.
    pub resource: &'static str,
    /// Keys that members may use before 3.31; others are dropped.
    pub old: &'static [&'static str],
}

impl Rules {
    fn allows(self, key: &str) -> bool {
        RESOURCE_FILTERS
            .iter()
            .any(|(resource, keys)| *resource == self.resource && keys.contains(&key))
    }
}

/// Whose rows a list shows: the caller's project's, or for an admin with `all_tenants` everybody's.
/// Members may ask for all tenants and get their own; clients ask always.
pub fn take_scope(cx: &Cx, params: &mut Params) -> Scope {
    let all = params
        .take("all_tenants")
        .and_then(|text| schema::lenient_boolean(&text))
        .unwrap_or(false);
    if !(all && cx.is_admin()) {
        // An own project's list cannot be narrowed to another one's.
        let _overridden = if cx.is_admin() { params.take("project_id") } else { None };
        return cx.call.own_scope();
    }
    match params.take("project_id") {
        Some(project) => Scope::Project(ProjectId::new(project)),
        None => Scope::All,
    }
}

/// Most filters of one request, and most pairs in a `metadata` filter. Each becomes a condition of the
/// statement, whose depth neither our stack nor SQLite bears without end.
const MOST: usize = 100;

/// Refuses a query with more parameters than any list could make sense of.
///
/// # Errors
/// 400.
fn bounded(params: &Params) -> Result<(), Fault> {
    if params.iter().nth(MOST).is_some() {
        return Err(Fault::bad_request(format!(
            "There are more than {MOST} query parameters."
        )));
    }
    Ok(())
}

/// Applies the rules to what is left of a query and returns what may be used. An admin's filters are
/// never refused.
///
/// # Errors
/// 400 for a member's unknown filters from 3.31 on.
pub fn permitted(cx: &Cx, params: &Params, rules: Rules) -> Result<Vec<(String, String)>, Fault> {
    bounded(params)?;
    let all: Vec<_> = params
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    if cx.is_admin() {
        return Ok(all);
    }
    refused_to_all(cx, params, rules)
}

/// The same for a resource whose filters were not checked before 3.31: an unknown one matches nothing then.
///
/// # Errors
/// As [`permitted`].
pub fn permitted_or_unchecked(cx: &Cx, params: &Params, rules: Rules) -> Result<Vec<(String, String)>, Fault> {
    if cx.version >= Microversion::RESOURCE_FILTERS {
        return permitted(cx, params, rules);
    }
    bounded(params)?;
    Ok(params
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect())
}

/// The same for a resource whose rules hold for admins too.
///
/// # Errors
/// 400 for unknown filters from 3.31 on.
pub fn refused_to_all(cx: &Cx, params: &Params, rules: Rules) -> Result<Vec<(String, String)>, Fault> {
    bounded(params)?;
    let all: Vec<_> = params
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    if cx.version < Microversion::RESOURCE_FILTERS {
        return Ok(all
            .into_iter()
            .filter(|(key, _)| rules.old.contains(&key.as_str()))
            .collect());
    }
    let unknown: Vec<_> = all
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| !rules.allows(key))
        .collect();
    if unknown.is_empty() {
        Ok(all)
    } else {
        Err(Fault::bad_request(format!(
            "Invalid filters {} are found in query options.",
            unknown.join(",")
        )))
    }
}

/// A `metadata` filter: a Python or JSON dictionary of texts. Anything else matches nothing.
pub fn metadata<K>(text: &str) -> Filter<K> {
    let Some(map) = dictionary(text) else {
        return Filter::Nothing;
    };
    let pairs: Option<Vec<_>> = map
        .into_iter()
        .map(|(key, value)| value.as_str().map(|value| (key, value.to_owned())))
        .collect();
    pairs
        .filter(|pairs| pairs.len() <= MOST)
        .map_or(Filter::Nothing, Filter::Metadata)
}

/// Reads a dictionary literal. Python's differs from JSON's in its quotes, which is all that clients
/// use of it (`{'key': 'value'}`).
fn dictionary(text: &str) -> Option<Map<String, Value>> {
    if let Ok(Value::Object(map)) = serde_json::from_str(text) {
        return Some(map);
    }
    let mut json = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut quote: Option<char> = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => match chars.next()? {
                '\'' => json.push('\''),
                other => json.extend(['\\', other]),
            },
            (None, '\'' | '"') => {
                quote = Some(c);
                json.push('"');
            }
            (Some(open), c) if c == open => {
                quote = None;
                json.push('"');
            }
            (Some('\''), '"') => json.push_str("\\\""),
            (_, c) => json.push(c),
        }
    }
    match serde_json::from_str(&json) {
        Ok(Value::Object(map)) => Some(map),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_dictionaries_are_read() {
        let pairs = |text| match metadata::<()>(text) {
            Filter::Metadata(pairs) => Some(pairs),
            Filter::Nothing
            | Filter::Equals(..)
            | Filter::Like(..)
            | Filter::Time(..)
            | Filter::VolumeHost(_)
            | Filter::VolumeZone(_) => None,
        };
        let one = Some(vec![("k".to_owned(), "v".to_owned())]);
        assert_eq!(pairs("{'k': 'v'}"), one);
        assert_eq!(pairs(r#"{"k":"v"}"#), one);
        assert_eq!(pairs(r#"{"k": 'v'}"#), one);
        assert_eq!(pairs(r"{'it\'s': 'say \x22'}"), None);
        assert_eq!(
            pairs(r#"{'it\'s': 'say "hi"'}"#),
            Some(vec![("it's".to_owned(), "say \"hi\"".to_owned())])
        );
        assert_eq!(pairs("{}"), Some(Vec::new()));
        for bad in ["garbage", "{'n': 1}", "['a']", "", "{'a'"] {
            assert_eq!(pairs(bad), None, "{bad}");
        }
    }
}
