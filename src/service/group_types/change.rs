//! Creating, changing and deleting group types (Cinder: `api/v3/group_types.py`).

use crate::{
    auth::policy::Action,
    domain::{GroupSpecs, GroupType, GroupTypeId, GroupTypePatch},
    service::{Call, Service, ServiceError},
};

/// What an admin asks for.
#[derive(Clone, Debug, Default)]
pub struct NewGroupType {
    /// Its name, which nobody else has.
    pub name: String,
    /// Display description.
    pub description: Option<String>,
    /// Whether everybody may use it.
    pub is_public: bool,
    /// What it asks of a back end.
    pub specs: GroupSpecs,
}

impl Service {
    /// Creates a type.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::Conflict`] when the name is taken.
    pub async fn group_type_create(&self, call: &Call, new: NewGroupType) -> Result<GroupType, ServiceError> {
        call.authorize_own(Action::GroupTypeCreate)?;
        let kind = GroupType {
            id: GroupTypeId::new(self.ids.next()),
            name: new.name,
            description: new.description,
            is_public: new.is_public,
            specs: new.specs,
            created_at: Some(self.clock.now()),
        };
        let mut tx = self.store.begin().await?;
        if !tx.group_type_insert(&kind).await? {
            return Err(exists(&kind.name));
        }
        tx.commit().await?;
        Ok(kind)
    }

    /// Renames or describes a type, or opens or closes it.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::GroupTypeNotFound`], [`ServiceError::Conflict`] when another
    /// type has the name.
    pub async fn group_type_update(
        &self,
        call: &Call,
        id: &str,
        patch: GroupTypePatch,
    ) -> Result<GroupType, ServiceError> {
        let (mut tx, mut kind) = self.group_type_lock(call, id, Action::GroupTypeUpdate).await?;
        kind.name = patch.name.unwrap_or(kind.name);
        kind.description = patch.description.or(kind.description);
        kind.is_public = patch.is_public.unwrap_or(kind.is_public);
        if !tx.group_type_update(&kind).await? {
            return Err(exists(&kind.name));
        }
        tx.commit().await?;
        Ok(kind)
    }

    /// Deletes a type that nothing uses.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::GroupTypeNotFound`], [`ServiceError::Invalid`] while there
    /// are groups of it.
    pub async fn group_type_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let (mut tx, kind) = self.group_type_lock(call, id, Action::GroupTypeDelete).await?;
        if tx.group_type_users(kind.id).await? > 0 {
            // Cinder's exception says it once more, with the other's text inside (`volume/group_types.py::destroy`).
            return Err(ServiceError::Invalid(format!(
                "Target group type is still in use. Group Type {} deletion is not allowed with groups present with \
                 the type.",
                kind.id
            )));
        }
        tx.group_type_delete(kind.id).await?;
        Ok(tx.commit().await?)
    }
}

fn exists(name: &str) -> ServiceError {
    ServiceError::Conflict(format!("Group Type {name} already exists."))
}
