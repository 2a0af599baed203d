//! Volumes that grow.

use breezeblock::{
    domain::{MessageAction, MessageDetail, Operation, ProjectId, Volume, VolumeStatus},
    driver::Kind,
    worker::Step,
};

use crate::{
    script::{Act, call as driver_call},
    world::{GIB_1, GIB_2, World, call},
};

async fn gigabytes(world: &World) -> i64 {
    let project = ProjectId::new("p");
    world.store.quota_usage(&project, true).await.unwrap().of("gigabytes")
}

/// A volume that is about to grow.
async fn accept(world: &World) -> Volume {
    let volume = world.volume().await;
    assert_eq!(gigabytes(world).await, 1);
    let id = volume.id.to_string();
    world.service.volume_extend(&call(), &id, GIB_2, false).await.unwrap();
    let extending = world.volume_now(volume.id).await;
    assert_eq!(extending.status, VolumeStatus::Extending);
    assert_eq!((extending.size, extending.target_size), (GIB_1, Some(GIB_2)));
    assert_eq!(gigabytes(world).await, 2);
    volume
}

pub async fn a_volume_grows_and_uses_its_quota_at_once(world: &World) {
    let volume = accept(world).await;
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    let grown = world.volume_now(volume.id).await;
    assert_eq!(grown.status, VolumeStatus::Available);
    assert_eq!(
        (grown.size, grown.target_size, grown.previous_status),
        (GIB_2, None, None)
    );
    assert_eq!(gigabytes(world).await, 2);
    let expected = driver_call(Operation::ExtendVolume, volume.id).of(GIB_2);
    assert_eq!(world.script.changes().last(), Some(&expected));
    assert_eq!(world.messages().await, []);
}

pub async fn a_failure_gives_the_quota_back(world: &World) {
    let volume = accept(world).await;
    world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    let failed = world.volume_now(volume.id).await;
    assert_eq!(failed.status, VolumeStatus::ErrorExtending);
    assert_eq!(
        (failed.size, failed.target_size, failed.previous_status),
        (GIB_1, None, None)
    );
    assert_eq!(gigabytes(world).await, 1);
    let message = world.message().await;
    assert_eq!(message.action, MessageAction::ExtendVolume);
    assert_eq!(message.detail, MessageDetail::ExtendFailed);
    assert_eq!(message.cause, "the storage is full");
}

pub async fn a_volume_in_use_stays_in_use(world: &World) {
    let volume = world.volume().await;
    world.reset_volume(volume.id, VolumeStatus::InUse).await;
    let id = volume.id.to_string();
    world.service.volume_extend(&call(), &id, GIB_2, true).await.unwrap();
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    let grown = world.volume_now(volume.id).await;
    assert_eq!((grown.status, grown.size), (VolumeStatus::InUse, GIB_2));
}

pub async fn no_two_extensions_fit_where_one_does(world: &World) {
    let (first, second) = (world.volume().await, world.volume().await);
    let mut tx = world.store.begin().await.unwrap();
    tx.quota_set(&ProjectId::new("p"), "gigabytes", 3).await.unwrap();
    tx.commit().await.unwrap();
    let (caller, [one, other]) = (call(), [first.id, second.id].map(|id| id.to_string()));
    let (one, other) = tokio::join!(
        world.service.volume_extend(&caller, &one, GIB_2, false),
        world.service.volume_extend(&caller, &other, GIB_2, false),
    );
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|fits| **fits).count(), 1);
    world.drain().await;
    assert_eq!(gigabytes(world).await, 3);
}
