//! Snapshot rows.

use chrono::{DateTime, Utc};
use sea_query::{Alias, Expr, ExprTrait, Query};
use sqlx::{query, query_as, query_scalar};

use super::{
    Store, StoreError, Tx,
    columns::Owner,
    dialect::{Statement, execute, read, statement, within},
    list::{self, Marker},
    rows::SnapshotRow,
};
use crate::domain::{
    GroupSnapshotId, Label, ListQuery, Page, Scope, Snapshot, SnapshotId, SnapshotKey, SnapshotStatus, VolumeId,
};

pub(super) const STATEMENTS: &[Statement] = &[
    SHOW,
    LOCK,
    OF_VOLUME,
    INSERT,
    UPDATE,
    DELETE,
    LATEST,
    LEFT,
    COUNT_OF_VOLUME,
];

statement!(SHOW = "SELECT * FROM snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)");
statement!(
    LOCK = "SELECT * FROM snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)", postgres " FOR UPDATE"
);
statement!(
    OF_VOLUME = "SELECT * FROM snapshots WHERE volume_id = $1 ORDER BY created_at", postgres " FOR UPDATE"
);
statement!(LEFT = "SELECT id, status FROM snapshots WHERE volume_id = $1 ORDER BY created_at");
statement!(LATEST = "SELECT * FROM snapshots WHERE volume_id = $1 ORDER BY created_at DESC LIMIT 1");
statement!(COUNT_OF_VOLUME = "SELECT count(*) FROM snapshots WHERE volume_id = $1");
statement!(
    INSERT = "INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status,
                  previous_status, progress, display_name, display_description, group_snapshot_id, consumes_quota,
                  created_at, updated_at, overridden)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
);
statement!(
    UPDATE = "UPDATE snapshots
                 SET status = $3, previous_status = $4, progress = $5, display_name = $6, display_description = $7,
                     updated_at = $8, volume_size = $9, overridden = $10
               WHERE id = $1 AND status = $2"
);
statement!(DELETE = "DELETE FROM snapshots WHERE id = $1 AND status = $2");

impl Store {
    /// The snapshot, if the scope shows it.
    pub async fn snapshot(&self, scope: &Scope, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        let row = read!(self, SHOW, |c, sql| query_as::<_, SnapshotRow>(sql)
            .bind(id.uuid())
            .bind(scope.project())
            .fetch_optional(c))?;
        match row {
            Some(row) => {
                let metadata = self.metadata(Owner::Snapshot, row.id).await?;
                row.into_snapshot(metadata).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Ids and statuses of the snapshots that a volume still has, oldest first.
    pub async fn snapshots_left(&self, volume: VolumeId) -> Result<Vec<(SnapshotId, String)>, StoreError> {
        let rows = read!(self, LEFT, |c, sql| query_as::<_, (uuid::Uuid, String)>(sql)
            .bind(volume.uuid())
            .fetch_all(c))?;
        Ok(rows
            .into_iter()
            .map(|(id, status)| (SnapshotId::new(id), status))
            .collect())
    }

    /// Which of these ids are snapshots of ours, in one query.
    pub async fn snapshots_known(&self, ids: &[SnapshotId]) -> Result<Vec<SnapshotId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new("snapshots"))
            .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().map(|id| id.uuid())))
            .to_owned();
        let rows = list::fetch::<(uuid::Uuid,)>(self, &select).await?;
        Ok(rows.into_iter().map(|(id,)| SnapshotId::new(id)).collect())
    }

    /// One page of snapshots with their metadata; `None` when the marker is unknown.
    pub async fn snapshot_list(&self, query: &ListQuery<SnapshotKey>) -> Result<Option<Page<Snapshot>>, StoreError> {
        let Marker::Found(page) = list::page::<_, SnapshotRow>(self, query).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        let mut metadata = self.metadata_of(Owner::Snapshot, &ids).await?;
        let items = page
            .items
            .into_iter()
            .map(|row| {
                let own = metadata.remove(&row.id).unwrap_or_default();
                row.into_snapshot(own)
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Page {
            items,
            total: page.total,
        }))
    }
}

impl Store {}

impl Tx {
    /// The snapshot, locked until the end of the transaction.
    pub async fn snapshot_lock(&mut self, scope: &Scope, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        let row = within!(self, LOCK, |c, sql| query_as::<_, SnapshotRow>(sql)
            .bind(id.uuid())
            .bind(scope.project())
            .fetch_optional(c))?;
        self.snapshot_complete(row).await
    }

    /// The newest snapshot of a volume, whatever its status: what a revert must name. `created_at` is
    /// unique per volume, so there is one answer.
    pub async fn snapshot_latest_of(&mut self, volume: VolumeId) -> Result<Option<Snapshot>, StoreError> {
        let row = within!(self, LATEST, |c, sql| query_as::<_, SnapshotRow>(sql)
            .bind(volume.uuid())
            .fetch_optional(c))?;
        self.snapshot_complete(row).await
    }

    /// All snapshots of a volume, oldest first, locked.
    pub async fn snapshots_of(&mut self, volume: VolumeId) -> Result<Vec<Snapshot>, StoreError> {
        let rows = within!(self, OF_VOLUME, |c, sql| query_as::<_, SnapshotRow>(sql)
            .bind(volume.uuid())
            .fetch_all(c))?;
        let mut snapshots = Vec::with_capacity(rows.len());
        for row in rows {
            snapshots.extend(self.snapshot_complete(Some(row)).await?);
        }
        Ok(snapshots)
    }

    /// How many snapshots a volume has.
    pub async fn snapshot_count_of(&mut self, volume: VolumeId) -> Result<i64, StoreError> {
        Ok(within!(self, COUNT_OF_VOLUME, |c, sql| query_scalar(sql)
            .bind(volume.uuid())
            .fetch_one(c))?)
    }

    /// Adds a snapshot with its metadata.
    pub async fn snapshot_insert(&mut self, new: &Snapshot) -> Result<(), StoreError> {
        execute!(self, INSERT, |sql| query(sql)
            .bind(new.id.uuid())
            .bind(new.project_id.as_str())
            .bind(new.user_id.as_str())
            .bind(new.volume_id.uuid())
            .bind(new.volume_type_id.uuid())
            .bind(i64::from(new.size.get()))
            .bind(new.status.as_str())
            .bind(new.previous_status.map(SnapshotStatus::as_str))
            .bind(new.progress.as_deref())
            .bind(new.name.as_ref().map(Label::as_str))
            .bind(new.description.as_ref().map(Label::as_str))
            .bind(new.group_snapshot_id.map(GroupSnapshotId::uuid))
            .bind(new.consumes_quota)
            .bind(new.created_at)
            .bind(new.updated_at)
            .bind(new.overridden))?;
        self.metadata_replace(Owner::Snapshot, new.id.uuid(), &new.metadata)
            .await
    }

    /// Writes the changeable columns of a snapshot, provided that its status is still `expected`.
    /// False when it is not, or when the row is gone: somebody else won.
    pub async fn snapshot_update(&mut self, changed: &Snapshot, expected: SnapshotStatus) -> Result<bool, StoreError> {
        let rows = execute!(self, UPDATE, |sql| query(sql)
            .bind(changed.id.uuid())
            .bind(expected.as_str())
            .bind(changed.status.as_str())
            .bind(changed.previous_status.map(SnapshotStatus::as_str))
            .bind(changed.progress.as_deref())
            .bind(changed.name.as_ref().map(Label::as_str))
            .bind(changed.description.as_ref().map(Label::as_str))
            .bind(changed.updated_at)
            .bind(i64::from(changed.size.get()))
            .bind(changed.overridden))?;
        Ok(rows == 1)
    }

    /// Removes a snapshot whose status is still `expected`, with its metadata.
    pub async fn snapshot_delete(
        &mut self,
        id: SnapshotId,
        expected: SnapshotStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.snapshot_bury(id, expected, now).await?;
        let rows = execute!(self, DELETE, |sql| query(sql).bind(id.uuid()).bind(expected.as_str()))?;
        Ok(rows == 1)
    }

    async fn snapshot_complete(&mut self, row: Option<SnapshotRow>) -> Result<Option<Snapshot>, StoreError> {
        match row {
            Some(row) => {
                let metadata = self.metadata(Owner::Snapshot, row.id).await?;
                row.into_snapshot(metadata).map(Some)
            }
            None => Ok(None),
        }
    }
}
