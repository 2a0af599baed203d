//! Work that must not overlap with other work.

use breezeblock::{
    domain::VolumeStatus,
    driver::Kind,
    service::{DeleteOptions, Source},
    worker::Step,
};

use crate::{
    script::Act,
    world::{OPTIONS, World, call},
};

pub async fn a_snapshot_outlives_the_volumes_made_from_it(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let id = snapshot.id.to_string();
    let copy = world.accept_volume(Source::Snapshot(id.clone())).await;
    let gate = world.script.pause_next();
    let copying = world.step_until(&gate).await;
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    let other = world.worker_with(OPTIONS);
    assert_eq!(other.step().await.unwrap(), Step::Idle);

    gate.open();
    assert_eq!(copying.await.unwrap(), Step::Finished(copy.id.into()));
    assert_eq!(other.step().await.unwrap(), Step::Finished(snapshot.id.into()));
    let copy = world.volume_now(copy.id).await;
    assert_eq!(
        (copy.status, copy.snapshot_id),
        (VolumeStatus::Available, Some(snapshot.id))
    );
}

pub async fn a_volume_outlives_its_clones(world: &World) {
    let volume = world.volume().await;
    let id = volume.id.to_string();
    let clone = world.accept_volume(Source::Volume(id.clone())).await;
    let gate = world.script.pause_next();
    let cloning = world.step_until(&gate).await;
    let options = DeleteOptions::default();
    world.service.volume_delete(&call(), &id, options).await.unwrap();
    let other = world.worker_with(OPTIONS);
    assert_eq!(other.step().await.unwrap(), Step::Idle);

    gate.open();
    assert_eq!(cloning.await.unwrap(), Step::Finished(clone.id.into()));
    assert_eq!(other.step().await.unwrap(), Step::Finished(volume.id.into()));
    assert_eq!(world.find_volume(volume.id).await, None);
}

pub async fn a_failed_clone_ends_the_wait(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let id = snapshot.id.to_string();
    let copy = world.accept_volume(Source::Snapshot(id.clone())).await;
    world.service.snapshot_delete(&call(), &id).await.unwrap();
    world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
    assert_eq!(world.step().await, Step::Finished(copy.id.into()));
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.volume_now(copy.id).await.status, VolumeStatus::Error);
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}
