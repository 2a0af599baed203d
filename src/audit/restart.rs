//! A row that waits for work which nobody is to do: the work starts again if the row says what it was, and else
//! it ends in an error with a message.

use super::Note;
use crate::{
    domain::{
        MessageAction, MessageDetail, Operation, ProjectId, Resource, ResourceId, Scope, SnapshotEvent, SnapshotId,
        SnapshotStatus, Volume, VolumeEvent, VolumeId, VolumeStatus,
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
/// anything but its volume.
pub(super) async fn snapshot(
    tx: &mut Tx,
    id: SnapshotId,
    known: bool,
    note: Note<'_>,
) -> Result<Option<String>, StoreError> {
    let row = tx.snapshot_lock(&Scope::All, id).await?;
    let Some(mut snapshot) = row.filter(|row| !row.overridden) else {
        return Ok(None);
    };
    if tx.task_of(id.into()).await?.is_some() {
        return Ok(None);
    }
    let operation = match snapshot.status {
        SnapshotStatus::Creating if known => Operation::CreateSnapshot,
        SnapshotStatus::Deleting => Operation::DeleteSnapshot,
        SnapshotStatus::Unmanaging => Operation::UnmanageSnapshot,
        SnapshotStatus::Creating => {
            let Ok(before) = snapshot.apply(SnapshotEvent::CreateFailed, note.clock.now()) else {
                return Ok(None);
            };
            let cause = "its task was lost, and with it whether it was to be taken or to be taken over";
            tx.snapshot_update(&snapshot, before).await?;
            tell(tx, &snapshot.project_id, id.into(), cause, note).await?;
            return Ok(Some(format!("snapshot {id} is error now: {cause}")));
        }
        SnapshotStatus::Error
        | SnapshotStatus::Available
        | SnapshotStatus::Deleted
        | SnapshotStatus::Updating
        | SnapshotStatus::ErrorDeleting
        | SnapshotStatus::BackingUp
        | SnapshotStatus::Restoring => return Ok(None),
    };
    enqueue(tx, id.into(), Some(snapshot.volume_id.into()), operation, note).await?;
    Ok(Some(format!("snapshot {id} gets its task {operation} again")))
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

async fn enqueue(
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

async fn tell(
    tx: &mut Tx,
    project: &ProjectId,
    resource: Resource,
    cause: &str,
    note: Note<'_>,
) -> Result<(), StoreError> {
    let about = (MessageAction::Repair, MessageDetail::WorkLost);
    let message = note.message(project, resource, about, cause.to_owned());
    tx.message_insert(&message).await
}
