//! Deleting volumes and snapshots.

use breezeblock::{
    domain::{MessageAction, MessageDetail, Operation, SnapshotStatus, VolumeStatus},
    driver::Kind,
    service::{DeleteOptions, Source},
    worker::Step,
};

use crate::{
    script::{Act, call as driver_call},
    world::{World, call, call_of},
};

const BUSY: Act = Act::Fatal(Kind::Busy, "volumes were made from it");

pub async fn what_is_deleted_is_gone(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let (volume_id, snapshot_id) = (volume.id.to_string(), snapshot.id.to_string());
    world.service.snapshot_delete(&call(), &snapshot_id).await.unwrap();
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Deleting);
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.find_snapshot(snapshot.id).await, None);

    let options = DeleteOptions::default();
    world.service.volume_delete(&call(), &volume_id, options).await.unwrap();
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Deleting);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_eq!(world.find_volume(volume.id).await, None);
    let expected = [
        driver_call(Operation::DeleteSnapshot, snapshot.id).from(volume.id),
        driver_call(Operation::DeleteVolume, volume.id),
    ];
    assert_eq!(world.script.changes()[2..], expected);
    assert_eq!(world.messages().await, []);
}

pub async fn a_failure_says_why_to_the_owner(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    world
        .script
        .next([Act::Fatal(Kind::Denied, "the storage is read-only")]);
    // An admin of another project asks for it.
    let id = snapshot.id.to_string();
    world.service.snapshot_delete(&call_of("ops"), &id).await.unwrap();
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));

    let failed = world.snapshot_now(snapshot.id).await;
    assert_eq!(failed.status, SnapshotStatus::ErrorDeleting);
    let message = world.message().await;
    assert_eq!(message.project_id.as_str(), "p");
    assert_eq!(message.request_id, "req-ops");
    assert_eq!(message.resource_uuid, snapshot.id.uuid());
    assert_eq!(message.action, MessageAction::DeleteSnapshot);
    assert_eq!(message.detail, MessageDetail::SnapshotDeleteFailed);
    assert_eq!(message.cause, "the storage is read-only");

    // A force-delete is the way out.
    world.service.snapshot_force_delete(&call(), &id).await.unwrap();
    world.drain().await;
    assert_eq!(world.find_snapshot(snapshot.id).await, None);
}

pub async fn a_busy_snapshot_returns_to_where_it_was(world: &World) {
    let volume = world.volume().await;
    let available = world.snapshot(&volume).await;
    let failed = world.accept_snapshot(&volume).await;
    world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
    world.drain().await;
    for (id, status) in [
        (available.id, SnapshotStatus::Available),
        (failed.id, SnapshotStatus::Error),
    ] {
        let before = world.messages().await.len();
        world.advance(chrono::TimeDelta::seconds(1));
        world.script.next([BUSY]);
        world.service.snapshot_delete(&call(), &id.to_string()).await.unwrap();
        assert_eq!(world.step().await, Step::Finished(id.into()));
        let returned = world.snapshot_now(id).await;
        assert_eq!((returned.status, returned.previous_status), (status, None));

        let messages = world.messages().await;
        assert_eq!(messages.len(), before + 1);
        let message = messages.last().unwrap();
        assert_eq!(message.detail, MessageDetail::SnapshotBusy);
        assert_eq!(message.cause, "volumes were made from it");
    }
}

pub async fn a_busy_volume_returns_to_where_it_was(world: &World) {
    let available = world.volume().await;
    let failed = world.accept_volume(Source::Empty).await;
    world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
    world.drain().await;
    for (id, status) in [
        (available.id, VolumeStatus::Available),
        (failed.id, VolumeStatus::Error),
    ] {
        world.advance(chrono::TimeDelta::seconds(1));
        world.script.next([BUSY]);
        let options = DeleteOptions::default();
        let accepted = world.service.volume_delete(&call(), &id.to_string(), options).await;
        accepted.unwrap();
        assert_eq!(world.step().await, Step::Finished(id.into()));
        let returned = world.volume_now(id).await;
        assert_eq!((returned.status, returned.previous_status), (status, None));
        let messages = world.messages().await;
        let message = messages.last().unwrap();
        assert_eq!(message.action, MessageAction::DeleteVolume);
        assert_eq!(message.cause, "volumes were made from it");
    }
}

pub async fn a_busy_snapshot_that_was_not_finished_is_in_error(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let id = snapshot.id.to_string();
    // Twice: the second one replaces the task of the first, and must not return to `deleting`.
    for _ in 0..2 {
        world.service.snapshot_force_delete(&call(), &id).await.unwrap();
    }
    world.script.next([BUSY]);
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Error);
    assert_eq!(world.message().await.detail, MessageDetail::SnapshotBusy);
}

pub async fn a_missing_row_needs_no_driver(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let other = world.volume().await;
    let calls = world.script.calls();
    let service = &world.service;
    service
        .snapshot_delete(&call(), &snapshot.id.to_string())
        .await
        .unwrap();
    let options = DeleteOptions::default();
    service
        .volume_delete(&call(), &other.id.to_string(), options)
        .await
        .unwrap();
    // Somebody has tidied up by hand.
    let mut tx = world.store.begin().await.unwrap();
    assert!(
        tx.snapshot_delete(snapshot.id, SnapshotStatus::Deleting, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(
        tx.volume_delete(other.id, VolumeStatus::Deleting, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.step().await, Step::Finished(other.id.into()));
    assert_eq!(world.script.calls(), calls);
    assert_eq!(world.tasks().await, []);
}
