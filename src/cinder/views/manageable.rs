//! A snapshot in the back end on the wire.

use serde_json::{Value, json};

use crate::service::ManageableSnapshot;

/// How the back end names it; the same text serves as marker.
pub fn reference(of: &ManageableSnapshot) -> Value {
    json!({"source-name": of.stored.name})
}

/// An item of the list; `detailed` adds why it cannot be managed, if it cannot.
pub fn item(of: &ManageableSnapshot, detailed: bool) -> Value {
    let source = of
        .stored
        .volume
        .map(|volume| json!({"source-name": format!("volume-{volume}")}));
    let mut item = json!({
        "reference": reference(of),
        "size": of.stored.size.get(),
        "safe_to_manage": of.managed_as.is_none(),
        "source_reference": source,
    });
    if detailed && let Some(item) = item.as_object_mut() {
        let reason = of.managed_as.map(|_managed| "already managed");
        item.insert("reason_not_safe".to_owned(), json!(reason));
        item.insert("extra_info".to_owned(), Value::Null);
        item.insert("cinder_id".to_owned(), json!(of.managed_as.map(|id| id.to_string())));
    }
    item
}
