//! Who cannot do without a snapshot: volumes that share its bytes for good.
//!
//! Only the driver knows whether a volume made from a snapshot stands alone
//! ([`clone_dependents`](crate::driver::Capability)); what it said is written down when the volume is finished, and
//! goes with the volume's row. A volume that was made from a snapshot and stands alone is not in here.

use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
};
use crate::domain::{SnapshotId, VolumeId};

pub(super) const STATEMENTS: &[Statement] = &[DEPEND, OF_SNAPSHOT, MADE_FROM];

statement!(DEPEND = "UPDATE volumes SET depends_on_snapshot_id = $2 WHERE id = $1");
statement!(
    OF_SNAPSHOT = "SELECT v.id, EXISTS (SELECT 1 FROM tasks t
                                         WHERE t.resource_id = v.id AND t.operation = 'delete_volume')
                     FROM volumes v WHERE v.depends_on_snapshot_id = $1 ORDER BY v.created_at, v.id"
);
statement!(MADE_FROM = "SELECT id FROM volumes WHERE snapshot_id = $1 ORDER BY created_at, id");

/// A volume that cannot do without a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// The volume.
    pub volume: VolumeId,
    /// Whether it is about to go, so that it is worth while to wait for that.
    pub leaving: bool,
}

impl Tx {
    /// Writes down that a volume cannot do without a snapshot, until the volume is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn volume_depends_on(&mut self, volume: VolumeId, snapshot: SnapshotId) -> Result<(), StoreError> {
        self.open
            .execute(DEPEND.bind(volume.uuid()).bind(snapshot.uuid()))
            .await?;
        Ok(())
    }
}

impl Store {
    /// The volumes that cannot do without a snapshot, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dependents_of(&self, snapshot: SnapshotId) -> Result<Vec<Dependent>, StoreError> {
        let rows = self.all::<(Uuid, bool)>(OF_SNAPSHOT.bind(snapshot.uuid())).await?;
        let dependent = |(id, leaving)| Dependent {
            volume: VolumeId::new(id),
            leaving,
        };
        Ok(rows.into_iter().map(dependent).collect())
    }

    /// The volumes that were made from a snapshot, whether or not they stand alone, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn volumes_made_from(&self, snapshot: SnapshotId) -> Result<Vec<VolumeId>, StoreError> {
        let ids: Vec<Uuid> = self.all(MADE_FROM.bind(snapshot.uuid())).await?;
        Ok(ids.into_iter().map(VolumeId::new).collect())
    }
}
