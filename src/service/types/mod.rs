//! Volume types.

mod access;
mod change;
pub(super) mod encryption;
mod specs;

pub use self::{change::NewType, encryption::NewTypeEncryption};
use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{Scope, VolumeType, VolumeTypeId},
    store::Tx,
};

/// Specs that everybody may see; the others tell about the back end
/// (Cinder: `policies/type_extra_specs.py::READ_SENSITIVE`).
const PUBLIC_SPECS: [&str; 3] = ["RESKEY:availability_zones", "multiattach", "replication_enabled"];

impl Service {
    /// All types that the caller can see, with the specs that the caller may see.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub async fn type_list(&self, call: &Call) -> Result<Vec<VolumeType>, ServiceError> {
        call.authorize_own(Action::TypeList)?;
        let mut types = self.store.volume_types(&call.scope()).await?;
        for kind in &mut types {
            hide_specs(call, kind);
        }
        Ok(types)
    }

    /// One type, by id only: Cinder does not look names up here.
    ///
    /// # Errors
    /// [`ServiceError::TypeNotFound`], [`ServiceError::Forbidden`].
    pub async fn type_show(&self, call: &Call, id: &str) -> Result<VolumeType, ServiceError> {
        let mut kind = self.type_of_id(call, id).await?;
        call.authorize_own(Action::TypeShow)?;
        hide_specs(call, &mut kind);
        Ok(kind)
    }

    /// The type of volumes that name none.
    ///
    /// # Errors
    /// [`ServiceError::NoDefaultType`] when the configured one does not exist, [`ServiceError::Forbidden`].
    pub async fn type_default(&self, call: &Call) -> Result<VolumeType, ServiceError> {
        let mut kind = self.default_type().await?;
        call.authorize_own(Action::TypeShow)?;
        hide_specs(call, &mut kind);
        Ok(kind)
    }

    /// The same with all its specs.
    ///
    /// # Errors
    /// [`ServiceError::NoDefaultType`].
    pub(super) async fn default_type(&self) -> Result<VolumeType, ServiceError> {
        let name = &self.installation.default_volume_type;
        let kind = self.store.volume_type_by_name(&Scope::All, name).await?;
        kind.ok_or_else(|| ServiceError::NoDefaultType(name.clone()))
    }

    /// The type with this name or id, for creating a volume.
    ///
    /// # Errors
    /// [`ServiceError::TypeNameNotFound`], or [`ServiceError::TypeNotFound`] for what looks like an id.
    pub(super) async fn type_named(&self, call: &Call, name_or_id: &str) -> Result<VolumeType, ServiceError> {
        if name_or_id.parse::<VolumeTypeId>().is_ok() {
            return self.type_of_id(call, name_or_id).await;
        }
        let kind = self.store.volume_type_by_name(&call.scope(), name_or_id).await?;
        kind.ok_or_else(|| ServiceError::TypeNameNotFound(name_or_id.to_owned()))
    }

    /// Names of the types, by id, for showing volumes.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn type_names(&self) -> Result<Vec<(VolumeTypeId, String)>, ServiceError> {
        Ok(self.store.volume_type_names().await?)
    }

    async fn type_of_id(&self, call: &Call, id: &str) -> Result<VolumeType, ServiceError> {
        let kind = match id.parse::<VolumeTypeId>() {
            Ok(id) => self.store.volume_type(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        kind.ok_or_else(|| ServiceError::TypeNotFound(id.to_owned()))
    }

    /// The type inside a transaction, locked; every change of a type begins here. The policy comes first.
    async fn type_lock(&self, call: &Call, id: &str, action: Action) -> Result<(Tx, VolumeType), ServiceError> {
        call.authorize_own(action)?;
        // A policy file may let others than admins change types, but only those that they see.
        self.type_of_id(call, id).await?;
        let mut tx = self.store.begin().await?;
        let kind = match id.parse::<VolumeTypeId>() {
            Ok(id) => tx.volume_type_lock(id).await?,
            Err(_not_an_id) => None,
        };
        Ok((tx, kind.ok_or_else(|| ServiceError::TypeNotFound(id.to_owned()))?))
    }
}

fn hide_specs(call: &Call, kind: &mut VolumeType) {
    if !call.may(Action::TypeSpecsSensitive, call.caller.project()) {
        kind.extra_specs
            .retain(|key, _value| PUBLIC_SPECS.contains(&key.as_str()));
    }
}

/// A project's name for the quota of a type.
fn quota_names(type_name: &str) -> [String; 3] {
    ["volumes", "gigabytes", "snapshots"].map(|kind| format!("{kind}_{type_name}"))
}

/// The default type is that of volumes that name none, so it stays.
fn is_default(service: &Service, kind: &VolumeType) -> bool {
    kind.name == service.installation.default_volume_type
}
