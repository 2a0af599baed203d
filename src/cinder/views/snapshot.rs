//! A snapshot on the wire.

use serde::Serialize;
use uuid::Uuid;

use super::{Time, time};
use crate::{
    cinder::microversion::Microversion,
    domain::{GroupSnapshotId, Label, Metadata, Snapshot},
};

/// A snapshot as a reply writes it. Outer `None` leaves a field out.
#[derive(Debug, Serialize)]
pub struct View<'a> {
    id: Uuid,
    created_at: Time,
    updated_at: Option<Time>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    volume_id: Uuid,
    status: &'static str,
    size: u32,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_snapshot_id: Option<Option<Uuid>>,
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

/// An item of `GET /snapshots`: what every representation has, whatever the version.
pub fn summary(snapshot: &Snapshot) -> View<'_> {
    View {
        id: snapshot.id.uuid(),
        created_at: time(snapshot.created_at),
        updated_at: snapshot.updated_at.map(time),
        name: snapshot.name.as_ref().map(Label::as_str),
        description: snapshot.description.as_ref().map(Label::as_str),
        volume_id: snapshot.volume_id.uuid(),
        status: snapshot.status.as_str(),
        size: snapshot.size.get(),
        metadata: &snapshot.metadata,
        group_snapshot_id: None,
        user_id: None,
        consumes_quota: None,
        project_id: None,
        progress: None,
    }
}

/// The reply to create and update, and with `extended` an item of show and detail.
pub fn detail(version: Microversion, snapshot: &Snapshot, extended: bool) -> View<'_> {
    let since = |since: Microversion| version >= since;
    View {
        group_snapshot_id: since(Microversion::GROUP_SNAPSHOTS)
            .then(|| snapshot.group_snapshot_id.map(GroupSnapshotId::uuid)),
        user_id: since(Microversion::SNAPSHOT_USER_ID).then(|| snapshot.user_id.as_str()),
        consumes_quota: since(Microversion::CONSUMES_QUOTA).then_some(snapshot.consumes_quota),
        project_id: extended.then(|| snapshot.project_id.as_str()),
        progress: extended.then_some(snapshot.progress.as_deref()),
        ..summary(snapshot)
    }
}
