//! Files that somebody else put into the folder of snapshots.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};

use breezeblock::driver::Kind;

use crate::{
    content::{is_scattered, scatter},
    fences::{refused, wanted},
    fixture::{Fixture, GIB_1, GIB_2, snapshot_id},
};

fn found(fx: &Fixture, name: &str) -> PathBuf {
    fx.root().join("snapshots").join(name)
}

/// A file of one byte more than a GiB, with content.
fn put(fx: &Fixture, name: &str) -> PathBuf {
    let path = found(fx, name);
    File::create(&path).unwrap().set_len(GIB_1.bytes()).unwrap();
    scatter(&path, 5);
    OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(GIB_1.bytes() + 1)
        .unwrap();
    path
}

pub async fn a_file_becomes_a_snapshot_once_or_twice(fx: Fixture) {
    let volume = fx.new_volume().await;
    let path = put(&fx, "found");
    let stored = fx.driver.stored_snapshots().await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(
        (stored[0].name.as_str(), stored[0].size, stored[0].volume),
        ("found", GIB_2, None)
    );

    let id = snapshot_id();
    for _ in 0..2 {
        let size = fx.driver.manage_snapshot(&wanted(), id, volume, "found").await.unwrap();
        assert_eq!(size, GIB_2);
    }
    assert!(!path.exists());
    let metadata = fx.snapshot(id).metadata().unwrap();
    assert_eq!(
        (metadata.len(), metadata.permissions().mode() & 0o777),
        (GIB_2.bytes(), 0o440)
    );
    assert!(is_scattered(&fx.snapshot(id), 5));
    let stored = fx.driver.stored_snapshots().await.unwrap();
    assert_eq!(stored[0].volume, Some(volume));
    assert!(fx.driver.unmanage_snapshot(&wanted(), id).await.is_ok());
    assert!(fx.snapshot(id).exists());
}

pub async fn a_file_that_is_being_written_is_refused(fx: Fixture) {
    let volume = fx.new_volume().await;
    let path = put(&fx, "found");
    let writer = OpenOptions::new().write(true).open(&path).unwrap();
    let id = snapshot_id();
    let error = fx
        .driver
        .manage_snapshot(&wanted(), id, volume, "found")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InUse);
    assert!(path.exists() && !fx.snapshot(id).exists());
    drop(writer);
    fx.driver.manage_snapshot(&wanted(), id, volume, "found").await.unwrap();
}

pub async fn another_volume_s_snapshot_is_refused(fx: Fixture) {
    let (volume, other) = (fx.new_volume().await, fx.new_volume().await);
    let taken = fx.take(other).await.unwrap();
    let name = format!("snapshot-{taken}");
    let error = fx.driver.manage_snapshot(&wanted(), snapshot_id(), volume, &name).await;
    assert_eq!(error.unwrap_err().kind(), Kind::Exists);
    fx.driver
        .manage_snapshot(&wanted(), snapshot_id(), other, &name)
        .await
        .unwrap();
}

pub async fn only_a_plain_file_of_the_folder_is_taken(fx: Fixture) {
    let volume = fx.new_volume().await;
    fs::create_dir(found(&fx, "folder")).unwrap();
    symlink(fx.volume(volume), found(&fx, "link")).unwrap();
    fs::write(found(&fx, ".hidden"), b"").unwrap();
    let long = "x".repeat(256);
    let up = format!("../volumes/volume-{volume}");
    let before = fx.stored();
    for name in [
        "", ".", "..", ".hidden", "folder", "link", "missing", "a\0b", &up, &long,
    ] {
        let result = fx.driver.manage_snapshot(&wanted(), snapshot_id(), volume, name).await;
        let kind = result.unwrap_err().kind();
        assert!(matches!(kind, Kind::NotFound | Kind::Exists), "{name:?}: {kind:?}");
    }
    assert_eq!(fx.stored(), before);
    assert_eq!(fx.driver.stored_snapshots().await.unwrap(), []);
}

pub async fn a_refused_fence_leaves_the_name(fx: Fixture) {
    let volume = fx.new_volume().await;
    let path = put(&fx, "found");
    let error = fx
        .driver
        .manage_snapshot(&refused(), snapshot_id(), volume, "found")
        .await;
    assert_eq!(error.unwrap_err().kind(), Kind::Cancelled);
    assert!(path.exists());
    // Nor does it bind the file to that volume.
    let other = fx.new_volume().await;
    let taken = fx
        .driver
        .manage_snapshot(&wanted(), snapshot_id(), other, "found")
        .await;
    assert_eq!(taken.unwrap(), GIB_2);
}

pub async fn the_old_name_leaves_no_lock(fx: Fixture) {
    let volume = fx.new_volume().await;
    let taken = fx.take(volume).await.unwrap();
    let (name, id) = (format!("snapshot-{taken}"), snapshot_id());
    fx.driver.manage_snapshot(&wanted(), id, volume, &name).await.unwrap();
    let lock = |name: &str| fx.root().join(".locks").join(name).exists();
    assert!(!lock(&name), "the lock file of {name} is still there");
    assert_eq!(fx.driver.left_overs().await.unwrap(), []);
}
