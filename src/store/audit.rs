//! What the audit reads: for each invariant the rows that may break it. What that means is for
//! `src/audit` to say; the lists of statuses here only leave out what is common and surely fine.

use uuid::Uuid;

use super::{
    Reading, Store, StoreError, Tx,
    engine::{Statement, statement},
    rows::{gib, parse, parse_option},
};
use crate::domain::{
    BackendHost, Gib, GroupSnapshotStatus, GroupStatus, Operation, ProjectId, Resource, ResourceId, ResourceKind,
    SnapshotId, SnapshotStatus, VolumeId, VolumeStatus,
};

pub(super) const STATEMENTS: &[Statement] = &[
    COUNTS,
    IDLE_VOLUMES,
    IDLE_SNAPSHOTS,
    TASKS,
    REVERTS,
    RESTORING,
    UNEXPLAINED_VOLUMES,
    UNEXPLAINED_SNAPSHOTS,
    VOLUMES_OF_ALL,
    SNAPSHOTS_OF_ALL,
    STILL_GROWING,
    UNUSUAL_VOLUMES,
    UNUSUAL_SNAPSHOTS,
    TIES,
    EXPECTED_VOLUMES,
    EXPECTED_SNAPSHOTS,
    EXPECTED_VOLUME,
    EXPECTED_SNAPSHOT,
    REFERENCES,
    STOPPED_GROWING,
];

statement!(
    COUNTS = "SELECT (SELECT count(*) FROM volumes), (SELECT count(*) FROM snapshots), (SELECT count(*) FROM tasks),
                     (SELECT count(*) FROM messages WHERE dismissed_at IS NULL)"
);
statement!(
    IDLE_VOLUMES = "SELECT v.id, v.status FROM volumes v
                     WHERE NOT v.overridden AND v.status NOT IN ('available', 'in-use', 'error')
                       AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id = v.id)"
);
// The task of a group snapshot is that of all its snapshots, and where it is lost, it is the group snapshot that
// waits for it.
statement!(
    IDLE_SNAPSHOTS = "SELECT s.id, s.status FROM snapshots s
                       WHERE NOT s.overridden AND s.status NOT IN ('available', 'error', 'restoring')
                         AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id IN (s.id, s.group_snapshot_id))
                         AND NOT EXISTS (SELECT 1 FROM group_snapshots w
                                          WHERE w.id = s.group_snapshot_id AND NOT w.overridden
                                            AND w.status IN ('creating', 'deleting'))"
);
statement!(
    TASKS = "SELECT t.resource_id, t.operation, v.status, s.status, g.status, w.status
               FROM tasks t LEFT JOIN volumes v ON v.id = t.resource_id LEFT JOIN snapshots s ON s.id = t.resource_id
                            LEFT JOIN volume_groups g ON g.id = t.resource_id
                            LEFT JOIN group_snapshots w ON w.id = t.resource_id
              ORDER BY t.seq"
);
statement!(
    REVERTS = "SELECT v.id, v.status, v.revert_snapshot_id, s.status, s.overridden
                 FROM volumes v LEFT JOIN snapshots s ON s.id = v.revert_snapshot_id
                WHERE v.revert_snapshot_id IS NOT NULL OR (v.status = 'reverting' AND NOT v.overridden)"
);
statement!(
    RESTORING = "SELECT s.id, s.status FROM snapshots s
                  WHERE s.status = 'restoring' AND NOT s.overridden
                    AND NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = s.volume_id AND v.revert_snapshot_id = s.id)"
);
statement!(
    UNEXPLAINED_VOLUMES = "SELECT v.id, v.status FROM volumes v
                            WHERE NOT v.overridden AND v.status LIKE 'error%'
                              AND NOT EXISTS (SELECT 1 FROM messages m
                                               WHERE m.resource_uuid = v.id AND m.project_id = v.project_id
                                                 AND m.cause <> '')"
);
statement!(
    UNEXPLAINED_SNAPSHOTS = "SELECT s.id, s.status FROM snapshots s
                              WHERE NOT s.overridden AND s.status LIKE 'error%'
                                AND NOT EXISTS (SELECT 1 FROM messages m
                                                 WHERE m.resource_uuid = s.id AND m.project_id = s.project_id
                                                   AND m.cause <> '')"
);
// On purpose not as quotas.rs counts: no join, no types.
statement!(
    VOLUMES_OF_ALL = "SELECT project_id, count(*), CAST(sum(coalesce(target_size, size)) AS BIGINT)
                        FROM volumes WHERE consumes_quota GROUP BY project_id"
);
statement!(
    SNAPSHOTS_OF_ALL = "SELECT project_id, count(*), CAST(sum(volume_size) AS BIGINT)
                          FROM snapshots WHERE consumes_quota GROUP BY project_id"
);
statement!(STILL_GROWING = "SELECT id, status FROM volumes WHERE target_size IS NOT NULL AND status <> 'extending'");
statement!(
    STOPPED_GROWING = "UPDATE volumes SET target_size = NULL
                        WHERE id = $1 AND target_size IS NOT NULL AND status <> 'extending'"
);
statement!(
    UNUSUAL_VOLUMES = "SELECT id, status FROM volumes
                        WHERE NOT overridden AND status NOT IN ('available', 'in-use', 'creating', 'deleting', 'error')"
);
statement!(
    UNUSUAL_SNAPSHOTS = "SELECT id, status FROM snapshots
                          WHERE NOT overridden AND status NOT IN ('available', 'creating', 'deleting', 'error')"
);
statement!(TIES = "SELECT volume_id, count(*) FROM snapshots GROUP BY volume_id, created_at HAVING count(*) > 1");
statement!(
    EXPECTED_VOLUMES = "SELECT v.id, v.size, v.status, v.overridden,
                               EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id = v.id)
                          FROM volumes v WHERE v.host = $1"
);
statement!(
    EXPECTED_SNAPSHOTS = "SELECT s.id, s.volume_size, s.status, s.overridden,
                                 EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id IN (s.id, s.group_snapshot_id))
                            FROM snapshots s JOIN volumes v ON v.id = s.volume_id WHERE v.host = $1"
);
statement!(
    EXPECTED_VOLUME = "SELECT v.id, v.size, v.status, v.overridden,
                              EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id = v.id)
                         FROM volumes v WHERE v.host = $1 AND v.id = $2"
);
statement!(
    EXPECTED_SNAPSHOT = "SELECT s.id, s.volume_size, s.status, s.overridden,
                                EXISTS (SELECT 1 FROM tasks t WHERE t.resource_id IN (s.id, s.group_snapshot_id))
                           FROM snapshots s JOIN volumes v ON v.id = s.volume_id WHERE v.host = $1 AND s.id = $2"
);
statement!(REFERENCES = "SELECT argument FROM tasks WHERE argument IS NOT NULL");

/// How many rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Volumes.
    pub volumes: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// Tasks.
    pub tasks: i64,
    /// Messages that nobody has deleted.
    pub messages: i64,
}

/// A task and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct WorkRow {
    /// What it changes.
    pub resource: ResourceId,
    /// How.
    pub operation: Operation,
    /// The status of the volume with that id.
    pub volume: Option<VolumeStatus>,
    /// The status of the snapshot with that id.
    pub snapshot: Option<SnapshotStatus>,
    /// The status of the group with that id.
    pub group: Option<GroupStatus>,
    /// The status of the group snapshot with that id.
    pub group_snapshot: Option<GroupSnapshotStatus>,
}

/// A volume that is being reverted, or says so.
#[derive(Clone, Copy, Debug)]
pub struct RevertRow {
    /// The volume.
    pub volume: VolumeId,
    /// Its status.
    pub status: VolumeStatus,
    /// The snapshot that it names.
    pub snapshot: Option<SnapshotId>,
    /// That one's status, and whether somebody else said it.
    pub snapshot_status: Option<(SnapshotStatus, bool)>,
}

/// What a project uses by its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageRow {
    /// How many there are.
    pub count: i64,
    /// How large they are together.
    pub gigabytes: i64,
}

/// What a row says about its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whose object.
    pub resource: Resource,
    /// How large it is, at least.
    pub size: Gib,
    /// Whether it must be there.
    pub promised: bool,
    /// Whether somebody is to work on it.
    pub busy: bool,
}

type StatusRow = (Uuid, String);
type Task = (
    Uuid,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);
type Revert = (Uuid, String, Option<Uuid>, Option<String>, Option<bool>);
type Object = (Uuid, i64, String, bool, bool);

impl Reading {
    /// How many rows there are.
    pub async fn counts(&mut self) -> Result<Counts, StoreError> {
        let (volumes, snapshots, tasks, messages) = self.open.one::<(i64, i64, i64, i64)>(COUNTS.query()).await?;
        Ok(Counts {
            volumes,
            snapshots,
            tasks,
            messages,
        })
    }

    /// Volumes with a status of the service that may want a task, and without one.
    pub async fn idle_volumes(&mut self) -> Result<Vec<(VolumeId, VolumeStatus)>, StoreError> {
        self.volumes_by(IDLE_VOLUMES).await
    }

    /// Snapshots with a status of the service that may want a task of their own, and without one.
    pub async fn idle_snapshots(&mut self) -> Result<Vec<(SnapshotId, SnapshotStatus)>, StoreError> {
        self.snapshots_by(IDLE_SNAPSHOTS).await
    }

    /// All tasks, oldest first.
    pub async fn work(&mut self) -> Result<Vec<WorkRow>, StoreError> {
        let rows = self.open.all::<Task>(TASKS.query()).await?;
        rows.into_iter()
            .map(|(id, operation, volume, snapshot, group, whole)| {
                Ok(WorkRow {
                    resource: ResourceId::new(id),
                    operation: parse("tasks", "operation", id, &operation)?,
                    volume: parse_option("volumes", "status", id, volume.as_deref())?,
                    snapshot: parse_option("snapshots", "status", id, snapshot.as_deref())?,
                    group: parse_option("volume_groups", "status", id, group.as_deref())?,
                    group_snapshot: parse_option("group_snapshots", "status", id, whole.as_deref())?,
                })
            })
            .collect()
    }

    /// Volumes that name the snapshot they are reverted to, or should.
    pub async fn reverts(&mut self) -> Result<Vec<RevertRow>, StoreError> {
        let rows = self.open.all::<Revert>(REVERTS.query()).await?;
        rows.into_iter()
            .map(|(id, status, snapshot, snapshot_status, overridden)| {
                let of_snapshot = snapshot_status
                    .map(|status| parse("snapshots", "status", snapshot.unwrap_or(id), &status))
                    .transpose()?;
                Ok(RevertRow {
                    volume: VolumeId::new(id),
                    status: parse("volumes", "status", id, &status)?,
                    snapshot: snapshot.map(SnapshotId::new),
                    snapshot_status: of_snapshot.zip(overridden),
                })
            })
            .collect()
    }

    /// Snapshots that are being restored from, though their volume does not say so.
    pub async fn restoring_alone(&mut self) -> Result<Vec<SnapshotId>, StoreError> {
        let rows = self.snapshots_by(RESTORING).await?;
        Ok(rows.into_iter().map(|(id, _restoring)| id).collect())
    }

    /// Volumes in an error of the service without a message in their owner's project that tells the cause.
    pub async fn unexplained_volumes(&mut self) -> Result<Vec<(VolumeId, VolumeStatus)>, StoreError> {
        self.volumes_by(UNEXPLAINED_VOLUMES).await
    }

    /// The same for snapshots.
    pub async fn unexplained_snapshots(&mut self) -> Result<Vec<(SnapshotId, SnapshotStatus)>, StoreError> {
        self.snapshots_by(UNEXPLAINED_SNAPSHOTS).await
    }

    /// What each project's volumes are that use its quota, and what its snapshots are.
    pub async fn usage_by_rows(&mut self) -> Result<Vec<(ProjectId, ResourceKind, UsageRow)>, StoreError> {
        let mut all = Vec::new();
        for (kind, statement) in [
            (ResourceKind::Volume, VOLUMES_OF_ALL),
            (ResourceKind::Snapshot, SNAPSHOTS_OF_ALL),
        ] {
            let rows = self.open.all::<(String, i64, i64)>(statement.query()).await?;
            all.extend(
                rows.into_iter()
                    .map(|(project, count, gigabytes)| (ProjectId::new(project), kind, UsageRow { count, gigabytes })),
            );
        }
        Ok(all)
    }

    /// Volumes that use quota for a growth that is over.
    pub async fn still_growing(&mut self) -> Result<Vec<(VolumeId, VolumeStatus)>, StoreError> {
        self.volumes_by(STILL_GROWING).await
    }

    /// Volumes with a rare status that nobody else has said.
    pub async fn unusual_volumes(&mut self) -> Result<Vec<(VolumeId, VolumeStatus)>, StoreError> {
        self.volumes_by(UNUSUAL_VOLUMES).await
    }

    /// Snapshots with a rare status that nobody else has said.
    pub async fn unusual_snapshots(&mut self) -> Result<Vec<(SnapshotId, SnapshotStatus)>, StoreError> {
        self.snapshots_by(UNUSUAL_SNAPSHOTS).await
    }

    /// Volumes with several snapshots of one moment.
    pub async fn ties(&mut self) -> Result<Vec<VolumeId>, StoreError> {
        let rows = self.open.all::<(Uuid, i64)>(TIES.query()).await?;
        Ok(rows.into_iter().map(|(id, _count)| VolumeId::new(id)).collect())
    }

    /// What the rows of a back end say about its objects.
    pub async fn expected(&mut self, host: &BackendHost) -> Result<Vec<Expected>, StoreError> {
        let mut all = Vec::new();
        for (kind, statement) in [
            (ResourceKind::Volume, EXPECTED_VOLUMES),
            (ResourceKind::Snapshot, EXPECTED_SNAPSHOTS),
        ] {
            let rows = self.open.all::<Object>(statement.bind(host.as_str())).await?;
            all.reserve(rows.len());
            for row in rows {
                all.push(expected(kind, &row)?);
            }
        }
        Ok(all)
    }

    /// The references of all snapshots that are about to be taken over.
    pub async fn references(&mut self) -> Result<Vec<String>, StoreError> {
        self.open.all(REFERENCES.query()).await
    }

    async fn volumes_by(&mut self, statement: Statement) -> Result<Vec<(VolumeId, VolumeStatus)>, StoreError> {
        let rows = self.open.all::<StatusRow>(statement.query()).await?;
        rows.into_iter()
            .map(|(id, status)| Ok((VolumeId::new(id), parse("volumes", "status", id, &status)?)))
            .collect()
    }

    async fn snapshots_by(&mut self, statement: Statement) -> Result<Vec<(SnapshotId, SnapshotStatus)>, StoreError> {
        let rows = self.open.all::<StatusRow>(statement.query()).await?;
        rows.into_iter()
            .map(|(id, status)| Ok((SnapshotId::new(id), parse("snapshots", "status", id, &status)?)))
            .collect()
    }
}

impl Store {
    /// What the row of one object says now; `None` if that back end has no such row.
    pub async fn expected_now(&self, host: &BackendHost, resource: Resource) -> Result<Option<Expected>, StoreError> {
        let statement = match resource.kind {
            ResourceKind::Volume => EXPECTED_VOLUME,
            ResourceKind::Snapshot => EXPECTED_SNAPSHOT,
        };
        let row = self
            .optional::<Object>(statement.bind(host.as_str()).bind(resource.id))
            .await?;
        row.map(|row| expected(resource.kind, &row)).transpose()
    }
}

impl Tx {
    /// Gives back the quota of a growth that is over. False if there is none.
    pub async fn volume_stopped_growing(&mut self, id: VolumeId) -> Result<bool, StoreError> {
        Ok(self.open.execute(STOPPED_GROWING.bind(id.uuid())).await? == 1)
    }
}

fn expected(kind: ResourceKind, (id, size, status, overridden, busy): &Object) -> Result<Expected, StoreError> {
    let (table, column) = match kind {
        ResourceKind::Volume => ("volumes", "size"),
        ResourceKind::Snapshot => ("snapshots", "volume_size"),
    };
    let promises = match kind {
        ResourceKind::Volume => parse::<VolumeStatus>(table, "status", *id, status)?.promises_bytes(),
        ResourceKind::Snapshot => parse::<SnapshotStatus>(table, "status", *id, status)?.promises_bytes(),
    };
    Ok(Expected {
        resource: Resource { kind, id: *id },
        size: gib(table, column, *id, *size)?,
        promised: promises && !overridden && !busy,
        busy: *busy,
    })
}
