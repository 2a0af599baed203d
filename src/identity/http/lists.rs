//! Lists, in the form of every list of Keystone.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{cx::Cx, refusal::Refusal};
use crate::http::json;

/// A list under its key, with its links. There are never so many that they need pages.
pub fn list(cx: &Cx, key: &str, items: Vec<Value>) -> HttpResponse {
    let body = Map::from_iter([
        (key.to_owned(), Value::Array(items)),
        (
            "links".to_owned(),
            json!({"next": null, "self": cx.url(), "previous": null}),
        ),
    ]);
    json::reply(StatusCode::OK, &Value::Object(body))
}

/// One thing under its key.
pub fn member(status: StatusCode, key: &str, item: Value) -> HttpResponse {
    json::reply(status, &Value::Object(Map::from_iter([(key.to_owned(), item)])))
}

/// Keeps the items that the query's parameters of these names describe.
///
/// # Errors
/// 400 for a query that is not text.
pub fn filter(cx: &Cx, names: &[&str], items: impl IntoIterator<Item = Value>) -> Result<Vec<Value>, Refusal> {
    let params = cx.params()?;
    let asked: Vec<_> = params.iter().filter(|(name, _value)| names.contains(name)).collect();
    let fits = |item: &Value| asked.iter().all(|(name, value)| has(&item[*name], value));
    Ok(items.into_iter().filter(fits).collect())
}

fn has(field: &Value, asked: &str) -> bool {
    match field {
        Value::String(text) => text == asked,
        Value::Bool(flag) => *flag == is_true(asked),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// A flag in a query: everything but a plain no is a yes, as in Keystone.
pub fn is_true(text: &str) -> bool {
    !["0", "false", "no", "off", "f", "n"].contains(&text.to_ascii_lowercase().as_str())
}
