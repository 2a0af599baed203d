//! The SQL of lists, for operators and tests who ask the database how it would go about it.

use super::{
    Store, StoreError,
    columns::Column,
    engine::{TableRow, Weight},
    list::{self, Marker},
    rows::{MessageRow, SnapshotRow, VolumeRow},
};
use crate::domain::{ListQuery, MessageKey, SnapshotKey, VolumeKey};

/// The statement that reads a page.
#[derive(Clone, Debug)]
pub struct ListSql {
    /// Its text, with places for its values.
    pub text: String,
    /// Whether it runs where requests are served, because an index serves it, or where it keeps nobody up.
    pub served: bool,
}

impl Store {
    /// How a page of snapshots is read; `None` when the marker is unknown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn snapshot_list_sql(&self, query: &ListQuery<SnapshotKey>) -> Result<Option<ListSql>, StoreError> {
        self.list_sql::<_, SnapshotRow>(query).await
    }

    /// The same for volumes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn volume_list_sql(&self, query: &ListQuery<VolumeKey>) -> Result<Option<ListSql>, StoreError> {
        self.list_sql::<_, VolumeRow>(query).await
    }

    /// The same for messages.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn message_list_sql(&self, query: &ListQuery<MessageKey>) -> Result<Option<ListSql>, StoreError> {
        self.list_sql::<_, MessageRow>(query).await
    }

    async fn list_sql<K: Column, R: TableRow>(&self, query: &ListQuery<K>) -> Result<Option<ListSql>, StoreError> {
        Ok(match list::rows::<K, R>(self, query).await? {
            Marker::Unknown => None,
            Marker::Found(rows) => Some(ListSql {
                text: rows.text(self.engine.dialect()).to_owned(),
                served: rows.weight == Weight::Light,
            }),
        })
    }
}
