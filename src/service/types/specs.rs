//! Extra specs of volume types (Cinder: `contrib/types_extra_specs.py`).

use crate::{
    auth::policy::Action,
    domain::Metadata,
    service::{Call, Service, ServiceError},
};

impl Service {
    /// The specs that the caller may see.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`].
    pub async fn type_specs(&self, call: &Call, id: &str, action: Action) -> Result<Metadata, ServiceError> {
        call.authorize_own(action)?;
        Ok(self.type_show(call, id).await?.extra_specs)
    }

    /// One spec.
    ///
    /// # Errors
    /// As [`Service::type_specs`], and [`ServiceError::NotFound`].
    pub async fn type_spec(&self, call: &Call, id: &str, key: &str) -> Result<String, ServiceError> {
        let mut specs = self.type_specs(call, id, Action::TypeSpecsShow).await?;
        specs.remove(key).ok_or_else(|| no_spec(id, key))
    }

    /// Adds specs and replaces those with the same key.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::Invalid`] while there are
    /// volumes of the type.
    pub async fn type_specs_merge(
        &self,
        call: &Call,
        id: &str,
        action: Action,
        specs: Metadata,
    ) -> Result<(), ServiceError> {
        self.type_specs_change(call, id, action, |all| {
            all.extend(specs);
            Ok(())
        })
        .await
    }

    /// Removes one spec.
    ///
    /// # Errors
    /// As [`Service::type_specs_merge`], and [`ServiceError::NotFound`].
    pub async fn type_spec_delete(&self, call: &Call, id: &str, key: &str) -> Result<(), ServiceError> {
        self.type_specs_change(call, id, Action::TypeSpecsDelete, |all| {
            all.remove(key).map(drop).ok_or_else(|| no_spec(id, key))
        })
        .await
    }

    async fn type_specs_change(
        &self,
        call: &Call,
        id: &str,
        action: Action,
        change: impl FnOnce(&mut Metadata) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let (mut tx, mut kind) = self.type_lock(call, id, action).await?;
        // Cinder's `allow_inuse_volume_type_modification`, which is off there unless somebody sets it.
        if tx.volume_type_users(kind.id).await? > 0 {
            return Err(ServiceError::Invalid("Volume Type is currently in use.".to_owned()));
        }
        change(&mut kind.extra_specs)?;
        tx.volume_type_specs_replace(kind.id, &kind.extra_specs).await?;
        Ok(tx.commit().await?)
    }
}

/// A spec that the type does not have.
fn no_spec(id: &str, key: &str) -> ServiceError {
    ServiceError::NotFound(format!("Volume Type {id} has no extra specs with key {key}."))
}
