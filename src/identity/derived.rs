//! Ids made from names, which survive restarts without being kept anywhere.

use uuid::Uuid;

/// An id that the same name always has.
pub fn derived_id(kind: &str, name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("breezeblock:{kind}:{name}").as_bytes())
        .simple()
        .to_string()
}
