//! Quota sets and limits.

use std::collections::HashMap;

use futures_util::future::try_join;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Limits, ProjectId, Usage},
    store::LimitFacts,
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
    pub async fn quota_limits(&self, project: &ProjectId) -> Result<Limits, ServiceError> {
        let LimitFacts { own, class, types } = self.store.quota_limit_facts(project, DEFAULT_CLASS).await?;
        Ok(self.limits_of(&own, &class, types.iter()))
    }

    async fn quota_limits_over(&self, own: &HashMap<String, i64>) -> Result<Limits, ServiceError> {
        let class = self.store.quota_of_class(DEFAULT_CLASS);
        let (class, types) = try_join(class, self.store.volume_type_names()).await?;
        Ok(self.limits_of(own, &class, types.iter().map(|(_id, name)| name)))
    }

    fn limits_of<'t>(
        &self,
        own: &HashMap<String, i64>,
        class: &HashMap<String, i64>,
        types: impl Iterator<Item = &'t String>,
    ) -> Limits {
        Limits::collect(types.map(String::as_str), |name| {
            own.get(name)
                .or_else(|| class.get(name))
                .or_else(|| self.installation.quotas.limits.get(name))
                .copied()
        })
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

    /// Whether the caller may change a project's limits, and whether all these are resources: what Cinder
    /// checks before it looks at the numbers.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::InvalidInput`] for unknown resources.
    pub async fn quota_update_names(
        &self,
        call: &Call,
        project: &ProjectId,
        names: impl Iterator<Item = &String>,
    ) -> Result<(), ServiceError> {
        call.authorize(Action::QuotaUpdate, project)?;
        known(&self.quota_limits(project).await?, names, "quota set")
    }

    /// The same for a class.
    ///
    /// # Errors
    /// As [`Service::quota_update_names`].
    pub async fn quota_class_update_names(
        &self,
        call: &Call,
        names: impl Iterator<Item = &String>,
    ) -> Result<(), ServiceError> {
        call.authorize_own(Action::QuotaClassUpdate)?;
        known(
            &self.quota_limits_over(&HashMap::new()).await?,
            names,
            "quota class set",
        )
    }

    /// Gives a project limits of its own and answers with all its limits.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::InvalidInput`] for unknown resources,
    /// [`ServiceError::Invalid`] for a limit below what is in use, where the project had its own before.
    pub async fn quota_update(
        &self,
        call: &Call,
        project: &ProjectId,
        wanted: &[(String, i64)],
    ) -> Result<Limits, ServiceError> {
        self.quota_update_names(call, project, wanted.iter().map(|(name, _)| name))
            .await?;
        let own = self.store.quota_of_project(project).await?;
        let usage = self.usage(project).await?;
        for (resource, limit) in wanted {
            let used = usage.of(resource);
            if *limit >= 0 && own.contains_key(resource) && used > *limit {
                return Err(ServiceError::Invalid(format!(
                    "Quota {resource} limit must be equal or greater than existing resources. Current usage is {used} \
                     and the requested limit is {limit}."
                )));
            }
        }
        let mut tx = self.store.begin().await?;
        // In one order for everybody, or two requests wait for each other's rows.
        for (resource, limit) in sorted(wanted) {
            tx.quota_set(project, resource, *limit).await?;
        }
        tx.commit().await?;
        self.quota_limits(project).await
    }

    /// Takes a project's own limits away.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn quota_delete(&self, call: &Call, project: &ProjectId) -> Result<(), ServiceError> {
        call.authorize(Action::QuotaDelete, project)?;
        Ok(self.store.quota_clear(project).await?)
    }

    /// The limits of a quota class; those of the class `default` are everybody's defaults.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn quota_class_show(&self, call: &Call, class: &str) -> Result<Limits, ServiceError> {
        call.authorize_own(Action::QuotaClassShow)?;
        let own = self.store.quota_of_class(class).await?;
        self.quota_limits_over(&own).await
    }

    /// Gives a quota class limits and answers with all of them.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::InvalidInput`] for unknown resources.
    pub async fn quota_class_update(
        &self,
        call: &Call,
        class: &str,
        wanted: &[(String, i64)],
    ) -> Result<Limits, ServiceError> {
        self.quota_class_update_names(call, wanted.iter().map(|(name, _)| name))
            .await?;
        let mut tx = self.store.begin().await?;
        for (resource, limit) in sorted(wanted) {
            tx.quota_class_set(class, resource, *limit).await?;
        }
        tx.commit().await?;
        let own = self.store.quota_of_class(class).await?;
        self.quota_limits_over(&own).await
    }

    /// Limits for `GET /limits`, and usage for those who may see it.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn limits(&self, call: &Call, project: &ProjectId) -> Result<(Limits, Option<Usage>), ServiceError> {
        let limits = self.quota_limits(project).await?;
        let visible = call.may(Action::UsedLimits, project);
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

fn known<'n>(limits: &Limits, names: impl Iterator<Item = &'n String>, what: &str) -> Result<(), ServiceError> {
    let unknown: Vec<_> = names.map(String::as_str).filter(|name| !limits.has(name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(ServiceError::InvalidInput(format!(
        "Bad key(s) in {what}: {}",
        unknown.join(",")
    )))
}

fn sorted(wanted: &[(String, i64)]) -> Vec<&(String, i64)> {
    let mut sorted: Vec<_> = wanted.iter().collect();
    sorted.sort();
    sorted
}
