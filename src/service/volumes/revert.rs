//! `revert`: a volume goes back to its latest snapshot.

use crate::{
    auth::policy::Action,
    domain::{Operation, Scope, SnapshotEvent, VolumeEvent},
    service::{Call, Service, ServiceError, unless_lost},
    store::NewTask,
};

impl Service {
    /// Accepts a revert. Volume and snapshot change status in one transaction; Cinder changes the
    /// volume first and leaves it in `reverting` for ever when the snapshot then refuses (gap G1).
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Invalid`] unless it is the latest snapshot and of
    /// the volume's size, [`ServiceError::Forbidden`], [`ServiceError::Conflict`] unless both are
    /// `available`.
    pub async fn volume_revert(&self, call: &Call, id: &str, snapshot_id: Option<&str>) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[]).await?;
        let Some(latest) = tx.snapshot_latest_of(volume.id).await? else {
            return Err(ServiceError::Invalid(format!(
                "Volume {} doesn't have any snapshots.",
                volume.id
            )));
        };
        if snapshot_id != Some(latest.id.to_string().as_str()) {
            return Err(ServiceError::Invalid(format!(
                "Specified snapshot {} is None or not the latest one of volume {}.",
                snapshot_id.unwrap_or("None"),
                volume.id
            )));
        }
        let about = format!(
            "Can't revert volume {} to its latest snapshot {}.",
            volume.id, latest.id
        );
        if volume.size != latest.size {
            return Err(ServiceError::Invalid(format!(
                "{about} The volume size must be equal to the snapshot size."
            )));
        }
        call.authorize(Action::VolumeRevert, &volume.project_id)?;

        let now = self.clock.now();
        let volume_before = volume.apply(VolumeEvent::Revert, now).map_err(|_illegal| {
            ServiceError::Conflict(format!("Invalid volume: {about} Volume's status must be 'available'."))
        })?;
        let not_available = || {
            ServiceError::Conflict(format!(
                "Invalid snapshot: {about} Snapshot's status must be 'available'."
            ))
        };
        let mut snapshot = tx
            .snapshot_lock(&Scope::All, latest.id)
            .await?
            .ok_or_else(not_available)?;
        let snapshot_before = snapshot
            .apply(SnapshotEvent::Restore, now)
            .map_err(|_illegal| not_available())?;

        volume.revert_snapshot_id = Some(snapshot.id);
        unless_lost(tx.volume_update(&volume, volume_before).await?)?;
        unless_lost(tx.snapshot_update(&snapshot, snapshot_before).await?)?;
        tx.task_enqueue(NewTask {
            resource: volume.id.into(),
            source: Some(snapshot.id.into()),
            operation: Operation::RevertVolume,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        Ok(self.accept(tx).await?)
    }
}
