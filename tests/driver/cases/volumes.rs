//! Volumes on their own.

use std::fs::OpenOptions;

use breezeblock::driver::{Kind, Retry};

use crate::{
    content::{GIB, is_scattered, is_zero, len, read, scatter},
    fences::wanted,
    fixture::{Fixture, GIB_1, GIB_2, volume_id},
};

pub async fn a_new_volume_reads_as_zeroes(fx: Fixture) {
    let volume = fx.new_volume().await;
    assert_eq!(len(&fx.volume(volume)), GIB);
    assert!(is_zero(&fx.volume(volume), &(0..GIB)));
    assert_eq!(read(&fx.volume(volume), GIB - 4096, 4096), [0; 4096]);
}

pub async fn creating_and_deleting_twice_is_fine(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    fx.driver.create_volume(&wanted(), volume, GIB_1).await.unwrap();
    assert!(
        is_scattered(&fx.volume(volume), 1),
        "the second creation must not touch it"
    );

    fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    fx.driver.delete_volume(&wanted(), volume).await.unwrap();
    assert!(fx.stored().is_empty());
}

pub async fn a_volume_grows_and_never_shrinks(fx: Fixture) {
    let volume = fx.new_volume().await;
    scatter(&fx.volume(volume), 1);
    for size in [GIB_2, GIB_2, GIB_1] {
        fx.driver.extend_volume(&wanted(), volume, size).await.unwrap();
        assert_eq!(len(&fx.volume(volume)), 2 * GIB);
        assert!(is_scattered(&fx.volume(volume), 1));
        assert!(is_zero(&fx.volume(volume), &(GIB..2 * GIB)));
    }
}

pub async fn growing_a_missing_volume_is_refused(fx: Fixture) {
    let error = fx
        .driver
        .extend_volume(&wanted(), volume_id(), GIB_2)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NotFound, Retry::Final));
    assert!(fx.stored().is_empty());
}

pub async fn a_volume_grows_while_it_is_open(fx: Fixture) {
    let volume = fx.new_volume().await;
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .open(fx.volume(volume))
        .unwrap();
    let grown = fx.driver.extend_volume(&wanted(), volume, GIB_2).await;
    if fx.driver.capability().extend_in_use {
        grown.unwrap();
        assert_eq!(open.metadata().unwrap().len(), 2 * GIB);
    } else {
        assert_eq!(grown.unwrap_err().kind(), Kind::InUse);
    }
}
