//! Volumes that get the bytes of a snapshot back.

use std::fs::OpenOptions;

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::{is_scattered, same, scatter, write},
    fences::{refused, wanted},
    fixture::{Fixture, GIB_2, snapshot_id, volume_id},
};

pub async fn a_revert_brings_the_bytes_back(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    write(&fx.volume(volume), 90_000_000, &[3; 10_000]);

    // All or nothing: whoever stops right before the end has changed nothing.
    let error = fx
        .driver
        .revert_to_snapshot(&refused(), volume, snapshot)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
    assert!(is_scattered(&fx.volume(volume), 2));

    fx.driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap();
    assert!(same(&fx.volume(volume), &fx.snapshot(snapshot)));
    write(&fx.volume(volume), 0, &[4]);
    assert!(is_scattered(&fx.snapshot(snapshot), 1), "the two are independent");
    fx.driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap();
    assert!(is_scattered(&fx.volume(volume), 1));
    assert_eq!(
        fx.stored(),
        [format!("snapshot-{snapshot}"), format!("volume-{volume}")]
    );
}

pub async fn a_revert_of_a_grown_volume_is_refused(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    fx.driver.extend_volume(&wanted(), volume, GIB_2).await.unwrap();
    scatter(&fx.volume(volume), 2);
    let error = fx
        .driver
        .revert_to_snapshot(&wanted(), volume, snapshot)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Failed, Retry::Final));
    assert!(is_scattered(&fx.volume(volume), 2));
}

pub async fn a_revert_needs_both_ends(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();
    for (volume, snapshot) in [(volume, snapshot_id()), (volume_id(), snapshot)] {
        let error = fx
            .driver
            .revert_to_snapshot(&wanted(), volume, snapshot)
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::NotFound, Retry::Final));
        assert_eq!(fx.stored(), stored);
    }
}

pub async fn a_revert_of_a_volume_in_use_is_refused(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    scatter(&fx.volume(volume), 2);
    let writer = OpenOptions::new().write(true).open(fx.volume(volume)).unwrap();
    let error = fx
        .driver
        .revert_to_snapshot(&wanted(), volume, snapshot)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::InUse, Retry::Final));
    assert!(error.cause().contains("detach"), "{error}");
    assert!(is_scattered(&fx.volume(volume), 2));

    drop(writer);
    fx.driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap();
    assert!(same(&fx.volume(volume), &fx.snapshot(snapshot)));
}
