//! `GET /volumes` and `/volumes/detail`.

use crate::{
    auth::policy::Action,
    domain::{ListQuery, Page, Volume, VolumeKey},
    service::{Call, Service, ServiceError},
};

impl Service {
    /// One page of volumes.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`] when the marker is none that the caller can see.
    pub async fn volume_list(&self, call: &Call, query: &ListQuery<VolumeKey>) -> Result<Page<Volume>, ServiceError> {
        call.authorize(Action::VolumeList, &call.caller.project_id)?;
        let page = self.store.volume_list(query).await?;
        page.ok_or_else(|| {
            let marker = query
                .marker
                .map(|id| id.as_hyphenated().to_string())
                .unwrap_or_default();
            ServiceError::VolumeNotFound(marker)
        })
    }
}
