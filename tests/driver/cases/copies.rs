//! New volumes with the bytes of something else.

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::{GIB, is_scattered, is_zero, len, same, scatter},
    fences::wanted,
    fixture::{Fixture, GIB_1, GIB_2, snapshot_id, volume_id},
};

pub async fn a_volume_from_a_snapshot_is_equal_and_independent(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let snapshot = fx.take(volume).await.unwrap();
    let copy = volume_id();
    for _ in 0..2 {
        fx.driver
            .create_volume_from_snapshot(&wanted(), copy, GIB_1, snapshot)
            .await
            .unwrap();
        assert!(same(&fx.volume(copy), &fx.snapshot(snapshot)));
    }

    scatter(&fx.volume(copy), 2);
    assert!(is_scattered(&fx.snapshot(snapshot), 1));
    assert!(is_scattered(&fx.volume(volume), 1));
    let deleted = fx.driver.delete_snapshot(&wanted(), snapshot, volume).await;
    if fx.driver.capability().clone_dependents {
        assert_eq!(deleted.unwrap_err().kind(), Kind::Busy);
    } else {
        deleted.unwrap();
    }
    assert!(is_scattered(&fx.volume(copy), 2));
}

pub async fn a_volume_from_a_snapshot_can_be_larger_but_not_smaller(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    let small = fx.take(volume).await.unwrap();
    let larger = volume_id();
    fx.driver
        .create_volume_from_snapshot(&wanted(), larger, GIB_2, small)
        .await
        .unwrap();
    assert_eq!(len(&fx.volume(larger)), 2 * GIB);
    assert!(same(&fx.volume(larger), &fx.snapshot(small)));
    assert!(is_zero(&fx.volume(larger), &(GIB..2 * GIB)));

    let large = fx.take(larger).await.unwrap();
    let smaller = volume_id();
    let error = fx
        .driver
        .create_volume_from_snapshot(&wanted(), smaller, GIB_1, large)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Failed, Retry::Final));
    assert!(!fx.stored().iter().any(|name| name.contains(&smaller.to_string())));
}

pub async fn a_volume_from_a_volume_is_equal_and_can_be_larger(fx: Fixture) {
    let source = fx.new_volume().await;
    scatter(&fx.volume(source), 1);
    for size in [GIB_1, GIB_2] {
        let copy = volume_id();
        fx.driver
            .create_volume_from_volume(&wanted(), copy, size, source)
            .await
            .unwrap();
        fx.driver
            .create_volume_from_volume(&wanted(), copy, size, source)
            .await
            .unwrap();
        assert_eq!(len(&fx.volume(copy)), size.bytes());
        assert!(same(&fx.volume(copy), &fx.volume(source)));
        scatter(&fx.volume(copy), 2);
        assert!(is_scattered(&fx.volume(source), 1));
    }
}

pub async fn a_missing_source_is_not_found(fx: Fixture) {
    let volume = volume_id();
    let no_snapshot = fx
        .driver
        .create_volume_from_snapshot(&wanted(), volume, GIB_1, snapshot_id())
        .await;
    let no_volume = fx
        .driver
        .create_volume_from_volume(&wanted(), volume, GIB_1, volume_id())
        .await;
    for error in [no_snapshot.unwrap_err(), no_volume.unwrap_err()] {
        assert_eq!((error.kind(), error.retry()), (Kind::NotFound, Retry::Final));
    }
    assert!(fx.stored().is_empty());
}
