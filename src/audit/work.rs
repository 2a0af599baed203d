//! I1: each row that the service itself put into a transitional status has exactly one task, whose work fits
//! the status; each task has its row, in that status; a snapshot is `restoring` exactly as long as its volume
//! is being reverted to it; and what is part of a group snapshot has one.
//!
//! "Exactly one" needs no counting: the resource is the key of the table of tasks. The snapshots of a group snapshot
//! have none of their own: what is lost is the group snapshot's, and that is one finding.

use super::Finding;
use crate::{
    domain::{Item, SnapshotStatus, Subject, VolumeStatus},
    store::{Reading, StoreError, WorkRow},
};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut idle = |item: Item, waits: bool, status: &'static str| {
        if waits {
            findings.push(Finding::WorkMissing { item, status });
        }
    };
    for (id, status) in reading.idle_volumes().await? {
        idle(id.into(), status.is_transitional(), status.as_str());
    }
    for (id, status) in reading.idle_snapshots().await? {
        // The task of a revert is the volume's; see below.
        let waits = status.is_transitional() && status != SnapshotStatus::Restoring;
        idle(id.into(), waits, status.as_str());
    }
    // After the volumes, because a group's task waits only for tasks that are older; see restart_groups.rs.
    for (id, status) in reading.idle_groups().await? {
        idle(id.into(), status.is_transitional(), status.as_str());
    }
    for (id, status) in reading.idle_group_snapshots().await? {
        idle(id.into(), status.is_transitional(), status.as_str());
    }
    findings.extend(reading.work().await?.iter().filter_map(misplaced));
    findings.extend(check_reverts(reading).await?);
    let left_behind = reading.left_behind().await?.into_iter();
    findings.extend(left_behind.map(|(snapshot, whole)| Finding::LeftBehind { snapshot, whole }));
    Ok(findings)
}

/// A task that is not about a row which waits for it.
fn misplaced(task: &WorkRow) -> Option<Finding> {
    let (id, operation) = (task.resource, task.operation);
    // What it is about, its status, and whether that is the one that the operation goes with.
    let row = match operation.subject() {
        Subject::Volume => task.volume.map(|status| {
            let item = Item::from(id.volume());
            (item, status.as_str(), Some(status) == operation.volume_status())
        }),
        Subject::Snapshot => task.snapshot.map(|status| {
            let item = Item::from(id.snapshot());
            (item, status.as_str(), Some(status) == operation.snapshot_status())
        }),
        Subject::Group => task.group.map(|status| {
            let item = Item::from(id.group());
            (item, status.as_str(), Some(status) == operation.group_status())
        }),
        Subject::GroupSnapshot => task.group_snapshot.map(|status| {
            let item = Item::from(id.group_snapshot());
            (item, status.as_str(), Some(status) == operation.group_snapshot_status())
        }),
    };
    match row {
        None => Some(Finding::WorkWithoutRow {
            resource: id,
            operation,
        }),
        Some((_item, _status, true)) => None,
        Some((item, status, false)) => Some(Finding::WorkDoesNotFit {
            item,
            status,
            operation,
        }),
    }
}

async fn check_reverts(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for row in reading.reverts().await? {
        let fits = row.status == VolumeStatus::Reverting
            && match row.snapshot_status {
                // A snapshot that is force-deleted meanwhile, or reset, is no longer the revert's.
                Some((status, overridden)) => {
                    overridden || matches!(status, SnapshotStatus::Restoring | SnapshotStatus::Deleting)
                }
                // Its bytes are read all the same, unless they are gone, which the task will find out.
                None => row.snapshot.is_some(),
            };
        if !fits {
            findings.push(Finding::RevertDoesNotFit {
                volume: row.volume,
                status: row.status.as_str(),
                snapshot: row.snapshot,
            });
        }
    }
    findings.extend(
        reading
            .restoring_alone()
            .await?
            .into_iter()
            .map(Finding::RestoringAlone),
    );
    Ok(findings)
}
