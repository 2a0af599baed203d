//! Storage that is full, read-only or gone.

use std::{
    fs::{self, File},
    io::Write,
};

use breezeblock::driver::{Driver, Kind, Retry, file::FileDriver};

use crate::{
    content::{fill, same},
    fences::wanted,
    fixture::{Fixture, GIB_1, snapshot_id, volume_id},
};

pub async fn a_full_storage_says_so_and_can_be_emptied(fx: Fixture) {
    let volume = fx.new_volume().await;
    fill(&fx.volume(volume), 16);
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();
    let filler = use_all_space(&fx);

    let error = fx.take(volume).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NoSpace, Retry::Final), "{error}");
    assert!(error.cause().ends_with("the storage is full"), "{error}");
    let error = fx
        .driver
        .revert_to_snapshot(&wanted(), volume, snapshot)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NoSpace, Retry::Final), "{error}");
    assert_eq!(fx.stored(), stored);
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));

    // A service that starts now, and a user who wants to make room.
    let restarted = FileDriver::open(fx.root()).await.unwrap();
    restarted.check().await.unwrap();
    restarted.delete_snapshot(&wanted(), snapshot, volume).await.unwrap();
    assert_eq!(fx.stored(), [format!("volume-{volume}")]);

    fs::remove_file(filler).unwrap();
    let snapshot = fx.take(volume).await.unwrap();
    assert!(same(&fx.snapshot(snapshot), &fx.volume(volume)));
}

fn use_all_space(fx: &Fixture) -> std::path::PathBuf {
    let path = fx.root().join("filler");
    let mut file = File::create(&path).unwrap();
    for piece in [1 << 20, 4096] {
        while file.write_all(&vec![1; piece]).is_ok() {}
        // What was only promised so far is taken now, or given back.
        file.sync_all().unwrap();
    }
    path
}

pub async fn a_read_only_storage_says_so(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    let stored = fx.stored();
    fx.driver.check().await.unwrap();
    fx.image().make_read_only();

    let driver = &fx.driver;
    for result in [
        driver.check().await,
        driver.create_volume(&wanted(), volume_id(), GIB_1).await,
        driver.create_snapshot(&wanted(), snapshot_id(), volume).await,
        driver.revert_to_snapshot(&wanted(), volume, snapshot).await,
        driver.delete_snapshot(&wanted(), snapshot, volume).await,
        FileDriver::open(fx.root()).await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::Denied, Retry::Final), "{error}");
        assert!(error.cause().ends_with("the storage is read-only"), "{error}");
    }
    assert_eq!(fx.stored(), stored);
}

pub async fn a_vanished_folder_is_noticed(fx: Fixture) {
    let volumes = fx.root().join("volumes");
    for replaced in [false, true] {
        fs::rename(&volumes, fx.root().join("moved")).unwrap();
        if replaced {
            fs::create_dir(&volumes).unwrap();
        }
        let error = fx.driver.check().await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::Failed, Retry::Later), "{error}");
        if replaced {
            fs::remove_dir(&volumes).unwrap();
        }
        fs::rename(fx.root().join("moved"), &volumes).unwrap();
        fx.driver.check().await.unwrap();
    }
}
