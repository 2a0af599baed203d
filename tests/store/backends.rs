//! Which storage belongs to a database.

use breezeblock::store::Store;

use crate::fixture::{add_volume, volume};

const HOST: &str = "host@file#file";

async fn storage(store: &Store, host: &str) -> Option<String> {
    store.storage_of(host).await.unwrap()
}

pub async fn a_storage_is_remembered_for_its_host(store: Store) {
    add_volume(&store, &volume()).await;
    assert_eq!(storage(&store, HOST).await, None);
    store.storage_set(HOST, "one").await.unwrap();
    store.storage_set("other@file#file", "two").await.unwrap();
    assert_eq!(storage(&store, HOST).await.as_deref(), Some("one"));
    assert_eq!(storage(&store, "other@file#file").await.as_deref(), Some("two"));
    store.storage_set(HOST, "three").await.unwrap();
    assert_eq!(storage(&store, HOST).await.as_deref(), Some("three"));
}

pub async fn a_storage_does_not_matter_while_there_are_no_volumes(store: Store) {
    store.storage_set(HOST, "one").await.unwrap();
    assert_eq!(storage(&store, HOST).await, None);
    let volume = volume();
    add_volume(&store, &volume).await;
    assert_eq!(storage(&store, HOST).await.as_deref(), Some("one"));
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(storage(&store, HOST).await, None);
}
