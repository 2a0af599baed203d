//! What a type says about encryption, on the wire: the whole row of Cinder's table, without a name around it.

use serde_json::{Map, Value, json};

use super::time;
use crate::domain::TypeEncryption;

/// All fields. Rows that are shown are never deleted ones.
pub fn fields(type_id: &str, encryption: &TypeEncryption) -> Map<String, Value> {
    [
        ("created_at", json!(time(encryption.created_at))),
        ("updated_at", json!(encryption.updated_at.map(time))),
        ("deleted_at", Value::Null),
        ("deleted", json!(false)),
        ("encryption_id", json!(encryption.id.to_string())),
        ("cipher", json!(encryption.cipher)),
        ("key_size", json!(encryption.key_size)),
        ("provider", json!(encryption.provider)),
        ("control_location", json!(encryption.control_location.as_str())),
        ("volume_type_id", json!(type_id)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}
