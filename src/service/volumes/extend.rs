//! `os-extend`.

use crate::{
    auth::policy::Action,
    domain::{Gib, Operation, QuotaRequest, VolumeEvent, VolumeStatus},
    service::{Call, Service, ServiceError, unless_lost},
    store::NewTask,
};

impl Service {
    /// Accepts the growth of a volume. The new size counts against the quota from now on.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidInput`] when
    /// it would not grow, [`ServiceError::InvalidVolume`], [`ServiceError::QuotaExceeded`].
    pub async fn volume_extend(
        &self,
        call: &Call,
        id: &str,
        size: Gib,
        allow_in_use: bool,
    ) -> Result<(), ServiceError> {
        // Everything that does not need the lock is read before it is taken.
        let limits = self.quota_limits(&self.volume_show(call, id).await?.project_id).await?;
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[]).await?;
        let attached = allow_in_use && volume.status == VolumeStatus::InUse;
        let action = if attached {
            Action::VolumeExtendAttached
        } else {
            Action::VolumeExtend
        };
        call.authorize(action, &volume.project_id)?;
        if size <= volume.size {
            return Err(ServiceError::InvalidInput(format!(
                "New size for extend must be greater than current size. (current: {}, extended: {size}).",
                volume.size
            )));
        }
        if volume.status != VolumeStatus::Available && !attached {
            return Err(ServiceError::InvalidVolume(format!(
                "Volume {} status must be '{{'status': 'available'}}' to extend, currently {}.",
                volume.id, volume.status
            )));
        }
        limits.admit_size(size)?;
        let type_name = tx.volume_type_name(volume.volume_type_id).await?;
        let snapshot_gigabytes = self.installation.quotas.snapshots_use_gigabytes();
        let usage = tx.quota_usage_lock(&volume.project_id, snapshot_gigabytes).await?;
        let growth = i64::from(size.get()) - i64::from(volume.size.get());
        QuotaRequest {
            type_name,
            volumes: 0,
            snapshots: 0,
            gigabytes: growth,
        }
        .admit(&limits, &usage)?;

        let now = self.clock.now();
        let before = volume
            .apply(VolumeEvent::Extend, now)
            .map_err(|_illegal| ServiceError::Raced)?;
        volume.previous_status = Some(before);
        volume.target_size = Some(size);
        unless_lost(tx.volume_update(&volume, before).await?)?;
        tx.task_enqueue(NewTask {
            resource: volume.id.into(),
            source: None,
            operation: Operation::ExtendVolume,
            argument: None,
            now,
            request_id: &call.request_id,
        })
        .await?;
        Ok(self.accept(tx).await?)
    }
}
