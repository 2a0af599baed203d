//! A disk that is pulled out: every access ends with an I/O error, and what was not on the disk yet never gets there,
//! as in a power cut.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    disk::{fill, is_filled, plug_in, pull_out},
    site::Site,
    storage::{self, FileSystem},
    wait::Deadline,
};

const MIB: u64 = 64;
const FEW_ATTEMPTS: &[(&str, &str)] = &[("BREEZEBLOCK__WORKER__MAX_ATTEMPTS", "2")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_storage_s_disk_is_pulled_out() {
    for kind in [FileSystem::Ext4, FileSystem::Xfs] {
        let Some(image) = storage::own(kind, 400) else { return };
        let site = Site::new().storage_in(image.path());
        let (server, api) = site.serve_with(FEW_ATTEMPTS).await;
        let volume = api.new_volume(1).await;
        fill(&site.volume(volume), MIB);
        let kept = api.snapshot(volume).await.id();
        api.becomes("snapshots", kept, Some("available")).await;
        pull_out(image.path());

        assert_eq!(api.health().await, (503, "STORAGE UNAVAILABLE".to_owned()));
        let failed = api.snapshot(volume).await.id();
        // An I/O error may pass, so it is tried again before it is final.
        api.becomes("snapshots", failed, Some("error")).await;
        let [text] = api.messages(failed).await.try_into().unwrap();
        assert!(
            text.ends_with("the storage reports an input/output error (gave up after 2 attempts)."),
            "{text}"
        );
        // Everything that needs no bytes goes on.
        assert_eq!(api.usage().await, [1, 2, 3]);
        server.kill();

        plug_in(image.path());
        let (server, api) = site.serve().await;
        // What was answered with `available` has survived.
        assert!(
            is_filled(&site.snapshot(kept), MIB) && is_filled(&site.volume(volume), MIB),
            "{kind:?}"
        );
        assert_eq!(api.delete(&format!("/snapshots/{failed}")).await.status, 202);
        api.becomes("snapshots", failed, None).await;
        let again = api.snapshot(volume).await.id();
        api.becomes("snapshots", again, Some("available")).await;
        assert!(is_filled(&site.snapshot(again), MIB), "{kind:?}");
        let mut expected = [
            format!("snapshot-{kept}"),
            format!("snapshot-{again}"),
            format!("volume-{volume}"),
        ];
        expected.sort();
        assert_eq!(site.stored(), expected);
        server.kill();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_s_disk_is_pulled_out() {
    for kind in [FileSystem::Ext4, FileSystem::Xfs] {
        let Some(image) = storage::own(kind, 300) else { return };
        let site = Site::new().database_in(image.path());
        let (server, api) = site.serve().await;
        let volume = api.new_volume(1).await;
        let mut accepted: Vec<Uuid> = Vec::new();
        for _ in 0..5 {
            accepted.push(api.snapshot(volume).await.id());
        }
        pull_out(image.path());
        api.snapshot(volume).await.assert_unavailable();
        api.volume(1).await.assert_unavailable();
        // What is in memory may still be read; anything else is 503 and not a guess.
        let list = api.get("/snapshots/detail").await;
        if list.status != 200 {
            list.assert_unavailable();
        }
        server.kill();

        plug_in(image.path());
        let (server, api) = site.serve().await;
        for id in accepted {
            api.becomes("snapshots", id, Some("available")).await;
        }
        assert_eq!(api.usage().await, [1, 5, 6], "{kind:?}");
        server.kill();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_pulled_out_in_the_middle_of_a_copy() {
    let Some(image) = storage::own(FileSystem::Ext4, 1200) else {
        return;
    };
    let site = Site::new().storage_in(image.path());
    let (server, api) = site.serve_with(FEW_ATTEMPTS).await;
    let volume = api.new_volume(1).await;
    fill(&site.volume(volume), 512);
    let snapshot = api.snapshot(volume).await.id();
    let unfinished = site.storage.join(format!("snapshots/.snapshot-{snapshot}.tmp"));
    let mut deadline = Deadline::new("the copy begins", Duration::from_secs(30));
    while !unfinished.metadata().is_ok_and(|found| found.len() > 0) {
        deadline.pause("it does not").await;
    }
    pull_out(image.path());
    api.becomes("snapshots", snapshot, Some("error")).await;
    assert_eq!(api.messages(snapshot).await.len(), 1);
    server.kill();

    plug_in(image.path());
    let (_server, api) = site.serve().await;
    // The owner tries again, and the half of it that may be on the disk goes with the row.
    assert_eq!(api.delete(&format!("/snapshots/{snapshot}")).await.status, 202);
    api.becomes("snapshots", snapshot, None).await;
    assert_eq!(site.stored(), [format!("volume-{volume}")]);
    assert!(is_filled(&site.volume(volume), 512));
}
