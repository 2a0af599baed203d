//! The end of a row whose bytes are gone: an error, and a message that says so to its owner.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AuditError, Backend, objects::is_missing};
use crate::{
    clock::{Clock, Ids},
    domain::{
        Item, Message, MessageAction, MessageDetail, MessageId, MessageResource, ProjectId, Resource, ResourceKind,
        Scope, SnapshotEvent, SnapshotId, Subject, VolumeEvent, VolumeId,
    },
    store::{Store, StoreError, Tx},
};

/// How what is found out is written down.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// The time.
    pub clock: &'a dyn Clock,
    /// Ids of messages.
    pub ids: &'a dyn Ids,
    /// How long messages are kept.
    pub message_ttl: TimeDelta,
    /// The request id of the messages: no request has asked, so it stands for this look, also in the log.
    pub request_id: &'a str,
}

impl Note<'_> {
    /// A message about something, for its owner.
    pub(super) fn message(
        &self,
        project: &ProjectId,
        about: Item,
        (action, detail): (MessageAction, MessageDetail),
        cause: String,
    ) -> Message {
        let now = self.clock.now();
        Message {
            id: MessageId::new(self.ids.next()),
            project_id: project.clone(),
            request_id: self.request_id.to_owned(),
            resource: match about.subject {
                Subject::Volume => MessageResource::Volume,
                Subject::Snapshot => MessageResource::Snapshot,
                Subject::Group => MessageResource::Group,
                Subject::GroupSnapshot => MessageResource::GroupSnapshot,
            },
            resource_uuid: about.id,
            action,
            detail,
            cause,
            created_at: now,
            expires_at: now + self.message_ttl,
        }
    }
}

/// Puts a volume or snapshot whose bytes are gone into an error, unless they are back, or somebody has changed
/// the row meanwhile. False if so.
///
/// The caller must have seen them gone before: one look may have met a moment.
///
/// # Errors
/// [`AuditError`].
pub async fn lose(store: &Store, backend: Backend<'_>, resource: Resource, by: Note<'_>) -> Result<bool, AuditError> {
    if !is_missing(store, backend, resource).await? {
        return Ok(false);
    }
    // Without the host, which is for admins to know.
    let cause = format!("{} was looked for twice and is not there", resource.object_name());
    let now = by.clock.now();
    let mut tx = store.begin().await?;
    // The same statuses as those that promise bytes: what the row became meanwhile wins.
    let project = match resource.kind {
        ResourceKind::Volume => volume_lost(&mut tx, VolumeId::new(resource.id), now).await?,
        ResourceKind::Snapshot => snapshot_lost(&mut tx, SnapshotId::new(resource.id), now).await?,
    };
    let Some(project) = project else { return Ok(false) };
    let about = (MessageAction::CheckStorage, MessageDetail::BytesLost);
    tx.message_insert(&by.message(&project, resource.into(), about, cause))
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Whose volume was lost just now.
async fn volume_lost(tx: &mut Tx, id: VolumeId, now: DateTime<Utc>) -> Result<Option<ProjectId>, StoreError> {
    let Some(mut volume) = tx.volume_lock(&Scope::All, id).await?.filter(|row| !row.overridden) else {
        return Ok(None);
    };
    let Ok(before) = volume.apply(VolumeEvent::Lost, now) else {
        return Ok(None);
    };
    let written = tx.volume_update(&volume, before).await?;
    Ok(written.then_some(volume.project_id))
}

/// Whose snapshot was lost just now.
async fn snapshot_lost(tx: &mut Tx, id: SnapshotId, now: DateTime<Utc>) -> Result<Option<ProjectId>, StoreError> {
    let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, id).await?.filter(|row| !row.overridden) else {
        return Ok(None);
    };
    let Ok(before) = snapshot.apply(SnapshotEvent::Lost, now) else {
        return Ok(None);
    };
    let written = tx.snapshot_update(&snapshot, before).await?;
    Ok(written.then_some(snapshot.project_id))
}
