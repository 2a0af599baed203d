//! Bodies of the metadata resources of snapshots and volumes.

use serde_json::Value;

use super::{error::Fault, python, schema};
use crate::domain::{Metadata, MetadataRule};

/// `{"metadata": {…}}`; whether other keys beside it are refused differs between the two resources.
///
/// # Errors
/// 400.
pub fn all(body: Value, rule: MetadataRule, strict: bool) -> Result<Metadata, Fault> {
    schema::root(body, "metadata", strict)?.into_metadata(rule)
}

/// `{"meta": {"<key>": "<value>"}}`: exactly one item, the one in the URL.
///
/// # Errors
/// 400.
pub fn one(body: Value, key: &str, rule: MetadataRule) -> Result<Metadata, Fault> {
    let fields = schema::root(body, "meta", false)?;
    let whole = fields.whole();
    let count = whole.as_object().map_or(0, serde_json::Map::len);
    if count == 0 {
        return Err(fields.refuse(&format!("{} should be non-empty", python::repr(whole))));
    }
    if count > 1 {
        return Err(fields.refuse(&format!("{} has too many properties", python::repr(whole))));
    }
    let items = fields.into_metadata(rule)?;
    if items.contains_key(key) {
        Ok(items)
    } else {
        Err(Fault::bad_request("Request body and URI mismatch"))
    }
}
