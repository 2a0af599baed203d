//! Databases and storage folders that are taken away under a running service.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{disk::fill, site::Site};

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_s_file_is_removed() {
    let site = Site::new();
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    let away = beside(&site.file(), ".away");

    // Everything would seem to work, and be gone with the process.
    fs::rename(site.file(), &away).unwrap();
    api.snapshot(volume).await.assert_unavailable();
    api.get("/volumes").await.assert_unavailable();
    assert_eq!(api.health().await, (503, "DATABASE UNAVAILABLE".to_owned()));
    assert!(!site.file().exists(), "a new database was made");
    let log = server.log();
    assert!(log.contains("was removed while the service was running"), "{log}");

    // Another one in its place is not read either.
    copy(&away, &site.file());
    api.get("/volumes").await.assert_unavailable();
    api.snapshot(volume).await.assert_unavailable();
    assert!(server.log().contains("was replaced while the service was running"));
    fs::remove_file(site.file()).unwrap();

    fs::rename(&away, site.file()).unwrap();
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    assert_eq!(api.health().await.0, 200);
    server.stop().await;
    let (_server, api) = site.serve().await;
    assert_eq!(api.status("snapshots", snapshot).await.as_deref(), Some("available"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_s_write_ahead_log_is_removed() {
    let site = Site::new();
    let (_server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    let (wal, away) = (beside(&site.file(), "-wal"), beside(&site.file(), ".away"));
    fs::rename(&wal, &away).unwrap();
    api.snapshot(volume).await.assert_unavailable();
    assert_eq!(api.health().await.0, 503);
    // What was written before can still be read.
    assert_eq!(api.status("volumes", volume).await.as_deref(), Some("available"));
    fs::rename(&away, &wal).unwrap();
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_storage_folder_is_moved_away() {
    let site = Site::new();
    let (_server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    fill(&site.volume(volume), 1);
    let away = beside(&site.storage, ".away");
    fs::rename(&site.storage, &away).unwrap();
    // An empty mount point, with what a careless start would have made there.
    for folder in ["volumes", "snapshots", ".locks"] {
        fs::create_dir_all(site.storage.join(folder)).unwrap();
    }
    assert_eq!(api.health().await, (503, "STORAGE UNAVAILABLE".to_owned()));
    let snapshot = api.snapshot(volume).await.id();
    let other = api.volume(1).await.id();
    let waiting = "the storage folder is gone, or another one is in its place";
    for id in [snapshot, other] {
        waits_because(&site, id, waiting).await;
    }
    // Nothing was put where nobody would look for it.
    assert_eq!(site.stored(), [""; 0]);
    assert!(!away.join(format!("snapshots/snapshot-{snapshot}")).exists());
    assert!(!away.join(format!("volumes/volume-{other}")).exists());

    fs::remove_dir_all(&site.storage).unwrap();
    fs::rename(&away, &site.storage).unwrap();
    api.becomes("snapshots", snapshot, Some("available")).await;
    api.becomes("volumes", other, Some("available")).await;
    assert!(site.snapshot(snapshot).exists() && site.volume(other).exists());
    assert_eq!(api.health().await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_storage_folder_is_used_without_a_restart() {
    let site = Site::new();
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    fill(&site.volume(volume), 1);
    let away = beside(&site.storage, ".away");
    fs::rename(&site.storage, &away).unwrap();
    copy(&away, &site.storage);
    // It has the same id, so it is the same storage, on another disk say.
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    assert!(site.snapshot(snapshot).exists());
    assert!(!away.join(format!("snapshots/snapshot-{snapshot}")).exists());
    assert_eq!(api.health().await.0, 200);
    assert!(server.log().contains("replaced by one with the same id"));
}

/// Waits until the task of a resource says why it has to be tried again.
async fn waits_because(site: &Site, id: uuid::Uuid, why: &str) {
    let mut deadline = crate::wait::Deadline::new("a task says why it waits", std::time::Duration::from_secs(30));
    loop {
        let sql = "SELECT resource_id, coalesce(last_error, '') FROM tasks";
        let tasks: Vec<(uuid::Uuid, String)> = crate::raw::rows(&site.database, sql).await;
        if tasks.iter().any(|(task, error)| *task == id && error.starts_with(why)) {
            return;
        }
        deadline.pause(&format!("{tasks:?}")).await;
    }
}
