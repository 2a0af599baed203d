//! Specs of group types (Cinder: `api/v3/group_specs.py`). Unlike those of volume types they may change while
//! the type is in use.

use crate::{
    auth::policy::Action,
    domain::GroupSpecs,
    service::{Call, Service, ServiceError},
};

impl Service {
    /// All specs of a type.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::GroupTypeNotFound`].
    pub async fn group_type_specs(&self, call: &Call, id: &str, action: Action) -> Result<GroupSpecs, ServiceError> {
        call.authorize_own(action)?;
        Ok(self.group_type_show(call, id).await?.specs)
    }

    /// One spec.
    ///
    /// # Errors
    /// As [`Service::group_type_specs`], and [`ServiceError::NotFound`].
    pub async fn group_type_spec(&self, call: &Call, id: &str, key: &str) -> Result<Option<String>, ServiceError> {
        let mut specs = self.group_type_specs(call, id, Action::GroupSpecsShow).await?;
        specs
            .remove(key)
            // Not the text of the failed deletion.
            .ok_or_else(|| ServiceError::NotFound(format!("Group Type {id} has no extra spec with key {key}.")))
    }

    /// Adds specs and replaces those with the same key.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::GroupTypeNotFound`].
    pub async fn group_type_specs_merge(
        &self,
        call: &Call,
        id: &str,
        action: Action,
        specs: GroupSpecs,
    ) -> Result<(), ServiceError> {
        let (mut tx, mut kind) = self.group_type_lock(call, id, action).await?;
        kind.specs.extend(specs);
        tx.group_type_specs_replace(kind.id, &kind.specs).await?;
        Ok(tx.commit().await?)
    }

    /// Removes one spec.
    ///
    /// # Errors
    /// As [`Service::group_type_specs_merge`], and [`ServiceError::NotFound`].
    pub async fn group_type_spec_delete(&self, call: &Call, id: &str, key: &str) -> Result<(), ServiceError> {
        let (mut tx, mut kind) = self.group_type_lock(call, id, Action::GroupSpecsDelete).await?;
        if kind.specs.remove(key).is_none() {
            return Err(ServiceError::NotFound(format!(
                "Group Type {id} has no specs with key {key}."
            )));
        }
        tx.group_type_specs_replace(kind.id, &kind.specs).await?;
        Ok(tx.commit().await?)
    }
}
