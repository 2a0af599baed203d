//! Snapshots of volumes that nobody is using.

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::{MIB, allocated, is_scattered, same, scatter, write},
    fences::wanted,
    fixture::{Fixture, snapshot_id, volume_id},
};

pub async fn a_snapshot_keeps_its_bytes(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let first = fx.take(volume).await.unwrap();
    assert!(same(&fx.snapshot(first), &fx.volume(volume)));

    scatter(&fx.volume(volume), 2);
    let second = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 3);
    assert!(is_scattered(&fx.snapshot(first), 1));
    assert!(is_scattered(&fx.snapshot(second), 2));

    fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    assert!(
        is_scattered(&fx.snapshot(first), 1),
        "a file needs its volume no longer"
    );
}

pub async fn a_snapshot_is_not_taken_twice(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    fx.driver.create_snapshot(&wanted(), snapshot, volume).await.unwrap();
    assert!(is_scattered(&fx.snapshot(snapshot), 1));
}

pub async fn holes_stay_holes(fx: Fixture) {
    let volume = fx.new_volume().await;
    write(&fx.volume(volume), 300 * MIB, &vec![7; 1 << 20]);
    let snapshot = fx.take(volume).await.unwrap();
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));
    let taken = allocated(&fx.snapshot(snapshot));
    assert!(
        (MIB..2 * MIB).contains(&taken),
        "{taken} bytes on the disk for 1 MiB of data"
    );
}

pub async fn a_missing_volume_is_not_found(fx: Fixture) {
    let volume = volume_id();
    let error = fx.take(volume).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NotFound, Retry::Final));
    assert_eq!(
        error.cause(),
        format!("volume-{volume} is missing from the storage folder")
    );
    assert!(fx.stored().is_empty());
}

pub async fn a_snapshot_is_deleted_once_or_twice(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    for _ in 0..2 {
        fx.driver.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
        assert_eq!(fx.stored(), [format!("volume-{volume}")]);
    }
    fx.driver
        .delete_snapshot(&wanted(), snapshot_id(), volume)
        .await
        .unwrap();
}
