//! How the volumes of a type are to be encrypted. A type has at most one row, and the row goes with it.

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    rows::{TypeEncryptionRow, encryption_columns},
};
use crate::domain::{TypeEncryption, VolumeTypeId};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, INSERT, UPDATE, DELETE];

statement!(
    SHOW = "SELECT ",
    encryption_columns!(),
    " FROM volume_type_encryption WHERE volume_type_id = $1"
);
statement!(
    INSERT = "INSERT INTO volume_type_encryption (volume_type_id, id, provider, control_location, cipher, key_size,
                  created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
              ON CONFLICT (volume_type_id) DO NOTHING"
);
statement!(
    UPDATE = "UPDATE volume_type_encryption
                 SET provider = $2, control_location = $3, cipher = $4, key_size = $5, updated_at = $6
               WHERE volume_type_id = $1"
);
statement!(DELETE = "DELETE FROM volume_type_encryption WHERE volume_type_id = $1");

impl Store {
    /// What a type says about encryption.
    pub async fn type_encryption(&self, id: VolumeTypeId) -> Result<Option<TypeEncryption>, StoreError> {
        let row = self.optional::<TypeEncryptionRow>(SHOW.bind(id.uuid())).await?;
        row.map(TypeEncryptionRow::into_encryption).transpose()
    }
}

impl Tx {
    /// What a type says about encryption. It stays so until the end of the transaction if the caller holds
    /// the type.
    pub async fn type_encryption(&mut self, id: VolumeTypeId) -> Result<Option<TypeEncryption>, StoreError> {
        let row = self.open.optional::<TypeEncryptionRow>(SHOW.bind(id.uuid())).await?;
        row.map(TypeEncryptionRow::into_encryption).transpose()
    }

    /// Says how a type's volumes are to be encrypted. False when the type says it already.
    pub async fn type_encryption_insert(&mut self, id: VolumeTypeId, new: &TypeEncryption) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                INSERT
                    .bind(id.uuid())
                    .bind(new.id.uuid())
                    .bind(new.provider.as_str())
                    .bind(new.control_location.as_str())
                    .bind(new.cipher.as_deref())
                    .bind(new.key_size)
                    .bind(new.created_at)
                    .bind(new.updated_at),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Writes all that can change. False when the type says nothing about encryption.
    pub async fn type_encryption_update(
        &mut self,
        id: VolumeTypeId,
        changed: &TypeEncryption,
    ) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                UPDATE
                    .bind(id.uuid())
                    .bind(changed.provider.as_str())
                    .bind(changed.control_location.as_str())
                    .bind(changed.cipher.as_deref())
                    .bind(changed.key_size)
                    .bind(changed.updated_at),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Lets a type say nothing about encryption. False when it says nothing already.
    pub async fn type_encryption_delete(&mut self, id: VolumeTypeId) -> Result<bool, StoreError> {
        Ok(self.open.execute(DELETE.bind(id.uuid())).await? == 1)
    }
}
