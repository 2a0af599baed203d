//! Which storage belongs to this database.

use sqlx::{query, query_scalar};

use super::{
    Store, StoreError,
    dialect::{Statement, execute_one, read, statement},
};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, SET, ANY_VOLUME];

statement!(SHOW = "SELECT storage_id FROM backends WHERE host = $1");
statement!(
    SET = "INSERT INTO backends (host, storage_id) VALUES ($1, $2)
           ON CONFLICT (host) DO UPDATE SET storage_id = excluded.storage_id"
);
statement!(ANY_VOLUME = "SELECT count(*) FROM (SELECT 1 FROM volumes LIMIT 1) AS first");

impl Store {
    /// The id of the storage that a host's volumes are in; `None` before its first start, and as long as
    /// there is no volume that another storage could lack.
    pub async fn storage_of(&self, host: &str) -> Result<Option<String>, StoreError> {
        let volumes: i64 = read!(self, ANY_VOLUME, |c, sql| query_scalar(sql).fetch_one(c))?;
        if volumes == 0 {
            return Ok(None);
        }
        Ok(read!(self, SHOW, |c, sql| query_scalar(sql)
            .bind(host)
            .fetch_optional(c))?)
    }

    /// Remembers the id of a host's storage.
    pub async fn storage_set(&self, host: &str, storage: &str) -> Result<(), StoreError> {
        execute_one!(self, SET, |sql| query(sql).bind(host).bind(storage))?;
        Ok(())
    }
}
