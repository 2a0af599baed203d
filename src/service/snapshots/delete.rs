//! `DELETE /snapshots/{id}` and `os-force_delete`.

use crate::{
    auth::policy::Action,
    domain::{Operation, Snapshot, SnapshotEvent, SnapshotStatus},
    service::{Call, Service, ServiceError, unless_lost},
    store::{NewTask, Tx},
};

/// Cinder's text for delete and unmanage alike.
pub(super) fn not_deletable() -> ServiceError {
    ServiceError::InvalidSnapshot(
        "Snapshot status must be available or error and must not be part of a group.".to_owned(),
    )
}

impl Service {
    /// Accepts the deletion of an `available` or `error` snapshot.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidSnapshot`].
    pub async fn snapshot_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotDelete];
        let snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        self.refuse_frozen(&mut tx, snapshot.volume_id).await?;
        let grouped = snapshot.group_snapshot_id.is_some();
        if grouped || snapshot.status.apply(SnapshotEvent::Delete).is_err() {
            return Err(not_deletable());
        }
        self.snapshot_delete_start(&mut tx, call, snapshot, SnapshotEvent::Delete)
            .await?;
        Ok(self.accept(tx).await?)
    }

    /// Accepts the deletion of a snapshot in any status. Work on it that is under way is cancelled:
    /// its worker loses the claim, and the deletion removes what it left.
    ///
    /// # Errors
    /// As [`Service::snapshot_delete`]; only members of a group snapshot are refused.
    pub async fn snapshot_force_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [
            Action::SnapshotShow,
            Action::SnapshotForceDelete,
            Action::SnapshotDelete,
        ];
        let snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        self.refuse_frozen(&mut tx, snapshot.volume_id).await?;
        if snapshot.group_snapshot_id.is_some() {
            // Two blanks: Cinder's text has an empty list of statuses there.
            return Err(ServiceError::InvalidSnapshot(
                "Snapshot  must not be part of a group.".to_owned(),
            ));
        }
        self.snapshot_delete_start(&mut tx, call, snapshot, SnapshotEvent::ForceDelete)
            .await?;
        Ok(self.accept_instead(tx).await?)
    }

    /// Moves a locked snapshot to `deleting` and adds the task, replacing whatever task it has.
    pub(in crate::service) async fn snapshot_delete_start(
        &self,
        tx: &mut Tx,
        call: &Call,
        mut snapshot: Snapshot,
        event: SnapshotEvent,
    ) -> Result<(), ServiceError> {
        let now = self.clock.now();
        tx.snapshot_mark(snapshot.id, snapshot.status, now).await?;
        let before = snapshot.apply(event, now).map_err(|_illegal| ServiceError::Raced)?;
        // Where a busy delete returns to: never to a status that needs a worker which is gone by then.
        if !before.is_transitional() {
            snapshot.previous_status = Some(before);
        } else if before != SnapshotStatus::Deleting {
            snapshot.previous_status = Some(SnapshotStatus::Error);
        }
        unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
        tx.task_cancel(snapshot.id.into()).await?;
        // The volume is the source, so that a cascading delete of the volume waits for this task.
        tx.task_enqueue(NewTask {
            resource: snapshot.id.into(),
            source: Some(snapshot.volume_id.into()),
            operation: Operation::DeleteSnapshot,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        Ok(())
    }
}
