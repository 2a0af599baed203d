//! A snapshot on the wire.

use serde::Serialize;
use serde_json::{Value, json};

use super::time;
use crate::{
    cinder::microversion::Microversion,
    domain::{Label, Metadata, Snapshot},
};

/// The fields of every representation; the list without `/detail` never has more.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    id: String,
    created_at: String,
    updated_at: Option<String>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    volume_id: String,
    status: &'static str,
    size: u32,
    metadata: &'a Metadata,
}

/// What later versions add; outer `None` leaves the field out.
#[derive(Debug, Serialize)]
struct Detail<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_snapshot_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumes_quota: Option<bool>,
    #[serde(
        rename = "os-extended-snapshot-attributes:project_id",
        skip_serializing_if = "Option::is_none"
    )]
    project_id: Option<&'a str>,
    #[serde(
        rename = "os-extended-snapshot-attributes:progress",
        skip_serializing_if = "Option::is_none"
    )]
    progress: Option<Option<&'a str>>,
}

impl<'a> From<&'a Snapshot> for Summary<'a> {
    fn from(snapshot: &'a Snapshot) -> Self {
        Self {
            id: snapshot.id.to_string(),
            created_at: time(snapshot.created_at),
            updated_at: snapshot.updated_at.map(time),
            name: snapshot.name.as_ref().map(Label::as_str),
            description: snapshot.description.as_ref().map(Label::as_str),
            volume_id: snapshot.volume_id.to_string(),
            status: snapshot.status.as_str(),
            size: snapshot.size.get(),
            metadata: &snapshot.metadata,
        }
    }
}

/// An item of `GET /snapshots`.
pub fn summary(snapshot: &Snapshot) -> Value {
    json!(Summary::from(snapshot))
}

/// The reply to create and update, and with `extended` an item of show and detail.
pub fn detail(version: Microversion, snapshot: &Snapshot, extended: bool) -> Value {
    let since = |since: Microversion| version >= since;
    json!(Detail {
        summary: snapshot.into(),
        group_snapshot_id: since(Microversion::GROUP_SNAPSHOTS)
            .then(|| snapshot.group_snapshot_id.map(|id| id.to_string())),
        user_id: since(Microversion::SNAPSHOT_USER_ID).then(|| snapshot.user_id.as_str()),
        consumes_quota: since(Microversion::CONSUMES_QUOTA).then_some(snapshot.consumes_quota),
        project_id: extended.then(|| snapshot.project_id.as_str()),
        progress: extended.then_some(snapshot.progress.as_deref()),
    })
}
