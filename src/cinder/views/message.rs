//! A user message on the wire.

use serde_json::{Value, json};

use super::time;
use crate::{cinder::extract::Cx, domain::Message};

/// A message; the same in lists and alone.
pub fn detail(cx: &Cx, message: &Message) -> Value {
    let (base, project) = (cx.base(), cx.project_segment());
    json!({
        "id": message.id.to_string(),
        "event_id": message.event_id(),
        "user_message": message.user_message(),
        "message_level": "ERROR",
        "created_at": time(message.created_at),
        "guaranteed_until": time(message.expires_at),
        "request_id": message.request_id,
        "links": [
            {"rel": "self", "href": format!("{base}/v3{project}/messages/{}", message.id)},
            {"rel": "bookmark", "href": format!("{base}{project}/messages/{}", message.id)},
        ],
        "resource_type": message.resource.code(),
        "resource_uuid": message.resource_uuid.as_hyphenated().to_string(),
    })
}
