//! `os-reset_status` on volumes.

use crate::{
    auth::policy::Action,
    domain::{AttachStatus, VolumeEvent, VolumeStatus},
    service::{Call, Service, ServiceError, unless_lost},
};

/// What an admin says about a volume; at least one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeReset {
    /// The status.
    pub status: Option<VolumeStatus>,
    /// Whether it is attached.
    pub attach_status: Option<AttachStatus>,
    /// The migration status; `none` clears it.
    pub migration_status: Option<String>,
}

impl Service {
    /// Sets what an admin says. A new status cancels the work that is under way and starts none.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_reset_status(&self, call: &Call, id: &str, reset: VolumeReset) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self
            .volume_lock(&mut tx, call, id, &[Action::VolumeResetStatus])
            .await?;
        let before = volume.status;
        if let Some(status) = reset.status {
            volume
                .apply(VolumeEvent::Reset(status), self.clock.now())
                .map_err(|_illegal| ServiceError::Raced)?;
            volume.previous_status = None;
            volume.target_size = None;
            self.volume_abandon_revert(&mut tx, &mut volume).await?;
            tx.task_cancel(volume.id.into()).await?;
        }
        if let Some(attach_status) = reset.attach_status {
            volume.attach_status = attach_status;
            if attach_status == AttachStatus::Detached {
                volume.attachment = None;
                tx.attachment_replace(volume.id, None).await?;
            }
        }
        if let Some(migration_status) = reset.migration_status {
            volume.migration_status = (migration_status != "none").then_some(migration_status);
        }
        volume.updated_at = Some(self.clock.now());
        unless_lost(tx.volume_update(&volume, before).await?)?;
        tx.commit().await?;
        self.wakeup.recall();
        tracing::info!(volume = %volume.id, %before, after = %volume.status, user = %call.caller.user_id, "status reset");
        Ok(())
    }
}
