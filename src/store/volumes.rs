//! Volume rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    list::{self, Marker},
    rows::{VolumeRow, volume_columns},
};
use crate::domain::{
    Gib, GroupId, Label, ListQuery, Metadata, Page, Scope, SnapshotId, Volume, VolumeId, VolumeKey, VolumeStatus,
};

pub(super) const STATEMENTS: &[Statement] = &[
    SHOW,
    LOCK,
    ORIGIN,
    INSERT,
    UPDATE,
    DELETE,
    SUMMARY,
    SUMMARY_OF_ALL,
    SUMMARY_METADATA,
    SUMMARY_METADATA_OF_ALL,
];

statement!(
    SHOW = "SELECT ",
    volume_columns!(),
    " FROM volumes WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"
);
statement!(LOCK = "SELECT ", volume_columns!(), " FROM volumes WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)"; postgres " FOR UPDATE");
statement!(
    FACTS = "SELECT (SELECT name FROM volume_types WHERE id = v.volume_type_id),
                    EXISTS (SELECT 1 FROM services s WHERE s.pool = v.host AND s.frozen),
                    (SELECT max(created_at) FROM snapshots WHERE volume_id = v.id)
               FROM volumes v WHERE v.id = $1"
);
statement!(ORIGIN = "SELECT bootable, host, availability_zone FROM volumes WHERE id = $1");
statement!(
    INSERT = "INSERT INTO volumes (id, project_id, user_id, volume_type_id, size, target_size, status, previous_status,
                  attach_status, migration_status, display_name, display_description, availability_zone, host,
                  snapshot_id, source_volid, revert_snapshot_id, bootable, consumes_quota, created_at, updated_at,
                  overridden, group_id, metadata)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
);
statement!(
    UPDATE = "UPDATE volumes
                 SET size = $3, target_size = $4, status = $5, previous_status = $6, attach_status = $7,
                     migration_status = $8, display_name = $9, display_description = $10, revert_snapshot_id = $11,
                     bootable = $12, updated_at = $13, readonly = $14, overridden = $15, group_id = $16, metadata = $17
               WHERE id = $1 AND status = $2"
);
statement!(SUMMARY = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM volumes WHERE project_id = $1");
statement!(SUMMARY_OF_ALL = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM volumes");
statement!(SUMMARY_METADATA = "SELECT DISTINCT metadata FROM volumes WHERE project_id = $1 AND metadata <> '{}'");
statement!(SUMMARY_METADATA_OF_ALL = "SELECT DISTINCT metadata FROM volumes WHERE metadata <> '{}'");
statement!(DELETE = "DELETE FROM volumes WHERE id = $1 AND status = $2");

/// What stands elsewhere about a volume of which a snapshot is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotFacts {
    /// The name of its type.
    pub type_name: String,
    /// Whether an operator wants nothing changed where it is.
    pub is_frozen: bool,
    /// When its newest snapshot was asked for.
    pub newest: Option<DateTime<Utc>>,
}

impl Store {
    /// The volume, if the scope shows it.
    pub async fn volume(&self, scope: &Scope, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = self
            .optional::<VolumeRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        match row {
            Some(row) => {
                let attachment = self.attachment(&row).await?;
                row.into_volume(attachment).map(Some)
            }
            None => Ok(None),
        }
    }

    /// How many volumes the scope shows, and how many GiB they are together.
    pub async fn volume_summary(&self, scope: &Scope) -> Result<(i64, i64), StoreError> {
        let summary = match scope {
            Scope::Project(project) => SUMMARY.bind(project.as_str()),
            Scope::All => SUMMARY_OF_ALL.query(),
        };
        self.one::<(i64, i64)>(summary.heavy()).await
    }

    /// Every metadata pair of the volumes that the scope shows, once, in order.
    pub async fn volume_summary_metadata(&self, scope: &Scope) -> Result<BTreeSet<(String, String)>, StoreError> {
        let metadata = match scope {
            Scope::Project(project) => SUMMARY_METADATA.bind(project.as_str()),
            Scope::All => SUMMARY_METADATA_OF_ALL.query(),
        };
        let each: Vec<Metadata> = self.all(metadata.heavy()).await?;
        Ok(each.into_iter().flatten().collect())
    }

    /// One page of volumes with their metadata; `None` when the marker is unknown.
    pub async fn volume_list(&self, query: &ListQuery<VolumeKey>) -> Result<Option<Page<Volume>>, StoreError> {
        let Marker::Found((rows, total)) = list::rows_of_page::<_, VolumeRow>(self, query).await? else {
            return Ok(None);
        };
        let mut attachments = self.attachments_of(&rows).await?;
        let items: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let attachment = attachments.remove(&row.id);
                row.into_volume(attachment)
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Page {
            items: items.into(),
            total,
        }))
    }
}

impl Tx {
    /// The volume, locked until the end of the transaction. Everything that changes a volume or its
    /// set of snapshots takes this lock first.
    pub async fn volume_lock(&mut self, scope: &Scope, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = self
            .open
            .optional::<VolumeRow>(LOCK.bind(id.uuid()).bind(scope.project()))
            .await?;
        match row {
            Some(row) => {
                let attachment = self.attachment(&row).await?;
                row.into_volume(attachment).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The same, with what a snapshot of the volume depends on besides: in one trip to the database.
    pub async fn volume_lock_for_snapshot(
        &mut self,
        scope: &Scope,
        id: VolumeId,
    ) -> Result<Option<(Volume, SnapshotFacts)>, StoreError> {
        let locked = LOCK.bind(id.uuid()).bind(scope.project());
        let locked = self.open.all_later::<VolumeRow>(locked).await?;
        // Read behind the lock, so that nothing of it changes any more.
        let facts = self.open.optional(FACTS.bind(id.uuid())).await?;
        let Some((row, (type_name, is_frozen, newest))) = locked.rows()?.pop().zip(facts) else {
            return Ok(None);
        };
        let attachment = self.attachment(&row).await?;
        let facts = SnapshotFacts {
            type_name,
            is_frozen,
            newest,
        };
        Ok(Some((row.into_volume(attachment)?, facts)))
    }

    /// A volume as it is now, without a lock: for what does not change.
    pub async fn volume_read(&mut self, id: VolumeId) -> Result<Option<Volume>, StoreError> {
        let row = self
            .open
            .optional::<VolumeRow>(SHOW.bind(id.uuid()).bind(None::<&str>))
            .await?;
        row.map(|row| row.into_volume(None)).transpose()
    }

    /// Whether one can boot from a volume, its host and its zone; read without a lock, because they never change
    /// or nothing depends on it.
    pub async fn volume_origin(&mut self, id: VolumeId) -> Result<Option<(bool, String, String)>, StoreError> {
        self.open.optional(ORIGIN.bind(id.uuid())).await
    }

    /// Adds a volume with its metadata.
    pub async fn volume_insert(&mut self, new: &Volume) -> Result<(), StoreError> {
        self.open
            .execute(
                INSERT
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
                    .bind(new.group_id.map(GroupId::uuid))
                    .bind(&new.metadata),
            )
            .await?;
        Ok(())
    }

    /// Writes the changeable columns of a volume, provided that its status is still `expected`.
    /// False when it is not, or when the row is gone: somebody else won.
    pub async fn volume_update(&mut self, changed: &Volume, expected: VolumeStatus) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(
                UPDATE
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
                    .bind(changed.group_id.map(GroupId::uuid))
                    .bind(&changed.metadata),
            )
            .await?;
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
        let rows = self
            .open
            .execute(DELETE.bind(id.uuid()).bind(expected.as_str()))
            .await?;
        Ok(rows == 1)
    }
}
