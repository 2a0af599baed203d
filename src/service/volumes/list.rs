//! `GET /volumes` and `/volumes/detail`.

use std::collections::BTreeMap;

use crate::{
    auth::policy::Action,
    domain::{ListQuery, Page, Scope, Volume, VolumeKey},
    service::{Call, Service, ServiceError},
};

/// All volumes that somebody can see, in three figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeSummary {
    /// How many.
    pub count: i64,
    /// How many GiB together.
    pub size: i64,
    /// Their metadata: each key with its distinct values, in order.
    pub metadata: BTreeMap<String, Vec<String>>,
}

impl Service {
    /// The volumes of a scope in figures.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn volume_summary(&self, call: &Call, scope: &Scope) -> Result<VolumeSummary, ServiceError> {
        call.authorize_own(Action::VolumeList)?;
        let (count, size) = self.store.volume_summary(scope).await?;
        let mut metadata = BTreeMap::<_, Vec<_>>::new();
        for (key, value) in self.store.volume_summary_metadata(scope).await? {
            metadata.entry(key).or_default().push(value);
        }
        Ok(VolumeSummary { count, size, metadata })
    }

    /// One page of volumes.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`] when the marker is none that the caller can see.
    pub async fn volume_list(&self, call: &Call, query: &ListQuery<VolumeKey>) -> Result<Page<Volume>, ServiceError> {
        call.authorize_own(Action::VolumeList)?;
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
