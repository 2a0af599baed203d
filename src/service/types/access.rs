//! Who may use a private volume type (Cinder: `contrib/volume_type_access.py`).

use crate::{
    auth::policy::Action,
    domain::ProjectId,
    service::{Call, Service, ServiceError},
};

impl Service {
    /// The projects that were given access to a private type.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::NotFound`] for a public type.
    pub async fn type_access(&self, call: &Call, id: &str) -> Result<Vec<ProjectId>, ServiceError> {
        call.authorize_own(Action::TypeAccessList)?;
        let kind = self.type_show(call, id).await?;
        if kind.is_public {
            let text = "Access list not available for public volume types.";
            return Err(ServiceError::NotFound(text.to_owned()));
        }
        Ok(self.store.volume_type_projects(kind.id).await?)
    }

    /// Gives a project access.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::Conflict`] when it has it
    /// already, [`ServiceError::Invalid`] for a public type.
    pub async fn type_access_grant(&self, call: &Call, id: &str, project: &str) -> Result<(), ServiceError> {
        let (mut tx, kind) = self.type_lock(call, id, Action::TypeAccessAdd).await?;
        only_private(kind.is_public)?;
        if tx.volume_type_grant(kind.id, &ProjectId::new(project)).await? {
            return Ok(tx.commit().await?);
        }
        Err(ServiceError::Conflict(format!(
            "Volume type access for {id} / {project} combination already exists."
        )))
    }

    /// Takes a project's access away.
    ///
    /// # Errors
    /// As [`Service::type_access_grant`], and [`ServiceError::NotFound`] when it has none.
    pub async fn type_access_revoke(&self, call: &Call, id: &str, project: &str) -> Result<(), ServiceError> {
        let (mut tx, kind) = self.type_lock(call, id, Action::TypeAccessRemove).await?;
        only_private(kind.is_public)?;
        if tx.volume_type_revoke(kind.id, &ProjectId::new(project)).await? {
            return Ok(tx.commit().await?);
        }
        Err(ServiceError::NotFound(format!(
            "Volume type access not found for {id} / {project} combination."
        )))
    }
}

fn only_private(is_public: bool) -> Result<(), ServiceError> {
    if is_public {
        let text = "Invalid volume type: Type access modification is not applicable to public volume type.";
        return Err(ServiceError::Invalid(text.to_owned()));
    }
    Ok(())
}
