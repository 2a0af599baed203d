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

/// That a worker has written its result.
pub const DONE: &str = r#""message":"done""#;
const AT_A_TIME: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);
const API_ONLY: [(&str, &str); 1] = [("BREEZEBLOCK__WORKER__ENABLED", "false")];
/// How a worker is found out that has lost its claim: by the fence, by its watch, or at the end.
pub const REFUSALS: [&str; 3] = [
    "the task was taken away",
    "claim lost, stopping",
    "outcome dropped, the claim is lost",
];

/// What became of the result of a worker that was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Late {
    /// Its claim was another's.
    Refused,
    /// PostgreSQL had ended its transaction, which had been open for too long, so that COMMIT failed.
    RolledBack,
    /// It was not late: the COMMIT had been sent.
    Committed,
    /// It was told nothing, and has told nothing.
    Unknown,
}

impl Late {
    fn of(log: &str) -> Self {
        let says = |line: &str| log.contains(line);
        match (REFUSALS.into_iter().any(says), says("cannot finish a task"), says(DONE)) {
            (true, _, _) => Self::Refused,
            (false, true, _) => Self::RolledBack,
            (false, false, true) => Self::Committed,
            _ => Self::Unknown,
        }
    }

    /// What may become of it at this point.
    fn allowed(point: &str) -> &'static [Self] {
        match point {
            // The transaction is open and holds the row of the task, so nobody can take that over until PostgreSQL
            // ends it. The signal may come a moment later than the point, when COMMIT is on its way.
            "store.before_commit" => &[Self::RolledBack, Self::Committed],
            // The result was there before the freeze.
            "store.committed" => &[Self::Committed],
            _ => &[Self::Refused],
        }
    }
}

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
                let log = freeze(&template, operation, &point).await;
                let late = Late::of(&log);
                assert!(
                    Late::allowed(&point.name).contains(&late),
                    "{operation:?} at {point}: {late:?}\n{log}"
                );
                late
            });
        }
    }
    let (mut cases, mut by_the_claim, mut by_the_database) = (0, 0, 0);
    while let Some(done) = running.join_next().await {
        cases += 1;
        let late = done.expect("a case failed; it is shown above");
        by_the_claim += usize::from(late == Late::Refused);
        by_the_database += usize::from(late == Late::RolledBack);
    }
    crate::report(&format!(
        "frozen workers: {cases} cases, {by_the_claim} late results refused since the claim was lost, {by_the_database} \
         rolled back by PostgreSQL, {} committed before they were late; 0 stuck, 0 orphans, 0 lost",
        cases - by_the_claim - by_the_database
    ));
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

/// The log of the one that woke up.
async fn freeze(template: &Template, operation: Operation, point: &Point) -> String {
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
    sleeper.log()
}

/// Waits until another worker has the task, or has finished it.
async fn overtaken(world: &World) {
    let mut deadline = Deadline::new("another worker takes over", PATIENCE);
    while world.count("tasks WHERE attempts < 2").await > 0 {
        deadline.pause("it does not").await;
    }
}
