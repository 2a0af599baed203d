//! Every operation, killed at every point that it passes, on both databases.

use std::{sync::Arc, time::Duration};

use breezeblock::breakpoint;
use tokio::{sync::Semaphore, task::JoinSet};
use uuid::Uuid;

use crate::{
    database::Kind,
    model::Model,
    operation::{self, Operation},
    world::{Scene, World, answered},
};

/// Cases at a time: most of a case is waiting for a lease to run out.
const AT_A_TIME: usize = 8;
/// How long the way to a point may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres() {
    run(Kind::Postgres).await;
}

#[test]
fn every_breakpoint_is_passed_by_some_operation() {
    for point in breakpoint::ALL {
        assert!(
            operation::ALL.iter().any(|operation| operation.passes(point)),
            "{point}"
        );
    }
    for point in operation::ALL.iter().flat_map(|operation| operation.not_passed()) {
        assert!(breakpoint::ALL.contains(point), "{point} does not exist");
    }
}

/// Runs all cases, whether or not some fail, and then fails with their names. What each was about is
/// shown by its [`World`].
async fn run(kind: Kind) {
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut cases = JoinSet::new();
    for operation in operation::ALL {
        for &point in breakpoint::ALL {
            let permits = Arc::clone(&permits);
            cases.spawn(async move {
                let _permit = permits.acquire_owned().await.unwrap();
                case(kind, operation, point).await;
            });
        }
    }
    let mut failed = 0;
    while let Some(case) = cases.join_next().await {
        failed += usize::from(case.is_err());
    }
    assert_eq!(failed, 0, "cases failed on {kind:?}; each is shown above");
}

async fn case(kind: Kind, operation: Operation, point: &'static str) {
    let world = World::new(kind, &format!("{operation:?} at {point}")).await;
    let scene = world.set_the_scene().await;
    let (mut server, api) = world.serve(Some(point)).await;
    let reply = operation.request(&api, &scene).await;

    if !operation.passes(point) {
        world.settled().await;
        assert_eq!(server.ended(), None, "it died at a point that it is not known to pass");
        world.assert_is(&done(&world, operation, &scene).await, &api).await;
        return;
    }
    let status = server.wait(PATIENCE).await;
    server.assert_died_at(status, point);

    let (_server, api) = world.serve(None).await;
    world.settled().await;
    let wanted = if point == "store.accept.before_commit" {
        assert!(!answered(&reply), "answered before it was committed");
        scene.model.clone()
    } else {
        done(&world, operation, &scene).await
    };
    world.assert_is(&wanted, &api).await;
}

/// What should be there, with the id of what is new in the database.
async fn done(world: &World, operation: Operation, scene: &Scene) -> Model {
    let known = |id: &Uuid| scene.model.volumes.contains_key(id) || scene.model.snapshots.contains_key(id);
    let created = world.ids().await.into_iter().find(|id| !known(id));
    operation.done(scene, created)
}
