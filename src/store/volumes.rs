//! Volume rows.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use super::{
    Store, StoreError, Tx,
    columns::Owner,
    dialect::{Statement, execute, read, statement, within},
    list::{self, Marker},
    rows::VolumeRow,
};
use crate::domain::{
    Gib, GroupId, Label, ListQuery, Page, Scope, SnapshotId, Volume, VolumeId, VolumeKey, VolumeStatus,
};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, LOCK, ORIGIN, INSERT, UPDATE, DELETE, SUMMARY, SUMMARY_METADATA];

statement!(SHOW = "SELECT * FROM volumes WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)");
statement!(LOCK = "SELECT * FROM volumes WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)", postgres " FOR UPDATE");
statement!(ORIGIN = "SELECT bootable, host, availability_zone FROM volumes WHERE id = $1");
statement!(
    INSERT = "INSERT INTO volumes (id, project_id, user_id, volume_type_id, size, target_size, status, previous_status,
                  attach_status, migration_status, display_name, display_description, availability_zone, host,
                  snapshot_id, source_volid, revert_snapshot_id, bootable, consumes_quota, created_at, updated_at,
                  overridden, group_id)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"
);
statement!(
    UPDATE = "UPDATE volumes
                 SET size = $3, target_size = $4, status = $5, previous_status = $6, attach_status = $7,
                     migration_status = $8, display_name = $9, display_description = $10, revert_snapshot_id = $11,
                     bootable = $12, updated_at = $13, readonly = $14, overridden = $15, group_id = $16
               WHERE id = $1 AND status = $2"
);
statement!(
    SUMMARY = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM volumes
                WHERE project_id = $1 OR $1 IS NULL"
);
statement!(
    SUMMARY_METADATA = "SELECT DISTINCT m.key, m.value FROM volume_metadata m JOIN volumes v ON v.id = m.volume_id
                         WHERE v.project_id = $1 OR $1 IS NULL ORDER BY m.key, m.value"
);
statement!(DELETE = "DELETE FROM volumes WHERE id = $1 AND status = $2");

impl Store {
    /// The volume, if the scope shows it.
    pub async fn volume(&self, scope: &Scope, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = read!(self, SHOW, |c, sql| query_as::<_, VolumeRow>(sql)
            .bind(id.uuid())
            .bind(scope.project())
            .fetch_optional(c))?;
        match row {
            Some(row) => {
                let metadata = self.metadata(Owner::Volume, row.id).await?;
                let attachment = self.attachment(&row).await?;
                row.into_volume(metadata, attachment).map(Some)
            }
            None => Ok(None),
        }
    }

    /// How many volumes the scope shows, and how many GiB they are together.
    pub async fn volume_summary(&self, scope: &Scope) -> Result<(i64, i64), StoreError> {
        Ok(read!(self, SUMMARY, |c, sql| query_as::<_, (i64, i64)>(sql)
            .bind(scope.project())
            .fetch_one(c))?)
    }

    /// Every metadata pair of the volumes that the scope shows, once, in order.
    pub async fn volume_summary_metadata(&self, scope: &Scope) -> Result<Vec<(String, String)>, StoreError> {
        Ok(read!(self, SUMMARY_METADATA, |c, sql| query_as(sql)
            .bind(scope.project())
            .fetch_all(c))?)
    }

    /// One page of volumes with their metadata; `None` when the marker is unknown.
    pub async fn volume_list(&self, query: &ListQuery<VolumeKey>) -> Result<Option<Page<Volume>>, StoreError> {
        let Marker::Found(page) = list::page::<_, VolumeRow>(self, query).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        let mut metadata = self.metadata_of(Owner::Volume, &ids).await?;
        let mut attachments = self.attachments_of(&page.items).await?;
        let items = page
            .items
            .into_iter()
            .map(|row| {
                let own = metadata.remove(&row.id).unwrap_or_default();
                let attachment = attachments.remove(&row.id);
                row.into_volume(own, attachment)
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Page {
            items,
            total: page.total,
        }))
    }
}

impl Tx {
    /// The volume, locked until the end of the transaction. Everything that changes a volume or its
    /// set of snapshots takes this lock first.
    pub async fn volume_lock(&mut self, scope: &Scope, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = within!(self, LOCK, |c, sql| query_as::<_, VolumeRow>(sql)
            .bind(id.uuid())
            .bind(scope.project())
            .fetch_optional(c))?;
        match row {
            Some(row) => {
                let metadata = self.metadata(Owner::Volume, row.id).await?;
                let attachment = self.attachment(&row).await?;
                row.into_volume(metadata, attachment).map(Some)
            }
            None => Ok(None),
        }
    }

    /// A volume as it is now, without a lock and without its metadata: for what does not change.
    pub async fn volume_read(&mut self, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = within!(self, SHOW, |c, sql| query_as::<_, VolumeRow>(sql)
            .bind(id.uuid())
            .bind(None::<&str>)
            .fetch_optional(c))?;
        row.map(|row| row.into_volume(crate::domain::Metadata::new(), None))
            .transpose()
    }

    /// Whether one can boot from a volume, its host and its zone; read without a lock, because they never change
    /// or nothing depends on it.
    pub async fn volume_origin(&mut self, id: VolumeId) -> Result<Option<(bool, String, String)>, StoreError> {
        Ok(within!(self, ORIGIN, |c, sql| query_as(sql)
            .bind(id.uuid())
            .fetch_optional(c))?)
    }

    /// Adds a volume with its metadata.
    pub async fn volume_insert(&mut self, new: &Volume) -> Result<(), StoreError> {
        execute!(self, INSERT, |sql| query(sql)
            .bind(new.id.uuid())
            .bind(new.project_id.as_str())
            .bind(new.user_id.as_str())
            .bind(new.volume_type_id.uuid())
            .bind(i64::from(new.size.get()))
            .bind(new.target_size.map(|size| i64::from(size.get())))
            .bind(new.status.as_str())
            .bind(new.previous_status.map(VolumeStatus::as_str))
            .bind(new.attach_status.as_str())
            .bind(new.migration_status.as_deref())
            .bind(new.name.as_ref().map(Label::as_str))
            .bind(new.description.as_ref().map(Label::as_str))
            .bind(new.availability_zone.as_str())
            .bind(new.host.as_str())
            .bind(new.snapshot_id.map(SnapshotId::uuid))
            .bind(new.source_volid.map(VolumeId::uuid))
            .bind(new.revert_snapshot_id.map(SnapshotId::uuid))
            .bind(new.bootable)
            .bind(new.consumes_quota)
            .bind(new.created_at)
            .bind(new.updated_at)
            .bind(new.overridden)
            .bind(new.group_id.map(GroupId::uuid)))?;
        self.metadata_replace(Owner::Volume, new.id.uuid(), &new.metadata).await
    }

    /// Writes the changeable columns of a volume, provided that its status is still `expected`.
    /// False when it is not, or when the row is gone: somebody else won.
    pub async fn volume_update(&mut self, changed: &Volume, expected: VolumeStatus) -> Result<bool, StoreError> {
        let rows = execute!(self, UPDATE, |sql| query(sql)
            .bind(changed.id.uuid())
            .bind(expected.as_str())
            .bind(i64::from(changed.size.get()))
            .bind(changed.target_size.map(Gib::get).map(i64::from))
            .bind(changed.status.as_str())
            .bind(changed.previous_status.map(VolumeStatus::as_str))
            .bind(changed.attach_status.as_str())
            .bind(changed.migration_status.as_deref())
            .bind(changed.name.as_ref().map(Label::as_str))
            .bind(changed.description.as_ref().map(Label::as_str))
            .bind(changed.revert_snapshot_id.map(SnapshotId::uuid))
            .bind(changed.bootable)
            .bind(changed.updated_at)
            .bind(changed.readonly)
            .bind(changed.overridden)
            .bind(changed.group_id.map(GroupId::uuid)))?;
        Ok(rows == 1)
    }

    /// Removes a volume whose status is still `expected`, with its metadata.
    pub async fn volume_delete(
        &mut self,
        id: VolumeId,
        expected: VolumeStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.volume_bury(id, expected, now).await?;
        let rows = execute!(self, DELETE, |sql| query(sql).bind(id.uuid()).bind(expected.as_str()))?;
        Ok(rows == 1)
    }
}
