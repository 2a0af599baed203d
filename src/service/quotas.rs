//! Quota sets and limits.

use std::collections::HashMap;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Limits, ProjectId, Usage},
};

/// Limits of projects and classes that have none of their own.
#[derive(Clone, Debug)]
pub struct QuotaDefaults {
    limits: HashMap<&'static str, i64>,
    snapshots_use_gigabytes: bool,
}

/// The class whose limits change the defaults for everybody.
const DEFAULT_CLASS: &str = "default";

impl QuotaDefaults {
    /// Limits by resource name; those not named are unlimited.
    pub fn new(limits: impl IntoIterator<Item = (&'static str, i64)>, snapshots_use_gigabytes: bool) -> Self {
        Self {
            limits: limits.into_iter().collect(),
            snapshots_use_gigabytes,
        }
    }

    /// Whether a snapshot uses as many gigabytes as its volume.
    pub const fn snapshots_use_gigabytes(&self) -> bool {
        self.snapshots_use_gigabytes
    }
}

impl Service {
    /// The limits of a project: its own, else those of the class `default`, else the configured ones.
    pub(super) async fn quota_limits(&self, project: &ProjectId) -> Result<Limits, ServiceError> {
        let own = self.store.quota_of_project(project).await?;
        self.quota_limits_over(&own).await
    }

    async fn quota_limits_over(&self, own: &HashMap<String, i64>) -> Result<Limits, ServiceError> {
        let class = self.store.quota_of_class(DEFAULT_CLASS).await?;
        let types = self.store.volume_types().await?;
        Ok(Limits::collect(types.iter().map(|kind| kind.name.as_str()), |name| {
            own.get(name)
                .or_else(|| class.get(name))
                .or_else(|| self.installation.quotas.limits.get(name))
                .copied()
        }))
    }

    /// The limits of a project, for `GET /os-quota-sets/{project}`; any project id will do.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn quota_show(&self, call: &Call, project: &ProjectId) -> Result<Limits, ServiceError> {
        call.authorize(Action::QuotaShow, project)?;
        self.quota_limits(project).await
    }

    /// The limits of a project without limits of its own.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn quota_defaults(&self, call: &Call, project: &ProjectId) -> Result<Limits, ServiceError> {
        call.authorize(Action::QuotaShow, project)?;
        self.quota_limits_over(&HashMap::new()).await
    }

    /// Limits and usage of a project.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn quota_usage(&self, call: &Call, project: &ProjectId) -> Result<(Limits, Usage), ServiceError> {
        call.authorize(Action::QuotaShow, project)?;
        Ok((self.quota_limits(project).await?, self.usage(project).await?))
    }

    /// Limits for `GET /limits`, and usage for those who may see it.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn limits(&self, call: &Call, project: &ProjectId) -> Result<(Limits, Option<Usage>), ServiceError> {
        let limits = self.quota_limits(project).await?;
        let visible = call.authorize(Action::UsedLimits, project).is_ok();
        Ok((
            limits,
            if visible {
                Some(self.usage(project).await?)
            } else {
                None
            },
        ))
    }

    async fn usage(&self, project: &ProjectId) -> Result<Usage, ServiceError> {
        Ok(self
            .store
            .quota_usage(project, self.installation.quotas.snapshots_use_gigabytes)
            .await?)
    }
}
