//! Creating, changing and deleting volume types (Cinder: `contrib/types_manage.py`).

use super::{is_default, quota_names};
use crate::{
    auth::policy::Action,
    domain::{Metadata, VolumeType, VolumeTypeId, VolumeTypePatch},
    service::{Call, Service, ServiceError},
};

/// What an admin asks for.
#[derive(Clone, Debug, Default)]
pub struct NewType {
    /// Its name, which nobody else has.
    pub name: String,
    /// Display description.
    pub description: Option<String>,
    /// Whether every project may use it.
    pub is_public: bool,
    /// What it asks of a back end.
    pub extra_specs: Metadata,
}

impl Service {
    /// Creates a type.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::Conflict`] when the name is taken.
    pub async fn type_create(&self, call: &Call, new: NewType) -> Result<VolumeType, ServiceError> {
        call.authorize_own(Action::TypeCreate)?;
        let kind = VolumeType {
            id: VolumeTypeId::new(self.ids.next()),
            name: new.name,
            description: new.description,
            is_public: new.is_public,
            extra_specs: new.extra_specs,
            created_at: Some(self.clock.now()),
        };
        let mut tx = self.store.begin().await?;
        if !tx.volume_type_insert(&kind).await? {
            return Err(exists(&kind.name));
        }
        tx.commit().await?;
        Ok(kind)
    }

    /// Renames or describes a type, or opens or closes it. Its limits follow the name.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::Conflict`] when another
    /// type has the name.
    pub async fn type_update(&self, call: &Call, id: &str, patch: VolumeTypePatch) -> Result<VolumeType, ServiceError> {
        let (mut tx, mut kind) = self.type_lock(call, id, Action::TypeUpdate).await?;
        let before = kind.name.clone();
        if patch.name.as_ref().is_some_and(|name| *name != before) && is_default(self, &kind) {
            // Cinder lets the default type be renamed and then cannot create volumes.
            return Err(ServiceError::Invalid(format!(
                "The volume type {} is a default volume type and cannot be renamed.",
                kind.id
            )));
        }
        kind.name = patch.name.unwrap_or(kind.name);
        kind.description = patch.description.or(kind.description);
        kind.is_public = patch.is_public.unwrap_or(kind.is_public);
        if !tx.volume_type_update(&kind).await? {
            return Err(exists(&kind.name));
        }
        if kind.name != before {
            for (from, to) in quota_names(&before).iter().zip(quota_names(&kind.name)) {
                tx.quota_rename(from, &to).await?;
            }
        }
        tx.commit().await?;
        Ok(kind)
    }

    /// Deletes a type that nothing uses.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::Invalid`] for the default
    /// type and while there are volumes of it.
    pub async fn type_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let (mut tx, kind) = self.type_lock(call, id, Action::TypeDelete).await?;
        if is_default(self, &kind) {
            return Err(ServiceError::Invalid(format!(
                "The volume type {} is a default volume type and cannot be deleted.",
                kind.id
            )));
        }
        if tx.volume_type_users(kind.id).await? > 0 {
            return Err(ServiceError::Invalid("Target volume type is still in use.".to_owned()));
        }
        tx.volume_type_delete(kind.id).await?;
        Ok(tx.commit().await?)
    }
}

fn exists(name: &str) -> ServiceError {
    ServiceError::Conflict(format!("Volume Type {name} already exists."))
}
