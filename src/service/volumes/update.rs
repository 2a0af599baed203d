//! `PUT /volumes/{id}`.

use crate::{
    auth::policy::Action,
    domain::{Volume, VolumePatch},
    service::{Call, Service, ServiceError, unless_lost},
};

impl Service {
    /// Renames or describes a volume, or replaces its metadata.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_update(&self, call: &Call, id: &str, patch: VolumePatch) -> Result<Volume, ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[Action::VolumeUpdate]).await?;
        // As with snapshots, the reply shows the time of the change before this one.
        let shown = volume.updated_at;
        if let Some(name) = patch.name {
            volume.name = name;
        }
        if let Some(description) = patch.description {
            volume.description = description;
        }
        if let Some(metadata) = patch.metadata {
            volume.metadata = metadata;
        }
        volume.updated_at = Some(self.clock.now());
        unless_lost(tx.volume_update(&volume, volume.status).await?)?;
        tx.commit().await?;
        volume.updated_at = shown;
        Ok(volume)
    }
}
