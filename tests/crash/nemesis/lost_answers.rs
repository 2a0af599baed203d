//! The database commits, and the answer is lost with the connection: on every write of every operation. Each is done
//! once, however often somebody is unsure whether it was done.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet};

use super::proxy::Proxy;
use crate::{
    case::created,
    database::Kind,
    operation::Operation,
    template::{Template, name},
    wait::Deadline,
};

const AT_A_TIME: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);

/// The writes, by the beginning of the statement that ends them.
const WRITES: [(&str, &[Operation]); 4] = [
    (
        "COMMIT",
        &[
            Operation::CreateVolume,
            Operation::CreateSnapshot,
            Operation::FailingSnapshot,
            Operation::DeleteSnapshot,
            Operation::ForceDelete,
            Operation::Reset,
            Operation::Manage,
            Operation::Unmanage,
            Operation::Clone,
            Operation::Revert,
            Operation::Extend,
            Operation::CascadeDelete,
        ],
    ),
    (
        "WITH picked AS",
        &[Operation::CreateSnapshot, Operation::DeleteSnapshot, Operation::Revert],
    ),
    ("UPDATE tasks SET run_at", &[Operation::PostponedDelete]),
    ("UPDATE tasks SET lease_until", &[Operation::PostponedDelete]),
];
/// More writes of one kind than any operation has; reaching it would mean that some were never tried.
const MOST: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_done_is_done_once() {
    let template = Arc::new(Template::new(Kind::Postgres).await);
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (text, operations) in WRITES {
        for &operation in operations {
            let (permits, template) = (Arc::clone(&permits), Arc::clone(&template));
            running.spawn(async move {
                let _permit = permits.acquire_owned().await.unwrap();
                let mut lost = 0;
                while lost < MOST && lose(&template, operation, text, lost).await {
                    lost += 1;
                }
                assert!(lost > 0, "{operation:?} has no such write: {text}");
                assert!(lost < MOST, "{operation:?} has more such writes: {text}");
                lost
            });
        }
    }
    let (mut cases, mut lost) = (0, 0);
    while let Some(done) = running.join_next().await {
        cases += 1;
        lost += done.expect("an operation failed; it is shown above");
    }
    crate::report(&format!(
        "lost answers: {cases} operations, {lost} answers lost, each done once; 0 stuck, 0 orphans, 0 lost"
    ));
}

/// Whether the operation came to the write whose answer was to be lost.
async fn lose(template: &Template, operation: Operation, text: &str, spared: usize) -> bool {
    let about = format!("{operation:?} without answer {spared} of {text}");
    let (world, scene) = template.copy(&about).await;
    let scene = operation.prepare(&world, scene).await;
    let mut hold = operation.hold(&world, &scene);
    let proxy = Proxy::start().await;
    let url = proxy.url(name(&world.database));
    let (mut server, api) = world.serve_with(None, &[("BREEZEBLOCK__DATABASE__URL", &url)]).await;
    proxy.swallow(text, spared);
    let api = api.that_may_be_unavailable();
    let answered = crate::case::drive(operation, &world, &mut server, &api, &scene, &mut hold).await;
    if operation.lets_go() {
        hold = None;
    }
    let mut deadline = Deadline::new("the work is done", PATIENCE);
    while world.tasks().await > 0 {
        deadline.pause("it is not").await;
    }
    assert_eq!(server.ended(), None, "it died");
    let created = created(&world, &scene).await;
    // Whether or not the client was told.
    let in_doubt = operation == Operation::ForceDelete && answered < 2;
    let wanted = operation.outcome(&scene, created, if in_doubt { 1 } else { answered.max(1) }, None);
    world.assert_is(&wanted, &api).await;
    drop(hold);
    proxy.swallowed() > 0
}
