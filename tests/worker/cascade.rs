//! Volumes that are deleted together with their snapshots.

use breezeblock::{
    domain::{MessageAction, Operation, Snapshot, SnapshotStatus, Volume, VolumeStatus},
    driver::Kind,
    service::DeleteOptions,
    worker::Step,
};
use chrono::TimeDelta;

use crate::{
    script::Act,
    world::{World, call},
};

const CASCADE: DeleteOptions = DeleteOptions {
    cascade: true,
    force: false,
};

/// A volume and two snapshots of it, all about to be deleted.
async fn accept(world: &World) -> (Volume, Snapshot, Snapshot) {
    let volume = world.volume().await;
    let (first, second) = (world.snapshot(&volume).await, world.snapshot(&volume).await);
    let id = volume.id.to_string();
    world.service.volume_delete(&call(), &id, CASCADE).await.unwrap();
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Deleting);
    for snapshot in [&first, &second] {
        assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Deleting);
    }
    (volume, first, second)
}

pub async fn a_volume_goes_after_its_snapshots(world: &World) {
    let (volume, first, second) = accept(world).await;
    for expected in [first.id.into(), second.id.into(), volume.id.into()] {
        assert_eq!(world.step().await, Step::Finished(expected));
    }
    assert_eq!(world.step().await, Step::Idle);
    let deleted = [
        Operation::DeleteSnapshot,
        Operation::DeleteSnapshot,
        Operation::DeleteVolume,
    ];
    assert_eq!(world.script.operations()[3..], deleted);
    assert_eq!(world.find_volume(volume.id).await, None);
    assert_eq!(world.messages().await, []);
}

/// Lets the deletion of the first snapshot end like this, and checks what becomes of the volume.
async fn check_volume_stays(world: &World, end: Act, status: SnapshotStatus, volume_status: VolumeStatus) {
    let (volume, first, second) = accept(world).await;
    world.script.next([end]);
    for expected in [first.id.into(), second.id.into()] {
        assert_eq!(world.step().await, Step::Finished(expected));
    }
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_eq!(world.snapshot_now(first.id).await.status, status);
    assert_eq!(world.find_snapshot(second.id).await, None);
    assert_eq!(world.volume_now(volume.id).await.status, volume_status);
    // The driver was not even asked, because the snapshots need their volume.
    assert!(!world.script.operations().contains(&Operation::DeleteVolume));

    let messages = world.messages().await;
    assert_eq!(messages[0].resource_uuid, first.id.uuid());
    let about_volume = &messages[1];
    assert_eq!(about_volume.resource_uuid, volume.id.uuid());
    assert_eq!(about_volume.action, MessageAction::DeleteVolume);
    assert_eq!(
        about_volume.cause,
        format!("these snapshots could not be deleted: {} ({status})", first.id)
    );
}

pub async fn a_snapshot_that_stays_keeps_the_volume(world: &World) {
    let denied = Act::Fatal(Kind::Denied, "the storage is read-only");
    check_volume_stays(
        world,
        denied,
        SnapshotStatus::ErrorDeleting,
        VolumeStatus::ErrorDeleting,
    )
    .await;
}

pub async fn a_busy_snapshot_keeps_the_volume(world: &World) {
    let busy = Act::Fatal(Kind::Busy, "volumes were made from it");
    check_volume_stays(world, busy, SnapshotStatus::Available, VolumeStatus::Available).await;
}

pub async fn a_volume_waits_for_a_retry_of_its_snapshot(world: &World) {
    let (volume, first, second) = accept(world).await;
    world.script.next([Act::Later(Kind::Failed, "the storage is away")]);
    assert_eq!(world.step().await, Step::Retried(first.id.into()));
    assert_eq!(world.step().await, Step::Finished(second.id.into()));
    assert_eq!(world.step().await, Step::Idle);
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Deleting);
    world.advance(TimeDelta::seconds(1));
    for expected in [first.id.into(), volume.id.into()] {
        assert_eq!(world.step().await, Step::Finished(expected));
    }
    assert_eq!(world.find_volume(volume.id).await, None);
}
