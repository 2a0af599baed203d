//! The database is there and says nothing. Nobody waits for ever: requests are answered with 503 within a bound,
//! workers wait; when it speaks again, everything goes on by itself, and nothing is done twice.

use std::time::{Duration, Instant};

use reqwest::Method;

use super::{
    frozen::{DONE, REFUSALS},
    proxy::Proxy,
};
use crate::{
    api::UNAVAILABLE,
    database::Kind,
    model::Snapshot,
    template::{Template, name},
    trace::SETTING,
    wait::Deadline,
};

const TIMEOUT: &str = "2";
/// A connection, which is tested, and a statement; and a busy machine.
const BOUND: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_and_workers_outlast_it() {
    let template = Template::new(Kind::Postgres).await;
    let (world, scene) = template.copy("a silent database").await;
    let proxy = Proxy::start().await;
    let url = proxy.url(name(&world.database));
    let settings = [
        ("BREEZEBLOCK__DATABASE__URL", url.as_str()),
        ("BREEZEBLOCK__DATABASE__TIMEOUT", TIMEOUT),
    ];
    let (mut server, api) = world.serve_with(None, &settings).await;
    let health = server.address.clone() + "/healthcheck";
    let mut model = scene.model.clone();

    proxy.freeze();
    // More than the pool has connections, so that some wait for one, and two rounds, so that none is lost.
    for _round in 0..2 {
        let mut requests = tokio::task::JoinSet::new();
        for number in 0..6 {
            let (api, volume) = (api.clone(), scene.volume);
            requests.spawn(async move {
                let start = Instant::now();
                let reply = if number % 2 == 0 {
                    let body = serde_json::json!({"snapshot": {"volume_id": volume.to_string()}});
                    api.raw(Method::POST, "/snapshots", Some(body)).await
                } else {
                    api.raw(Method::GET, "/snapshots/detail", None).await
                };
                (start.elapsed(), reply)
            });
        }
        for (took, reply) in requests.join_all().await {
            assert_eq!(reply, Some((503, UNAVAILABLE.to_owned())));
            assert!(took < BOUND, "{took:?}");
        }
    }
    let reply = crate::http::client()
        .build()
        .unwrap()
        .get(&health)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 503);
    assert_eq!(server.ended(), None, "it died");

    proxy.thaw();
    let mut deadline = Deadline::new("it is available again", PATIENCE);
    while api
        .raw(Method::GET, "/snapshots", None)
        .await
        .is_none_or(|(status, _)| status != 200)
    {
        deadline.pause("it is not").await;
    }
    let snapshot = api.create_snapshot(scene.volume).await.id();
    world.settled().await;
    model.snapshots.insert(snapshot, Snapshot::new(scene.volume, 3));
    world.assert_is(&model, &api).await;
    assert_eq!(server.ended(), None, "it died");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn work_under_way_is_done_once() {
    let template = Template::new(Kind::Postgres).await;
    let (world, scene) = template.copy("silence while a worker works").await;
    let proxy = Proxy::start().await;
    let url = proxy.url(name(&world.database));
    let settings = [
        ("BREEZEBLOCK__DATABASE__URL", url.as_str()),
        ("BREEZEBLOCK__DATABASE__TIMEOUT", TIMEOUT),
        SETTING,
    ];
    let (_front, api) = world
        .serve_with(None, &[("BREEZEBLOCK__WORKER__ENABLED", "false")])
        .await;
    let (silenced, _) = world.serve_with(None, &settings).await;
    let hold = crate::hold::Hold::lock(&world, &format!("volume-{}", scene.volume));
    let snapshot = api.create_snapshot(scene.volume).await.id();
    let mut deadline = Deadline::new("the worker begins", PATIENCE);
    while world.count("tasks WHERE lease_token IS NOT NULL").await == 0 {
        deadline.pause("it does not").await;
    }
    proxy.freeze();
    drop(hold);
    // It cannot renew its claim, nor confirm it; another one that hears the database finishes.
    let (_other, _) = world.serve_with(None, &[]).await;
    world.settled().await;
    proxy.thaw();
    let mut model = scene.model.clone();
    model.snapshots.insert(snapshot, Snapshot::new(scene.volume, 3));
    world.assert_is(&model, &api).await;
    let log = silenced.stop().await;
    // It gave up where it was silenced, at its first question or at the fence, or learned that the task was another's.
    let gave_up = ["cannot finish a task", "cannot confirm a claim"];
    let refused = gave_up.into_iter().chain(REFUSALS).any(|line| log.contains(line));
    assert!(refused, "it was not refused: {log}");
    // So nothing can have become visible by it.
    for forbidden in [r#""name":"worker.confirmed""#, DONE] {
        assert!(!log.contains(forbidden), "{forbidden}: {log}");
    }
    world.settled().await;
    world.assert_is(&model, &api).await;
}
