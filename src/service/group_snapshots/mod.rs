//! Snapshots of whole groups (Cinder: `group/api.py`).

pub mod admin;
pub mod create;
pub mod delete;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{GroupSnapshot, GroupSnapshotId, GroupSnapshotKey, ListQuery, Page},
    store::Tx,
};

impl Service {
    /// One group snapshot.
    ///
    /// # Errors
    /// [`ServiceError::GroupSnapshotNotFound`] also for other projects', [`ServiceError::Forbidden`].
    pub async fn group_snapshot_show(&self, call: &Call, id: &str) -> Result<GroupSnapshot, ServiceError> {
        let found = match id.parse::<GroupSnapshotId>() {
            Ok(id) => self.store.group_snapshot(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let found = found.ok_or_else(|| ServiceError::GroupSnapshotNotFound(id.to_owned()))?;
        call.authorize(Action::GroupSnapshotShow, &found.project_id)?;
        Ok(found)
    }

    /// One page of group snapshots.
    ///
    /// # Errors
    /// [`ServiceError::GroupSnapshotNotFound`] when the marker is none that the caller can see,
    /// [`ServiceError::Forbidden`].
    pub async fn group_snapshot_list(
        &self,
        call: &Call,
        query: &ListQuery<GroupSnapshotKey>,
    ) -> Result<Page<GroupSnapshot>, ServiceError> {
        call.authorize_own(Action::GroupSnapshotList)?;
        let page = self.store.group_snapshot_list(query).await?;
        page.ok_or_else(|| {
            let marker = query
                .marker
                .map(|id| id.as_hyphenated().to_string())
                .unwrap_or_default();
            ServiceError::GroupSnapshotNotFound(marker)
        })
    }

    /// The group snapshot inside a transaction, locked; every change of one begins here, and as in Cinder the
    /// caller must be allowed to see it before anything else.
    pub(in crate::service) async fn group_snapshot_lock(
        &self,
        tx: &mut Tx,
        call: &Call,
        id: &str,
        actions: &[Action],
    ) -> Result<GroupSnapshot, ServiceError> {
        let found = match id.parse::<GroupSnapshotId>() {
            Ok(id) => tx.group_snapshot_lock(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let found = found.ok_or_else(|| ServiceError::GroupSnapshotNotFound(id.to_owned()))?;
        for action in actions {
            call.authorize(*action, &found.project_id)?;
        }
        Ok(found)
    }
}
