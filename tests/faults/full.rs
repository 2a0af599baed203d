//! Full disks.

use std::{fs, path::Path, time::Duration};

use uuid::Uuid;

use crate::{
    api::Api,
    disk::{fill, is_filled, use_up},
    site::Site,
    storage::{self, FileSystem},
    wait::Deadline,
};

const UNLIMITED: &[(&str, &str)] = &[("BREEZEBLOCK__QUOTA__SNAPSHOTS", "-1")];
/// More than fit into what a file system still has when it is full.
const MANY: usize = 500;
/// Less than a lease, which what was interrupted has to wait for, and a few attempts.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_database() {
    let Some(image) = storage::own(FileSystem::Ext4, 32) else {
        return;
    };
    let site = Site::new().database_in(image.path());
    let (server, api) = site.serve_with(UNLIMITED).await;
    let volume = api.new_volume(1).await;
    let mut accepted = vec![api.snapshot(volume).await.id()];
    let filler = use_up(image.path());

    let mut refused = None;
    for _ in 0..MANY {
        let answer = api.snapshot(volume).await;
        if answer.status == 202 {
            accepted.push(answer.id());
        } else {
            refused = Some(answer);
            break;
        }
    }
    refused.expect("there is no end to the disk").assert_unavailable();
    // Whoever only reads notices nothing, and sees all that was accepted and nothing else.
    assert_eq!(listed(&api).await, sorted(&accepted));
    assert_eq!(api.usage().await[1], accepted.len() as u64);
    assert_eq!(api.health().await.0, 200);

    fs::remove_file(filler).unwrap();
    accepted.push(api.snapshot(volume).await.id());
    all_available(&api, &accepted).await;
    assert_eq!(listed(&api).await, sorted(&accepted));
    server.stop().await;
    let (_server, api) = site.serve_with(UNLIMITED).await;
    assert_eq!(listed(&api).await, sorted(&accepted));
    assert_eq!(api.usage().await, [1, accepted.len() as u64, 1 + accepted.len() as u64]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_storage() {
    let Some(image) = storage::own(FileSystem::Ext4, 64) else {
        return;
    };
    let site = Site::new().storage_in(image.path());
    let (_server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    fill(&site.volume(volume), 16);
    let (usage, stored) = (api.usage().await, site.stored());
    let filler = use_up(image.path());

    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("error")).await;
    let text = format!("create snapshot:Snapshot failed to create. cannot copy volume-{volume}: the storage is full.");
    assert_eq!(api.messages(snapshot).await, [text]);
    assert_eq!(site.stored(), stored, "something was left");
    // What failed can be deleted while there is no room.
    assert_eq!(api.delete(&format!("/snapshots/{snapshot}")).await.status, 202);
    api.becomes("snapshots", snapshot, None).await;
    assert_eq!(api.usage().await, usage);

    fs::remove_file(filler).unwrap();
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    assert!(is_filled(&site.snapshot(snapshot), 16));
}

/// Where most people have both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_both() {
    let Some(image) = storage::own(FileSystem::Ext4, 64) else {
        return;
    };
    let site = Site::new().database_in(image.path()).storage_in(image.path());
    let (_server, api) = site.serve_with(UNLIMITED).await;
    let volume = api.new_volume(1).await;
    fill(&site.volume(volume), 8);
    let kept = api.snapshot(volume).await.id();
    api.becomes("snapshots", kept, Some("available")).await;

    let filler = use_up(image.path());
    let unlucky = api.snapshot(volume).await;
    let unlucky = (unlucky.status == 202).then(|| unlucky.id());
    assert_eq!(api.get("/snapshots/detail").await.status, 200);
    fs::remove_file(filler).unwrap();
    if let Some(unlucky) = unlucky {
        // It had its turn while there was no room, or comes to it when there is.
        let mut deadline = Deadline::new("it has an end", PATIENCE);
        while api.status("snapshots", unlucky).await.as_deref() == Some("creating") {
            deadline.pause("creating").await;
        }
    }
    let snapshot = api.snapshot(volume).await.id();
    api.becomes("snapshots", snapshot, Some("available")).await;
    assert!(is_filled(&site.snapshot(kept), 8) && is_filled(&site.snapshot(snapshot), 8));
    assert_no_left_overs(&site.storage);
}

fn assert_no_left_overs(storage: &Path) {
    for folder in ["volumes", "snapshots"] {
        for entry in storage.join(folder).read_dir().unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with('.'), "{name} was left");
        }
    }
}

async fn all_available(api: &Api, snapshots: &[Uuid]) {
    for id in snapshots {
        api.becomes("snapshots", *id, Some("available")).await;
    }
}

async fn listed(api: &Api) -> Vec<Uuid> {
    let body = api.get("/snapshots").await.ok();
    let ids = body["snapshots"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
    sorted(&ids)
}

fn sorted(ids: &[Uuid]) -> Vec<Uuid> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}
