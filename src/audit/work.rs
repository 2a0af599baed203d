//! I1: each row that the service itself put into a transitional status has exactly one task, whose work fits
//! the status; each task has its row, in that status; and a snapshot is `restoring` exactly as long as its volume
//! is being reverted to it.
//!
//! "Exactly one" needs no counting: the resource is the key of the table of tasks.

use super::Finding;
use crate::{
    domain::{Resource, SnapshotStatus, VolumeStatus},
    store::{Reading, StoreError, WorkRow},
};

pub(super) async fn check(reading: &mut Reading) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for (id, status) in reading.idle_volumes().await? {
        if status.is_transitional() {
            let (resource, status) = (id.into(), status.as_str());
            findings.push(Finding::WorkMissing { resource, status });
        }
    }
    for (id, status) in reading.idle_snapshots().await? {
        // The task of a revert is the volume's; see below.
        if status.is_transitional() && status != SnapshotStatus::Restoring {
            let (resource, status) = (id.into(), status.as_str());
            findings.push(Finding::WorkMissing { resource, status });
        }
    }
    findings.extend(reading.work().await?.iter().filter_map(misplaced));
    findings.extend(check_reverts(reading).await?);
    Ok(findings)
}

/// A task that is not about a row which waits for it.
fn misplaced(task: &WorkRow) -> Option<Finding> {
    let (id, operation) = (task.resource, task.operation);
    let (resource, status, fits) = match (operation.volume_status(), operation.snapshot_status()) {
        (Some(wanted), _) => match task.volume {
            Some(status) => (Resource::from(id.volume()), status.as_str(), status == wanted),
            None => {
                return Some(Finding::WorkWithoutRow {
                    resource: id,
                    operation,
                });
            }
        },
        (None, Some(wanted)) => match task.snapshot {
            Some(status) => (Resource::from(id.snapshot()), status.as_str(), status == wanted),
            None => {
                return Some(Finding::WorkWithoutRow {
                    resource: id,
                    operation,
                });
            }
        },
        // Work on something else, that has no status here.
        (None, None) => return None,
    };
    (!fits).then_some(Finding::WorkDoesNotFit {
        resource,
        status,
        operation,
    })
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
