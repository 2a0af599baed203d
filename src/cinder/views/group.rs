//! Groups and group snapshots on the wire.

use serde_json::{Map, Value, json};

use super::time;
use crate::{
    auth::policy::Action,
    cinder::{extract::Cx, microversion::Microversion},
    domain::{Group, GroupSnapshot, Label, VolumeId},
};

/// An item of `GET /groups`, and the reply to create.
pub fn summary(group: &Group) -> Value {
    json!({"id": group.id.to_string(), "name": group.name.as_ref().map(Label::as_str)})
}

/// An item of show and detail. `volumes` are the group's, if they were asked for.
pub fn detail(cx: &Cx, group: &Group, volumes: Option<&[VolumeId]>) -> Value {
    let mut view = Map::new();
    let mut put = |key: &str, value: Value| view.insert(key.to_owned(), value);
    put("id", json!(group.id.to_string()));
    put("status", json!(group.status.as_str()));
    put("availability_zone", json!(group.availability_zone));
    put("created_at", json!(time(group.created_at)));
    put("name", json!(group.name.as_ref().map(Label::as_str)));
    put("description", json!(group.description.as_ref().map(Label::as_str)));
    put("group_type", json!(group.group_type_id.to_string()));
    let types = group.volume_types.iter().map(ToString::to_string);
    put("volume_types", types.collect());
    if cx.version >= Microversion::GROUP_SNAPSHOTS {
        put(
            "group_snapshot_id",
            json!(group.group_snapshot_id.map(|id| id.to_string())),
        );
        put("source_group_id", json!(group.source_group_id.map(|id| id.to_string())));
    }
    if let Some(volumes) = volumes {
        put("volumes", volumes.iter().map(ToString::to_string).collect());
    }
    if cx.version >= Microversion::GROUP_REPLICATION {
        put("replication_status", json!("disabled"));
    }
    if cx.version >= Microversion::GROUP_PROJECT_ID && cx.call.may(Action::GroupProject, &group.project_id) {
        put("project_id", json!(group.project_id.as_str()));
    }
    Value::Object(view)
}

/// An item of `GET /group_snapshots`.
pub fn snapshot_summary(of: &GroupSnapshot) -> Value {
    json!({"id": of.id.to_string(), "name": of.name.as_ref().map(Label::as_str)})
}

/// The reply to create.
pub fn snapshot_created(of: &GroupSnapshot) -> Value {
    json!({
        "id": of.id.to_string(),
        "name": of.name.as_ref().map(Label::as_str),
        "group_type_id": of.group_type_id.to_string(),
    })
}

/// An item of show and detail.
pub fn snapshot_detail(cx: &Cx, of: &GroupSnapshot) -> Value {
    let mut view = json!({
        "id": of.id.to_string(),
        "group_id": of.group_id.to_string(),
        "group_type_id": of.group_type_id.to_string(),
        "status": of.status.as_str(),
        "created_at": time(of.created_at),
        "name": of.name.as_ref().map(Label::as_str),
        "description": of.description.as_ref().map(Label::as_str),
    });
    let shown = cx.call.may(Action::GroupSnapshotProject, &of.project_id);
    if cx.version >= Microversion::GROUP_PROJECT_ID && shown {
        view["project_id"] = json!(of.project_id.as_str());
    }
    view
}
