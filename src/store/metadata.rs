//! Metadata of snapshots and volumes: two tables of the same shape.

use std::collections::HashMap;

use sea_query::{Alias, Expr, ExprTrait, Query};
use sqlx::{query, query_as};
use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    columns::Owner,
    dialect::{Statement, execute, read, statement, within},
    list,
};
use crate::domain::Metadata;

pub(super) const STATEMENTS: &[Statement] = &[SNAPSHOT, SNAPSHOT_CLEAR, SNAPSHOT_ADD, VOLUME, VOLUME_CLEAR, VOLUME_ADD];

statement!(SNAPSHOT = "SELECT key, value FROM snapshot_metadata WHERE snapshot_id = $1");
statement!(SNAPSHOT_CLEAR = "DELETE FROM snapshot_metadata WHERE snapshot_id = $1");
statement!(SNAPSHOT_ADD = "INSERT INTO snapshot_metadata (snapshot_id, key, value) VALUES ($1, $2, $3)");
statement!(VOLUME = "SELECT key, value FROM volume_metadata WHERE volume_id = $1");
statement!(VOLUME_CLEAR = "DELETE FROM volume_metadata WHERE volume_id = $1");
statement!(VOLUME_ADD = "INSERT INTO volume_metadata (volume_id, key, value) VALUES ($1, $2, $3)");

const fn show(owner: Owner) -> Statement {
    match owner {
        Owner::Snapshot => SNAPSHOT,
        Owner::Volume => VOLUME,
    }
}

const fn clear(owner: Owner) -> Statement {
    match owner {
        Owner::Snapshot => SNAPSHOT_CLEAR,
        Owner::Volume => VOLUME_CLEAR,
    }
}

const fn add(owner: Owner) -> Statement {
    match owner {
        Owner::Snapshot => SNAPSHOT_ADD,
        Owner::Volume => VOLUME_ADD,
    }
}

impl Store {
    pub(super) async fn metadata(&self, owner: Owner, id: Uuid) -> Result<Metadata, StoreError> {
        let pairs = read!(self, show(owner), |c, sql| query_as::<_, (String, String)>(sql)
            .bind(id)
            .fetch_all(c))?;
        Ok(pairs.into_iter().collect())
    }

    /// The metadata of all rows of a page, in one query.
    pub(super) async fn metadata_of(&self, owner: Owner, ids: &[Uuid]) -> Result<HashMap<Uuid, Metadata>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let (table, column) = owner.table();
        let select = Query::select()
            .columns([Alias::new(column), Alias::new("key"), Alias::new("value")])
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(column)).is_in(ids.iter().copied()))
            .to_owned();
        let mut all: HashMap<Uuid, Metadata> = HashMap::with_capacity(ids.len());
        for (id, key, value) in list::fetch::<(Uuid, String, String)>(self, &select).await? {
            all.entry(id).or_default().insert(key, value);
        }
        Ok(all)
    }
}

impl Tx {
    pub(super) async fn metadata(&mut self, owner: Owner, id: Uuid) -> Result<Metadata, StoreError> {
        let pairs = within!(self, show(owner), |c, sql| query_as::<_, (String, String)>(sql)
            .bind(id)
            .fetch_all(c))?;
        Ok(pairs.into_iter().collect())
    }

    pub(super) async fn metadata_replace(
        &mut self,
        owner: Owner,
        id: Uuid,
        metadata: &Metadata,
    ) -> Result<(), StoreError> {
        execute!(self, clear(owner), |sql| query(sql).bind(id))?;
        for (key, value) in metadata {
            execute!(self, add(owner), |sql| query(sql)
                .bind(id)
                .bind(key.as_str())
                .bind(value.as_str()))?;
        }
        Ok(())
    }

    /// Replaces a snapshot's metadata. The caller holds the snapshot's lock.
    pub async fn snapshot_metadata_replace(
        &mut self,
        id: crate::domain::SnapshotId,
        metadata: &Metadata,
    ) -> Result<(), StoreError> {
        self.metadata_replace(Owner::Snapshot, id.uuid(), metadata).await
    }

    /// Replaces a volume's metadata. The caller holds the volume's lock.
    pub async fn volume_metadata_replace(
        &mut self,
        id: crate::domain::VolumeId,
        metadata: &Metadata,
    ) -> Result<(), StoreError> {
        self.metadata_replace(Owner::Volume, id.uuid(), metadata).await
    }
}
