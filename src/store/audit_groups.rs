//! What the audit reads of groups and of group snapshots; see `audit.rs`.

use uuid::Uuid;

use super::{
    Reading, StoreError, Tx,
    engine::{Statement, statement},
    rows::parse,
};
use crate::domain::{GroupId, GroupSnapshotId, GroupSnapshotStatus, GroupStatus, SnapshotId};

pub(super) const STATEMENTS: &[Statement] = &[
    IDLE_GROUPS,
    IDLE_GROUP_SNAPSHOTS,
    UNEXPLAINED_GROUPS,
    UNEXPLAINED_GROUP_SNAPSHOTS,
    UNUSUAL_GROUPS,
    UNUSUAL_GROUP_SNAPSHOTS,
    LEFT_BEHIND,
    LEAVE,
];

statement!(
    IDLE_GROUPS = "SELECT g.id, g.status FROM volume_groups g
                    WHERE NOT g.overridden AND g.status NOT IN ('available', 'error')
                      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id = g.id)
                    ORDER BY g.created_at, g.id"
);
statement!(
    IDLE_GROUP_SNAPSHOTS = "SELECT w.id, w.status FROM group_snapshots w
                             WHERE NOT w.overridden AND w.status NOT IN ('available', 'error')
                               AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id = w.id)
                             ORDER BY w.created_at, w.id"
);
statement!(
    UNEXPLAINED_GROUPS = "SELECT g.id, g.status FROM volume_groups g
                           WHERE NOT g.overridden AND g.status LIKE 'error%'
                             AND NOT EXISTS (SELECT 1 FROM messages m
                                              WHERE m.resource_uuid = g.id AND m.project_id = g.project_id
                                                AND m.cause <> '')"
);
statement!(
    UNEXPLAINED_GROUP_SNAPSHOTS = "SELECT w.id, w.status FROM group_snapshots w
                                    WHERE NOT w.overridden AND w.status LIKE 'error%'
                                      AND NOT EXISTS (SELECT 1 FROM messages m
                                                       WHERE m.resource_uuid = w.id AND m.project_id = w.project_id
                                                         AND m.cause <> '')"
);
statement!(
    UNUSUAL_GROUPS = "SELECT id, status FROM volume_groups
                       WHERE NOT overridden AND status NOT IN ('available', 'creating', 'deleting', 'error')"
);
statement!(
    UNUSUAL_GROUP_SNAPSHOTS = "SELECT id, status FROM group_snapshots
                                WHERE NOT overridden AND status NOT IN ('available', 'creating', 'deleting', 'error')"
);
statement!(
    LEFT_BEHIND = "SELECT s.id, s.group_snapshot_id FROM snapshots s
                    WHERE s.group_snapshot_id IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM group_snapshots w WHERE w.id = s.group_snapshot_id)
                    ORDER BY s.created_at, s.id"
);
// As long as it is to be taken, the id says that it is not to be taken alone.
statement!(
    LEAVE = "UPDATE snapshots SET group_snapshot_id = NULL
              WHERE id = $1 AND group_snapshot_id = $2 AND (status <> 'creating' OR overridden)
                AND NOT EXISTS (SELECT 1 FROM group_snapshots w WHERE w.id = $2)"
);

type StatusRow = (Uuid, String);

impl Reading {
    /// Groups with a status of the service that may want a task, and without one.
    pub async fn idle_groups(&mut self) -> Result<Vec<(GroupId, GroupStatus)>, StoreError> {
        self.groups_by(IDLE_GROUPS).await
    }

    /// The same for group snapshots.
    pub async fn idle_group_snapshots(&mut self) -> Result<Vec<(GroupSnapshotId, GroupSnapshotStatus)>, StoreError> {
        self.group_snapshots_by(IDLE_GROUP_SNAPSHOTS).await
    }

    /// Groups in an error of the service without a message in their owner's project that tells the cause.
    pub async fn unexplained_groups(&mut self) -> Result<Vec<(GroupId, GroupStatus)>, StoreError> {
        self.groups_by(UNEXPLAINED_GROUPS).await
    }

    /// The same for group snapshots.
    pub async fn unexplained_group_snapshots(
        &mut self,
    ) -> Result<Vec<(GroupSnapshotId, GroupSnapshotStatus)>, StoreError> {
        self.group_snapshots_by(UNEXPLAINED_GROUP_SNAPSHOTS).await
    }

    /// Groups with a rare status that nobody else has said.
    pub async fn unusual_groups(&mut self) -> Result<Vec<(GroupId, GroupStatus)>, StoreError> {
        self.groups_by(UNUSUAL_GROUPS).await
    }

    /// Group snapshots with a rare status that nobody else has said.
    pub async fn unusual_group_snapshots(&mut self) -> Result<Vec<(GroupSnapshotId, GroupSnapshotStatus)>, StoreError> {
        self.group_snapshots_by(UNUSUAL_GROUP_SNAPSHOTS).await
    }

    /// Snapshots that are part of a group snapshot which is not there.
    pub async fn left_behind(&mut self) -> Result<Vec<(SnapshotId, GroupSnapshotId)>, StoreError> {
        let rows = self.open.all::<(Uuid, Uuid)>(LEFT_BEHIND.query()).await?;
        Ok(rows
            .into_iter()
            .map(|(id, whole)| (SnapshotId::new(id), GroupSnapshotId::new(whole)))
            .collect())
    }

    async fn groups_by(&mut self, statement: Statement) -> Result<Vec<(GroupId, GroupStatus)>, StoreError> {
        let rows = self.open.all::<StatusRow>(statement.query()).await?;
        rows.into_iter()
            .map(|(id, status)| Ok((GroupId::new(id), parse("volume_groups", "status", id, &status)?)))
            .collect()
    }

    async fn group_snapshots_by(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<(GroupSnapshotId, GroupSnapshotStatus)>, StoreError> {
        let rows = self.open.all::<StatusRow>(statement.query()).await?;
        rows.into_iter()
            .map(|(id, status)| {
                let status = parse("group_snapshots", "status", id, &status)?;
                Ok((GroupSnapshotId::new(id), status))
            })
            .collect()
    }
}

impl Tx {
    /// Makes a snapshot one of its own whose group snapshot is not there. False if there is nothing to do, or if
    /// it is still to be taken.
    pub async fn snapshot_leave(&mut self, id: SnapshotId, whole: GroupSnapshotId) -> Result<bool, StoreError> {
        let rows = self.open.execute(LEAVE.bind(id.uuid()).bind(whole.uuid())).await?;
        Ok(rows == 1)
    }
}
