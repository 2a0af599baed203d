//! Changes: guarded by the expected status, all or nothing, and never against the rules of the schema.

use breezeblock::{
    domain::{
        Label, Metadata, Operation, Scope, Snapshot, SnapshotStatus, Volume, VolumeId, VolumeStatus, VolumeTypeId,
    },
    store::{NewTask, Store, StoreError},
};

use crate::fixture::{
    GIB_2, add_message, add_snapshot, add_task, add_volume, at, claim, id, message, metadata, snapshot,
    stored_snapshot, stored_volume, volume,
};

pub async fn a_wrong_expected_status_changes_no_volume(store: Store) {
    let volume = volume();
    add_volume(&store, &volume).await;
    let changed = Volume {
        status: VolumeStatus::Deleting,
        size: GIB_2,
        name: Some(Label::name("changed").unwrap()),
        updated_at: Some(at(1)),
        ..volume.clone()
    };
    let mut tx = store.begin().await.unwrap();
    for wrong in VolumeStatus::ALL.iter().filter(|status| **status != volume.status) {
        assert!(!tx.volume_update(&changed, *wrong).await.unwrap(), "{wrong}");
        assert!(
            !tx.volume_delete(volume.id, *wrong, chrono::DateTime::UNIX_EPOCH)
                .await
                .unwrap(),
            "{wrong}"
        );
    }
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, volume.id).await, Some(volume));
}

pub async fn a_wrong_expected_status_changes_no_snapshot(store: Store) {
    let volume = volume();
    let snapshot = snapshot(&volume);
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    let changed = Snapshot {
        status: SnapshotStatus::Deleting,
        name: Some(Label::name("changed").unwrap()),
        updated_at: Some(at(1)),
        ..snapshot.clone()
    };
    let mut tx = store.begin().await.unwrap();
    for wrong in SnapshotStatus::ALL.iter().filter(|status| **status != snapshot.status) {
        assert!(!tx.snapshot_update(&changed, *wrong).await.unwrap(), "{wrong}");
        assert!(
            !tx.snapshot_delete(snapshot.id, *wrong, chrono::DateTime::UNIX_EPOCH)
                .await
                .unwrap(),
            "{wrong}"
        );
    }
    tx.commit().await.unwrap();
    assert_eq!(stored_snapshot(&store, snapshot.id).await, Some(snapshot));
}

pub async fn a_missing_row_is_not_changed(store: Store) {
    let volume = volume();
    let snapshot = snapshot(&volume);
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.volume_update(&volume, volume.status).await.unwrap());
    assert!(
        !tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(!tx.snapshot_update(&snapshot, snapshot.status).await.unwrap());
    assert!(
        !tx.snapshot_delete(snapshot.id, snapshot.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert_eq!(tx.volume_lock(&Scope::All, volume.id).await.unwrap(), None);
    assert_eq!(tx.snapshot_lock(&Scope::All, snapshot.id).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, volume.id).await, None);
    assert_eq!(stored_snapshot(&store, snapshot.id).await, None);
}

pub async fn a_dropped_transaction_changes_nothing(store: Store) {
    let volume = Volume {
        metadata: metadata(),
        ..volume()
    };
    let (kept, going) = (snapshot(&volume), snapshot(&volume));
    add_volume(&store, &volume).await;
    for snapshot in [&kept, &going] {
        add_snapshot(&store, snapshot).await;
    }
    add_task(&store, Operation::ExtendVolume, volume.id.into(), None).await;
    let task = claim(&store, 0).await.unwrap();
    let (new_volume, new_message) = (crate::fixture::volume(), message());
    let new_snapshot = snapshot(&new_volume);

    let mut tx = store.begin().await.unwrap();
    tx.volume_insert(&new_volume).await.unwrap();
    tx.snapshot_insert(&new_snapshot).await.unwrap();
    tx.message_insert(&new_message).await.unwrap();
    tx.task_enqueue(NewTask {
        resource: new_snapshot.id.into(),
        source: None,
        operation: Operation::CreateSnapshot,
        argument: None,
        now: at(0),
        request_id: "req-2",
    })
    .await
    .unwrap();
    let changed = Volume {
        status: VolumeStatus::Error,
        metadata: Metadata::new(),
        ..volume.clone()
    };
    assert!(tx.volume_update(&changed, volume.status).await.unwrap());
    let changed = Snapshot {
        status: SnapshotStatus::Error,
        metadata: metadata(),
        ..kept.clone()
    };
    assert!(tx.snapshot_update(&changed, kept.status).await.unwrap());
    assert!(
        tx.snapshot_delete(going.id, going.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(tx.task_finish(&task).await.unwrap());
    drop(tx);

    assert_eq!(stored_volume(&store, new_volume.id).await, None);
    assert_eq!(stored_snapshot(&store, new_snapshot.id).await, None);
    assert_eq!(store.message(&Scope::All, new_message.id).await.unwrap(), None);
    assert_eq!(store.task_of(new_snapshot.id.into()).await.unwrap(), None);
    assert_eq!(stored_volume(&store, volume.id).await.as_ref(), Some(&volume));
    assert_eq!(stored_snapshot(&store, kept.id).await, Some(kept));
    assert_eq!(stored_snapshot(&store, going.id).await, Some(going));
    assert!(store.task_owned(&task).await.unwrap());
    let live = store.task_of(volume.id.into()).await.unwrap();
    assert_eq!(live, Some(Operation::ExtendVolume));
}

pub async fn a_transaction_sees_what_it_wrote_and_others_do_not(store: Store) {
    let volume = volume();
    let mut tx = store.begin().await.unwrap();
    tx.volume_insert(&volume).await.unwrap();
    assert_eq!(stored_volume(&store, volume.id).await, None);
    let seen = tx.volume_lock(&Scope::All, volume.id).await.unwrap();
    assert_eq!(seen.as_ref(), Some(&volume));
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, volume.id).await, Some(volume));
}

pub async fn a_volume_with_snapshots_cannot_go(store: Store) {
    let volume = volume();
    let snapshot = snapshot(&volume);
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;

    let mut tx = store.begin().await.unwrap();
    let refused = tx
        .volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
        .await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    drop(tx);
    assert_eq!(stored_volume(&store, volume.id).await.as_ref(), Some(&volume));

    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.snapshot_delete(snapshot.id, snapshot.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(
        tx.volume_delete(volume.id, volume.status, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, volume.id).await, None);
}

/// PostgreSQL may tell with the commit that a row cannot be.
async fn insert(store: &Store, snapshot: &Snapshot) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.snapshot_insert(snapshot).await?;
    tx.commit().await
}

pub async fn what_a_row_refers_to_must_exist(store: Store) {
    let known = volume();
    add_volume(&store, &known).await;
    let stray = Snapshot {
        volume_id: VolumeId::new(id()),
        ..snapshot(&known)
    };
    let of_no_type = Snapshot {
        volume_type_id: VolumeTypeId::new(id()),
        ..snapshot(&known)
    };
    for refused in [stray, of_no_type] {
        let result = insert(&store, &refused).await;
        assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    }
    let refused = Volume {
        volume_type_id: VolumeTypeId::new(id()),
        ..volume()
    };
    let result = store.begin().await.unwrap().volume_insert(&refused).await;
    assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
}

pub async fn ids_and_times_are_unique(store: Store) {
    let (volume, message) = (volume(), message());
    let snapshot = snapshot(&volume);
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    add_message(&store, &message).await;
    let at_the_same_time = Snapshot {
        created_at: snapshot.created_at,
        ..crate::fixture::snapshot(&volume)
    };
    let result = store.begin().await.unwrap().volume_insert(&volume).await;
    assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    for refused in [snapshot, at_the_same_time] {
        let result = insert(&store, &refused).await;
        assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
    }
    let result = store.begin().await.unwrap().message_insert(&message).await;
    assert!(matches!(result, Err(StoreError::Database(_))), "{result:?}");
}
