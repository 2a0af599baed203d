//! `PUT /snapshots/{id}`.

use crate::{
    auth::policy::Action,
    domain::{Snapshot, SnapshotPatch},
    service::{Call, Service, ServiceError, unless_lost},
};

impl Service {
    /// Renames or describes a snapshot; allowed in every status.
    ///
    /// The reply carries the new texts but the **old** `updated_at`, as Cinder's does: it answers with
    /// the object as it was loaded plus the changes.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`], [`ServiceError::Forbidden`].
    pub async fn snapshot_update(&self, call: &Call, id: &str, patch: SnapshotPatch) -> Result<Snapshot, ServiceError> {
        let mut tx = self.store.begin().await?;
        let actions = [Action::SnapshotShow, Action::SnapshotUpdate];
        let mut snapshot = self.snapshot_lock(&mut tx, call, id, &actions).await?;
        let shown = snapshot.updated_at;
        if let Some(name) = patch.name {
            snapshot.name = name;
        }
        if let Some(description) = patch.description {
            snapshot.description = description;
        }
        snapshot.updated_at = Some(self.clock.now());
        unless_lost(tx.snapshot_update(&snapshot, snapshot.status).await?)?;
        tx.commit().await?;
        snapshot.updated_at = shown;
        Ok(snapshot)
    }
}
