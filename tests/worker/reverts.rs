//! Volumes that go back to their latest snapshot.

use breezeblock::{
    domain::{MessageAction, MessageDetail, Operation, Snapshot, SnapshotStatus, Volume, VolumeStatus},
    driver::Kind,
    service::DeleteOptions,
    worker::Step,
};
use chrono::TimeDelta;

use crate::{
    script::{Act, call as driver_call},
    world::{World, call},
};

/// A volume that is about to go back to its snapshot.
async fn accept(world: &World) -> (Volume, Snapshot) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let (volume_id, snapshot_id) = (volume.id.to_string(), snapshot.id.to_string());
    let accepted = world
        .service
        .volume_revert(&call(), &volume_id, Some(&snapshot_id))
        .await;
    accepted.unwrap();
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Reverting,
        SnapshotStatus::Restoring,
    )
    .await;
    assert_eq!(world.volume_now(volume.id).await.revert_snapshot_id, Some(snapshot.id));
    (volume, snapshot)
}

async fn assert_statuses(
    world: &World,
    volume: &Volume,
    snapshot: &Snapshot,
    of_volume: VolumeStatus,
    of_snapshot: SnapshotStatus,
) {
    let (volume, snapshot) = (world.volume_now(volume.id).await, world.snapshot_now(snapshot.id).await);
    assert_eq!((volume.status, snapshot.status), (of_volume, of_snapshot));
}

pub async fn a_revert_ends_with_both_available(world: &World) {
    let (volume, snapshot) = accept(world).await;
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Available,
        SnapshotStatus::Available,
    )
    .await;
    let expected = driver_call(Operation::RevertVolume, volume.id).from(snapshot.id);
    assert_eq!(world.script.changes().last(), Some(&expected));
    assert_eq!(world.messages().await, []);
}

pub async fn a_failed_revert_frees_the_snapshot(world: &World) {
    let (volume, snapshot) = accept(world).await;
    world
        .script
        .next([Act::Fatal(Kind::InUse, "the volume is open for writing")]);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Error,
        SnapshotStatus::Available,
    )
    .await;
    let message = world.message().await;
    assert_eq!(message.resource_uuid, volume.id.uuid());
    assert_eq!(message.action, MessageAction::RevertVolume);
    assert_eq!(message.detail, MessageDetail::RevertFailed);
    assert_eq!(message.cause, "the volume is open for writing");
}

pub async fn a_revert_that_is_tried_again_keeps_both(world: &World) {
    let (volume, snapshot) = accept(world).await;
    world.script.next([Act::Unknown("nobody knows")]);
    assert_eq!(world.step().await, Step::Retried(volume.id.into()));
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Reverting,
        SnapshotStatus::Restoring,
    )
    .await;
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Available,
        SnapshotStatus::Available,
    )
    .await;
}

pub async fn a_reset_of_the_volume_frees_the_snapshot(world: &World) {
    let (volume, snapshot) = accept(world).await;
    let gate = world.script.pause_next();
    let reverting = world.step_until(&gate).await;
    world.reset_volume(volume.id, VolumeStatus::Available).await;
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Available,
        SnapshotStatus::Available,
    )
    .await;
    gate.open();
    assert_eq!(reverting.await.unwrap(), Step::LeaseLost(volume.id.into()));
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Available,
        SnapshotStatus::Available,
    )
    .await;
    assert_eq!(world.script.refused().len(), 1);
}

pub async fn a_force_delete_of_the_snapshot_waits_for_the_revert(world: &World) {
    let (volume, snapshot) = accept(world).await;
    let id = snapshot.id.to_string();
    world.service.snapshot_force_delete(&call(), &id).await.unwrap();
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Reverting,
        SnapshotStatus::Deleting,
    )
    .await;
    // The revert still needs the bytes.
    let gate = world.script.pause_next();
    let reverting = world.step_until(&gate).await;
    let other = world.worker_with(crate::world::OPTIONS);
    assert_eq!(other.step().await.unwrap(), Step::Idle);
    gate.open();
    assert_eq!(reverting.await.unwrap(), Step::Finished(volume.id.into()));
    // The end of the revert does not make it available again.
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Available,
        SnapshotStatus::Deleting,
    )
    .await;
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}

pub async fn a_forced_cascade_ends_a_revert(world: &World) {
    let (volume, snapshot) = accept(world).await;
    let gate = world.script.pause_next();
    let reverting = world.step_until(&gate).await;
    let options = DeleteOptions {
        cascade: true,
        force: true,
    };
    let id = volume.id.to_string();
    world.service.volume_delete(&call(), &id, options).await.unwrap();
    assert_statuses(
        world,
        &volume,
        &snapshot,
        VolumeStatus::Deleting,
        SnapshotStatus::Deleting,
    )
    .await;
    gate.open();
    assert_eq!(reverting.await.unwrap(), Step::LeaseLost(volume.id.into()));
    for expected in [snapshot.id.into(), volume.id.into()] {
        assert_eq!(world.step().await, Step::Finished(expected));
    }
    assert_eq!(world.find_volume(volume.id).await, None);
}
