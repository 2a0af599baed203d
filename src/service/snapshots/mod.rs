//! Snapshots.

pub mod admin;
pub mod create;
pub mod delete;
pub mod list;
pub mod manage;
pub mod metadata;
pub mod update;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Snapshot, SnapshotId},
    store::Tx,
};

impl Service {
    /// One snapshot.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`] also for other projects' snapshots.
    pub async fn snapshot_show(&self, call: &Call, id: &str) -> Result<Snapshot, ServiceError> {
        self.snapshot_visible(call, id, Action::SnapshotShow).await
    }

    /// The snapshot, if the caller can see it and may do `action` to it.
    async fn snapshot_visible(&self, call: &Call, id: &str, action: Action) -> Result<Snapshot, ServiceError> {
        let snapshot = match id.parse::<SnapshotId>() {
            Ok(id) => self.store.snapshot(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let snapshot = snapshot.ok_or_else(|| ServiceError::SnapshotNotFound(id.to_owned()))?;
        call.authorize(action, &snapshot.project_id)?;
        Ok(snapshot)
    }

    /// The same inside a transaction, with the row locked. Every change of a snapshot begins here, and
    /// as in Cinder the caller must be allowed to see it before anything else.
    pub(in crate::service) async fn snapshot_lock(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: &str,
        actions: &[Action],
    ) -> Result<Snapshot, ServiceError> {
        let snapshot = match id.parse::<SnapshotId>() {
            Ok(id) => tx.snapshot_lock(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let snapshot = snapshot.ok_or_else(|| ServiceError::SnapshotNotFound(id.to_owned()))?;
        for action in actions {
            call.authorize(*action, &snapshot.project_id)?;
        }
        Ok(snapshot)
    }
}
