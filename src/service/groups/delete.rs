//! The action `delete` of a group.

use crate::{
    auth::policy::Action,
    domain::{AttachStatus, GroupEvent, GroupStatus, Operation, VolumeEvent},
    service::{Call, Service, ServiceError, groups::members_lock, unless_lost},
    store::NewTask,
};

impl Service {
    /// Accepts the deletion of a group, with `delete_volumes` together with its volumes. Each volume gets a
    /// deletion task in the same transaction, and the group's own task waits for them. A group without
    /// volumes is gone with the reply.
    ///
    /// # Errors
    /// [`ServiceError::GroupNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidGroup`].
    pub async fn group_delete(&self, call: &Call, id: &str, delete_volumes: bool) -> Result<(), ServiceError> {
        let refuse = |text: String| Err(ServiceError::InvalidGroup(text));
        let mut tx = self.store.begin().await?;
        let actions = [Action::GroupShow, Action::GroupDelete];
        let mut group = self.group_lock(&mut tx, call, id, &actions).await?;
        let final_status = matches!(group.status, GroupStatus::Available | GroupStatus::Error);
        if !delete_volumes && !final_status {
            return refuse(format!(
                "Group status must be available or error, but current status is: {}",
                group.status
            ));
        }
        if tx.group_snapshot_count_of(group.id).await? > 0 {
            return refuse("Group has existing snapshots.".to_owned());
        }
        let volumes = members_lock(&mut tx, group.id).await?;
        if !volumes.is_empty() && !delete_volumes {
            return refuse(format!(
                "Group {} still contains volumes. The delete-volumes flag is required to delete it.",
                group.id
            ));
        }
        for volume in &volumes {
            self.refuse_frozen(&mut tx, volume.id).await?;
            if volume.attach_status == AttachStatus::Attached {
                return refuse(format!(
                    "Volume in group {} is attached. Need to detach first.",
                    group.id
                ));
            }
            if tx.snapshot_count_of(volume.id).await? > 0 {
                return refuse("Volume in group still has dependent snapshots.".to_owned());
            }
        }
        if tx.groups_being_made_from(group.id.uuid()).await? > 0 {
            let reason = if delete_volumes {
                "Group status must be available or error and must not have dependent group snapshots"
            } else {
                "Group must not have attached volumes, volumes with snapshots, or dependent group snapshots"
            };
            return refuse(format!(
                "Cannot delete group {}. {reason}, and it cannot be the source for an ongoing group or group snapshot \
                 creation.",
                group.id
            ));
        }

        let mut deleting = Vec::new();
        for volume in volumes {
            if volume.is_placed() {
                deleting.push(volume.id);
                self.volume_delete_start(&mut tx, call, volume, VolumeEvent::ForceDelete)
                    .await?;
            } else {
                // No worker has anything to do for it.
                unless_lost(tx.volume_delete(volume.id, volume.status, self.clock.now()).await?)?;
            }
        }
        tx.task_cancel(group.id.into()).await?;
        if deleting.is_empty() {
            tx.group_delete(group.id).await?;
            return Ok(tx.commit().await?);
        }
        let now = self.clock.now();
        let before = group
            .apply(GroupEvent::Delete, now)
            .map_err(|_illegal| ServiceError::Raced)?;
        // Where a busy delete returns to: never to a status that needs a worker which is gone by then.
        if !before.is_transitional() {
            group.previous_status = Some(before);
        } else if before != GroupStatus::Deleting {
            group.previous_status = Some(GroupStatus::Error);
        }
        unless_lost(tx.group_update(&group, before).await?)?;
        tx.task_enqueue(NewTask {
            resource: group.id.into(),
            source: None,
            operation: Operation::DeleteGroup,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        for volume in deleting {
            tx.task_uses(group.id.into(), volume.into(), false).await?;
        }
        Ok(self.accept_instead(tx).await?)
    }
}
