//! A snapshot on the wire.

use uuid::Uuid;

use super::{Time, time};
use crate::{
    cinder::microversion::Microversion,
    domain::{GroupSnapshotId, Label, Metadata, Snapshot},
    http::wire::{self, Wire, field},
};

/// A snapshot as a reply writes it. Outer `None` leaves a field out.
#[derive(Debug)]
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
    group_snapshot_id: Option<Option<Uuid>>,
    user_id: Option<&'a str>,
    consumes_quota: Option<bool>,
    project_id: Option<&'a str>,
    progress: Option<Option<&'a str>>,
}

impl Wire for View<'_> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        field!(out, first "id");
        wire::uuid(out, self.id);
        field!(out, "created_at");
        self.created_at.append(out);
        field!(out, "updated_at");
        match self.updated_at {
            Some(time) => time.append(out),
            None => wire::null(out),
        }
        field!(out, "name");
        wire::optional_text(out, self.name)?;
        field!(out, "description");
        wire::optional_text(out, self.description)?;
        field!(out, "volume_id");
        wire::uuid(out, self.volume_id);
        field!(out, "status");
        wire::text(out, self.status)?;
        field!(out, "size");
        self.size.write(out)?;
        field!(out, "metadata");
        self.metadata.write(out)?;
        if let Some(id) = self.group_snapshot_id {
            field!(out, "group_snapshot_id");
            match id {
                Some(id) => wire::uuid(out, id),
                None => wire::null(out),
            }
        }
        if let Some(user) = self.user_id {
            field!(out, "user_id");
            wire::text(out, user)?;
        }
        if let Some(consumes) = self.consumes_quota {
            field!(out, "consumes_quota");
            consumes.write(out)?;
        }
        if let Some(project) = self.project_id {
            field!(out, "os-extended-snapshot-attributes:project_id");
            wire::text(out, project)?;
        }
        if let Some(progress) = self.progress {
            field!(out, "os-extended-snapshot-attributes:progress");
            wire::optional_text(out, progress)?;
        }
        out.push(b'}');
        Ok(())
    }
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
