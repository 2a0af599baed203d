//! Outcomes: the end of the task and the status change that it means, in one transaction.
//!
//! The fence comes first: a task row that is gone or carries another token means that this outcome is
//! stale, and nothing of it is written.

use super::{Step, Worker};
use crate::{
    domain::{
        Gib, IllegalTransition, Message, MessageAction, MessageDetail, MessageId, MessageResource, Operation, Scope,
        SnapshotEvent, SnapshotId, SnapshotStatus, Subject, Task, Volume, VolumeEvent, VolumeStatus,
    },
    store::{StoreError, Tx},
};

/// How a task ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome<'a> {
    /// Well.
    Done,
    /// Well, and this is the size of what was taken over.
    Adopted(Gib),
    /// For good, with the cause.
    Failed(&'a str),
    /// Not at all, because something depends on the resource.
    Busy(&'a str),
}

impl Worker {
    /// Writes an outcome.
    pub(super) async fn settle(&self, task: &Task, outcome: Outcome<'_>) -> Result<Step, StoreError> {
        let mut tx = self.store.begin().await?;
        // Volume and snapshot rows are locked before the task row, in the order in which the API locks
        // them, so that the two never wait for each other.
        let applied = match task.operation.subject() {
            Subject::Snapshot => self.settle_snapshot(&mut tx, task, outcome).await?,
            Subject::Volume => self.settle_volume(&mut tx, task, outcome).await?,
            Subject::GroupSnapshot => self.settle_group_snapshot(&mut tx, task, outcome).await?,
            Subject::Group => self.settle_group(&mut tx, task).await?,
        };
        if !tx.task_finish(task).await? {
            tracing::info!(resource = %task.resource, operation = %task.operation, "outcome dropped, the claim is lost");
            return Ok(Step::LeaseLost(task.resource));
        }
        if applied.is_err() {
            // Whoever changed the status took the task away as well, so this is a bug worth a line.
            tracing::error!(resource = %task.resource, operation = %task.operation, "a task did not fit its row");
        }
        tx.commit().await?;
        match outcome {
            Outcome::Done | Outcome::Adopted(_) => {
                tracing::info!(
                    resource = %task.resource, operation = %task.operation, request_id = task.request_id, "done"
                );
            }
            Outcome::Failed(cause) | Outcome::Busy(cause) => {
                tracing::warn!(
                    resource = %task.resource, operation = %task.operation, request_id = task.request_id, cause, "failed"
                );
            }
        }
        Ok(Step::Finished(task.resource))
    }

    async fn settle_snapshot(
        &self,
        tx: &mut Tx,
        task: &Task,
        outcome: Outcome<'_>,
    ) -> Result<Result<(), IllegalTransition>, StoreError> {
        let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, task.resource.snapshot()).await? else {
            return Ok(Ok(()));
        };
        let back_to = snapshot.previous_status.unwrap_or(SnapshotStatus::Error);
        let event = match (task.operation, outcome) {
            (Operation::CreateSnapshot | Operation::ManageSnapshot, Outcome::Done | Outcome::Adopted(_)) => {
                SnapshotEvent::Created
            }
            (Operation::CreateSnapshot | Operation::ManageSnapshot, Outcome::Failed(_) | Outcome::Busy(_)) => {
                SnapshotEvent::CreateFailed
            }
            (Operation::UnmanageSnapshot, Outcome::Done | Outcome::Adopted(_)) => SnapshotEvent::Unmanaged,
            (Operation::UnmanageSnapshot, Outcome::Failed(_) | Outcome::Busy(_)) => SnapshotEvent::UnmanageFailed,
            (_delete, Outcome::Done | Outcome::Adopted(_)) => SnapshotEvent::Deleted,
            (_delete, Outcome::Failed(_)) => SnapshotEvent::DeleteFailed,
            (_delete, Outcome::Busy(_)) => SnapshotEvent::DeleteBusy(back_to),
        };
        let before = match snapshot.apply(event, self.clock.now()) {
            Ok(before) => before,
            Err(illegal) => return Ok(Err(illegal)),
        };
        if matches!(event, SnapshotEvent::Deleted | SnapshotEvent::Unmanaged) {
            tx.snapshot_delete(snapshot.id, before, self.clock.now()).await?;
            return Ok(Ok(()));
        }
        snapshot.previous_status = None;
        if let Outcome::Adopted(size) = outcome {
            snapshot.size = size;
        }
        // What is taken over keeps its 0%, as in Cinder: nothing was copied.
        if task.operation == Operation::CreateSnapshot && event == SnapshotEvent::Created {
            snapshot.progress = Some("100%".to_owned());
        }
        tx.snapshot_update_locked(&snapshot, before).await?;

        let (action, detail) = match (task.operation, outcome) {
            (Operation::CreateSnapshot, _) => (MessageAction::CreateSnapshot, MessageDetail::SnapshotCreateFailed),
            (Operation::ManageSnapshot, _) => (MessageAction::ManageSnapshot, MessageDetail::ManageFailed),
            (Operation::UnmanageSnapshot, _) => (MessageAction::UnmanageSnapshot, MessageDetail::UnmanageFailed),
            (_delete, Outcome::Busy(_)) => (MessageAction::DeleteSnapshot, MessageDetail::SnapshotBusy),
            (_delete, _) => (MessageAction::DeleteSnapshot, MessageDetail::SnapshotDeleteFailed),
        };
        if let Outcome::Failed(cause) | Outcome::Busy(cause) = outcome {
            let about = (MessageResource::Snapshot, action, detail);
            tx.message_insert(&self.message(task, &snapshot.project_id, about, cause))
                .await?;
        }
        Ok(Ok(()))
    }

    async fn settle_volume(
        &self,
        tx: &mut Tx,
        task: &Task,
        outcome: Outcome<'_>,
    ) -> Result<Result<(), IllegalTransition>, StoreError> {
        let Some(mut volume) = tx.volume_lock(&Scope::All, task.resource.volume()).await? else {
            return Ok(Ok(()));
        };
        let event = volume_event(task.operation, outcome, volume.previous_status);
        let before = match volume.apply(event, self.clock.now()) {
            Ok(before) => before,
            Err(illegal) => return Ok(Err(illegal)),
        };
        if event == VolumeEvent::Deleted {
            tx.volume_delete(volume.id, before, self.clock.now()).await?;
            return Ok(Ok(()));
        }
        if let (VolumeEvent::Extended(_), Some(size)) = (event, volume.target_size) {
            volume.size = size;
        }
        volume.target_size = None;
        volume.previous_status = None;
        if let Some(snapshot) = volume.revert_snapshot_id.take() {
            self.restored(tx, snapshot).await?;
        }
        tx.volume_update(&volume, before).await?;
        if let (VolumeEvent::Created, Operation::CreateVolumeFromSnapshot, Some(source)) =
            (event, task.operation, task.source)
            && self.driver.capability().clone_dependents
        {
            tx.volume_depends_on(volume.id, source.snapshot()).await?;
        }
        if let Outcome::Failed(cause) | Outcome::Busy(cause) = outcome {
            self.volume_message(tx, task, &volume, cause).await?;
        }
        Ok(Ok(()))
    }

    /// The revert is over, well or badly: the snapshot itself was only read.
    async fn restored(&self, tx: &mut Tx, id: SnapshotId) -> Result<(), StoreError> {
        let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, id).await? else {
            return Ok(());
        };
        // An admin may have reset or force-deleted it meanwhile; that stands.
        if let Ok(before) = snapshot.apply(SnapshotEvent::Restored, self.clock.now()) {
            tx.snapshot_update_locked(&snapshot, before).await?;
        }
        Ok(())
    }

    async fn volume_message(&self, tx: &mut Tx, task: &Task, volume: &Volume, cause: &str) -> Result<(), StoreError> {
        let (action, detail) = match task.operation {
            Operation::CreateVolume | Operation::CreateVolumeFromSnapshot | Operation::CreateVolumeFromVolume => {
                (MessageAction::CreateVolume, MessageDetail::CreateVolumeFailed)
            }
            Operation::ExtendVolume => (MessageAction::ExtendVolume, MessageDetail::ExtendFailed),
            Operation::RevertVolume => (MessageAction::RevertVolume, MessageDetail::RevertFailed),
            Operation::DeleteVolume
            | Operation::CreateSnapshot
            | Operation::DeleteSnapshot
            | Operation::ManageSnapshot
            | Operation::UnmanageSnapshot
            | Operation::CreateGroup
            | Operation::DeleteGroup
            | Operation::CreateGroupSnapshot
            | Operation::DeleteGroupSnapshot => (MessageAction::DeleteVolume, MessageDetail::VolumeDeleteFailed),
        };
        let about = (MessageResource::Volume, action, detail);
        tx.message_insert(&self.message(task, &volume.project_id, about, cause))
            .await
    }

    pub(super) fn message(
        &self,
        task: &Task,
        project: &crate::domain::ProjectId,
        (resource, action, detail): (MessageResource, MessageAction, MessageDetail),
        cause: &str,
    ) -> Message {
        let now = self.clock.now();
        Message {
            id: MessageId::new(self.ids.next()),
            project_id: project.clone(),
            request_id: task.request_id.clone(),
            resource,
            resource_uuid: task.resource.uuid(),
            action,
            detail,
            cause: cause.to_owned(),
            created_at: now,
            expires_at: now + self.options.message_ttl,
        }
    }
}

fn volume_event(operation: Operation, outcome: Outcome<'_>, previous: Option<VolumeStatus>) -> VolumeEvent {
    use Operation as O;
    let done = matches!(outcome, Outcome::Done | Outcome::Adopted(_));
    match operation {
        O::CreateVolume | O::CreateVolumeFromSnapshot | O::CreateVolumeFromVolume if done => VolumeEvent::Created,
        O::CreateVolume | O::CreateVolumeFromSnapshot | O::CreateVolumeFromVolume => VolumeEvent::CreateFailed,
        O::ExtendVolume if done => VolumeEvent::Extended(previous.unwrap_or(VolumeStatus::Available)),
        O::ExtendVolume => VolumeEvent::ExtendFailed,
        O::RevertVolume if done => VolumeEvent::Reverted,
        O::RevertVolume => VolumeEvent::RevertFailed,
        O::DeleteVolume
        | O::CreateSnapshot
        | O::DeleteSnapshot
        | O::ManageSnapshot
        | O::UnmanageSnapshot
        | O::CreateGroup
        | O::DeleteGroup
        | O::CreateGroupSnapshot
        | O::DeleteGroupSnapshot => match outcome {
            Outcome::Done | Outcome::Adopted(_) => VolumeEvent::Deleted,
            Outcome::Failed(_) => VolumeEvent::DeleteFailed,
            Outcome::Busy(_) => VolumeEvent::DeleteBusy(previous.unwrap_or(VolumeStatus::Error)),
        },
    }
}
