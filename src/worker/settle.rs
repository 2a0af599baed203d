//! Outcomes: the end of the task and the status change that it means, in one transaction.
//!
//! The fence comes first: a task row that is gone or carries another token means that this outcome is
//! stale, and nothing of it is written.

use super::{Step, Worker};
use crate::{
    breakpoint,
    domain::{
        IllegalTransition, Message, MessageAction, MessageDetail, MessageId, MessageResource, Operation, Scope,
        SnapshotEvent, SnapshotId, SnapshotStatus, Task, Volume, VolumeEvent, VolumeStatus,
    },
    store::{StoreError, Tx},
};

/// How a task ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome<'a> {
    /// Well.
    Done,
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
        let applied = if task.operation.is_on_snapshot() {
            self.settle_snapshot(&mut tx, task, outcome).await?
        } else {
            self.settle_volume(&mut tx, task, outcome).await?
        };
        if !tx.task_finish(task).await? {
            tracing::info!(resource = %task.resource, operation = %task.operation, "outcome dropped, the claim is lost");
            return Ok(Step::LeaseLost(task.resource));
        }
        if applied.is_err() {
            // Whoever changed the status took the task away as well, so this is a bug worth a line.
            tracing::error!(resource = %task.resource, operation = %task.operation, "a task did not fit its row");
        }
        breakpoint::hit("worker.finish.before_commit");
        tx.commit().await?;
        breakpoint::hit("worker.finish.after_commit");
        match outcome {
            Outcome::Done => {
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
            (Operation::CreateSnapshot, Outcome::Done) => SnapshotEvent::Created,
            (Operation::CreateSnapshot, Outcome::Failed(_) | Outcome::Busy(_)) => SnapshotEvent::CreateFailed,
            (_delete, Outcome::Done) => SnapshotEvent::Deleted,
            (_delete, Outcome::Failed(_)) => SnapshotEvent::DeleteFailed,
            (_delete, Outcome::Busy(_)) => SnapshotEvent::DeleteBusy(back_to),
        };
        let before = match snapshot.apply(event, self.clock.now()) {
            Ok(before) => before,
            Err(illegal) => return Ok(Err(illegal)),
        };
        if event == SnapshotEvent::Deleted {
            tx.snapshot_delete(snapshot.id, before).await?;
            return Ok(Ok(()));
        }
        snapshot.previous_status = None;
        if event == SnapshotEvent::Created {
            snapshot.progress = Some("100%".to_owned());
        }
        tx.snapshot_update(&snapshot, before).await?;

        let (action, detail) = match (task.operation, outcome) {
            (Operation::CreateSnapshot, _) => (MessageAction::CreateSnapshot, MessageDetail::SnapshotCreateFailed),
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
            tx.volume_delete(volume.id, before).await?;
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
            tx.snapshot_update(&snapshot, before).await?;
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
            Operation::DeleteVolume | Operation::CreateSnapshot | Operation::DeleteSnapshot => {
                (MessageAction::DeleteVolume, MessageDetail::VolumeDeleteFailed)
            }
        };
        let about = (MessageResource::Volume, action, detail);
        tx.message_insert(&self.message(task, &volume.project_id, about, cause))
            .await
    }

    fn message(
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
    match (operation, outcome) {
        (
            Operation::CreateVolume | Operation::CreateVolumeFromSnapshot | Operation::CreateVolumeFromVolume,
            Outcome::Done,
        ) => VolumeEvent::Created,
        (
            Operation::CreateVolume | Operation::CreateVolumeFromSnapshot | Operation::CreateVolumeFromVolume,
            Outcome::Failed(_) | Outcome::Busy(_),
        ) => VolumeEvent::CreateFailed,
        (Operation::ExtendVolume, Outcome::Done) => VolumeEvent::Extended(previous.unwrap_or(VolumeStatus::Available)),
        (Operation::ExtendVolume, Outcome::Failed(_) | Outcome::Busy(_)) => VolumeEvent::ExtendFailed,
        (Operation::RevertVolume, Outcome::Done) => VolumeEvent::Reverted,
        (Operation::RevertVolume, Outcome::Failed(_) | Outcome::Busy(_)) => VolumeEvent::RevertFailed,
        (Operation::DeleteVolume | Operation::CreateSnapshot | Operation::DeleteSnapshot, Outcome::Done) => {
            VolumeEvent::Deleted
        }
        (Operation::DeleteVolume | Operation::CreateSnapshot | Operation::DeleteSnapshot, Outcome::Failed(_)) => {
            VolumeEvent::DeleteFailed
        }
        (Operation::DeleteVolume | Operation::CreateSnapshot | Operation::DeleteSnapshot, Outcome::Busy(_)) => {
            VolumeEvent::DeleteBusy(previous.unwrap_or(VolumeStatus::Error))
        }
    }
}
