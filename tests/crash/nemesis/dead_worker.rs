//! One of two workers is killed while it holds a claim: the other finishes when the lease has run out, and not before.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::{database::Kind, hold::Hold, template::Template, wait::Deadline};

const PATIENCE: Duration = Duration::from_secs(30);
/// `worker.lease` of the servers here.
const LEASE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_other_one_finishes() {
    let template = Template::new(Kind::Postgres).await;
    let (world, scene) = template.copy("one of two workers dies").await;
    let (_front, api) = world
        .serve_with(None, &[("BREEZEBLOCK__WORKER__ENABLED", "false")])
        .await;
    let (first, _) = world.serve_with(None, &[]).await;
    let older = scene.snapshots[0];
    let hold = Hold::lock(&world, &format!("snapshot-{older}"));
    let claimed = Instant::now();
    assert!(api.delete_snapshot(older).await.answered());
    let mut deadline = Deadline::new("the first worker claims it", PATIENCE);
    while world.count("tasks WHERE lease_token IS NOT NULL").await == 0 {
        deadline.pause("it does not").await;
    }
    // So that it does not give the task up by itself before it dies.
    first.signal(Signal::STOP);
    let (second, _) = world.serve_with(None, &[]).await;
    assert!(!first.log().contains(r#""message":"done""#));
    first.kill();
    drop(hold);
    world.settled().await;
    assert!(
        claimed.elapsed() >= LEASE,
        "it was taken from a worker whose lease had not ended"
    );

    let mut model = scene.model.clone();
    model.snapshots.remove(&older);
    world.assert_is(&model, &api).await;
    let done = second.log().matches(r#""message":"done""#).count();
    assert_eq!(done, 1, "by the second worker, once");
}
