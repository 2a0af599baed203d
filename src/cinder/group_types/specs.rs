//! `/group_types/{id}/group_specs`.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    auth::policy::{
        Action,
        may::{GroupSpecsCreate, GroupSpecsDelete, GroupSpecsList, GroupSpecsShow, GroupSpecsUpdate},
    },
    cinder::{
        error::Fault,
        extract::{Body, May},
        microversion::Microversion,
        python,
        reply::{self, bare},
        schema::{self, Fields, invalid, wrong_type},
    },
    domain::{GroupSpecs, MAX_CHARS, MetadataRule},
};

/// `GET …/group_specs`.
pub async fn index(cx: May<GroupSpecsList>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let action = Action::GroupSpecsList;
    let specs = cx.service.group_type_specs(&cx.call, &cx.path("id"), action).await?;
    Ok(reply::json(StatusCode::OK, &json!({"group_specs": specs})))
}

/// `POST …/group_specs`: merges, and answers with what was sent.
pub async fn create(cx: May<GroupSpecsCreate>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let fields = schema::root(body.value(), "group_specs", true)?;
    let specs = parse("group_specs", fields.whole().clone())?;
    let action = Action::GroupSpecsCreate;
    cx.service
        .group_type_specs_merge(&cx.call, &cx.path("id"), action, specs.clone())
        .await?;
    Ok(reply::json(StatusCode::ACCEPTED, &json!({"group_specs": specs})))
}

/// `GET …/group_specs/{key}`.
pub async fn show(cx: May<GroupSpecsShow>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let (id, key) = (cx.path("id"), cx.path("key"));
    let value = cx.service.group_type_spec(&cx.call, &id, &key).await?;
    Ok(reply::json(StatusCode::OK, &json!({key: value})))
}

/// `PUT …/group_specs/{key}`: the body is the pair itself.
pub async fn update(cx: May<GroupSpecsUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    let body = body.value();
    let count = body.as_object().map(Map::len);
    let bounds = match count {
        Some(0) => Some("should be non-empty"),
        Some(1) | None => None,
        Some(_) => Some("has too many properties"),
    };
    if let Some(bounds) = bounds {
        return Err(Fault::bad_request(format!("{} {bounds}", python::repr(&body))));
    }
    let specs = parse("body", body)?;
    if !specs.contains_key(&cx.path("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    let action = Action::GroupSpecsUpdate;
    cx.service
        .group_type_specs_merge(&cx.call, &cx.path("id"), action, specs.clone())
        .await?;
    Ok(reply::json(StatusCode::OK, &json!(specs)))
}

/// `DELETE …/group_specs/{key}`.
pub async fn delete(cx: May<GroupSpecsDelete>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::GROUP_TYPES)?;
    cx.service
        .group_type_spec_delete(&cx.call, &cx.path("id"), &cx.path("key"))
        .await?;
    Ok(bare(StatusCode::ACCEPTED))
}

/// The specs of a new type: keys and values as those of metadata.
pub fn parse_of_type(name: &str, value: Value) -> Result<GroupSpecs, Fault> {
    let specs = Fields::read(name, value)?.into_metadata(MetadataRule::WithSlash)?;
    Ok(specs.into_iter().map(|(key, value)| (key, Some(value))).collect())
}

/// Specs of an existing type: keys without blanks and slashes, values texts or nulls.
fn parse(name: &str, value: Value) -> Result<GroupSpecs, Fault> {
    const PATTERN: &str = "^[a-zA-Z0-9-_:.]{1,255}$";
    let mut specs = GroupSpecs::new();
    let fields = Fields::read(name, value)?;
    let whole = fields.whole().clone();
    for (key, value) in fields.into_rest() {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        if key.is_empty() || key.len() > MAX_CHARS || !key.chars().all(fits) {
            let reason = format!(
                "{} does not match any of the regexes: {}",
                python::quote(&key),
                python::quote(PATTERN)
            );
            return Err(invalid(name, &whole, &reason));
        }
        let text = match value {
            Value::Null => None,
            Value::String(text) if text.chars().count() <= MAX_CHARS => Some(text),
            Value::String(_) => {
                return Err(invalid(&key, &value, &format!("{} is too long", python::repr(&value))));
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(invalid(&key, &value, &wrong_type(&value, "'string', 'null'")));
            }
        };
        specs.insert(key, text);
    }
    Ok(specs)
}
