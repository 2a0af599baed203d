//! Creating volumes and snapshots.

use std::time::Duration;

use breezeblock::{
    domain::{MessageAction, MessageDetail, MessageResource, Operation, ResourceId, SnapshotStatus, VolumeStatus},
    driver::Kind,
    service::Source,
    worker::{Options, Step},
};

use crate::{
    script::{Act, call},
    world::{GIB_1, MESSAGE_TTL, OPTIONS, World},
};

pub async fn a_volume_becomes_available(world: &World) {
    assert_eq!(world.step().await, Step::Idle);
    let accepted = world.accept_volume(Source::Empty).await;
    assert_eq!(accepted.status, VolumeStatus::Creating);
    assert_eq!(world.step().await, Step::Finished(accepted.id.into()));
    assert_eq!(world.step().await, Step::Idle);

    let volume = world.volume_now(accepted.id).await;
    assert_eq!(volume.status, VolumeStatus::Available);
    assert_eq!(volume.updated_at, Some(world.now()));
    let expected = call(Operation::CreateVolume, volume.id).of(GIB_1);
    assert_eq!(world.script.changes(), [expected]);
    assert_eq!(world.messages().await, []);
}

pub async fn a_snapshot_becomes_available_with_its_progress(world: &World) {
    let volume = world.volume().await;
    let accepted = world.accept_snapshot(&volume).await;
    assert_eq!(accepted.status, SnapshotStatus::Creating);
    assert_eq!(accepted.progress.as_deref(), Some("0%"));
    assert_eq!(world.step().await, Step::Finished(accepted.id.into()));

    let snapshot = world.snapshot_now(accepted.id).await;
    assert_eq!(snapshot.status, SnapshotStatus::Available);
    assert_eq!(snapshot.progress.as_deref(), Some("100%"));
    assert_eq!(snapshot.updated_at, Some(world.now()));
    let expected = call(Operation::CreateSnapshot, snapshot.id).from(volume.id);
    assert_eq!(world.script.changes().last(), Some(&expected));
    assert_eq!(world.messages().await, []);
}

pub async fn sources_are_handed_to_the_driver(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let copy = world.accept_volume(Source::Snapshot(snapshot.id.to_string())).await;
    let clone = world.accept_volume(Source::Volume(volume.id.to_string())).await;
    world.drain().await;
    let expected = [
        call(Operation::CreateVolumeFromSnapshot, copy.id)
            .from(snapshot.id)
            .of(GIB_1),
        call(Operation::CreateVolumeFromVolume, clone.id)
            .from(volume.id)
            .of(GIB_1),
    ];
    assert_eq!(world.script.changes()[2..], expected);
    for id in [copy.id, clone.id] {
        assert_eq!(world.volume_now(id).await.status, VolumeStatus::Available);
    }
}

pub async fn progress_is_shown_on_the_way(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let (first, second) = (std::sync::Arc::default(), std::sync::Arc::default());
    world.script.next([
        Act::Progress(40),
        Act::Pause(std::sync::Arc::clone(&first)),
        // Progress never goes down.
        Act::Progress(10),
        Act::Progress(100),
        Act::Pause(std::sync::Arc::clone(&second)),
    ]);
    // The lease is what decides how often the worker looks; the clock stands still, so it holds.
    let worker = world.worker_with(Options {
        lease: Duration::from_millis(30),
        ..OPTIONS
    });
    let shows = async |progress: &str| {
        world
            .eventually(async || world.snapshot_now(snapshot.id).await.progress.as_deref() == Some(progress))
            .await;
    };
    let watched = async {
        shows("40%").await;
        first.open();
        shows("99%").await;
        second.open();
    };
    let (step, ()) = tokio::join!(worker.step(), watched);
    assert_eq!(step.unwrap(), Step::Finished(snapshot.id.into()));
    let done = world.snapshot_now(snapshot.id).await;
    assert_eq!(done.progress.as_deref(), Some("100%"));
}

pub async fn a_failure_says_why(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.snapshot(&volume).await;
    let empty = world.accept_volume(Source::Empty).await;
    let copy = world.accept_volume(Source::Snapshot(snapshot.id.to_string())).await;
    let clone = world.accept_volume(Source::Volume(volume.id.to_string())).await;
    let failed = world.accept_snapshot(&volume).await;
    for _ in 0..4 {
        world.script.next([Act::Fatal(Kind::NoSpace, "the storage is full")]);
        world.advance(chrono::TimeDelta::seconds(1));
        assert!(matches!(world.step().await, Step::Finished(_)));
    }
    for id in [empty.id, copy.id, clone.id] {
        assert_eq!(world.volume_now(id).await.status, VolumeStatus::Error);
    }
    assert_eq!(world.snapshot_now(failed.id).await.status, SnapshotStatus::Error);

    let messages = world.messages().await;
    let about: Vec<_> = messages.iter().map(|message| message.resource_uuid).collect();
    let expected: Vec<ResourceId> = vec![empty.id.into(), copy.id.into(), clone.id.into(), failed.id.into()];
    assert_eq!(about, expected.into_iter().map(ResourceId::uuid).collect::<Vec<_>>());
    for message in &messages {
        assert_eq!(message.cause, "the storage is full");
        assert_eq!(message.project_id.as_str(), "p");
        assert_eq!(message.request_id, "req-p");
        assert_eq!(message.expires_at, message.created_at + MESSAGE_TTL);
    }
    let of_volume = &messages[0];
    assert_eq!(of_volume.resource, MessageResource::Volume);
    assert_eq!(of_volume.action, MessageAction::CreateVolume);
    assert_eq!(of_volume.detail, MessageDetail::CreateVolumeFailed);
    let of_snapshot = &messages[3];
    assert_eq!(of_snapshot.event_id(), "VOLUME_VOLUME_SNAPSHOT_009_013");
    assert_eq!(
        of_snapshot.user_message(),
        "create snapshot:Snapshot failed to create. the storage is full."
    );
}
