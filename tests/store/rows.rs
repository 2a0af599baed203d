//! What is written is read back.

use breezeblock::{
    domain::{
        AttachStatus, ControlLocation, Gib, GroupSnapshotId, Label, Metadata, Scope, Snapshot, SnapshotId,
        SnapshotStatus, TypeEncryption, TypeEncryptionId, UserId, Volume, VolumeId, VolumeStatus, VolumeType,
        VolumeTypeId,
    },
    store::{Store, StoreError},
};

use crate::fixture::{
    DEFAULT_TYPE, GIB_2, add_snapshot, add_volume, at, id, metadata, project, snapshot, stored_snapshot, stored_volume,
    volume,
};

fn label(text: &str) -> Label {
    Label::name(text).unwrap()
}

/// A volume in which nothing is left out.
fn full_volume() -> Volume {
    Volume {
        size: Gib::MAX,
        target_size: Some(Gib::MAX),
        status: VolumeStatus::Extending,
        previous_status: Some(VolumeStatus::InUse),
        attach_status: AttachStatus::Attached,
        migration_status: Some("starting".to_owned()),
        name: Some(label("Größe ☃ 'quoted' \\ \u{1f600}")),
        description: Some(label("")),
        metadata: metadata(),
        snapshot_id: Some(SnapshotId::new(id())),
        source_volid: Some(VolumeId::new(id())),
        revert_snapshot_id: Some(SnapshotId::new(id())),
        bootable: true,
        consumes_quota: false,
        updated_at: Some(at(5)),
        ..volume()
    }
}

/// A snapshot in which nothing is left out.
fn full_snapshot(volume: &Volume) -> Snapshot {
    Snapshot {
        project_id: project("another"),
        user_id: UserId::new("ünï"),
        size: Gib::new(0).unwrap(),
        status: SnapshotStatus::Deleting,
        previous_status: Some(SnapshotStatus::Error),
        progress: Some("99%".to_owned()),
        name: Some(label("n")),
        description: Some(label("d")),
        metadata: metadata(),
        group_snapshot_id: Some(GroupSnapshotId::new(id())),
        consumes_quota: false,
        updated_at: Some(at(6)),
        ..snapshot(volume)
    }
}

pub async fn a_volume_comes_back_as_it_was(store: Store) {
    for volume in [volume(), full_volume()] {
        add_volume(&store, &volume).await;
        assert_eq!(stored_volume(&store, volume.id).await.as_ref(), Some(&volume));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.volume_lock(&Scope::All, volume.id).await.unwrap(), Some(volume));
    }
    assert_eq!(stored_volume(&store, VolumeId::new(id())).await, None);
}

pub async fn a_snapshot_comes_back_as_it_was(store: Store) {
    let volume = volume();
    add_volume(&store, &volume).await;
    for snapshot in [snapshot(&volume), full_snapshot(&volume)] {
        add_snapshot(&store, &snapshot).await;
        assert_eq!(stored_snapshot(&store, snapshot.id).await.as_ref(), Some(&snapshot));
        let mut tx = store.begin().await.unwrap();
        let locked = tx.snapshot_lock(&Scope::All, snapshot.id).await.unwrap();
        assert_eq!(locked, Some(snapshot));
    }
    assert_eq!(stored_snapshot(&store, SnapshotId::new(id())).await, None);
}

pub async fn an_update_writes_all_that_can_change(store: Store) {
    let (plain, full) = (volume(), full_volume());
    add_volume(&store, &plain).await;
    let changed = Volume {
        size: GIB_2,
        target_size: full.target_size,
        status: full.status,
        previous_status: full.previous_status,
        attach_status: full.attach_status,
        migration_status: full.migration_status,
        name: full.name,
        description: full.description,
        revert_snapshot_id: full.revert_snapshot_id,
        bootable: full.bootable,
        updated_at: full.updated_at,
        ..plain.clone()
    };
    let taken = snapshot(&plain);
    add_snapshot(&store, &taken).await;
    let full = full_snapshot(&plain);
    let changed_snapshot = Snapshot {
        status: full.status,
        previous_status: full.previous_status,
        progress: full.progress,
        name: full.name,
        description: full.description,
        updated_at: full.updated_at,
        ..taken.clone()
    };

    let mut tx = store.begin().await.unwrap();
    assert!(tx.volume_update(&changed, plain.status).await.unwrap());
    assert!(tx.snapshot_update(&changed_snapshot, taken.status).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, plain.id).await.as_ref(), Some(&changed));
    assert_eq!(
        stored_snapshot(&store, taken.id).await.as_ref(),
        Some(&changed_snapshot)
    );

    // And back, which clears what was set.
    let mut tx = store.begin().await.unwrap();
    assert!(tx.volume_update(&plain, changed.status).await.unwrap());
    assert!(tx.snapshot_update(&taken, changed_snapshot.status).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, plain.id).await, Some(plain));
    assert_eq!(stored_snapshot(&store, taken.id).await, Some(taken));
}

pub async fn metadata_is_replaced_as_a_whole(store: Store) {
    let volume = Volume {
        metadata: metadata(),
        ..volume()
    };
    let snapshot = Snapshot {
        metadata: metadata(),
        ..snapshot(&volume)
    };
    let (bystander, other) = (full_volume(), full_snapshot(&volume));
    for volume in [&volume, &bystander] {
        add_volume(&store, volume).await;
    }
    for snapshot in [&snapshot, &other] {
        add_snapshot(&store, snapshot).await;
    }
    let new = Metadata::from([
        ("empty".to_owned(), "no longer".to_owned()),
        ("k".repeat(255), "v".to_owned()),
    ]);
    for wanted in [new, Metadata::new()] {
        let mut tx = store.begin().await.unwrap();
        let volume = Volume {
            metadata: wanted.clone(),
            ..volume.clone()
        };
        let snapshot = Snapshot {
            metadata: wanted.clone(),
            ..snapshot.clone()
        };
        assert!(tx.volume_update(&volume, volume.status).await.unwrap());
        assert!(tx.snapshot_update(&snapshot, snapshot.status).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(stored_volume(&store, volume.id).await.unwrap().metadata, wanted);
        assert_eq!(stored_snapshot(&store, snapshot.id).await.unwrap().metadata, wanted);
    }
    assert_eq!(stored_volume(&store, bystander.id).await, Some(bystander));
    assert_eq!(stored_snapshot(&store, other.id).await, Some(other));
}

pub async fn metadata_goes_with_its_owner(store: Store) {
    let volume = full_volume();
    let snapshot = full_snapshot(&volume);
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;

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
    assert_eq!(stored_snapshot(&store, snapshot.id).await, None);

    // Whatever had stayed would show up here.
    let volume = Volume {
        metadata: Metadata::new(),
        ..volume
    };
    let snapshot = Snapshot {
        metadata: Metadata::new(),
        ..snapshot
    };
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    assert_eq!(stored_volume(&store, volume.id).await, Some(volume));
    assert_eq!(stored_snapshot(&store, snapshot.id).await, Some(snapshot));
}

pub async fn snapshots_of_a_volume_come_oldest_first(store: Store) {
    let (volume, bystander) = (volume(), volume());
    for volume in [&volume, &bystander] {
        add_volume(&store, volume).await;
    }
    // Added in another order than they were taken.
    let taken = [30, 10, 20].map(|seconds| Snapshot {
        created_at: at(seconds),
        status: SnapshotStatus::Error,
        metadata: metadata(),
        ..snapshot(&volume)
    });
    for snapshot in &taken {
        add_snapshot(&store, snapshot).await;
    }
    add_snapshot(&store, &snapshot(&bystander)).await;

    let [newest, oldest, middle] = taken;
    let left = [&oldest, &middle, &newest].map(|snapshot| (snapshot.id, "error".to_owned()));
    assert_eq!(store.snapshots_left(volume.id).await.unwrap(), left);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.snapshot_latest_of(volume.id).await.unwrap().as_ref(), Some(&newest));
    assert_eq!(tx.snapshots_of(volume.id).await.unwrap(), [oldest, middle, newest]);
    assert_eq!(tx.snapshot_count_of(volume.id).await.unwrap(), 3);

    let nobody = VolumeId::new(id());
    assert_eq!(tx.snapshot_latest_of(nobody).await.unwrap(), None);
    assert_eq!(tx.snapshots_of(nobody).await.unwrap(), []);
    assert_eq!(store.snapshots_left(nobody).await.unwrap(), []);
    assert_eq!(tx.snapshot_count_of(nobody).await.unwrap(), 0);
}

pub async fn facts_about_volumes_and_types(store: Store) {
    let (plain, bootable) = (volume(), full_volume());
    for volume in [&plain, &bootable] {
        add_volume(&store, volume).await;
    }
    let mut tx = store.begin().await.unwrap();
    for volume in [&plain, &bootable] {
        let expected = (volume.bootable, volume.host.clone(), volume.availability_zone.clone());
        assert_eq!(tx.volume_origin(volume.id).await.unwrap(), Some(expected));
    }
    assert!(bootable.bootable && !plain.bootable);
    assert_eq!(tx.volume_origin(VolumeId::new(id())).await.unwrap(), None);
    assert_eq!(tx.volume_type_name(DEFAULT_TYPE).await.unwrap(), "__DEFAULT__");
    drop(tx);

    let default = VolumeType {
        id: DEFAULT_TYPE,
        name: "__DEFAULT__".to_owned(),
        description: Some("Default Volume Type".to_owned()),
        is_public: true,
        extra_specs: std::collections::BTreeMap::default(),
        created_at: None,
    };
    assert_eq!(
        store.volume_types(&Scope::All).await.unwrap(),
        std::slice::from_ref(&default)
    );
    assert_eq!(
        store.volume_type(&Scope::All, DEFAULT_TYPE).await.unwrap(),
        Some(default.clone())
    );
    assert_eq!(
        store.volume_type(&Scope::All, VolumeTypeId::new(id())).await.unwrap(),
        None
    );
    let by_name = store.volume_type_by_name(&Scope::All, "__DEFAULT__").await.unwrap();
    assert_eq!(by_name, Some(default));
    assert_eq!(
        store.volume_type_by_name(&Scope::All, "__default__").await.unwrap(),
        None
    );
}

pub async fn encryption_is_said_once_and_goes_with_its_type(store: Store) {
    let gold = VolumeType {
        id: VolumeTypeId::new(id()),
        name: "gold".to_owned(),
        description: None,
        is_public: true,
        extra_specs: std::collections::BTreeMap::default(),
        created_at: None,
    };
    let mut said = TypeEncryption {
        id: TypeEncryptionId::new(id()),
        provider: "luks ☃".to_owned(),
        control_location: ControlLocation::FrontEnd,
        cipher: None,
        key_size: Some(i32::MAX),
        created_at: at(0),
        updated_at: None,
    };
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.volume_type_hold(gold.id).await.unwrap());
    assert!(tx.volume_type_insert(&gold).await.unwrap());
    assert!(tx.volume_type_hold(gold.id).await.unwrap());
    assert!(!tx.type_encryption_update(gold.id, &said).await.unwrap());
    assert!(tx.type_encryption_insert(gold.id, &said).await.unwrap());
    let another = TypeEncryption {
        id: TypeEncryptionId::new(id()),
        ..said.clone()
    };
    assert!(!tx.type_encryption_insert(gold.id, &another).await.unwrap());
    assert_eq!(tx.type_encryption(gold.id).await.unwrap(), Some(said.clone()));
    said.control_location = ControlLocation::BackEnd;
    (said.cipher, said.key_size) = (Some("aes-xts-plain64".to_owned()), None);
    said.updated_at = Some(at(1));
    assert!(tx.type_encryption_update(gold.id, &said).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.type_encryption(gold.id).await.unwrap(), Some(said.clone()));
    assert_eq!(store.type_encryption(DEFAULT_TYPE).await.unwrap(), None);

    let mut tx = store.begin().await.unwrap();
    assert!(tx.type_encryption_delete(gold.id).await.unwrap());
    assert!(!tx.type_encryption_delete(gold.id).await.unwrap());
    assert!(tx.type_encryption_insert(gold.id, &said).await.unwrap());
    tx.volume_type_delete(gold.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.type_encryption(gold.id).await.unwrap(), None);
}

pub async fn the_database_answers_until_it_is_closed(store: Store) {
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
}
