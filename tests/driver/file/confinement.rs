//! Things planted in the storage folder lead nowhere.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use breezeblock::driver::{DriverError, Kind, Retry};

use crate::{
    fences::wanted,
    fixture::{Fixture, GIB_1, GIB_2, snapshot_id, volume_id},
};

/// A file outside the folders; nobody but the test may change it.
fn outsider(fx: &Fixture) -> PathBuf {
    let path = fx.root().join("outsider");
    fs::write(&path, "untouched").unwrap();
    path
}

fn assert_refused(result: Result<(), DriverError>, outsider: &Path) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Exists, Retry::Final), "{error}");
    assert_eq!(fs::read_to_string(outsider).unwrap(), "untouched");
}

pub async fn a_link_in_place_of_a_target_is_refused(fx: Fixture) {
    let outsider = outsider(&fx);
    let volume = fx.new_volume().await;
    let (target, snapshot) = (volume_id(), snapshot_id());
    symlink(&outsider, fx.volume(target)).unwrap();
    symlink(&outsider, fx.snapshot(snapshot)).unwrap();
    let driver = &fx.driver;
    for result in [
        driver.create_volume(&wanted(), target, GIB_1).await,
        driver.create_volume_from_volume(&wanted(), target, GIB_1, volume).await,
        driver.create_snapshot(&wanted(), snapshot, volume).await,
        driver.extend_volume(&wanted(), target, GIB_2).await,
        driver.delete_volume(&wanted(), target).await,
        driver.delete_snapshot(&wanted(), snapshot, volume).await,
    ] {
        assert_refused(result, &outsider);
    }
}

pub async fn a_link_in_place_of_a_source_is_refused(fx: Fixture) {
    let outsider = outsider(&fx);
    let volume = fx.new_volume().await;
    let (linked, snapshot) = (volume_id(), snapshot_id());
    symlink(&outsider, fx.volume(linked)).unwrap();
    symlink(&outsider, fx.snapshot(snapshot)).unwrap();
    let driver = &fx.driver;
    for result in [
        driver.create_snapshot(&wanted(), snapshot_id(), linked).await,
        driver
            .create_volume_from_volume(&wanted(), volume_id(), GIB_1, linked)
            .await,
        driver
            .create_volume_from_snapshot(&wanted(), volume_id(), GIB_1, snapshot)
            .await,
        driver.revert_to_snapshot(&wanted(), volume, snapshot).await,
        driver.revert_to_snapshot(&wanted(), linked, snapshot).await,
    ] {
        assert_refused(result, &outsider);
    }
    assert_eq!(fx.stored().len(), 3, "{:?}", fx.stored());
}

pub async fn a_link_in_place_of_a_temporary_file_is_removed(fx: Fixture) {
    let outsider = outsider(&fx);
    let volume = volume_id();
    symlink(&outsider, fx.root().join(format!("volumes/.volume-{volume}.tmp"))).unwrap();
    fx.driver.create_volume(&wanted(), volume, GIB_1).await.unwrap();
    assert_eq!(fs::read_to_string(outsider).unwrap(), "untouched");
    assert_eq!(fx.stored(), [format!("volume-{volume}")]);
}

pub async fn a_folder_or_a_pipe_is_refused(fx: Fixture) {
    let outsider = outsider(&fx);
    let (folder, pipe) = (volume_id(), volume_id());
    fs::create_dir(fx.volume(folder)).unwrap();
    assert!(Command::new("mkfifo").arg(fx.volume(pipe)).status().unwrap().success());
    for id in [folder, pipe] {
        assert_refused(fx.driver.create_volume(&wanted(), id, GIB_1).await, &outsider);
        assert_refused(fx.take(id).await.map(drop), &outsider);
        assert_refused(fx.driver.extend_volume(&wanted(), id, GIB_1).await, &outsider);
        assert_refused(fx.driver.delete_volume(&wanted(), id).await, &outsider);
    }
}

pub async fn files_are_not_for_everybody(fx: Fixture) {
    let volume = fx.new_volume().await;
    let snapshot = fx.take(volume).await.unwrap();
    let copy = volume_id();
    fx.driver
        .create_volume_from_snapshot(&wanted(), copy, GIB_1, snapshot)
        .await
        .unwrap();
    std::os::unix::fs::chown(fx.volume(volume), Some(1234), Some(5678)).unwrap();
    fx.driver.revert_to_snapshot(&wanted(), volume, snapshot).await.unwrap();

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    for (path, expected) in [
        (fx.volume(volume), 0o640),
        (fx.volume(copy), 0o640),
        (fx.snapshot(snapshot), 0o440),
        (fx.root().join("volumes"), 0o750),
        (fx.root().join("snapshots"), 0o750),
        (fx.root().join(".locks"), 0o750),
    ] {
        assert_eq!(mode(&path), expected, "{}: {:o}", path.display(), mode(&path));
    }
    let owner = fx.volume(volume).metadata().unwrap();
    assert_eq!(
        (
            std::os::unix::fs::MetadataExt::uid(&owner),
            std::os::unix::fs::MetadataExt::gid(&owner)
        ),
        (1234, 5678)
    );
}
