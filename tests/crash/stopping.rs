//! SIGTERM in the middle of a long copy.

use std::{path::PathBuf, time::Duration};

use uuid::Uuid;

use crate::{
    api::Api,
    content,
    database::Kind,
    model::{Model, Snapshot, Volume},
    server::Server,
    wait::Deadline,
    world::World,
};

/// How much data there is to copy.
const MIB: u64 = 256;
/// To stop in the middle of a copy, which is a race with the disk.
const ATTEMPTS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_time_enough_the_work_is_finished() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind, "SIGTERM with time enough").await;
        let (volume, snapshot) = stop_during_a_copy(&world, "30").await;
        assert_eq!(leases(&world).await, [], "tasks");
        let (_server, api) = world.serve(None).await;
        assert_copied(&world, &api, volume, snapshot).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_time_the_work_is_given_back() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut given_back = false;
        for _attempt in 0..ATTEMPTS {
            given_back = given_back || stop_without_time(kind).await;
        }
        assert!(given_back, "{kind:?}: the copy was always faster than the signal");
    }
}

/// Whether there was work to give back; if not, it was finished.
async fn stop_without_time(kind: Kind) -> bool {
    let world = World::new(kind, "SIGTERM without time").await;
    let (volume, snapshot) = stop_during_a_copy(&world, "0").await;
    let left = leases(&world).await;
    assert!(
        left.iter().all(|(lease,)| lease.is_none()),
        "nobody works on it, but somebody has it"
    );
    let (_server, api) = world.serve(None).await;
    world.settled().await;
    assert_copied(&world, &api, volume, snapshot).await;
    !left.is_empty()
}

/// A server that is told to stop while it takes a snapshot, and has ended well.
async fn stop_during_a_copy(world: &World, grace: &str) -> (Uuid, Uuid) {
    let settings = [("BREEZEBLOCK__SERVER__SHUTDOWN_GRACE", grace)];
    let (mut server, api) = world.serve_with(None, &settings).await;
    let volume = api.create_volume(1, None).await.id();
    world.settled().await;
    content::fill(&world.volume(volume), MIB);

    let snapshot = api.create_snapshot(volume).await.id();
    let unfinished = unfinished(world, snapshot);
    let mut deadline = Deadline::new("the copy starts", PATIENCE);
    while !unfinished.metadata().is_ok_and(|file| file.len() > 0) {
        deadline.pause("nothing is there").await;
    }
    server.terminate();
    assert_ended_well(&mut server, Duration::from_secs(grace.parse().unwrap())).await;
    assert!(!unfinished.exists(), "an unfinished copy was left");
    (volume, snapshot)
}

fn unfinished(world: &World, snapshot: Uuid) -> PathBuf {
    world.storage().join(format!("snapshots/.snapshot-{snapshot}.tmp"))
}

async fn assert_ended_well(server: &mut Server, grace: Duration) {
    let status = server.wait(grace + Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(0), "{status}");
    let log = server.log();
    // actix's acceptor may not have heard of the end yet when its socket is shut, and says so.
    let mut errors = log.lines().filter(|line| line.contains(r#""level":"ERROR""#));
    let trouble = errors.any(|line| !line.contains("actix_server::accept"));
    assert!(log.contains("stopping") && !trouble, "{log}");
}

async fn leases(world: &World) -> Vec<(Option<Uuid>,)> {
    world.sql.rows("SELECT lease_token FROM tasks").await
}

async fn assert_copied(world: &World, api: &Api, volume: Uuid, snapshot: Uuid) {
    let mut model = Model::default();
    model.volumes.insert(volume, Volume { gib: 1, seed: 0 });
    model.snapshots.insert(snapshot, Snapshot::new(volume, 0));
    world.assert_state(&model, api).await;
    assert!(
        content::is_filled(&world.snapshot(snapshot), MIB),
        "the copy is not whole"
    );
}
