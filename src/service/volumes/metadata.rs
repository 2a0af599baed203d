//! `/volumes/{id}/metadata`.

use crate::{
    auth::policy::Action,
    domain::{Metadata, VolumeStatus},
    service::{Call, Service, ServiceError, unless_lost},
    store::Tx,
};

impl Service {
    /// All items.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_metadata(&self, call: &Call, id: &str) -> Result<Metadata, ServiceError> {
        let volume = self.volume_show(call, id).await?;
        call.authorize(Action::VolumeMetadataShow, &volume.project_id)?;
        Ok(volume.metadata)
    }

    /// One item.
    ///
    /// # Errors
    /// As [`Service::volume_metadata`], and [`ServiceError::VolumeMetadataNotFound`].
    pub async fn volume_metadata_item(&self, call: &Call, id: &str, key: &str) -> Result<String, ServiceError> {
        let mut volume = self.volume_show(call, id).await?;
        call.authorize(Action::VolumeMetadataShow, &volume.project_id)?;
        let missing = ServiceError::VolumeMetadataNotFound {
            id: volume.id,
            key: key.to_owned(),
        };
        volume.metadata.remove(key).ok_or(missing)
    }

    /// Adds items and replaces those with the same key; answers with the whole. Cinder asks another rule for
    /// one item than for many, so the caller says which.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`].
    pub async fn volume_metadata_merge(
        &self,
        call: &Call,
        id: &str,
        items: Metadata,
        action: Action,
    ) -> Result<Metadata, ServiceError> {
        let tx = self.store.begin().await?;
        self.volume_metadata_change(tx, call, id, action, |metadata| {
            metadata.extend(items);
        })
        .await
    }

    /// Replaces everything, provided that `unchanged` says yes to what is there now (`If-Match`).
    ///
    /// # Errors
    /// As [`Service::volume_metadata_merge`]. `Ok(None)` when `unchanged` says no.
    pub async fn volume_metadata_replace(
        &self,
        call: &Call,
        id: &str,
        items: Metadata,
        unchanged: impl FnOnce(&Metadata) -> bool,
    ) -> Result<Option<Metadata>, ServiceError> {
        let mut tx = self.store.begin().await?;
        let volume = self
            .volume_lock(&mut tx, call, id, &[Action::VolumeMetadataUpdate])
            .await?;
        if !unchanged(&volume.metadata) {
            return Ok(None);
        }
        let replace = |metadata: &mut Metadata| *metadata = items;
        self.volume_metadata_change(tx, call, id, Action::VolumeMetadataUpdate, replace)
            .await
            .map(Some)
    }

    /// Removes one item.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::VolumeMetadataNotFound`],
    /// [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`].
    pub async fn volume_metadata_delete(&self, call: &Call, id: &str, key: &str) -> Result<(), ServiceError> {
        self.volume_metadata_item(call, id, key).await?;
        let tx = self.store.begin().await?;
        let remove = |metadata: &mut Metadata| {
            metadata.remove(key);
        };
        self.volume_metadata_change(tx, call, id, Action::VolumeMetadataDelete, remove)
            .await
            .map(drop)
    }

    async fn volume_metadata_change(
        &self,
        mut tx: Tx,
        call: &Call,
        id: &str,
        action: Action,
        change: impl FnOnce(&mut Metadata),
    ) -> Result<Metadata, ServiceError> {
        let mut volume = self.volume_lock(&mut tx, call, id, &[action]).await?;
        if matches!(volume.status, VolumeStatus::Maintenance | VolumeStatus::Uploading) {
            return Err(ServiceError::InvalidVolume(format!(
                "Updating volume metadata is not allowed for volumes in {} status.",
                volume.status
            )));
        }
        change(&mut volume.metadata);
        volume.updated_at = Some(self.clock.now());
        unless_lost(tx.volume_update(&volume, volume.status).await?)?;
        tx.commit().await?;
        Ok(volume.metadata)
    }
}
