//! Where deleted rows were in every order, so that a next link still works (docs/adr/0005).
//!
//! A tombstone is made when a deletion is accepted, with the values that the row has **before** it: those
//! are what a page showed. It counts once the row is gone; until then the row itself does.

use chrono::{DateTime, Utc};

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
};
use crate::domain::{SnapshotId, SnapshotStatus, VolumeId, VolumeStatus};

pub(super) const STATEMENTS: &[Statement] = &[
    SNAPSHOT_BURY,
    SNAPSHOT_FORGET,
    SNAPSHOT_SWEEP,
    VOLUME_BURY,
    VOLUME_FORGET,
    VOLUME_SWEEP,
];

// A tombstone that is there keeps its values; it only becomes younger.
statement!(
    SNAPSHOT_BURY = "INSERT INTO snapshot_tombstones (id, created_at, updated_at, status, volume_id, volume_size, display_name,
                 display_description, project_id, user_id, progress, volume_type_id, group_snapshot_id, consumes_quota, deleted_at)
          SELECT id, created_at, updated_at, status, volume_id, volume_size, display_name,
                 display_description, project_id, user_id, progress, volume_type_id, group_snapshot_id, consumes_quota, $3
            FROM snapshots WHERE id = $1 AND status = $2
          ON CONFLICT (id) DO UPDATE SET deleted_at = excluded.deleted_at"
);
statement!(SNAPSHOT_FORGET = "DELETE FROM snapshot_tombstones WHERE id = $1");
statement!(SNAPSHOT_SWEEP = "DELETE FROM snapshot_tombstones WHERE deleted_at <= $1");
statement!(
    VOLUME_BURY =
        "INSERT INTO volume_tombstones (id, created_at, updated_at, status, size, display_name, display_description,
                 project_id, user_id, availability_zone, host, attach_status, migration_status, volume_type_id,
                 snapshot_id, source_volid, bootable, consumes_quota, group_id, deleted_at)
          SELECT id, created_at, updated_at, status, size, display_name, display_description,
                 project_id, user_id, availability_zone, host, attach_status, migration_status, volume_type_id,
                 snapshot_id, source_volid, bootable, consumes_quota, group_id, $3
            FROM volumes WHERE id = $1 AND status = $2
          ON CONFLICT (id) DO UPDATE SET deleted_at = excluded.deleted_at"
);
statement!(VOLUME_FORGET = "DELETE FROM volume_tombstones WHERE id = $1");
statement!(VOLUME_SWEEP = "DELETE FROM volume_tombstones WHERE deleted_at <= $1");

impl Store {
    /// Removes the tombstones of snapshots that were deleted up to `deadline`; how many there were.
    pub async fn snapshot_tombstones_sweep(&self, deadline: DateTime<Utc>) -> Result<u64, StoreError> {
        self.execute(SNAPSHOT_SWEEP.bind(deadline)).await
    }

    /// The same for volumes.
    pub async fn volume_tombstones_sweep(&self, deadline: DateTime<Utc>) -> Result<u64, StoreError> {
        self.execute(VOLUME_SWEEP.bind(deadline)).await
    }
}

impl Tx {
    /// Remembers the place of a snapshot that is about to be deleted. The caller holds its lock and has not
    /// changed it yet.
    pub async fn snapshot_mark(
        &mut self,
        id: SnapshotId,
        status: SnapshotStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // One of an earlier deletion that came to nothing.
        self.open.execute(SNAPSHOT_FORGET.bind(id.uuid())).await?;
        self.snapshot_bury(id, status, now).await
    }

    /// The same for a volume.
    pub async fn volume_mark(
        &mut self,
        id: VolumeId,
        status: VolumeStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.open.execute(VOLUME_FORGET.bind(id.uuid())).await?;
        self.volume_bury(id, status, now).await
    }

    pub(super) async fn snapshot_bury(
        &mut self,
        id: SnapshotId,
        status: SnapshotStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.open
            .execute(SNAPSHOT_BURY.bind(id.uuid()).bind(status.as_str()).bind(now))
            .await?;
        Ok(())
    }

    pub(super) async fn volume_bury(
        &mut self,
        id: VolumeId,
        status: VolumeStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.open
            .execute(VOLUME_BURY.bind(id.uuid()).bind(status.as_str()).bind(now))
            .await?;
        Ok(())
    }
}
