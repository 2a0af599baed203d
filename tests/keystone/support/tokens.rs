//! Tokens as Keystone describes them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub const USER: &str = "6f1c0ffee0000000000000000000cafe";
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// A user's token, unscoped, with these fields beside or instead of the usual ones.
pub fn token(ends: DateTime<Utc>, fields: &Value) -> Value {
    let mut token = json!({
        "methods": ["password"],
        "user": {"domain": {"id": "default", "name": "Default"}, "id": USER, "name": "demo", "password_expires_at": null},
        "audit_ids": ["mmE2BZ4sSTWpUvLsNQZUQQ"],
        "expires_at": wire(ends),
        "issued_at": "2026-11-27T00:00:00.000000Z",
    });
    for (key, value) in fields.as_object().unwrap() {
        token[key] = value.clone();
    }
    token
}

/// The token of a member of the usual project.
pub fn member(ends: DateTime<Utc>) -> Value {
    token(ends, &in_project(PROJECT, &["member", "reader"]))
}

/// The fields of a token in a project.
pub fn in_project(project: &str, roles: &[&str]) -> Value {
    json!({
        "project": {"domain": {"id": "default", "name": "Default"}, "id": project, "name": "demo"},
        "is_domain": false,
        "roles": roles.iter().map(|role| json!({"id": format!("id-of-{role}"), "name": role})).collect::<Vec<_>>(),
    })
}

fn wire(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
