//! What a storage tells of itself.

use breezeblock::domain::{Resource, ResourceKind, StoredObject};

use crate::{
    fences::wanted,
    fixture::{Fixture, GIB_2, snapshot_id, volume_id},
};

fn sorted(mut objects: Vec<StoredObject>) -> Vec<(ResourceKind, Option<Resource>, u64)> {
    objects.sort_by(|one, other| one.name.cmp(&other.name));
    objects
        .iter()
        .map(|object| (object.kind, object.resource(), object.bytes))
        .collect()
}

pub async fn everything_complete_is_listed(fx: Fixture) {
    let driver = &fx.driver;
    assert_eq!(driver.stored_objects().await.unwrap(), Some(Vec::new()));
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    driver.extend_volume(&wanted(), volume, GIB_2).await.unwrap();
    let listed = sorted(driver.stored_objects().await.unwrap().unwrap());
    let expected = [
        (ResourceKind::Snapshot, Some(Resource::from(snapshot)), 1 << 30),
        (ResourceKind::Volume, Some(Resource::from(volume)), 2 << 30),
    ];
    assert_eq!(listed, expected);
    for (kind, resource, bytes) in expected {
        let name = resource.unwrap().object_name();
        let found = driver.stored_object(kind, &name).await.unwrap().unwrap();
        assert_eq!((found.kind, found.name, found.bytes), (kind, name, bytes));
    }
    driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    driver.delete_volume(&wanted(), volume).await.unwrap();
    assert_eq!(driver.stored_objects().await.unwrap(), Some(Vec::new()));
    for missing in [
        Resource::from(snapshot),
        volume.into(),
        snapshot_id().into(),
        volume_id().into(),
    ] {
        let found = driver
            .stored_object(missing.kind, &missing.object_name())
            .await
            .unwrap();
        assert_eq!(found, None);
    }
    assert_eq!(driver.left_overs().await.unwrap(), []);
}

pub async fn removing_left_overs_leaves_the_rest(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    for of in [Resource::from(volume), snapshot.into(), volume_id().into()] {
        fx.driver.remove_left_over(&wanted(), of).await.unwrap();
    }
    assert_eq!(fx.driver.stored_objects().await.unwrap().unwrap().len(), 2);
    assert!(fx.volume(volume).exists() && fx.snapshot(snapshot).exists());
}
