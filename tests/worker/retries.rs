//! Failures that may pass, and outcomes that nobody knows.

use breezeblock::{
    domain::{SnapshotStatus, VolumeStatus},
    driver::Kind,
    service::Source,
    worker::Step,
};
use chrono::TimeDelta;

use crate::{
    script::Act,
    world::{OPTIONS, World},
};

const AWAY: Act = Act::Later(Kind::Failed, "the storage is away");

/// Checks that the task comes back after exactly so many seconds, and no earlier.
async fn wait(world: &World, seconds: i64) {
    world.advance(TimeDelta::seconds(seconds) - TimeDelta::microseconds(1));
    assert_eq!(world.step().await, Step::Idle);
    world.advance(TimeDelta::microseconds(1));
}

pub async fn a_passing_failure_is_tried_again_later(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    for seconds in [1, 2] {
        world.script.next([AWAY]);
        assert_eq!(world.step().await, Step::Retried(volume.id.into()));
        // Nobody sees anything of it but that it takes longer.
        assert_eq!(world.volume_now(volume.id).await, volume);
        wait(world, seconds).await;
    }
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Available);
    assert_eq!(world.messages().await, []);
    assert_eq!(world.script.changes().len(), 1);
}

pub async fn waits_grow(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    for seconds in [1, 2, 5, 10, 30, 60, 120, 300, 300, 300] {
        world.script.next([Act::Unknown("the helper did not answer")]);
        assert_eq!(world.step().await, Step::Retried(volume.id.into()));
        wait(world, seconds).await;
    }
    world.drain().await;
}

pub async fn giving_up_says_so(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    for attempt in 1..=OPTIONS.max_attempts {
        world.script.next([AWAY]);
        let step = world.step().await;
        if attempt < OPTIONS.max_attempts {
            assert_eq!(step, Step::Retried(snapshot.id.into()));
            world.advance(TimeDelta::minutes(5));
        } else {
            assert_eq!(step, Step::Finished(snapshot.id.into()));
        }
    }
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Error);
    let cause = world.message().await.cause;
    assert_eq!(cause, "the storage is away (gave up after 3 attempts)");
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.step().await, Step::Idle);
}

pub async fn an_unknown_outcome_is_never_final(world: &World) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    for _ in 0..OPTIONS.max_attempts * 5 {
        world.script.next([Act::Unknown("the helper did not answer")]);
        assert_eq!(world.step().await, Step::Retried(snapshot.id.into()));
        world.advance(TimeDelta::minutes(5));
    }
    assert_eq!(world.snapshot_now(snapshot.id).await, snapshot);
    assert_eq!(world.messages().await, []);
    assert_eq!(world.step().await, Step::Finished(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await.status, SnapshotStatus::Available);
}

pub async fn a_busy_lock_is_tried_again(world: &World) {
    // Unlike the `busy` of a delete that others depend on, this one passes.
    let volume = world.volume().await;
    let id = volume.id.to_string();
    let options = breezeblock::service::DeleteOptions::default();
    let call = crate::world::call();
    world.service.volume_delete(&call, &id, options).await.unwrap();
    world
        .script
        .next([Act::Later(Kind::Busy, "another operation is still running")]);
    assert_eq!(world.step().await, Step::Retried(volume.id.into()));
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Deleting);
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_eq!(world.find_volume(volume.id).await, None);
}
