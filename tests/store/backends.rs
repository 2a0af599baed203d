//! Which storage belongs to a database, and under which name.

use breezeblock::{domain::BackendHost, store::Store};

use crate::fixture::{add_volume, backend, volume};

fn other() -> BackendHost {
    BackendHost::new("other", "file")
}

async fn storage(store: &Store, host: &BackendHost) -> Option<String> {
    store.storage_of(host).await.unwrap()
}

pub async fn a_storage_is_remembered_for_its_host(store: Store) {
    add_volume(&store, &volume()).await;
    assert_eq!(storage(&store, &backend()).await, None);
    store.storage_set(&backend(), "one").await.unwrap();
    store.storage_set(&other(), "two").await.unwrap();
    assert_eq!(storage(&store, &backend()).await.as_deref(), Some("one"));
    store.storage_set(&backend(), "three").await.unwrap();
    assert_eq!(storage(&store, &backend()).await.as_deref(), Some("three"));
    assert_eq!(store.storage_names().await.unwrap(), [backend(), other()]);
}

pub async fn a_storage_does_not_matter_while_there_are_no_volumes(store: Store) {
    store.storage_set(&backend(), "one").await.unwrap();
    store.storage_set(&other(), "two").await.unwrap();
    assert_eq!(storage(&store, &backend()).await, None);
    let volume = volume();
    add_volume(&store, &volume).await;
    assert_eq!(storage(&store, &backend()).await.as_deref(), Some("one"));
    assert!(!store.has_volumes_on(&other()).await.unwrap());
    assert_eq!(storage(&store, &other()).await, None);
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(storage(&store, &backend()).await, None);
}

pub async fn a_storage_is_found_by_its_id(store: Store) {
    assert_eq!(store.storage_name("one").await.unwrap(), None);
    store.storage_set(&backend(), "one").await.unwrap();
    assert_eq!(store.storage_name("one").await.unwrap(), Some(backend()));
    let volume = volume();
    add_volume(&store, &volume).await;
    assert!(!store.storage_forget(&backend()).await.unwrap(), "it has volumes");
    let mut tx = store.begin().await.unwrap();
    let gone = tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH);
    assert!(gone.await.unwrap());
    tx.commit().await.unwrap();
    assert!(store.storage_forget(&backend()).await.unwrap());
    assert_eq!(store.storage_name("one").await.unwrap(), None);
}
