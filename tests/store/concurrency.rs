//! Many at once: nobody fails for being there at the same time, and nothing is done twice.

use std::collections::HashSet;

use breezeblock::{
    domain::{Label, Operation, ResourceId, Scope, Volume},
    store::{Database, NewTask, Store},
};
use tokio::task::JoinSet;

use crate::{
    Subject,
    database::{Kind, TestDatabase},
    fixture::{add_volume, at, claim, finish, id, project, stored_volume, volume},
};

const CLAIMERS: usize = 8;
const TASKS: usize = 200;
const WRITERS: usize = 8;
const ROUNDS: usize = 50;

pub async fn claimers_share_the_tasks(store: Store) {
    let mut tx = store.begin().await.unwrap();
    for _ in 0..TASKS {
        let new = NewTask {
            resource: ResourceId::new(id()),
            source: None,
            operation: Operation::CreateVolume,
            argument: None,
            now: at(0),
            request_id: "req-1",
        };
        tx.task_enqueue(new).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut claimers = JoinSet::new();
    for _ in 0..CLAIMERS {
        let store = store.clone();
        claimers.spawn(async move {
            let mut claimed = Vec::new();
            // An empty answer may only mean that the others hold what is left, so the lists are
            // counted below; nobody has to get a certain share.
            while let Some(task) = claim(&store, 0).await {
                assert_eq!(task.attempts, 1);
                claimed.push(task);
            }
            claimed
        });
    }
    let mut claimed = claimers.join_all().await.concat();
    // With PostgreSQL a claimer may find all that is left in the hands of others and stop early.
    while let Some(task) = claim(&store, 0).await {
        claimed.push(task);
    }
    let distinct: HashSet<_> = claimed.iter().map(|task| task.resource).collect();
    assert_eq!((claimed.len(), distinct.len()), (TASKS, TASKS));
    for task in &claimed {
        assert!(finish(&store, task).await);
    }
}

/// Reads a volume and writes what it read, so that a lost update would show.
async fn count_up(store: &Store, volume: &Volume) {
    let mut tx = store.begin().await.unwrap();
    let mut volume = tx.volume_lock(&Scope::All, volume.id).await.unwrap().unwrap();
    volume.name = Some(Label::name(&(counted(&volume) + 1).to_string()).unwrap());
    assert!(tx.volume_update(&volume, volume.status).await.unwrap());
    tx.commit().await.unwrap();
}

fn counted(volume: &Volume) -> usize {
    volume.name.as_ref().map_or(0, |name| name.as_str().parse().unwrap())
}

/// Runs writers side by side, spread over the stores; each works through the volumes, starting with
/// another one.
async fn write(stores: &[Store], volumes: &[Volume]) {
    let store = &stores[0];
    for volume in volumes {
        add_volume(store, volume).await;
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (store, volumes) = (stores[writer % stores.len()].clone(), volumes.to_vec());
        writers.spawn(async move {
            for volume in volumes.iter().cycle().skip(writer).take(ROUNDS) {
                count_up(&store, volume).await;
            }
        });
    }
    writers.join_all().await;
    let mut total = 0;
    for volume in volumes {
        total += counted(&stored_volume(store, volume.id).await.unwrap());
    }
    assert_eq!(total, WRITERS * ROUNDS);
}

pub async fn writers_of_one_row_never_fail(store: Store) {
    write(&[store], &[volume()]).await;
}

pub async fn writers_of_many_rows_never_fail(store: Store) {
    write(&[store], &[volume(), volume(), volume(), volume(), volume()]).await;
}

/// Two programs on one database, such as a second server, or `migrate` beside one. Within a program
/// writers of SQLite queue up; between programs only its lock excludes them.
pub async fn writers_of_two_programs_never_fail(subject: Subject) {
    let database = Database {
        url: subject.url,
        max_connections: 4,
    };
    let second = Store::open(&database).await.unwrap();
    write(&[subject.store, second], &[volume(), volume()]).await;
}

pub async fn usage_is_counted_under_a_lock(store: Store) {
    const LIMIT: i64 = 5;
    let mut requests = JoinSet::new();
    for _ in 0..CLAIMERS {
        let store = store.clone();
        requests.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let usage = tx.quota_usage_lock(&project("p"), true).await.unwrap();
            let fits = usage.of("volumes") < LIMIT;
            if fits {
                tx.volume_insert(&volume()).await.unwrap();
            }
            tx.commit().await.unwrap();
            fits
        });
    }
    let admitted = requests.join_all().await.into_iter().filter(|fits| *fits).count();
    assert_eq!(admitted, 5);
    let usage = store.quota_usage(&project("p"), true).await.unwrap();
    assert_eq!(usage.of("volumes"), LIMIT);
}

pub async fn migrations_may_run_side_by_side(subject: Subject) {
    let kind = if subject.url.starts_with("sqlite:") {
        Kind::Sqlite
    } else {
        Kind::Postgres
    };
    let empty = TestDatabase::new(kind).await;
    let mut programs = JoinSet::new();
    for _ in 0..4 {
        let database = Database {
            url: empty.url.clone(),
            max_connections: 2,
        };
        let store = Store::open(&database).await.unwrap();
        programs.spawn(async move {
            store.migrate().await.unwrap();
            store.verify().await.unwrap();
        });
    }
    programs.join_all().await;
}
