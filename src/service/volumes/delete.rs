//! `DELETE /volumes/{id}` and `os-force_delete`.

use crate::{
    auth::policy::Action,
    domain::{Operation, SnapshotEvent, VolumeEvent, VolumeStatus},
    service::{Call, DELETABLE, Service, ServiceError, unless_lost},
    store::NewTask,
};

/// How a volume is to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Its snapshots go too.
    pub cascade: bool,
    /// Whatever it is doing.
    pub force: bool,
}

impl Service {
    /// Accepts the deletion of a volume. With `cascade` its snapshots get deletion tasks in the same
    /// transaction, and the volume's own task waits for them.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`].
    pub async fn volume_delete(&self, call: &Call, id: &str, options: DeleteOptions) -> Result<(), ServiceError> {
        let action = if options.force {
            Action::VolumeForceDelete
        } else {
            Action::VolumeDelete
        };
        self.volume_delete_as(call, id, options, action).await
    }

    /// The admin action: force, but never the snapshots.
    ///
    /// # Errors
    /// As [`Service::volume_delete`].
    pub async fn volume_force_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let options = DeleteOptions {
            cascade: false,
            force: true,
        };
        self.volume_delete_as(call, id, options, Action::VolumeAdminForceDelete)
            .await
    }

    async fn volume_delete_as(
        &self,
        call: &Call,
        id: &str,
        options: DeleteOptions,
        action: Action,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[action]).await?;
        self.refuse_frozen(&mut tx, volume.id).await?;
        let (event, snapshot_event) = if options.force {
            (VolumeEvent::ForceDelete, SnapshotEvent::ForceDelete)
        } else {
            (VolumeEvent::Delete, SnapshotEvent::Delete)
        };
        let snapshots = tx.snapshots_of(volume.id).await?;
        let attached = volume.attach_status.as_str() == "attached";
        let snapshots_in_the_way = if options.cascade {
            snapshots.iter().any(|snapshot| {
                snapshot.group_snapshot_id.is_some()
                    || snapshot.status.apply(snapshot_event).is_err()
                    // An admin's snapshot of somebody's volume is not the owner's to delete.
                    || (snapshot.project_id != volume.project_id && !call.is_admin())
            })
        } else {
            !snapshots.is_empty()
        };
        if volume.status.apply(event).is_err() || volume.is_migrating() || attached || snapshots_in_the_way {
            return Err(ServiceError::InvalidVolume(refusal(options)));
        }

        let now = self.clock.now();
        if !volume.is_placed() && snapshots.is_empty() {
            // No worker has anything to do, so it is gone with the reply, as in Cinder (`volume/api.py::delete`).
            unless_lost(tx.volume_delete(volume.id, volume.status, now).await?)?;
            return Ok(tx.commit().await?);
        }
        for snapshot in snapshots {
            self.snapshot_delete_start(&mut tx, call, snapshot, snapshot_event)
                .await?;
        }
        self.volume_abandon_revert(&mut tx, &mut volume).await?;
        tx.volume_mark(volume.id, volume.status, now).await?;
        let before = volume.apply(event, now).map_err(|_illegal| ServiceError::Raced)?;
        volume.target_size = None;
        if before != VolumeStatus::Deleting {
            volume.previous_status = Some(if DELETABLE.contains(&before) {
                before
            } else {
                VolumeStatus::Error
            });
        }
        unless_lost(tx.volume_update(&volume, before).await?)?;
        tx.task_cancel(volume.id.into()).await?;
        tx.task_enqueue(NewTask {
            resource: volume.id.into(),
            source: None,
            operation: Operation::DeleteVolume,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        Ok(self.accept_instead(tx).await?)
    }
}

/// One text for every failed condition, as Cinder has it (`volume/api.py::delete`).
fn refusal(options: DeleteOptions) -> String {
    let statuses = DELETABLE.map(VolumeStatus::as_str).join(" or ");
    let status = if options.force {
        String::new()
    } else {
        format!("status must be {statuses} and")
    };
    format!(
        "Volume {status} must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be \
         disassociated from snapshots after volume transfer."
    )
}
