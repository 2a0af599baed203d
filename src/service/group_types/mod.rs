//! Group types.

mod change;
mod specs;

pub use self::change::NewGroupType;
use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{GroupType, GroupTypeId},
    store::Tx,
};

impl Service {
    /// All types that the caller can see. Cinder has no rule for that, nor for [`Service::group_type_show`].
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn group_type_list(&self, call: &Call) -> Result<Vec<GroupType>, ServiceError> {
        Ok(self.store.group_types(&call.scope()).await?)
    }

    /// One type, by id.
    ///
    /// # Errors
    /// [`ServiceError::GroupTypeNotFound`].
    pub async fn group_type_show(&self, call: &Call, id: &str) -> Result<GroupType, ServiceError> {
        let kind = match id.parse::<GroupTypeId>() {
            Ok(id) => self.store.group_type(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        kind.ok_or_else(|| ServiceError::GroupTypeNotFound(id.to_owned()))
    }

    /// The type with this name or id, for creating a group: what looks like an id may also be a name.
    ///
    /// # Errors
    /// [`ServiceError::GroupTypeNameNotFound`], or [`ServiceError::GroupTypeNotFound`] for what looks like an id.
    pub(super) async fn group_type_named(&self, call: &Call, name_or_id: &str) -> Result<GroupType, ServiceError> {
        let missing = match self.group_type_show(call, name_or_id).await {
            Err(ServiceError::GroupTypeNotFound(id)) if id.parse::<GroupTypeId>().is_ok() => {
                ServiceError::GroupTypeNotFound(id)
            }
            Err(ServiceError::GroupTypeNotFound(name)) => ServiceError::GroupTypeNameNotFound(name),
            other => return other,
        };
        let kind = self.store.group_type_by_name(&call.scope(), name_or_id).await?;
        kind.ok_or(missing)
    }

    /// The type inside a transaction, locked; every change of a type begins here. The policy comes first.
    async fn group_type_lock(&self, call: &Call, id: &str, action: Action) -> Result<(Tx, GroupType), ServiceError> {
        call.authorize_own(action)?;
        // A policy file may let others than admins change types, but only those that they see.
        let seen = self.group_type_show(call, id).await?;
        let mut tx = self.store.begin().await?;
        let kind = tx.group_type_lock(seen.id).await?;
        Ok((tx, kind.ok_or_else(|| ServiceError::GroupTypeNotFound(id.to_owned()))?))
    }
}
