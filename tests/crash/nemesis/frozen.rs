//! A worker is frozen until long after its lease has ended, at every point on the way of an operation; another one
//! takes over; then the first wakes. Its late result must change nothing.

use std::{sync::Arc, time::Duration};

use rustix::process::Signal;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    case::{Case, created},
    database::Kind,
    operation::Operation,
    template::Template,
    trace::{Point, SETTING},
    wait::Deadline,
    world::World,
};

const AT_A_TIME: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);
const API_ONLY: [(&str, &str); 1] = [("BREEZEBLOCK__WORKER__ENABLED", "false")];
/// How often the frozen worker was found out, at least: by the fence, by its watch, or at the end.
const REFUSALS: [&str; 3] = [
    "the task was taken away",
    "claim lost, stopping",
    "outcome dropped, the claim is lost",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_late_result_changes_nothing() {
    let template = Arc::new(Template::new(Kind::Postgres).await);
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for operation in [Operation::CreateSnapshot, Operation::Revert, Operation::DeleteSnapshot] {
        let plain = Case {
            kind: Kind::Postgres,
            operation,
            first: None,
            second: None,
        };
        let trace = plain.run(&template).await.trace;
        let claimed = trace
            .serving
            .iter()
            .position(|point| point.name == "worker.claimed")
            .unwrap();
        // In a worker that serves nobody there are no commits of requests before its own.
        for point in of_the_worker(&trace.serving[claimed..]) {
            let (permits, template) = (Arc::clone(&permits), Arc::clone(&template));
            running.spawn(async move {
                let _permit = permits.acquire_owned().await.unwrap();
                freeze(&template, operation, &point).await
            });
        }
    }
    let mut cases = 0;
    let mut refused = 0;
    while let Some(done) = running.join_next().await {
        cases += 1;
        refused += usize::from(done.expect("a case failed; it is shown above"));
    }
    crate::report(&format!(
        "frozen workers: {cases} cases, {refused} late results refused, 0 stuck, 0 orphans, 0 lost"
    ));
    assert!(refused * 3 > cases, "more of them should have been overtaken");
}

/// As the first of its name that a process passes which serves nobody.
fn of_the_worker(points: &[Point]) -> Vec<Point> {
    let mut found: Vec<Point> = Vec::new();
    for point in points {
        if !found.iter().any(|known| known.name == point.name) && point.name != "store.wrote" {
            found.push(Point {
                name: point.name.clone(),
                pass: 1,
            });
        }
    }
    found
}

/// Whether the one that woke up was refused.
async fn freeze(template: &Template, operation: Operation, point: &Point) -> bool {
    let (world, scene) = template.copy(&format!("{operation:?} frozen at {point}")).await;
    let (_front, api) = world.serve_with(None, &API_ONLY).await;
    let (mut sleeper, _) = world.serve_with(Some(&format!("{point}:stop")), &[SETTING]).await;
    let reply = operation.request(&api, &scene).await;
    let mut deadline = Deadline::new("the worker freezes", PATIENCE);
    while !sleeper.is_frozen() {
        deadline.pause("it does not").await;
    }
    let (_other, _) = world.serve_with(None, &[]).await;
    world.leases_end().await;
    overtaken(&world).await;
    sleeper.signal(Signal::CONT);
    world.settled().await;
    sleeper.terminate();
    let status = sleeper.wait(PATIENCE).await;
    assert!(status.success(), "it ended badly: {status}");
    // What the one that woke up gave back.
    world.settled().await;

    assert!(reply.answered(), "the API has no part in this");
    let created = created(&world, &scene).await;
    world
        .assert_is(&operation.outcome(&scene, created, 1, None), &api)
        .await;
    let log = sleeper.log();
    REFUSALS.iter().any(|line| log.contains(line))
}

/// Waits until another worker has the task, or has finished it.
async fn overtaken(world: &World) {
    let mut deadline = Deadline::new("another worker takes over", PATIENCE);
    while world.count("tasks WHERE attempts < 2").await > 0 {
        deadline.pause("it does not").await;
    }
}
