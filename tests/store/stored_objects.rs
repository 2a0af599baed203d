//! What other processes are told of a storage.

use breezeblock::{
    domain::{BackendHost, ResourceKind, StoredSnapshot},
    store::{KnownObject, Store},
};

use crate::fixture::{GIB_1, GIB_2, at, volume};

fn object(kind: ResourceKind, name: &str, size: u32) -> KnownObject {
    KnownObject {
        kind,
        name: name.to_owned(),
        size,
        volume: None,
    }
}

pub async fn only_changes_are_written(store: Store) {
    let (here, there) = (BackendHost::new("here", "file"), BackendHost::new("there", "file"));
    let origin = volume().id;
    let known = KnownObject {
        volume: Some(origin.uuid()),
        ..object(ResourceKind::Snapshot, "b", 2)
    };
    let first = vec![
        known.clone(),
        object(ResourceKind::Snapshot, "a", 1),
        object(ResourceKind::Volume, "a", 1),
    ];
    assert_eq!(store.stored_objects_set(&here, first.clone(), at(1)).await.unwrap(), 3);
    assert_eq!(store.stored_objects_set(&here, first, at(2)).await.unwrap(), 0);
    let snapshot = |name: &str, size, volume| StoredSnapshot {
        name: name.to_owned(),
        size,
        volume,
    };
    assert_eq!(
        store.stored_snapshots_of(&here).await.unwrap(),
        [snapshot("a", GIB_1, None), snapshot("b", GIB_2, Some(origin))]
    );
    assert_eq!(store.stored_snapshots_of(&there).await.unwrap(), []);

    let second = vec![known, object(ResourceKind::Snapshot, "a", 2)];
    assert_eq!(store.stored_objects_set(&here, second, at(3)).await.unwrap(), 2);
    assert_eq!(
        store.stored_snapshots_of(&here).await.unwrap(),
        [snapshot("a", GIB_2, None), snapshot("b", GIB_2, Some(origin))]
    );
    assert_eq!(store.stored_objects_set(&here, Vec::new(), at(4)).await.unwrap(), 2);
    assert_eq!(store.stored_snapshots_of(&here).await.unwrap(), []);
}
