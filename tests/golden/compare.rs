//! Equal but for what cannot be equal: times, request ids, fresh ids.

use serde_json::Value;

/// Keys whose values are only compared by kind.
const BY_KIND: [&str; 5] = [
    "created_at",
    "updated_at",
    "service_uuid",
    "guaranteed_until",
    "request_id",
];

/// Where two documents differ, in words.
pub fn differences(path: &str, recorded: &Value, ours: &Value, found: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Object(theirs), Value::Object(own)) => {
            for key in theirs.keys().filter(|key| !own.contains_key(*key)) {
                found.push(format!("{path}.{key} is missing"));
            }
            for key in own.keys().filter(|key| !theirs.contains_key(*key)) {
                found.push(format!("{path}.{key} is extra"));
            }
            for (key, value) in theirs {
                if let Some(other) = own.get(key) {
                    let alike = (value.is_string() && other.is_string()) || (value.is_number() && other.is_number());
                    let masked = BY_KIND.contains(&key.as_str()) && alike;
                    if !masked {
                        differences(&format!("{path}.{key}"), value, other, found);
                    }
                }
            }
        }
        (Value::Array(theirs), Value::Array(own)) if theirs.len() == own.len() => {
            for (index, (value, other)) in theirs.iter().zip(own).enumerate() {
                differences(&format!("{path}[{index}]"), value, other, found);
            }
        }
        _scalars if recorded == ours => {}
        _scalars => found.push(format!("{path}: recorded {recorded}, ours {ours}")),
    }
}
