//! A row that waits for work which nobody is to do: the work starts again if the row says what it was, and else
//! it ends in an error with a message.

use super::Note;
use crate::{
    domain::{
        GroupSnapshotId, Item, MessageAction, MessageDetail, Operation, ProjectId, ResourceId, Scope, Snapshot,
        SnapshotEvent, SnapshotId, SnapshotStatus, Volume, VolumeEvent, VolumeId, VolumeStatus,
    },
    store::{NewTask, StoreError, Tx},
};

/// What is to become of the row.
enum Way<E> {
    /// The task again.
    Again(Operation, Option<ResourceId>),
    /// The failure of the work, and why.
    Fail(E, String),
}

/// Does it for a volume that has no task. `None` if there is nothing to do.
pub(super) async fn volume(tx: &mut Tx, id: VolumeId, note: Note<'_>) -> Result<Option<String>, StoreError> {
    let row = tx.volume_lock(&Scope::All, id).await?;
    let Some(mut volume) = row.filter(|row| row.status.is_transitional() && !row.overridden) else {
        return Ok(None);
    };
    if tx.task_of(id.into()).await?.is_some() {
        return Ok(None);
    }
    match way_of_volume(tx, &volume).await? {
        Way::Again(operation, source) => {
            enqueue(tx, id.into(), source, operation, note).await?;
            Ok(Some(format!("volume {id} gets its task {operation} again")))
        }
        Way::Fail(event, cause) => {
            let Ok(before) = volume.apply(event, note.clock.now()) else {
                return Ok(None);
            };
            volume.target_size = None;
            volume.previous_status = None;
            if let Some(snapshot) = volume.revert_snapshot_id.take() {
                restore(tx, snapshot, note).await?;
            }
            tx.volume_update(&volume, before).await?;
            tell(tx, &volume.project_id, id.into(), &cause, note).await?;
            Ok(Some(format!("volume {id} is {} now: {cause}", volume.status)))
        }
    }
}

async fn way_of_volume(tx: &mut Tx, volume: &Volume) -> Result<Way<VolumeEvent>, StoreError> {
    let gone = |event, what: &str| Way::Fail(event, format!("its task was lost, and {what}"));
    if volume.status == VolumeStatus::Deleting {
        return Ok(Way::Again(Operation::DeleteVolume, None));
    }
    if volume.status == VolumeStatus::Extending {
        return Ok(match volume.target_size {
            Some(_size) => Way::Again(Operation::ExtendVolume, None),
            None => gone(VolumeEvent::ExtendFailed, "nothing says how large it was to become"),
        });
    }
    if volume.status == VolumeStatus::Reverting {
        return Ok(match volume.revert_snapshot_id {
            Some(snapshot) if tx.snapshot_lock(&Scope::All, snapshot).await?.is_some() => {
                Way::Again(Operation::RevertVolume, Some(snapshot.into()))
            }
            Some(_) | None => gone(VolumeEvent::RevertFailed, "the snapshot is gone"),
        });
    }
    // Of the transitional ones only `creating` remains.
    Ok(match (volume.snapshot_id, volume.source_volid) {
        (Some(snapshot), _) => match tx.snapshot_lock(&Scope::All, snapshot).await? {
            Some(_there) => Way::Again(Operation::CreateVolumeFromSnapshot, Some(snapshot.into())),
            None => gone(VolumeEvent::CreateFailed, "the snapshot it was to be made from is gone"),
        },
        (None, Some(source)) => match tx.volume_lock(&Scope::All, source).await? {
            Some(_there) => Way::Again(Operation::CreateVolumeFromVolume, Some(source.into())),
            None => gone(VolumeEvent::CreateFailed, "the volume it was to be made from is gone"),
        },
        (None, None) => Way::Again(Operation::CreateVolume, None),
    })
}

/// The same for a snapshot. `known`: what was to become it is known, because it is there, or cannot have been
/// anything but its volume. `of`: what it is part of, which is to be known before anything is locked.
pub(super) async fn snapshot(
    tx: &mut Tx,
    id: SnapshotId,
    of: Option<GroupSnapshotId>,
    known: bool,
    note: Note<'_>,
) -> Result<Option<String>, StoreError> {
    let whole = match of {
        Some(of) => tx.group_snapshot_lock(&Scope::All, of).await?,
        None => None,
    };
    let row = tx.snapshot_lock(&Scope::All, id).await?;
    let Some(snapshot) = row.filter(|row| !row.overridden && row.group_snapshot_id == of) else {
        return Ok(None);
    };
    let lost_with_it = whole
        .as_ref()
        .is_some_and(|whole| whole.status.is_transitional() && !whole.overridden);
    let at_work = match of {
        Some(of) => tx.task_of(of.into()).await?.is_some(),
        None => false,
    };
    if lost_with_it || at_work || tx.task_of(id.into()).await?.is_some() {
        return Ok(None);
    }
    let ended = match (of, &whole) {
        (None, _) => None,
        (Some(_of), Some(whole)) => Some(format!("its group snapshot {} is {}", whole.id, whole.status)),
        (Some(of), None) => Some(format!("its group snapshot {of} is gone")),
    };
    let operation = match (snapshot.status, ended) {
        // Those of a group snapshot are taken together, or not at all, and removed together as long as it is there.
        (SnapshotStatus::Creating, Some(what)) => {
            let cause = format!("its task was lost, and {what}");
            return fail_snapshot(tx, snapshot, SnapshotEvent::CreateFailed, &cause, note).await;
        }
        (SnapshotStatus::Deleting, Some(what)) if whole.is_some() => {
            let cause = format!("its task was lost, and {what}");
            return fail_snapshot(tx, snapshot, SnapshotEvent::DeleteFailed, &cause, note).await;
        }
        (SnapshotStatus::Creating, None) if known => Operation::CreateSnapshot,
        (SnapshotStatus::Creating, None) => {
            let cause = "its task was lost, and with it whether it was to be taken or to be taken over";
            return fail_snapshot(tx, snapshot, SnapshotEvent::CreateFailed, cause, note).await;
        }
        (SnapshotStatus::Deleting, _) => Operation::DeleteSnapshot,
        (SnapshotStatus::Unmanaging, _) => Operation::UnmanageSnapshot,
        (
            SnapshotStatus::Error
            | SnapshotStatus::Available
            | SnapshotStatus::Deleted
            | SnapshotStatus::Updating
            | SnapshotStatus::ErrorDeleting
            | SnapshotStatus::BackingUp
            | SnapshotStatus::Restoring,
            _,
        ) => return Ok(None),
    };
    enqueue(tx, id.into(), Some(snapshot.volume_id.into()), operation, note).await?;
    Ok(Some(format!("snapshot {id} gets its task {operation} again")))
}

/// Ends the work on a locked snapshot in an error, and says why.
pub(super) async fn fail_snapshot(
    tx: &mut Tx,
    mut snapshot: Snapshot,
    event: SnapshotEvent,
    cause: &str,
    note: Note<'_>,
) -> Result<Option<String>, StoreError> {
    let Ok(before) = snapshot.apply(event, note.clock.now()) else {
        return Ok(None);
    };
    snapshot.previous_status = None;
    tx.snapshot_update(&snapshot, before).await?;
    tell(tx, &snapshot.project_id, snapshot.id.into(), cause, note).await?;
    Ok(Some(format!(
        "snapshot {} is {} now: {cause}",
        snapshot.id, snapshot.status
    )))
}

/// Ends what a revert meant for the snapshot, unless somebody has decided otherwise.
pub(super) async fn restore(tx: &mut Tx, id: SnapshotId, note: Note<'_>) -> Result<(), StoreError> {
    if let Some(mut snapshot) = tx.snapshot_lock(&Scope::All, id).await?
        && let Ok(before) = snapshot.apply(SnapshotEvent::Restored, note.clock.now())
    {
        tx.snapshot_update(&snapshot, before).await?;
    }
    Ok(())
}

/// Adds the task once more.
pub(super) async fn enqueue(
    tx: &mut Tx,
    resource: ResourceId,
    source: Option<ResourceId>,
    operation: Operation,
    note: Note<'_>,
) -> Result<(), StoreError> {
    tx.task_enqueue(NewTask {
        resource,
        source,
        operation,
        argument: None,
        now: note.clock.now(),
        request_id: note.request_id,
    })
    .await
}

/// Tells the owner what became of lost work.
pub(super) async fn tell(
    tx: &mut Tx,
    project: &ProjectId,
    about: Item,
    cause: &str,
    note: Note<'_>,
) -> Result<(), StoreError> {
    let what = (MessageAction::Repair, MessageDetail::WorkLost);
    let message = note.message(project, about, what, cause.to_owned());
    tx.message_insert(&message).await
}
