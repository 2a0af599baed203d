//! Which storage belongs to this database, and under which name.

use super::{
    Store, StoreError,
    engine::{Statement, statement},
};
use crate::domain::BackendHost;

pub(super) const STATEMENTS: &[Statement] = &[SHOW, NAME, NAMES, SET, FORGET, ANY_VOLUME];

statement!(SHOW = "SELECT storage_id FROM backends WHERE host = $1");
statement!(NAME = "SELECT host FROM backends WHERE storage_id = $1 ORDER BY host LIMIT 1");
statement!(NAMES = "SELECT host FROM backends ORDER BY host");
statement!(
    SET = "INSERT INTO backends (host, storage_id) VALUES ($1, $2)
           ON CONFLICT (host) DO UPDATE SET storage_id = excluded.storage_id"
);
statement!(
    FORGET = "DELETE FROM backends
               WHERE host = $1 AND NOT EXISTS (SELECT 1 FROM volumes WHERE volumes.host = backends.host)"
);
statement!(ANY_VOLUME = "SELECT count(*) FROM (SELECT 1 FROM volumes WHERE host = $1 LIMIT 1) AS first");

impl Store {
    /// The id of the storage that a host's volumes are in; `None` before its first start, and as long as
    /// there is no volume that another storage could lack.
    pub async fn storage_of(&self, host: &BackendHost) -> Result<Option<String>, StoreError> {
        if !self.has_volumes_on(host).await? {
            return Ok(None);
        }
        self.storage_registered(host).await
    }

    /// The name under which a storage is known.
    pub async fn storage_name(&self, storage: &str) -> Result<Option<BackendHost>, StoreError> {
        let name: Option<String> = self.optional(NAME.bind(storage)).await?;
        Ok(name.map(BackendHost::stored))
    }

    /// The names of all storages.
    pub async fn storage_names(&self) -> Result<Vec<BackendHost>, StoreError> {
        let names: Vec<String> = self.all(NAMES.query()).await?;
        Ok(names.into_iter().map(BackendHost::stored).collect())
    }

    /// Whether a volume is there.
    pub async fn has_volumes_on(&self, host: &BackendHost) -> Result<bool, StoreError> {
        let volumes: i64 = self.one(ANY_VOLUME.bind(host.as_str())).await?;
        Ok(volumes > 0)
    }

    /// The id of the storage that has the name, whether or not there are volumes.
    pub async fn storage_registered(&self, host: &BackendHost) -> Result<Option<String>, StoreError> {
        self.optional(SHOW.bind(host.as_str())).await
    }

    /// Remembers the id of a host's storage.
    pub async fn storage_set(&self, host: &BackendHost, storage: &str) -> Result<(), StoreError> {
        self.execute(SET.bind(host.as_str()).bind(storage)).await?;
        Ok(())
    }

    /// Forgets the name of a storage, unless there are volumes under it. False if there are.
    pub async fn storage_forget(&self, host: &BackendHost) -> Result<bool, StoreError> {
        let rows = self.execute(FORGET.bind(host.as_str())).await?;
        Ok(rows == 1)
    }
}
