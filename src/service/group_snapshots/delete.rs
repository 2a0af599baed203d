//! `DELETE /group_snapshots/{id}`.

use crate::{
    auth::policy::Action,
    domain::{GroupSnapshotEvent, Operation, Scope, SnapshotEvent, SnapshotStatus},
    service::{Call, Service, ServiceError, unless_lost},
    store::NewTask,
};

impl Service {
    /// Accepts the deletion of a group snapshot with all its snapshots: one task removes them one after the
    /// other.
    ///
    /// # Errors
    /// [`ServiceError::GroupSnapshotNotFound`], [`ServiceError::Forbidden`],
    /// [`ServiceError::InvalidGroupSnapshot`].
    pub async fn group_snapshot_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupSnapshotShow, Action::GroupSnapshotDelete];
        let mut found = self.group_snapshot_lock(&mut tx, call, id, &actions).await?;
        let now = self.clock.now();
        let is_source = tx.groups_being_made_from(found.id.uuid()).await? > 0;
        let before = match found.apply(GroupSnapshotEvent::Delete, now) {
            Ok(before) if !is_source => before,
            Ok(_) | Err(_) => {
                return Err(ServiceError::InvalidGroupSnapshot(
                    "GroupSnapshot status must be available or error, and no Group can be currently using it as \
                     source for its creation."
                        .to_owned(),
                ));
            }
        };
        let members = tx.group_snapshot_members(found.id).await?;
        if members.is_empty() {
            // An earlier attempt has removed them all; nothing is left to do.
            tx.group_snapshot_delete(found.id).await?;
            return Ok(tx.commit().await?);
        }
        for (_snapshot, volume) in &members {
            self.refuse_frozen(&mut tx, *volume).await?;
        }
        found.previous_status = Some(before);
        unless_lost(tx.group_snapshot_update(&found, before).await?)?;
        tx.task_cancel(found.id.into()).await?;
        tx.task_enqueue(NewTask {
            resource: found.id.into(),
            source: members.first().map(|(_snapshot, volume)| (*volume).into()),
            operation: Operation::DeleteGroupSnapshot,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        for (id, volume) in members {
            let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, id).await? else {
                continue;
            };
            tx.snapshot_mark(snapshot.id, snapshot.status, now).await?;
            // Whatever its own status, as in Cinder: the members share the fate of the whole.
            let before = snapshot
                .apply(SnapshotEvent::ForceDelete, now)
                .map_err(|_illegal| ServiceError::Raced)?;
            snapshot.previous_status = Some(if before.is_transitional() {
                SnapshotStatus::Error
            } else {
                before
            });
            unless_lost(tx.snapshot_update(&snapshot, before).await?)?;
            tx.task_uses(found.id.into(), snapshot.id.into(), true).await?;
            tx.task_uses(found.id.into(), volume.into(), false).await?;
        }
        Ok(self.accept(tx).await?)
    }
}
