//! `/snapshots/{id}/metadata`. Allowed in every status, as in Cinder.

use crate::{
    auth::policy::Action,
    domain::{Metadata, Snapshot},
    service::{Call, Service, ServiceError, unless_lost},
};

impl Service {
    /// All items.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn snapshot_metadata(&self, call: &Call, id: &str) -> Result<Snapshot, ServiceError> {
        self.snapshot_visible(call, id, Action::SnapshotShow).await?;
        self.snapshot_visible(call, id, Action::SnapshotMetadataShow).await
    }

    /// Adds items and replaces those with the same key; answers with the whole.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn snapshot_metadata_merge(
        &self,
        call: &Call,
        id: &str,
        items: Metadata,
    ) -> Result<Metadata, ServiceError> {
        self.snapshot_metadata_change(call, id, |metadata| metadata.extend(items))
            .await
    }

    /// Replaces everything.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn snapshot_metadata_replace(
        &self,
        call: &Call,
        id: &str,
        items: Metadata,
    ) -> Result<Metadata, ServiceError> {
        self.snapshot_metadata_change(call, id, |metadata| *metadata = items)
            .await
    }

    /// Removes one item. Unlike the other changes it leaves `updated_at` alone, as Cinder does.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotMetadataNotFound`] comes before [`ServiceError::Forbidden`], as in Cinder.
    pub async fn snapshot_metadata_delete(&self, call: &Call, id: &str, key: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotMetadataShow];
        let mut snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        if snapshot.metadata.remove(key).is_none() {
            return Err(ServiceError::SnapshotMetadataNotFound {
                id: snapshot.id,
                key: key.to_owned(),
            });
        }
        call.authorize(Action::SnapshotMetadataDelete, &snapshot.project_id)?;
        unless_lost(tx.snapshot_update(&snapshot, snapshot.status).await?)?;
        Ok(tx.commit().await?)
    }

    /// Read, change and write under one lock, so that concurrent writers lose nothing.
    async fn snapshot_metadata_change(
        &self,
        call: &Call,
        id: &str,
        change: impl FnOnce(&mut Metadata),
    ) -> Result<Metadata, ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotMetadataUpdate];
        let mut snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        change(&mut snapshot.metadata);
        snapshot.updated_at = Some(self.clock.now());
        unless_lost(tx.snapshot_update(&snapshot, snapshot.status).await?)?;
        tx.commit().await?;
        Ok(snapshot.metadata)
    }
}
