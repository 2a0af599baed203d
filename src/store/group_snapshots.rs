//! Rows of group snapshots. Which snapshots a group snapshot has, their own rows say.

use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    group_rows::{GroupSnapshotRow, group_snapshot_columns},
    list,
};
use crate::domain::{
    GroupId, GroupSnapshot, GroupSnapshotId, GroupSnapshotKey, GroupSnapshotStatus, Label, ListQuery, Page, Scope,
    SnapshotId, VolumeId,
};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, LOCK, INSERT, UPDATE, DELETE, COUNT_OF_GROUP, MEMBERS];

statement!(
    SHOW = "SELECT ",
    group_snapshot_columns!(),
    " FROM group_snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"
);
statement!(
    LOCK = "SELECT ", group_snapshot_columns!(), " FROM group_snapshots WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"; postgres " FOR UPDATE"
);
statement!(
    INSERT = "INSERT INTO group_snapshots (id, project_id, user_id, group_id, group_type_id, status, previous_status,
                  name, description, created_at, updated_at, overridden)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
statement!(
    UPDATE = "UPDATE group_snapshots SET status = $3, previous_status = $4, updated_at = $5, overridden = $6
               WHERE id = $1 AND status = $2"
);
statement!(DELETE = "DELETE FROM group_snapshots WHERE id = $1");
statement!(COUNT_OF_GROUP = "SELECT count(*) FROM group_snapshots WHERE group_id = $1");
statement!(MEMBERS = "SELECT id, volume_id FROM snapshots WHERE group_snapshot_id = $1 ORDER BY id");

impl Store {
    /// The group snapshot, if the scope shows it.
    pub async fn group_snapshot(
        &self,
        scope: &Scope,
        id: GroupSnapshotId,
    ) -> Result<Option<GroupSnapshot>, StoreError> {
        let row = self
            .optional::<GroupSnapshotRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        row.map(GroupSnapshotRow::into_group_snapshot).transpose()
    }

    /// One page of group snapshots; `None` when the marker is unknown.
    pub async fn group_snapshot_list(
        &self,
        query: &ListQuery<GroupSnapshotKey>,
    ) -> Result<Option<Page<GroupSnapshot>>, StoreError> {
        Ok(list::page(self, query, GroupSnapshotRow::into_group_snapshot)
            .await?
            .found())
    }

    /// The snapshots of a group snapshot with their volumes, in the order in which they are to be locked.
    pub async fn group_snapshot_members(&self, id: GroupSnapshotId) -> Result<Vec<(SnapshotId, VolumeId)>, StoreError> {
        let rows = self.all::<(Uuid, Uuid)>(MEMBERS.bind(id.uuid())).await?;
        Ok(rows.into_iter().map(member).collect())
    }
}

impl Tx {
    /// The group snapshot, locked until the end of the transaction. Who changes its snapshots takes this lock
    /// before theirs.
    pub async fn group_snapshot_lock(
        &mut self,
        scope: &Scope,
        id: GroupSnapshotId,
    ) -> Result<Option<GroupSnapshot>, StoreError> {
        let row = self
            .open
            .optional::<GroupSnapshotRow>(LOCK.bind(id.uuid()).bind(scope.project()))
            .await?;
        row.map(GroupSnapshotRow::into_group_snapshot).transpose()
    }

    /// Adds a group snapshot.
    pub async fn group_snapshot_insert(&mut self, new: &GroupSnapshot) -> Result<(), StoreError> {
        self.open
            .execute(
                INSERT
                    .bind(new.id.uuid())
                    .bind(new.project_id.as_str())
                    .bind(new.user_id.as_str())
                    .bind(new.group_id.uuid())
                    .bind(new.group_type_id.uuid())
                    .bind(new.status.as_str())
                    .bind(new.previous_status.map(GroupSnapshotStatus::as_str))
                    .bind(new.name.as_ref().map(Label::as_str))
                    .bind(new.description.as_ref().map(Label::as_str))
                    .bind(new.created_at)
                    .bind(new.updated_at)
                    .bind(new.overridden),
            )
            .await?;
        Ok(())
    }

    /// Writes the changeable columns of a group snapshot, provided that its status is still `expected`.
    /// False when it is not, or when the row is gone: somebody else won.
    pub async fn group_snapshot_update(
        &mut self,
        changed: &GroupSnapshot,
        expected: GroupSnapshotStatus,
    ) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                UPDATE
                    .bind(changed.id.uuid())
                    .bind(expected.as_str())
                    .bind(changed.status.as_str())
                    .bind(changed.previous_status.map(GroupSnapshotStatus::as_str))
                    .bind(changed.updated_at)
                    .bind(changed.overridden),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Removes a group snapshot.
    pub async fn group_snapshot_delete(&mut self, id: GroupSnapshotId) -> Result<(), StoreError> {
        self.open.execute(DELETE.bind(id.uuid())).await?;
        Ok(())
    }

    /// How many snapshots a group has.
    pub async fn group_snapshot_count_of(&mut self, group: GroupId) -> Result<i64, StoreError> {
        self.open.one(COUNT_OF_GROUP.bind(group.uuid())).await
    }

    /// As [`Store::group_snapshot_members`], inside the transaction.
    pub async fn group_snapshot_members(
        &mut self,
        id: GroupSnapshotId,
    ) -> Result<Vec<(SnapshotId, VolumeId)>, StoreError> {
        let rows = self.open.all::<(Uuid, Uuid)>(MEMBERS.bind(id.uuid())).await?;
        Ok(rows.into_iter().map(member).collect())
    }
}

fn member((snapshot, volume): (Uuid, Uuid)) -> (SnapshotId, VolumeId) {
    (SnapshotId::new(snapshot), VolumeId::new(volume))
}
