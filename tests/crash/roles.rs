//! Processes that only take requests, and processes that only work: what one accepts the other begins at once.

use std::time::Duration;

use crate::{
    database::Kind,
    model::{Model, Volume},
    raw,
    wait::Deadline,
    world::World,
};

const FRONT: &[(&str, &str)] = &[("BREEZEBLOCK__WORKER__ENABLED", "false")];
/// A worker that never looks by itself as long as a test lasts.
const WORKER: &[(&str, &str)] = &[
    ("BREEZEBLOCK__SERVER__ENABLED", "false"),
    ("BREEZEBLOCK__WORKER__POLL_INTERVAL", "3600"),
];
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_begins_in_another_process_at_once() {
    let world = World::new(Kind::Postgres, "roles").await;
    let mut worker = world.spawn(None, WORKER);
    let mut deadline = Deadline::new("the worker works", PATIENCE);
    while !worker.log().contains("working on tasks only") {
        deadline.pause("it does not").await;
    }
    let (_front, api) = world.serve_with(None, FRONT).await;

    let mut model = Model::default();
    let mut create = async || {
        let id = api.create_volume(1, None).await.id();
        world.settled().await;
        model.volumes.insert(id, Volume { gib: 1, seed: 0 });
    };
    create().await;
    create().await;

    // Deaf, it listens again, and does not miss what was said meanwhile.
    let deafen = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let cut: Vec<(bool,)> = raw::rows(&world.database.url, deafen).await;
    assert_eq!(cut, [(true,), (true,)], "the ears of both processes");
    create().await;
    create().await;
    assert!(worker.log().contains("no longer hears other processes"));
    assert_eq!(worker.ended(), None);
    world.assert_is(&model, &api).await;
}
