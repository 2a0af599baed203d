//! Disks that can only be read.

use std::{path::Path, process::Command};

use crate::{
    disk::remount,
    site::Site,
    storage::{self, FileSystem},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_becomes_read_only() {
    let Some(image) = storage::own(FileSystem::Ext4, 64) else {
        return;
    };
    let site = Site::new().storage_in(image.path());
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    let stored = site.stored();
    remount(image.path(), "ro");

    assert_eq!(api.health().await, (503, "STORAGE UNAVAILABLE".to_owned()));
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("error")).await;
    let [text] = api.messages(snapshot).await.try_into().unwrap();
    assert!(text.ends_with(": the storage is read-only."), "{text}");
    let other = api.volume(1).await.id();
    api.becomes("volumes", other, Some("error")).await;
    assert_eq!(site.stored(), stored);

    // Another one would not even start.
    let refusal = site.refused().await;
    assert!(
        refusal.starts_with("breezeblock: the storage cannot be used: ")
            && refusal.contains("the storage is read-only"),
        "{refusal}"
    );

    remount(image.path(), "rw");
    assert_eq!(api.health().await.0, 200);
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_on_a_read_only_disk() {
    let Some(image) = storage::own(FileSystem::Ext4, 32) else {
        return;
    };
    let site = Site::new().database_in(image.path());
    remount(image.path(), "ro");
    let refusal = site.refused().await;
    assert!(
        refusal.starts_with("breezeblock: the database cannot be used: "),
        "{refusal}"
    );

    remount(image.path(), "rw");
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    server.stop().await;
    remount(image.path(), "ro");
    let refusal = site.refused().await;
    assert!(
        refusal.starts_with("breezeblock: the database cannot be used: "),
        "{refusal}"
    );

    remount(image.path(), "rw");
    let (_server, api) = site.serve().await;
    assert_eq!(api.status("volumes", volume).await.as_deref(), Some("available"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_can_no_longer_be_written() {
    let Some(image) = storage::own(FileSystem::Ext4, 32) else {
        return;
    };
    let site = Site::new().database_in(image.path());
    let (_server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    let log = site.file().with_extension("sqlite-wal");
    // A disk whose file system has had enough cannot be made writable again under a process that has files open for
    // writing there; a file whose owner forbids it can.
    change(&log, "+i");
    api.snapshot(volume).await.assert_unavailable();
    api.delete(&format!("/volumes/{volume}")).await.assert_unavailable();
    assert_eq!(api.status("volumes", volume).await.as_deref(), Some("available"));
    assert_eq!(api.usage().await, [1, 0, 1]);

    change(&log, "-i");
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    assert_eq!(api.usage().await, [1, 1, 2]);
}

fn change(file: &Path, attribute: &str) {
    let status = Command::new("chattr").arg(attribute).arg(file).status().unwrap();
    assert!(status.success(), "{status}");
}
