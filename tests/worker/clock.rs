//! A clock that is set back: nothing is stuck until it has caught up, and nobody is robbed of work that is under way.

use std::{sync::Arc, time::Duration};

use breezeblock::{
    clock::ManualClock,
    domain::{SnapshotStatus, VolumeStatus},
    driver::Kind,
    service::Source,
    worker::Step,
};
use chrono::TimeDelta;
use tokio::time::Instant;

use crate::{
    script::Act,
    world::{LEASE, OPTIONS, World},
};

const DAY: TimeDelta = TimeDelta::days(1);
const A_LEASE: Duration = OPTIONS.lease;

pub async fn accepted_work_does_not_wait_for_the_clock(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    world.advance(-DAY);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Available);
}

pub async fn postponed_work_does_not_wait_for_the_clock(world: &World) {
    for back in [DAY, TimeDelta::minutes(11)] {
        let volume = world.accept_volume(Source::Empty).await;
        world.script.next([Act::Later(Kind::Failed, "the storage is away")]);
        assert_eq!(world.step().await, Step::Retried(volume.id.into()));
        world.advance(-back);
        assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    }
    // A few minutes are a wait like any other.
    let volume = world.accept_volume(Source::Empty).await;
    world.script.next([Act::Later(Kind::Failed, "the storage is away")]);
    assert_eq!(world.step().await, Step::Retried(volume.id.into()));
    world.advance(-TimeDelta::minutes(3));
    assert_eq!(world.step().await, Step::Idle);
    world.advance(TimeDelta::minutes(3) + TimeDelta::seconds(1));
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
}

pub async fn a_dead_worker_s_work_does_not_wait_for_the_clock(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    let dead = world.worker_with(OPTIONS).claim().await.unwrap().unwrap();
    world.advance(-DAY);
    let worker = &world.worker;
    let start = Instant::now();
    assert_eq!(worker.free_stranded(start).await.unwrap(), 0);
    assert_eq!(world.step().await, Step::Idle);
    let almost = start + A_LEASE - Duration::from_millis(1);
    assert_eq!(worker.free_stranded(almost).await.unwrap(), 0);
    assert_eq!(world.step().await, Step::Idle);
    assert_eq!(worker.free_stranded(start + A_LEASE).await.unwrap(), 1);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
    // Should it live after all, it is fenced like anybody who has lost a claim.
    assert!(!world.store.task_owned(&dead).await.unwrap());
    assert_eq!(worker.free_stranded(start + A_LEASE * 2).await.unwrap(), 0);
}

pub async fn a_worker_that_lives_is_not_robbed(world: &World) {
    world.accept_volume(Source::Empty).await;
    let held = world.worker_with(OPTIONS).claim().await.unwrap().unwrap();
    // Another machine's clock is wrong, so that all claims seem to hold for a day.
    let wrong = Arc::new(ManualClock::new(world.now() - DAY));
    let other = world.worker_at(&wrong);
    let start = Instant::now();
    for third in 0..9 {
        assert_eq!(other.free_stranded(start + A_LEASE / 3 * third).await.unwrap(), 0);
        assert_eq!(other.step().await.unwrap(), Step::Idle);
        world.advance(LEASE / 3);
        assert!(world.store.task_renew(&held, world.now() + LEASE).await.unwrap());
    }
    // Then it dies; the last renewal counts.
    let last = start + A_LEASE / 3 * 9;
    assert_eq!(other.free_stranded(last).await.unwrap(), 0);
    assert_eq!(other.free_stranded(last + A_LEASE).await.unwrap(), 1);
    assert!(matches!(other.step().await.unwrap(), Step::Finished(_)));
}

pub async fn a_claim_is_renewed_with_the_clock_of_now(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    let task = world.worker.claim().await.unwrap().unwrap();
    world.advance(-DAY);
    assert!(world.store.task_renew(&task, world.now() + LEASE).await.unwrap());
    // From then on everything is as it always is: here the worker dies.
    world.advance(LEASE);
    assert_eq!(world.step().await, Step::Finished(volume.id.into()));
}

pub async fn snapshots_stay_in_the_order_in_which_they_were_taken(world: &World) {
    let volume = world.volume().await;
    let mut taken = Vec::new();
    for back in [
        TimeDelta::zero(),
        DAY,
        TimeDelta::seconds(1),
        TimeDelta::microseconds(1),
    ] {
        world.advance(-back);
        taken.push(world.snapshot(&volume).await);
    }
    assert!(taken.iter().all(|one| one.status == SnapshotStatus::Available));
    assert!(
        taken.is_sorted_by(|one, next| one.created_at < next.created_at),
        "{taken:?}"
    );
    // So the newest is the one that was taken last.
    let mut tx = world.store.begin().await.unwrap();
    assert_eq!(tx.snapshot_latest_of(volume.id).await.unwrap().as_ref(), taken.last());
}
