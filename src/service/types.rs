//! Volume types.

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{VolumeType, VolumeTypeId},
};

impl Service {
    /// All types that the caller can see.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn type_list(&self, call: &Call) -> Result<Vec<VolumeType>, ServiceError> {
        call.authorize(Action::TypeList, &call.caller.project_id)?;
        let mut types = self.store.volume_types().await?;
        types.retain(|kind| kind.is_public || call.caller.is_admin());
        Ok(types)
    }

    /// One type, by id only: Cinder does not look names up here.
    ///
    /// # Errors
    /// [`ServiceError::TypeNotFound`], [`ServiceError::Forbidden`].
    pub async fn type_show(&self, call: &Call, id: &str) -> Result<VolumeType, ServiceError> {
        let kind = match id.parse::<VolumeTypeId>() {
            Ok(id) => self.store.volume_type(id).await?,
            Err(_not_an_id) => None,
        };
        let kind = kind
            .filter(|kind| kind.is_public || call.caller.is_admin())
            .ok_or_else(|| ServiceError::TypeNotFound(id.to_owned()))?;
        call.authorize(Action::TypeShow, &call.caller.project_id)?;
        Ok(kind)
    }

    /// The type of volumes that name none.
    ///
    /// # Errors
    /// [`ServiceError::NoDefaultType`] when the configured one does not exist.
    pub async fn type_default(&self) -> Result<VolumeType, ServiceError> {
        let name = &self.installation.default_volume_type;
        let kind = self.store.volume_type_by_name(name).await?;
        kind.ok_or_else(|| ServiceError::NoDefaultType(name.clone()))
    }

    /// The type with this name or id, for creating a volume.
    ///
    /// # Errors
    /// [`ServiceError::TypeNameNotFound`], or [`ServiceError::TypeNotFound`] for what looks like an id.
    pub(super) async fn type_named(&self, call: &Call, name_or_id: &str) -> Result<VolumeType, ServiceError> {
        let visible = |kind: &VolumeType| kind.is_public || call.caller.is_admin();
        if let Ok(id) = name_or_id.parse::<VolumeTypeId>() {
            let kind = self.store.volume_type(id).await?.filter(visible);
            return kind.ok_or_else(|| ServiceError::TypeNotFound(name_or_id.to_owned()));
        }
        let kind = self.store.volume_type_by_name(name_or_id).await?.filter(visible);
        kind.ok_or_else(|| ServiceError::TypeNameNotFound(name_or_id.to_owned()))
    }

    /// Names of the types, by id, for showing volumes.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn type_names(&self) -> Result<Vec<(VolumeTypeId, String)>, ServiceError> {
        Ok(self
            .store
            .volume_types()
            .await?
            .into_iter()
            .map(|kind| (kind.id, kind.name))
            .collect())
    }
}
