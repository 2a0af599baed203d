//! Claims that are lost, kept and fenced.

use std::{pin::pin, time::Duration};

use breezeblock::{
    domain::{SnapshotStatus, VolumeStatus},
    driver::Kind,
    service::{DeleteOptions, Source},
    worker::{Options, Step},
};
use chrono::TimeDelta;

use crate::{
    script::{Act, Gate},
    world::{LEASE, OPTIONS, World, call},
};

/// So short that the worker looks at its claim all the time. It holds nevertheless, because the
/// clock stands still.
const WATCHFUL: Options = Options {
    lease: Duration::from_millis(30),
    ..OPTIONS
};

/// Lets one worker get stuck in a snapshot's creation, another one finish it, and the first one go on.
async fn overtake(world: &World, end: Vec<Act>) {
    let volume = world.volume().await;
    let snapshot = world.accept_snapshot(&volume).await;
    let gate = std::sync::Arc::new(Gate::default());
    world
        .script
        .next([vec![Act::Pause(std::sync::Arc::clone(&gate))], end].concat());
    // Its machine hangs, and nothing renews the lease.
    let stuck = world.step_until(&gate).await;
    let other = world.worker_with(OPTIONS);
    assert_eq!(other.step().await.unwrap(), Step::Idle);
    world.advance(LEASE);
    assert_eq!(other.step().await.unwrap(), Step::Finished(snapshot.id.into()));
    let finished = world.snapshot_now(snapshot.id).await;
    assert_eq!(finished.status, SnapshotStatus::Available);

    gate.open();
    assert_eq!(stuck.await.unwrap(), Step::LeaseLost(snapshot.id.into()));
    assert_eq!(world.snapshot_now(snapshot.id).await, finished);
    assert_eq!(world.messages().await, []);
    assert_eq!(world.tasks().await, []);
}

pub async fn a_stuck_worker_is_overtaken(world: &World) {
    overtake(world, Vec::new()).await;
    // One volume and one snapshot: the second attempt at the snapshot came to nothing.
    assert_eq!(world.script.changes().len(), 2);
    assert_eq!(world.script.refused().len(), 1);
}

pub async fn a_late_failure_is_dropped(world: &World) {
    overtake(world, vec![Act::Fatal(Kind::NoSpace, "the storage is full")]).await;
}

pub async fn a_late_retry_is_dropped(world: &World) {
    overtake(world, vec![Act::Later(Kind::Failed, "the storage is away")]).await;
    overtake(world, vec![Act::Unknown("nobody knows")]).await;
}

pub async fn renewing_keeps_the_claim(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    let gate = world.script.pause_next();
    let (worker, other) = (world.worker_with(WATCHFUL), world.worker_with(WATCHFUL));
    let watched = async {
        gate.reached().await;
        for _ in 0..5 {
            // Less than the lease, which must be counted anew from here.
            world.advance(TimeDelta::milliseconds(20));
            let renewed = world.now() + TimeDelta::milliseconds(30);
            world
                .eventually(async || world.lease_until().await == Some(renewed))
                .await;
            assert_eq!(other.step().await.unwrap(), Step::Idle);
        }
        gate.open();
    };
    let (step, ()) = tokio::join!(worker.step(), watched);
    assert_eq!(step.unwrap(), Step::Finished(volume.id.into()));
    assert_eq!(world.script.calls().len(), 1);
}

pub async fn a_lost_claim_stops_the_driver(world: &World) {
    let volume = world.accept_volume(Source::Empty).await;
    world.script.next([Act::UntilCancelled]);
    let worker = world.worker_with(WATCHFUL);
    let takeover = async {
        world.eventually(async || world.script.calls().len() == 1).await;
        world.reset_volume(volume.id, VolumeStatus::Error).await;
    };
    let (step, ()) = tokio::join!(worker.step(), takeover);
    assert_eq!(step.unwrap(), Step::LeaseLost(volume.id.into()));
    assert_eq!(world.volume_now(volume.id).await.status, VolumeStatus::Error);
    assert_eq!(world.script.changes(), []);
    assert_eq!(world.messages().await, []);
}

pub async fn a_busy_database_does_not_stall_the_worker(world: &World) {
    let volume = world.volume().await;
    let id = volume.id.to_string();
    world
        .service
        .volume_delete(&call(), &id, DeleteOptions::default())
        .await
        .unwrap();
    let worker = world.worker_with(WATCHFUL);
    let task = worker.claim().await.unwrap().unwrap();

    // The worker looks for snapshots in the way while somebody else writes, and wants to renew its
    // claim before that one is done.
    let writer = world.store.begin().await.unwrap();
    let mut performing = pin!(worker.perform(task));
    let blocked = tokio::time::timeout(Duration::from_millis(100), &mut performing).await;
    if blocked.is_err() {
        drop(writer);
        // Far less than the patience of the connection pool: nobody may wait for himself.
        let done = tokio::time::timeout(Duration::from_secs(3), performing).await;
        assert_eq!(
            done.expect("it waits for itself").unwrap(),
            Step::Finished(volume.id.into())
        );
    }
    assert_eq!(world.find_volume(volume.id).await, None);
}
