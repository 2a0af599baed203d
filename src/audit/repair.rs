//! Mends what can be mended without guessing, and says what it did. Each repair looks at the row again, under its
//! lock, and leaves alone what has changed since the audit. Nothing here deletes an object.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{AuditError, Backend, Finding, Note, lose, restart, restart_groups};
use crate::{
    domain::{
        GroupId, GroupSnapshotId, Item, LeftOver, MessageAction, MessageDetail, Operation, ProjectId, Resource,
        ResourceId, ResourceKind, Scope, SnapshotEvent, SnapshotId, Subject, VolumeId,
    },
    driver::{Context, DriverError, Fence, Kind},
    store::{Store, StoreError, Tx},
};

/// What was done; `Display` is one sentence without a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired(pub String);

impl std::fmt::Display for Repaired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What came of a repair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// What was done.
    pub done: Vec<Repaired>,
    /// What could not be done now, and why: one sentence each.
    pub failed: Vec<String>,
}

/// Repairs what an audit found.
#[derive(Clone, Copy, Debug)]
pub struct Repair<'a> {
    /// The state.
    pub store: &'a Store,
    /// The back end that was looked at.
    pub backend: Backend<'a>,
    /// How it is written down.
    pub note: Note<'a>,
}

impl Repair<'_> {
    /// Mends what can be mended of all `findings`, each for itself; the rest needs a person.
    pub async fn mend(&self, findings: &[Finding]) -> Mended {
        // A task that is lost may have been about to take one of them over.
        let foreign = findings
            .iter()
            .any(|finding| matches!(finding, Finding::ObjectUnknown(object) if object.kind == ResourceKind::Snapshot));
        let mut mended = Mended::default();
        for finding in findings {
            match self.mend_one(finding, foreign).await {
                Ok(done) => mended.done.extend(done.map(Repaired)),
                Err(error) => mended.failed.push(format!("{finding}: {error}")),
            }
        }
        mended
    }

    async fn mend_one(&self, finding: &Finding, foreign: bool) -> Result<Option<String>, AuditError> {
        Ok(match finding {
            Finding::WorkMissing { item, .. } => self.restart(*item, foreign).await?,
            Finding::WorkWithoutRow { resource, operation } => self.drop_task(*resource, *operation, None).await?,
            Finding::WorkDoesNotFit { item, operation, .. } => {
                self.drop_task((*item).into(), *operation, Some(*item)).await?
            }
            Finding::RevertDoesNotFit { volume, .. } => self.end_revert(*volume).await?,
            Finding::RestoringAlone(snapshot) => self.restored(*snapshot).await?,
            Finding::LeftBehind { snapshot, whole } => self.leave(*snapshot, *whole).await?,
            Finding::ReasonMissing { item, .. } => self.explain(*item).await?,
            Finding::GrowthRemains(volume) => self.end_growth(*volume).await?,
            Finding::ObjectMissing(resource) => self.lose(*resource).await?,
            Finding::Remains(left_over) => self.tidy(left_over).await?,
            Finding::Damage(_)
            | Finding::UsageDiffers { .. }
            | Finding::ObjectTooSmall { .. }
            | Finding::ObjectUnknown(_)
            | Finding::StatusUnreachable { .. }
            | Finding::SameMoment(_) => None,
        })
    }

    async fn restart(&self, item: Item, foreign: bool) -> Result<Option<String>, AuditError> {
        // Without an object of its own there is nothing to look for.
        let known = match item.resource() {
            Some(resource) => self.is_known(resource, foreign).await?,
            None => true,
        };
        // A group snapshot is locked before its snapshots.
        let of = if item.subject == Subject::Snapshot {
            let snapshot = self.store.snapshot(&Scope::All, SnapshotId::new(item.id)).await?;
            snapshot.and_then(|snapshot| snapshot.group_snapshot_id)
        } else {
            None
        };
        let mut tx = self.store.begin().await?;
        let done = match item.subject {
            Subject::Volume => restart::volume(&mut tx, VolumeId::new(item.id), self.note).await?,
            Subject::Snapshot => restart::snapshot(&mut tx, SnapshotId::new(item.id), of, known, self.note).await?,
            Subject::Group => restart_groups::group(&mut tx, GroupId::new(item.id), self.note).await?,
            Subject::GroupSnapshot => {
                restart_groups::group_snapshot(&mut tx, GroupSnapshotId::new(item.id), self.note).await?
            }
        };
        tx.commit().await?;
        Ok(done)
    }

    /// Whether something that is to be made can only be made, and not be taken over.
    async fn is_known(&self, resource: Resource, foreign: bool) -> Result<bool, AuditError> {
        // What is there already was finished, and only the outcome was not written.
        let object = self
            .backend
            .driver
            .stored_object(resource.kind, &resource.object_name())
            .await;
        let finished = match object {
            Ok(object) => object.is_some(),
            // It cannot be known there.
            Err(error) if error.kind() == Kind::Unsupported => false,
            Err(error) => return Err(error.into()),
        };
        // Another back end's objects cannot be looked for here.
        let ours = self.store.expected_now(self.backend.host, resource).await?.is_some();
        Ok(ours && (finished || !foreign))
    }

    /// Removes a task whose outcome could not be written: its row is gone, or waits for something else.
    async fn drop_task(
        &self,
        id: ResourceId,
        operation: Operation,
        row: Option<Item>,
    ) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let fits = match row.map(|row| row.subject) {
            None => false,
            Some(Subject::Volume) => {
                let volume = tx.volume_lock(&Scope::All, id.volume()).await?;
                volume.is_some_and(|volume| operation.volume_status() == Some(volume.status))
            }
            Some(Subject::Snapshot) => {
                let snapshot = tx.snapshot_lock(&Scope::All, id.snapshot()).await?;
                snapshot.is_some_and(|snapshot| operation.snapshot_status() == Some(snapshot.status))
            }
            Some(Subject::Group) => {
                let group = tx.group_lock(&Scope::All, id.group()).await?;
                group.is_some_and(|group| operation.group_status() == Some(group.status))
            }
            Some(Subject::GroupSnapshot) => {
                let whole = tx.group_snapshot_lock(&Scope::All, id.group_snapshot()).await?;
                whole.is_some_and(|whole| operation.group_snapshot_status() == Some(whole.status))
            }
        };
        if fits || tx.task_of(id).await? != Some(operation) {
            return Ok(None);
        }
        tx.task_cancel(id).await?;
        tx.commit().await?;
        Ok(Some(format!("removed the task {operation} of {id}")))
    }

    /// A volume that is not being reverted names no snapshot.
    async fn end_revert(&self, id: VolumeId) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let volume = tx.volume_lock(&Scope::All, id).await?;
        let Some(mut volume) = volume.filter(|volume| !volume.status.is_transitional()) else {
            return Ok(None);
        };
        let Some(snapshot) = volume.revert_snapshot_id.take() else {
            return Ok(None);
        };
        restart::restore(&mut tx, snapshot, self.note).await?;
        tx.volume_update(&volume, volume.status).await?;
        tx.commit().await?;
        Ok(Some(format!("ended the revert of volume {id} to snapshot {snapshot}")))
    }

    async fn restored(&self, id: SnapshotId) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let snapshot = tx.snapshot_lock(&Scope::All, id).await?;
        let Some(mut snapshot) = snapshot.filter(|snapshot| !snapshot.overridden) else {
            return Ok(None);
        };
        let Ok(before) = snapshot.apply(SnapshotEvent::Restored, self.note.clock.now()) else {
            return Ok(None);
        };
        tx.snapshot_update(&snapshot, before).await?;
        tx.commit().await?;
        Ok(Some(format!("made snapshot {id} available again")))
    }

    /// A snapshot whose group snapshot is not there becomes one of its own, which can be deleted.
    async fn leave(&self, id: SnapshotId, whole: GroupSnapshotId) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let left = tx.snapshot_leave(id, whole).await?;
        tx.commit().await?;
        Ok(left.then(|| format!("made snapshot {id} one of its own, without group snapshot {whole}")))
    }

    /// An error whose reason nobody knows any more gets a message that says just that.
    async fn explain(&self, item: Item) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let owner = owner_of_error(&mut tx, item).await?;
        let Some((project, status)) = owner else {
            return Ok(None);
        };
        let cause = format!(
            "the {} is {status}, and the service has no record of the cause",
            item.subject
        );
        let about = (MessageAction::Repair, MessageDetail::UnknownError);
        let message = self.note.message(&project, item, about, cause);
        tx.message_insert(&message).await?;
        tx.commit().await?;
        Ok(Some(format!(
            "told project {project} that the cause of {item} is not known"
        )))
    }

    async fn end_growth(&self, id: VolumeId) -> Result<Option<String>, AuditError> {
        let mut tx = self.store.begin().await?;
        let ended = tx.volume_stopped_growing(id).await?;
        tx.commit().await?;
        Ok(ended.then(|| format!("gave back the quota that volume {id} does not grow into")))
    }

    async fn lose(&self, resource: Resource) -> Result<Option<String>, AuditError> {
        let lost = lose(self.store, self.backend, resource, self.note).await?;
        Ok(lost.then(|| format!("set {resource} to error, with a message for its project")))
    }

    async fn tidy(&self, left_over: &LeftOver) -> Result<Option<String>, AuditError> {
        let cx = Context::new(CancellationToken::new(), Arc::new(Unconditional));
        self.backend.driver.remove_left_over(&cx, left_over.of).await?;
        Ok(Some(format!("removed {}", left_over.place)))
    }
}

/// Whose error it is, and which, as long as it is one that the service made.
async fn owner_of_error(tx: &mut Tx, item: Item) -> Result<Option<(ProjectId, &'static str)>, StoreError> {
    Ok(match item.subject {
        Subject::Volume => tx
            .volume_lock(&Scope::All, VolumeId::new(item.id))
            .await?
            .filter(|row| row.status.is_error() && !row.overridden)
            .map(|row| (row.project_id, row.status.as_str())),
        Subject::Snapshot => tx
            .snapshot_lock(&Scope::All, SnapshotId::new(item.id))
            .await?
            .filter(|row| row.status.is_error() && !row.overridden)
            .map(|row| (row.project_id, row.status.as_str())),
        Subject::Group => tx
            .group_lock(&Scope::All, GroupId::new(item.id))
            .await?
            .filter(|row| row.status.is_error() && !row.overridden)
            .map(|row| (row.project_id, row.status.as_str())),
        Subject::GroupSnapshot => tx
            .group_snapshot_lock(&Scope::All, GroupSnapshotId::new(item.id))
            .await?
            .filter(|row| row.status.is_error() && !row.overridden)
            .map(|row| (row.project_id, row.status.as_str())),
    })
}

/// What is removed under the lock of its object is nobody's, whatever tasks there are.
#[derive(Debug)]
struct Unconditional;

#[async_trait]
impl Fence for Unconditional {
    async fn confirm(&self) -> Result<(), DriverError> {
        Ok(())
    }
}
