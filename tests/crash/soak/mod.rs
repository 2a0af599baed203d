//! Four processes on one PostgreSQL under mixed work of several clients in two projects, while processes and the
//! database are killed, frozen and restarted at random. In the end everything that was answered is there, all is
//! final, every byte is right and every invariant holds.
//!
//! `SOAK_SEED` repeats what is random here (not what the machine makes of it); `SOAK_SECONDS` is how long. `make
//! soak-cluster` is the long run.

mod chaos;
mod client;
mod cluster;
mod front;
mod postgres;
mod rolling;
mod trouble;

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use self::{
    chaos::{ATTACKS, Chaos},
    client::Client,
    cluster::Cluster,
    front::Front,
    trouble::Trouble,
};
use crate::{check, content, model, wait::Deadline};

const CLIENTS: usize = 4;
const SECONDS: u64 = 45;
/// In a run of this length every kind of attack fits, on a busy machine too.
const LONG: Duration = Duration::from_mins(2);
/// For work that nobody waits for any more.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cluster_under_attack() {
    let number = |name, otherwise| std::env::var(name).map_or(otherwise, |text: String| text.parse().unwrap());
    let seed = number("SOAK_SEED", u64::from(std::process::id()));
    let seconds = number("SOAK_SECONDS", SECONDS);
    crate::report(&format!("soak: SOAK_SEED={seed} SOAK_SECONDS={seconds}"));

    let cluster = Arc::new(Cluster::start().await);
    let front = Front::new(cluster.addresses());
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (front, storage) = (Arc::clone(&front), cluster.storage());
        clients.spawn(async move {
            let random = client::random(seed, number as u64);
            let mut client = Client::new(front, storage, number, random).await;
            while Instant::now() < end {
                client.step().await;
            }
            client.list().await;
            client
        });
    }
    let chaos = Chaos {
        cluster: Arc::clone(&cluster),
        front: Arc::clone(&front),
        random: client::random(seed, 1000),
        start,
        end,
        done: BTreeMap::new(),
    };
    let mut attackers = JoinSet::new();
    attackers.spawn(chaos.run());
    let mut finished = Vec::new();
    let mut attacks = None;
    while finished.len() < CLIENTS || attacks.is_none() {
        tokio::select! {
            Some(client) = clients.join_next() => finished.push(client.unwrap_or_else(|error| lost(&cluster, seed, &error))),
            Some(done) = attackers.join_next() => attacks = Some(done.unwrap_or_else(|error| lost(&cluster, seed, &error))),
        }
    }
    let (done, attacks) = (Instant::now(), attacks.unwrap_or_default());
    finish(&cluster, &finished).await;
    report(&front, &finished, &attacks, (start, done));
    if end - start >= LONG {
        let missing: Vec<_> = ATTACKS
            .iter()
            .filter(|attack| !attacks.contains_key(attack.name()))
            .collect();
        assert!(missing.is_empty(), "no {missing:?} in {attacks:?}");
    }
}

/// Ends the test with what is needed to understand it.
fn lost(cluster: &Cluster, seed: u64, error: &tokio::task::JoinError) -> ! {
    // The cluster, which shows its logs when it goes away, has other owners that may still be running.
    crate::report(&cluster.logs());
    panic!("SOAK_SEED={seed}: {error}");
}

/// Everything is final and as the clients know it, and there is nothing else.
async fn finish(cluster: &Cluster, clients: &[Client]) {
    let sql = crate::sql::Sql::new(&cluster.postgres.url());
    let mut deadline = Deadline::new("all work is done", PATIENCE);
    while sql.rows::<(i64,)>("SELECT count(*) FROM tasks").await != [(0,)] {
        deadline.pause("it is not").await;
    }
    cluster.assert_alive().await;
    let mut wanted = model::Model::default();
    for client in clients {
        let volume = model::Volume {
            gib: client.gib,
            seed: client.seed,
        };
        wanted.volumes.insert(client.volume, volume);
        for (id, taken) in &client.snapshots {
            let snapshot = model::Snapshot {
                gib: taken.gib,
                ..model::Snapshot::new(client.volume, taken.seed)
            };
            wanted.snapshots.insert(*id, snapshot);
        }
    }
    let names = "SELECT display_name FROM snapshots GROUP BY display_name HAVING count(*) > 1";
    assert_eq!(sql.rows::<(String,)>(names).await, [], "made twice");
    check::assert_rows(&sql, &wanted).await;
    assert_eq!(
        check::files(&cluster.storage()),
        wanted.files(),
        "files (name and whether it is empty)"
    );
    for (id, volume) in &wanted.volumes {
        let path = cluster.storage().join(format!("volumes/volume-{id}"));
        assert_eq!(content::difference(&path, volume.gib, volume.seed), None, "volume {id}");
    }
    for (id, snapshot) in &wanted.snapshots {
        let path = cluster.storage().join(format!("snapshots/snapshot-{id}"));
        let seed = snapshot.seed.unwrap();
        assert_eq!(content::difference(&path, snapshot.gib, seed), None, "snapshot {id}");
    }
    check::assert_healthy(&cluster.postgres.url(), &cluster.storage(), &wanted).await;
}

fn report(
    front: &Front,
    clients: &[Client],
    attacks: &BTreeMap<&'static str, usize>,
    (start, done): (Instant, Instant),
) {
    let took = done - start;
    let calm = |excused: Duration| 1.0 - excused.as_secs_f64() / took.as_secs_f64();
    let unavailable = calm(front.troubles.cover(Trouble::makes_unavailable, start, done));
    let anything = calm(front.troubles.cover(|_any| true, start, done));
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    for (what, times) in clients.iter().flat_map(|client| &client.done) {
        *operations.entry(what).or_default() += times;
    }
    let list = |counts: &BTreeMap<&str, usize>| {
        let parts: Vec<_> = counts.iter().map(|(what, times)| format!("{times} {what}")).collect();
        parts.join(", ")
    };
    let snapshots: usize = clients.iter().map(|client| client.snapshots.len()).sum();
    let slowest = clients.iter().map(|client| client.slowest).max().unwrap_or_default();
    crate::report(&format!(
        "soak: {:.0} s, {} operations ({}), {} attacks ({}); {} requests, {} answered 503, {} not answered; no 503 was \
         excused in {:.0} % of the time, and nothing at all in {:.0} %; latest answer {} ms, slowest operation {:.1} s; {snapshots} snapshots compared in the end; 0 stuck, 0 orphans, 0 lost",
        took.as_secs_f64(),
        operations.values().sum::<usize>(),
        list(&operations),
        attacks.values().sum::<usize>(),
        list(attacks),
        front.asked.load(Ordering::Relaxed),
        front.unavailable.load(Ordering::Relaxed),
        front.unanswered.load(Ordering::Relaxed),
        unavailable * 100.0,
        anything * 100.0,
        front.latest.load(Ordering::Relaxed),
        slowest.as_secs_f64(),
    ));
    // It rests until half of the time was calm; a slow machine may stretch the last attack beyond that.
    assert!(anything >= 0.4, "most of the time something was excused");
    assert!(
        attacks.values().sum::<usize>() > 0 && operations.values().sum::<usize>() > 0,
        "nothing was done"
    );
}
