//! Volume types.

use sqlx::{query_as, query_scalar};

use super::{
    Store, StoreError, Tx,
    dialect::{Statement, read, statement, within},
    rows::TypeRow,
};
use crate::domain::{VolumeType, VolumeTypeId};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, NAME, BY_NAME, LIST];

statement!(SHOW = "SELECT * FROM volume_types WHERE id = $1");
statement!(NAME = "SELECT name FROM volume_types WHERE id = $1");
statement!(BY_NAME = "SELECT * FROM volume_types WHERE name = $1");
// There are few types, and every caller needs them all. Cinder shows the newest first, so that the one which
// every installation begins with is the last.
statement!(LIST = "SELECT * FROM volume_types ORDER BY name = '__DEFAULT__', name");

impl Store {
    /// The type with this id.
    pub async fn volume_type(&self, id: VolumeTypeId) -> Result<Option<VolumeType>, StoreError> {
        let row = read!(self, SHOW, |c, sql| query_as::<_, TypeRow>(sql)
            .bind(id.uuid())
            .fetch_optional(c))?;
        Ok(row.map(Into::into))
    }

    /// The type with this name.
    pub async fn volume_type_by_name(&self, name: &str) -> Result<Option<VolumeType>, StoreError> {
        let row = read!(self, BY_NAME, |c, sql| query_as::<_, TypeRow>(sql)
            .bind(name)
            .fetch_optional(c))?;
        Ok(row.map(Into::into))
    }

    /// All types, by name, and `__DEFAULT__` last.
    pub async fn volume_types(&self) -> Result<Vec<VolumeType>, StoreError> {
        let rows = read!(self, LIST, |c, sql| query_as::<_, TypeRow>(sql).fetch_all(c))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl Tx {
    /// The name of the type of a volume; the foreign key guarantees that there is one.
    pub async fn volume_type_name(&mut self, id: VolumeTypeId) -> Result<String, StoreError> {
        Ok(within!(self, NAME, |c, sql| query_scalar(sql)
            .bind(id.uuid())
            .fetch_one(c))?)
    }
}
