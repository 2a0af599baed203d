//! `GET /openapi.json`: the API described for programs, such as those that try random requests.
//!
//! The data beside this file has one entry per call of the route table, in a short form: a response, a
//! parameter or a body that is a text is the component of that name. What all calls share is added here:
//! the variables of the path, the version header, the policy rules that the call asks, and the refusals
//! that any call can end with.
//! `tests/api/openapi.rs` compares the document with the route table, both ways.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{Route, microversion::Microversion};
use crate::http::json;

const PARTS: [&str; 8] = [
    include_str!("common.json"),
    include_str!("snapshots.json"),
    include_str!("manage.json"),
    include_str!("volumes.json"),
    include_str!("types.json"),
    include_str!("groups.json"),
    include_str!("quotas.json"),
    include_str!("operator.json"),
];

/// Refusals of every call, and the further ones of calls with a body.
const REFUSALS: [u16; 6] = [400, 401, 403, 404, 406, 503];
const BODY_REFUSALS: [u16; 2] = [413, 415];

/// The document, for everybody.
pub async fn openapi() -> HttpResponse {
    match document() {
        Ok(document) => json::reply(StatusCode::OK, &document),
        Err(error) => {
            tracing::error!(%error, "the description of the API is no JSON");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The parts put together.
///
/// # Errors
/// When one is no JSON.
fn document() -> serde_json::Result<Value> {
    let mut document = json!({});
    for part in PARTS {
        merge(&mut document, serde_json::from_str(part)?);
    }
    merge(&mut document, versions());
    let table = super::table();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, call) in item.as_object_mut().into_iter().flatten() {
            if let Value::Object(call) = call {
                call.insert("operationId".to_owned(), json!(format!("{method} {path}")));
                if let Some(route) = table
                    .iter()
                    .find(|route| route.path == path && route.method.as_str().eq_ignore_ascii_case(method))
                {
                    call.insert("x-openstack-policy".to_owned(), json!(rules(route)));
                }
                complete(path, call);
            }
        }
    }
    Ok(document)
}

/// The policy rules that a call asks.
fn rules(route: &Route) -> Vec<&'static str> {
    route.actions.iter().map(|action| action.name()).collect()
}

/// What the header may ask for, and the newest of it as the version of the whole.
fn versions() -> Value {
    let all: Vec<_> = Microversion::all().map(|version| format!("volume {version}")).collect();
    json!({
        "info": {"version": Microversion::MAX.to_string()},
        "components": {"parameters": {"version": {"schema": {"type": "string", "enum": all}}}},
    })
}

/// Objects grow together; anything else is replaced.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn complete(path: &str, call: &mut Map<String, Value>) {
    let mut parameters: Vec<Value> = path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| component("parameters", name))
        .collect();
    parameters.push(component("parameters", "version"));
    if let Some(Value::Array(more)) = call.remove("parameters") {
        parameters.extend(more.into_iter().map(|one| named("parameters", one)));
    }
    call.insert("parameters".to_owned(), Value::Array(parameters));

    let mut refusals = REFUSALS.to_vec();
    if let Some(body) = call.remove("body") {
        refusals.extend(BODY_REFUSALS);
        let content = json!({"application/json": {"schema": named("schemas", body)}});
        call.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    let mut responses = Map::new();
    if let Some(Value::Object(own)) = call.remove("responses") {
        for (status, response) in own {
            responses.insert(status, response_of(response));
        }
    }
    for status in refusals.iter().map(u16::to_string) {
        let refusal = component("responses", &status);
        responses.entry(status).or_insert(refusal);
    }
    call.insert("responses".to_owned(), Value::Object(responses));
}

/// A text is a component; `schema` is a JSON reply of that form.
fn response_of(response: Value) -> Value {
    let Some(schema) = response.get("schema") else {
        return named("responses", response);
    };
    let schema = named("schemas", schema.clone());
    json!({"description": "Done.", "content": {"application/json": {"schema": schema}}})
}

fn named(kind: &str, value: Value) -> Value {
    if let Value::String(name) = &value {
        component(kind, name)
    } else {
        value
    }
}

fn component(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}
