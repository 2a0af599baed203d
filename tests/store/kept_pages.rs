//! Pages that are kept while nothing changes: as new as the database, on every instance.

use std::sync::Arc;

use breezeblock::{
    domain::{Direction, ListQuery, Page, Snapshot, SnapshotKey},
    store::Store,
};

use crate::{
    Subject,
    fixture::{add_snapshot, add_volume, at, only, snapshot, volume},
    model::all,
    raw::rows,
    schema::reopened,
};

/// So often the server has a moment in which nobody else commits anything.
const TRIES: usize = 500;

fn query() -> ListQuery<SnapshotKey> {
    ListQuery {
        scope: only("p"),
        ..all(vec![
            (SnapshotKey::CreatedAt, Direction::Desc),
            (SnapshotKey::Id, Direction::Desc),
        ])
    }
}

async fn page(store: &Store) -> Page<Snapshot> {
    store.snapshot_list(&query()).await.unwrap().unwrap()
}

/// What the whole server is like. SQLite has nobody else.
async fn version(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return String::new();
    }
    let seen = rows::<(String,)>(url, "SELECT CAST(pg_current_snapshot() AS TEXT)").await;
    seen[0].0.clone()
}

pub async fn a_page_of_an_unchanged_database_is_read_at_most_twice(subject: Subject) {
    let volume = volume();
    add_volume(&subject.store, &volume).await;
    add_snapshot(&subject.store, &snapshot(&volume)).await;
    for _ in 0..TRIES {
        let store = reopened(&subject.url).await;
        let before = version(&subject.url).await;
        page(&store).await;
        let (second, third) = (page(&store).await, page(&store).await);
        if version(&subject.url).await == before {
            assert!(Arc::ptr_eq(&second.items, &third.items));
            return;
        }
    }
    panic!("somebody always commits something");
}

pub async fn a_kept_page_ends_with_a_commit_anywhere(subject: Subject) {
    let volume = volume();
    add_volume(&subject.store, &volume).await;
    for number in 0..20 {
        let reader = reopened(&subject.url).await;
        for _ in 0..3 {
            assert_eq!(page(&reader).await.items.len(), number);
        }
        let new = Snapshot {
            created_at: at(i64::try_from(number).unwrap()),
            ..snapshot(&volume)
        };
        // In progress while it is read, and when it is read again.
        let mut tx = subject.store.begin().await.unwrap();
        tx.snapshot_insert(&new).await.unwrap();
        for _ in 0..3 {
            assert_eq!(page(&reader).await.items.len(), number);
        }
        tx.commit().await.unwrap();
        assert_eq!(page(&reader).await.items.len(), number + 1);
        assert_eq!(page(&reader).await.items[0], new);
    }
}
