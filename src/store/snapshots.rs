//! Snapshot rows.

use chrono::{DateTime, Utc};
use sea_query::{Alias, Expr, ExprTrait, Query};

use super::{
    Store, StoreError, Tx,
    engine::{self, Statement, Weight, statement},
    list,
    rows::{SnapshotRow, snapshot_columns},
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

statement!(
    SHOW = "SELECT ",
    snapshot_columns!(),
    " FROM snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"
);
statement!(
    LOCK = "SELECT ", snapshot_columns!(), " FROM snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"; postgres " FOR UPDATE"
);
statement!(
    OF_VOLUME = "SELECT ", snapshot_columns!(), " FROM snapshots WHERE volume_id = $1 ORDER BY created_at"; postgres " FOR UPDATE"
);
statement!(LEFT = "SELECT id, status FROM snapshots WHERE volume_id = $1 ORDER BY created_at");
statement!(
    LATEST = "SELECT ",
    snapshot_columns!(),
    " FROM snapshots WHERE volume_id = $1 ORDER BY created_at DESC LIMIT 1"
);
statement!(COUNT_OF_VOLUME = "SELECT count(*) FROM snapshots WHERE volume_id = $1");
statement!(
    INSERT = "INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status,
                  previous_status, progress, display_name, display_description, group_snapshot_id, consumes_quota,
                  created_at, updated_at, overridden, metadata)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
);
// All of a row's changes in one statement: where a transaction changes a row twice, others who wait for its lock wait for
// each other in PostgreSQL.
statement!(
    UPDATE = "UPDATE snapshots
                 SET status = $3, previous_status = $4, progress = $5, display_name = $6, display_description = $7,
                     updated_at = $8, volume_size = $9, overridden = $10, metadata = $11
               WHERE id = $1 AND status = $2"
);
statement!(DELETE = "DELETE FROM snapshots WHERE id = $1 AND status = $2");

impl Store {
    /// The snapshot, if the scope shows it.
    pub async fn snapshot(&self, scope: &Scope, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        let row = self
            .optional::<SnapshotRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        row.map(SnapshotRow::into_snapshot).transpose()
    }

    /// Ids and statuses of the snapshots that a volume still has, oldest first.
    pub async fn snapshots_left(&self, volume: VolumeId) -> Result<Vec<(SnapshotId, String)>, StoreError> {
        let rows = self.all::<(uuid::Uuid, String)>(LEFT.bind(volume.uuid())).await?;
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
        let rows = list::fetch::<uuid::Uuid>(self, &select, Weight::Light).await?;
        Ok(rows.into_iter().map(SnapshotId::new).collect())
    }

    /// One page of snapshots with their metadata; `None` when the marker is unknown.
    pub async fn snapshot_list(&self, query: &ListQuery<SnapshotKey>) -> Result<Option<Page<Snapshot>>, StoreError> {
        Ok(list::page(self, query, SnapshotRow::into_snapshot).await?.found())
    }
}

impl Tx {
    /// The snapshot, locked until the end of the transaction.
    pub async fn snapshot_lock(&mut self, scope: &Scope, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        let row = self
            .open
            .optional::<SnapshotRow>(LOCK.bind(id.uuid()).bind(scope.project()))
            .await?;
        row.map(SnapshotRow::into_snapshot).transpose()
    }

    /// The newest snapshot of a volume, whatever its status: what a revert must name. `created_at` is
    /// unique per volume, so there is one answer.
    pub async fn snapshot_latest_of(&mut self, volume: VolumeId) -> Result<Option<Snapshot>, StoreError> {
        let row = self.open.optional::<SnapshotRow>(LATEST.bind(volume.uuid())).await?;
        row.map(SnapshotRow::into_snapshot).transpose()
    }

    /// All snapshots of a volume, oldest first, locked.
    pub async fn snapshots_of(&mut self, volume: VolumeId) -> Result<Vec<Snapshot>, StoreError> {
        let rows = self.open.all::<SnapshotRow>(OF_VOLUME.bind(volume.uuid())).await?;
        rows.into_iter().map(SnapshotRow::into_snapshot).collect()
    }

    /// How many snapshots a volume has.
    pub async fn snapshot_count_of(&mut self, volume: VolumeId) -> Result<i64, StoreError> {
        self.open.one(COUNT_OF_VOLUME.bind(volume.uuid())).await
    }

    /// Adds a snapshot with its metadata. PostgreSQL may tell only with the next statement that it cannot be.
    pub async fn snapshot_insert(&mut self, new: &Snapshot) -> Result<(), StoreError> {
        self.open
            .execute_later(
                INSERT
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
                    .bind(new.overridden)
                    .bind(&new.metadata),
            )
            .await?;
        Ok(())
    }

    /// Writes the changeable columns of a snapshot, provided that its status is still `expected`.
    /// False when it is not, or when the row is gone: somebody else won.
    pub async fn snapshot_update(&mut self, changed: &Snapshot, expected: SnapshotStatus) -> Result<bool, StoreError> {
        Ok(self.open.execute(update(changed, expected)).await? == 1)
    }

    /// The same for one that the caller has locked with the status `expected`, so that nobody can win.
    pub async fn snapshot_update_locked(
        &mut self,
        changed: &Snapshot,
        expected: SnapshotStatus,
    ) -> Result<(), StoreError> {
        self.open.execute_later(update(changed, expected)).await
    }

    /// Removes a snapshot whose status is still `expected`, with its metadata.
    pub async fn snapshot_delete(
        &mut self,
        id: SnapshotId,
        expected: SnapshotStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.snapshot_bury(id, expected, now).await?;
        let rows = self
            .open
            .execute(DELETE.bind(id.uuid()).bind(expected.as_str()))
            .await?;
        Ok(rows == 1)
    }
}

fn update(changed: &Snapshot, expected: SnapshotStatus) -> engine::Query<'_> {
    UPDATE
        .bind(changed.id.uuid())
        .bind(expected.as_str())
        .bind(changed.status.as_str())
        .bind(changed.previous_status.map(SnapshotStatus::as_str))
        .bind(changed.progress.as_deref())
        .bind(changed.name.as_ref().map(Label::as_str))
        .bind(changed.description.as_ref().map(Label::as_str))
        .bind(changed.updated_at)
        .bind(i64::from(changed.size.get()))
        .bind(changed.overridden)
        .bind(&changed.metadata)
}
