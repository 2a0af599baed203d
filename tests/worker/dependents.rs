//! Snapshots that volumes depend on: the scripted driver shares bytes between the two for good.

use breezeblock::{
    domain::{MessageAction, MessageDetail, Operation, Snapshot, SnapshotStatus, Volume, VolumeStatus},
    driver::Kind,
    service::{DeleteOptions, Source},
    worker::Step,
};
use chrono::TimeDelta;

use crate::{
    script::Act,
    world::{OPTIONS, World, call},
};

/// An available volume that depends on the snapshot.
async fn dependent(world: &World, snapshot: &Snapshot) -> Volume {
    world.advance(TimeDelta::seconds(1));
    let volume = world.accept_volume(Source::Snapshot(snapshot.id.to_string())).await;
    world.drain().await;
    world.volume_now(volume.id).await
}

async fn delete_snapshot(world: &World, snapshot: &Snapshot) {
    let id = snapshot.id.to_string();
    world.service.snapshot_delete(&call(), &id).await.unwrap();
}

async fn delete_volume(world: &World, volume: &Volume, cascade: bool) {
    let options = DeleteOptions { cascade, force: false };
    let id = volume.id.to_string();
    world.service.volume_delete(&call(), &id, options).await.unwrap();
}

/// What the newest message says.
async fn last_cause(world: &World) -> String {
    world.messages().await.pop().unwrap().cause
}

pub async fn a_busy_snapshot_names_what_depends_on_it(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let (first, second) = (dependent(world, &snapshot).await, dependent(world, &snapshot).await);
    for status in [SnapshotStatus::Available, SnapshotStatus::Error] {
        world.advance(TimeDelta::seconds(1));
        world.reset_snapshot(snapshot.id, status).await;
        delete_snapshot(world, &snapshot).await;
        assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Deleting);
        assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
        let returned = world.snapshot_now(snapshot.id).await;
        assert_eq!((returned.status, returned.previous_status), (status, None));
        let message = world.messages().await.pop().unwrap();
        assert_eq!(message.action, MessageAction::DeleteSnapshot);
        assert_eq!(message.detail, MessageDetail::SnapshotBusy);
        assert_eq!(message.resource_uuid, snapshot.id.uuid());
        assert_eq!(
            message.cause,
            format!(
                "volumes {}, {} depend on it; delete what depends on it first",
                first.id, second.id
            )
        );
    }
    // Nobody had to ask the driver.
    assert!(!world.script.operations().contains(&Operation::DeleteSnapshot));

    delete_volume(world, &first, false).await;
    world.drain().await;
    world.advance(TimeDelta::seconds(1));
    delete_snapshot(world, &snapshot).await;
    world.drain().await;
    assert_eq!(
        last_cause(world).await,
        format!("volume {} depends on it; delete what depends on it first", second.id)
    );

    delete_volume(world, &second, false).await;
    world.drain().await;
    delete_snapshot(world, &snapshot).await;
    world.drain().await;
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}

pub async fn a_volume_that_failed_does_not_depend(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
    let failed = dependent(world, &snapshot).await;
    assert_eq!(failed.status, VolumeStatus::Error);
    delete_snapshot(world, &snapshot).await;
    world.drain().await;
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}

pub async fn a_dependent_that_is_leaving_is_waited_for(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let copy = dependent(world, &snapshot).await;
    let gate = world.script.pause_next();
    delete_volume(world, &copy, false).await;
    let leaving = world.step_until(&gate).await;
    delete_snapshot(world, &snapshot).await;
    let other = world.worker_with(OPTIONS);
    // However long it takes: that is no failure, and the waits do not grow.
    for _ in 0..OPTIONS.max_attempts * 2 {
        assert_eq!(other.step().await.unwrap(), Step::Retried(snapshot.id.into()));
        assert_eq!(other.step().await.unwrap(), Step::Idle);
        world.advance(TimeDelta::seconds(1));
    }
    gate.open();
    assert_eq!(leaving.await.unwrap(), Step::Finished(copy.id.into()));
    assert_eq!(other.step().await.unwrap(), Step::Finished(snapshot.id.into()));
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
    assert_eq!(world.messages().await, []);
}

pub async fn a_dependent_that_cannot_leave_makes_it_busy(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let copy = dependent(world, &snapshot).await;
    world
        .script
        .next([Act::Fatal(Kind::Denied, "the storage is read-only")]);
    delete_volume(world, &copy, false).await;
    delete_snapshot(world, &snapshot).await;
    assert_eq!(world.step().await, Step::Finished(copy.id.into()));
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.volume_now(copy.id).await.status, VolumeStatus::ErrorDeleting);
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Available);
    assert_eq!(
        last_cause(world).await,
        format!("volume {} depends on it; delete what depends on it first", copy.id)
    );
}

pub async fn what_the_driver_alone_knows_is_named_as_well_as_can_be(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    // A volume whose creation was given up, but left something that holds the snapshot.
    world.script.next([Act::Fatal(Kind::Failed, "the helper died")]);
    let failed = dependent(world, &snapshot).await;
    world
        .script
        .next([Act::Fatal(Kind::Busy, "something was made from it")]);
    world.advance(TimeDelta::seconds(1));
    delete_snapshot(world, &snapshot).await;
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Available);
    assert_eq!(
        last_cause(world).await,
        format!("something was made from it; made from it: volume {}", failed.id)
    );
}

pub async fn a_cascade_never_loses_a_busy_snapshot(world: &World) {
    let volume = world.volume().await;
    let (free, held) = (world.snapshot(&volume).await, world.snapshot(&volume).await);
    let copy = dependent(world, &held).await;
    delete_volume(world, &volume, true).await;
    assert_eq!(world.step().await, Step::Finished(free.id.into()));
    assert_eq!(world.step().await, Step::Finished(held.id.into()));
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));

    assert_eq!(world.find_snapshot(free.id).await, None);
    assert_eq!(world.snapshot_now(held.id).await.status, SnapshotStatus::Available);
    // Nothing is wrong with the volume: it is as busy as its snapshot, and where it was before.
    let returned = world.volume_now(volume.id).await;
    assert_eq!(
        (returned.status, returned.previous_status),
        (VolumeStatus::Available, None)
    );
    assert!(!world.script.operations().contains(&Operation::DeleteVolume));
    let message = world.messages().await.pop().unwrap();
    assert_eq!(message.resource_uuid, volume.id.uuid());
    assert_eq!(message.action, MessageAction::DeleteVolume);
    assert_eq!(
        message.cause,
        format!(
            "these snapshots could not be deleted: {} (available, because volume {} depends on it)",
            held.id, copy.id
        )
    );

    // What was in the way goes, and then the rest can.
    delete_volume(world, &copy, false).await;
    delete_volume(world, &volume, true).await;
    world.drain().await;
    assert_eq!(world.find_volume(volume.id).await, None);
    assert_eq!(world.find_snapshot(held.id).await, None);
}
