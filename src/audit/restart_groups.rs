//! A group or a group snapshot that waits for work which nobody is to do; see `restart.rs`.
//!
//! Locks are taken in the order in which the service takes them: groups, group snapshots, volumes, snapshots, tasks.

use super::{
    Note,
    restart::{enqueue, fail_snapshot, tell},
};
use crate::{
    domain::{
        GroupEvent, GroupId, GroupSnapshot, GroupSnapshotEvent, GroupSnapshotId, GroupSnapshotStatus, GroupStatus,
        Operation, Scope, Snapshot, SnapshotStatus,
    },
    store::{StoreError, Tx},
};

/// Does it for a group that has no task: its work is to wait for that on its volumes.
pub(super) async fn group(tx: &mut Tx, id: GroupId, note: Note<'_>) -> Result<Option<String>, StoreError> {
    let row = tx.group_lock(&Scope::All, id).await?;
    let Some(mut group) = row.filter(|row| row.status.is_transitional() && !row.overridden) else {
        return Ok(None);
    };
    if tx.task_of(id.into()).await?.is_some() {
        return Ok(None);
    }
    let mut volumes = Vec::new();
    for (volume, _status) in tx.group_volumes(id).await? {
        volumes.extend(tx.volume_lock(&Scope::All, volume).await?);
    }
    for volume in volumes.iter().filter(|volume| !volume.overridden) {
        let task = tx.task_of(volume.id.into()).await?;
        // A task waits for older ones only: without theirs it would end before them, and wrongly.
        if volume.status.is_transitional() && task.and_then(Operation::volume_status) != Some(volume.status) {
            return Ok(None);
        }
    }
    let operation = if group.status == GroupStatus::Creating {
        Operation::CreateGroup
    } else {
        Operation::DeleteGroup
    };
    // Only a group that is made from another is ever `creating`, and so never without volumes.
    if operation == Operation::CreateGroup && volumes.is_empty() {
        let Ok(before) = group.apply(GroupEvent::CreateFailed, note.clock.now()) else {
            return Ok(None);
        };
        group.previous_status = None;
        let cause = "its task was lost, and it has no volumes";
        tx.group_update(&group, before).await?;
        tell(tx, &group.project_id, id.into(), cause, note).await?;
        return Ok(Some(format!("group {id} is {} now: {cause}", group.status)));
    }
    enqueue(tx, id.into(), None, operation, note).await?;
    for volume in volumes {
        tx.task_uses(id.into(), volume.id.into(), false).await?;
    }
    Ok(Some(format!("group {id} gets its task {operation} again")))
}

/// Does it for a group snapshot that has no task, and so for all its snapshots.
pub(super) async fn group_snapshot(
    tx: &mut Tx,
    id: GroupSnapshotId,
    note: Note<'_>,
) -> Result<Option<String>, StoreError> {
    let row = tx.group_snapshot_lock(&Scope::All, id).await?;
    let Some(whole) = row.filter(|row| row.status.is_transitional() && !row.overridden) else {
        return Ok(None);
    };
    if tx.task_of(id.into()).await?.is_some() {
        return Ok(None);
    }
    let mut members = Vec::new();
    for (member, _volume) in tx.group_snapshot_members(id).await? {
        members.extend(tx.snapshot_lock(&Scope::All, member).await?);
    }
    let (operation, awaited) = if whole.status == GroupSnapshotStatus::Creating {
        (Operation::CreateGroupSnapshot, SnapshotStatus::Creating)
    } else {
        (Operation::DeleteGroupSnapshot, SnapshotStatus::Deleting)
    };
    let unfit = |snapshot: &&Snapshot| snapshot.status != awaited || snapshot.overridden;
    if let Some(snapshot) = members.iter().find(unfit) {
        // The work is on all of them or on none, and the bytes of this one are not to be touched.
        let what = if snapshot.overridden {
            format!("the status of its snapshot {} was set meanwhile", snapshot.id)
        } else {
            format!("its snapshot {} is {}", snapshot.id, snapshot.status)
        };
        return fail(tx, whole, members, &what, note).await;
    }
    // Without snapshots a deletion has only its own row to remove.
    if operation == Operation::CreateGroupSnapshot && members.is_empty() {
        return fail(tx, whole, members, "it has no snapshots", note).await;
    }
    let source = members.first().map(|snapshot| snapshot.volume_id.into());
    enqueue(tx, id.into(), source, operation, note).await?;
    for snapshot in members {
        tx.task_uses(id.into(), snapshot.id.into(), true).await?;
        tx.task_uses(id.into(), snapshot.volume_id.into(), false).await?;
    }
    Ok(Some(format!("group snapshot {id} gets its task {operation} again")))
}

/// Ends the work on all.
async fn fail(
    tx: &mut Tx,
    mut whole: GroupSnapshot,
    members: Vec<Snapshot>,
    what: &str,
    note: Note<'_>,
) -> Result<Option<String>, StoreError> {
    let event = if whole.status == GroupSnapshotStatus::Creating {
        GroupSnapshotEvent::CreateFailed
    } else {
        GroupSnapshotEvent::DeleteFailed
    };
    let Ok(before) = whole.apply(event, note.clock.now()) else {
        return Ok(None);
    };
    whole.previous_status = None;
    tx.group_snapshot_update(&whole, before).await?;
    for snapshot in members.into_iter().filter(|snapshot| !snapshot.overridden) {
        let Some(event) = snapshot.status.failure_of_the_whole() else {
            continue;
        };
        // One that has a task after all is that task's.
        if tx.task_of(snapshot.id.into()).await?.is_none() {
            let cause = "the task of its group snapshot was lost, and could not begin again";
            fail_snapshot(tx, snapshot, event, cause, note).await?;
        }
    }
    let cause = format!("its task was lost, and {what}");
    tell(tx, &whole.project_id, whole.id.into(), &cause, note).await?;
    Ok(Some(format!(
        "group snapshot {} is {} now: {cause}",
        whole.id, whole.status
    )))
}
