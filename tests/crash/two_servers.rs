//! Two servers with one database and one storage folder.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::{
    content,
    database::Kind,
    model::{Model, Snapshot, Volume},
    world::World,
};

const SNAPSHOTS: usize = 20;
const SETTINGS: &[(&str, &str)] = &[("BREEZEBLOCK__QUOTA__SNAPSHOTS", "-1")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_snapshot_is_taken_once() {
    let world = World::new(Kind::Postgres, "two servers").await;
    // At once, so that both find an empty database and an empty folder.
    let start = || world.serve_with(None, SETTINGS);
    let ((one, first), (two, second)) = tokio::join!(start(), start());
    let volume = first.create_volume(1, None).await.id();
    world.settled().await;
    content::write(&world.volume(volume), 7);

    let mut requests = JoinSet::new();
    for number in 0..SNAPSHOTS {
        let api = if number % 2 == 0 { first.clone() } else { second.clone() };
        requests.spawn(async move { api.create_snapshot(volume).await.id() });
    }
    let snapshots = requests.join_all().await;
    world.settled().await;

    let mut model = Model::default();
    model.volumes.insert(volume, Volume { gib: 1, seed: 7 });
    for id in &snapshots {
        model.snapshots.insert(*id, Snapshot::new(volume, 7));
    }
    assert_eq!(model.snapshots.len(), SNAPSHOTS, "snapshots with ids of their own");
    world.assert_is(&model, &first).await;
    assert_eq!(second.usage().await, model.usage(), "quota on the second server");

    let logs = [one.log(), two.log()];
    for log in &logs {
        let trouble = log
            .lines()
            .find(|line| line.contains(r#""level":"ERROR""#) || line.contains(r#""level":"WARN""#));
        assert_eq!(trouble, None, "trouble in a log");
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for log in &logs {
        let done = log.lines().filter(|line| line.contains(r#""message":"done""#));
        for id in done.filter_map(|line| snapshots.iter().find(|id| line.contains(&id.to_string()))) {
            *taken.entry(id.to_string()).or_default() += 1;
        }
    }
    assert_eq!(taken.len(), SNAPSHOTS, "snapshots whose end is in a log");
    assert!(taken.values().all(|times| *times == 1), "taken twice: {taken:?}");

    // What the two have agreed on at their start holds for the next one, too.
    one.kill();
    two.kill();
    let (_three, third) = world.serve_with(None, SETTINGS).await;
    world.assert_is(&model, &third).await;
}
