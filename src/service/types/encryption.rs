//! What a volume type says about encryption (Cinder: `contrib/volume_type_encryption.py`). It is data of
//! the type: nothing encrypts here, so no volume may be of a type that says something.

use crate::{
    auth::policy::Action,
    domain::{ControlLocation, TypeEncryption, TypeEncryptionId, TypeEncryptionPatch, VolumeTypeId},
    service::{Call, Service, ServiceError},
    store::Tx,
};

/// What an admin asks for.
#[derive(Clone, Debug)]
pub struct NewTypeEncryption {
    /// What encrypts.
    pub provider: String,
    /// Where.
    pub control_location: ControlLocation,
    /// Algorithm and mode.
    pub cipher: Option<String>,
    /// Length of the key in bits.
    pub key_size: Option<i32>,
}

impl Service {
    /// What the type says, if it says anything.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`].
    pub async fn type_encryption(&self, call: &Call, id: &str) -> Result<Option<TypeEncryption>, ServiceError> {
        call.authorize_own(Action::TypeEncryptionShow)?;
        let kind = self.type_of_id(call, id).await?;
        Ok(self.store.type_encryption(kind.id).await?)
    }

    /// Says how the volumes of a type are to be encrypted, while there are none.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::Invalid`] while there are
    /// volumes of the type, and when it says something already.
    pub async fn type_encryption_create(
        &self,
        call: &Call,
        id: &str,
        new: NewTypeEncryption,
    ) -> Result<TypeEncryption, ServiceError> {
        let (mut tx, kind) = self.type_lock(call, id, Action::TypeEncryptionCreate).await?;
        refuse_in_use(&mut tx, kind.id, "create").await?;
        let encryption = TypeEncryption {
            id: TypeEncryptionId::new(self.ids.next()),
            provider: new.provider,
            control_location: new.control_location,
            cipher: new.cipher,
            key_size: new.key_size,
            created_at: self.clock.now(),
            updated_at: None,
        };
        if !tx.type_encryption_insert(kind.id, &encryption).await? {
            return Err(ServiceError::Invalid(format!(
                "Volume type encryption for type {id} already exists."
            )));
        }
        tx.commit().await?;
        Ok(encryption)
    }

    /// Changes what the type says. Cinder looks at the type only, whatever the id of the encryption.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeNotFound`], [`ServiceError::TypeEncryptionNotFound`],
    /// [`ServiceError::Invalid`] while there are volumes of the type.
    pub async fn type_encryption_update(
        &self,
        call: &Call,
        id: &str,
        patch: TypeEncryptionPatch,
    ) -> Result<(), ServiceError> {
        let (mut tx, kind) = self.type_lock(call, id, Action::TypeEncryptionUpdate).await?;
        refuse_in_use(&mut tx, kind.id, "update").await?;
        let missing = || ServiceError::TypeEncryptionNotFound(id.to_owned());
        let mut encryption = tx.type_encryption(kind.id).await?.ok_or_else(missing)?;
        encryption.patch(patch, self.clock.now());
        if !tx.type_encryption_update(kind.id, &encryption).await? {
            return Err(missing());
        }
        Ok(tx.commit().await?)
    }

    /// Lets the type say nothing any more. Cinder does not look for the type by itself here, so one that does
    /// not exist is one that says nothing.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`], [`ServiceError::TypeEncryptionNotFound`], [`ServiceError::Invalid`] while
    /// there are volumes of the type.
    pub async fn type_encryption_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let missing = || ServiceError::TypeEncryptionNotFound(id.to_owned());
        let locked = self.type_lock(call, id, Action::TypeEncryptionDelete).await;
        let (mut tx, kind) = locked.map_err(|error| {
            if matches!(error, ServiceError::TypeNotFound(_)) {
                missing()
            } else {
                error
            }
        })?;
        refuse_in_use(&mut tx, kind.id, "delete").await?;
        if !tx.type_encryption_delete(kind.id).await? {
            return Err(missing());
        }
        Ok(tx.commit().await?)
    }
}

/// Keeps a new volume out of a type that says it encrypts, until the end of the transaction: its bytes would
/// lie there as they are. Cinder asks its key manager at this point (`flows/api/create_volume.py`); without
/// one it ends with the same words, up to the colon.
///
/// # Errors
/// [`ServiceError::Invalid`], [`ServiceError::TypeNotFound`] when the type has just gone.
pub(in crate::service) async fn refuse_encrypted(tx: &mut Tx, id: VolumeTypeId) -> Result<(), ServiceError> {
    if !tx.volume_type_hold(id).await? {
        return Err(ServiceError::TypeNotFound(id.to_string()));
    }
    match tx.type_encryption(id).await? {
        None => Ok(()),
        Some(encryption) if !encryption.names_an_algorithm() => {
            Err(ServiceError::Invalid("Invalid encryption spec".to_owned()))
        }
        Some(_encryption) => Err(ServiceError::Invalid(format!(
            "Key manager error: volumes of type {id} are to be encrypted, and this service has no key manager."
        ))),
    }
}

async fn refuse_in_use(tx: &mut Tx, id: VolumeTypeId, verb: &str) -> Result<(), ServiceError> {
    if tx.volume_type_users(id).await? > 0 {
        return Err(ServiceError::Invalid(format!(
            "Cannot {verb} encryption specs. Volume type in use."
        )));
    }
    Ok(())
}
