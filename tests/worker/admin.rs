//! Admins and Nova take over while the worker is at it.

use breezeblock::{
    domain::{Operation, SnapshotStatus, VolumeStatus},
    service::Source,
    worker::Step,
};

use crate::{
    script::{Act, call as driver_call},
    world::{GIB_2, World, call},
};

pub async fn a_reset_drops_the_outcome_of_a_running_create(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let gate = world.script.pause_next();
    let creating = world.step_until(&gate).await;
    world.reset_snapshot(snapshot.id, SnapshotStatus::Error).await;
    let reset = world.snapshot_now(snapshot.id).await;
    assert_eq!(reset.status, SnapshotStatus::Error);
    gate.open();
    assert_eq!(creating.await.unwrap(), Step::LeaseLost(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await, reset);
    assert_eq!(world.tasks().await, []);
    assert_eq!(world.script.refused().len(), 1);
    assert_eq!(world.messages().await, []);
}

pub async fn a_reset_to_creating_starts_no_work(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let calls = world.script.calls();
    for status in [
        SnapshotStatus::Creating,
        SnapshotStatus::Deleting,
        SnapshotStatus::Restoring,
    ] {
        world.reset_snapshot(snapshot.id, status).await;
        assert_eq!(world.step().await, Step::Idle);
        assert_eq!(world.snapshot_now(snapshot.id).await.status, status);
    }
    for status in [VolumeStatus::Creating, VolumeStatus::Deleting, VolumeStatus::Extending] {
        world.reset_volume(volume.id, status).await;
        assert_eq!(world.step().await, Step::Idle);
        assert_eq!(world.volume_now(volume.id).await.status, status);
    }
    assert_eq!(world.script.calls(), calls);
}

pub async fn a_reset_of_an_extending_volume_frees_its_quota(world: &World) {
    let volume = world.volume().await;
    let id = volume.id.to_string();
    world.service.volume_extend(&call(), &id, GIB_2, false).await.unwrap();
    world.reset_volume(volume.id, VolumeStatus::Available).await;
    let reset = world.volume_now(volume.id).await;
    assert_eq!(
        (reset.size, reset.target_size, reset.previous_status),
        (volume.size, None, None)
    );
    assert_eq!(world.step().await, Step::Idle);
}

pub async fn a_force_delete_overtakes_a_running_create(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let gate = world.script.pause_next();
    let creating = world.step_until(&gate).await;
    let id = snapshot.id.to_string();
    world.service.snapshot_force_delete(&call(), &id).await.unwrap();
    gate.open();
    assert_eq!(creating.await.unwrap(), Step::LeaseLost(snapshot.id.into()));
    let deleting = world.snapshot_now(snapshot.id).await;
    assert_eq!(deleting.status, SnapshotStatus::Deleting);
    assert_eq!(world.script.refused().len(), 1);

    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
    let last = world.script.changes().pop();
    let expected = driver_call(Operation::DeleteSnapshot, snapshot.id).from(volume.id);
    assert_eq!(last, Some(expected));
    assert_eq!(world.messages().await, []);
}

pub async fn a_force_delete_of_a_volume_overtakes_a_running_create(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    let gate = world.script.pause_next();
    let creating = world.step_until(&gate).await;
    let id = volume.id.to_string();
    world.service.volume_force_delete(&call(), &id).await.unwrap();
    // The deletion runs first this time; the driver excludes the two from each other.
    let other = world.worker_with(crate::world::OPTIONS);
    assert_eq!(other.step().await.unwrap(), Step::Finished(volume.id.into()));
    assert_eq!(world.find_volume(volume.id).await, None);
    gate.open();
    assert_eq!(creating.await.unwrap(), Step::LeaseLost(volume.id.into()));
    assert_eq!(
        world.script.changes(),
        [driver_call(Operation::DeleteVolume, volume.id)]
    );
    assert_eq!(world.find_volume(volume.id).await, None);
}

pub async fn a_report_from_nova_ends_the_work(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let gate = world.script.pause_next();
    let creating = world.step_until(&gate).await;
    let (service, id) = (&world.service, snapshot.id.to_string());
    // Still at it: that changes nothing for the worker.
    let progress = Some("45%".to_owned());
    service
        .snapshot_update_status(&call(), &id, "creating", progress)
        .await
        .unwrap();
    assert_eq!(world.tasks().await.len(), 1);
    let progress = Some("100%".to_owned());
    service
        .snapshot_update_status(&call(), &id, "available", progress)
        .await
        .unwrap();
    let reported = world.snapshot_now(snapshot.id).await;
    gate.open();
    assert_eq!(creating.await.unwrap(), Step::LeaseLost(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await, reported);
    assert_eq!(reported.status, SnapshotStatus::Available);
}

pub async fn a_reset_from_error_deleting_allows_another_delete(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let id = snapshot.id.to_string();
    world.script.next([Act::Fatal(
        breezeblock::driver::Kind::Denied,
        "the storage is read-only",
    )]);
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    assert!(world.service.snapshot_delete(&call(), &id).await.is_err());
    world.reset_snapshot(snapshot.id, SnapshotStatus::Error).await;
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}
