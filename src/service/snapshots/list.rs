//! `GET /snapshots` and `/snapshots/detail`.

use crate::{
    auth::policy::Action,
    domain::{ListQuery, Page, Snapshot, SnapshotKey},
    service::{Call, Service, ServiceError},
};

impl Service {
    /// One page of snapshots.
    ///
    /// # Errors
    /// [`ServiceError::SnapshotNotFound`] when the marker is none that the caller can see.
    pub async fn snapshot_list(
        &self,
        call: &Call,
        query: &ListQuery<SnapshotKey>,
    ) -> Result<Page<Snapshot>, ServiceError> {
        call.authorize_own(Action::SnapshotList)?;
        let page = self.store.snapshot_list(query).await?;
        page.ok_or_else(|| {
            let marker = query
                .marker
                .map(|id| id.as_hyphenated().to_string())
                .unwrap_or_default();
            ServiceError::SnapshotNotFound(marker)
        })
    }
}
