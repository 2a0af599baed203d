//! Deleting what is still being copied: the copy stops, and row, quota and space are back within seconds.

use std::{
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::Api,
    database::{Kind, TestDatabase},
    disk::{MIB, fill, free},
    server::Server,
    site::Site,
    storage::{self, FileSystem, Image},
    wait::Deadline,
};

/// The volume; all of it but the data is a hole.
const GIB: u64 = 64;
/// The data, in a run that everybody makes.
const SOME: u64 = 512;
/// The data of the promise: "a 64 GiB sparse volume with 8 GiB of data".
const MUCH: u64 = 8 << 10;

/// The other half of the promise, for a machine that does nothing else. Where all tests run at the same time, the log
/// has to show that the copy was stopped, and this only that it all comes to an end.
const fn within(mib: u64) -> Duration {
    if mib == MUCH {
        Duration::from_secs(5)
    } else {
        Duration::from_secs(30)
    }
}

/// How long a copy may take, on a disk that others use.
const COPIED: Duration = Duration::from_mins(10);
/// A copy may be done before the request arrives; that is a race with the disk.
const ATTEMPTS: usize = 5;
/// What a file system keeps for itself when files come and go.
const OVERHEAD: u64 = 2 * MIB;

/// What is being made of a volume with data.
#[derive(Clone, Copy, Debug)]
enum Copy {
    Snapshot,
    VolumeFromSnapshot(Uuid),
    Clone,
}

impl Copy {
    const fn kind(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshots",
            Self::VolumeFromSnapshot(_) | Self::Clone => "volumes",
        }
    }

    async fn begin(self, api: &Api, volume: Uuid) -> Uuid {
        match self {
            Self::Snapshot => api.snapshot(volume).await.id(),
            Self::VolumeFromSnapshot(id) => {
                let body = json!({"volume": {"size": GIB, "snapshot_id": id.to_string()}});
                api.post("/volumes", body).await.id()
            }
            Self::Clone => {
                let body = json!({"volume": {"size": GIB, "source_volid": volume.to_string()}});
                api.post("/volumes", body).await.id()
            }
        }
    }

    /// The file that is being filled.
    fn unfinished(self, site: &Site, id: Uuid) -> PathBuf {
        let name = match self {
            Self::Snapshot => format!("snapshots/.snapshot-{id}.tmp"),
            Self::VolumeFromSnapshot(_) | Self::Clone => format!("volumes/.volume-{id}.tmp"),
        };
        site.storage.join(name)
    }
}

/// A copy of `mib` MiB that has come to 30 %.
async fn at_30_percent(site: &Site, api: &Api, copy: Copy, volume: Uuid, mib: u64) -> Uuid {
    let id = copy.begin(api, volume).await;
    let unfinished = copy.unfinished(site, id);
    let mut deadline = Deadline::new("a copy comes to 30 %", COPIED);
    loop {
        let written = unfinished.metadata().map_or(0, |found| found.blocks() * 512);
        if written >= mib * MIB * 3 / 10 {
            return id;
        }
        deadline.pause(&format!("{written} bytes")).await;
    }
}

/// Waits until nothing is left of what was force-deleted `since`.
async fn gone(
    site: &Site,
    api: &Api,
    (copy, id): (Copy, Uuid),
    (usage, space): ([u64; 3], u64),
    since: Instant,
    mib: u64,
) {
    let mut deadline = Deadline::new("row, quota and space are back", within(mib));
    api_gone(api, copy, id, &mut deadline).await;
    let row = since.elapsed();
    assert_eq!(api.usage().await, usage, "quota");
    while free(&site.storage) + OVERHEAD < space {
        deadline
            .pause(&format!("{} of {space} bytes free", free(&site.storage)))
            .await;
    }
    let all = since.elapsed();
    assert!(all < within(mib), "{all:?}");
    assert!(!copy.unfinished(site, id).exists(), "an unfinished copy was left");
    let text = format!("{copy:?}: row gone after {row:?}, space back after {all:?}");
    let _closed = writeln!(std::io::stderr(), "{text}");
}

async fn api_gone(api: &Api, copy: Copy, id: Uuid, deadline: &mut Deadline) {
    while let Some(status) = api.status(copy.kind(), id).await {
        deadline.pause(&status).await;
    }
}

fn cancellations(servers: &[&Server]) -> usize {
    servers
        .iter()
        .map(|server| server.log().matches("claim lost, stopping").count())
        .sum()
}

fn image(mib: u64) -> Option<Image> {
    // The data, two copies of it, and some room.
    storage::own(FileSystem::Ext4, mib * 7 / 2 + 256)
}

/// Force-deletes one copy at 30 %, and again if it was too fast to be caught.
async fn cancel(site: &Site, servers: &[&Server], api: &Api, copy: Copy, volume: Uuid, mib: u64) {
    let (usage, space) = (api.usage().await, free(&site.storage));
    for _attempt in 0..ATTEMPTS {
        let before = cancellations(servers);
        let id = at_30_percent(site, api, copy, volume, mib).await;
        let since = Instant::now();
        assert_eq!(api.force_delete(copy.kind(), id).await.status, 202);
        gone(site, api, (copy, id), (usage, space), since, mib).await;
        if cancellations(servers) > before {
            return;
        }
    }
    panic!("{copy:?} was always faster than the request");
}

async fn every_copy(mib: u64) {
    let Some(image) = image(mib) else { return };
    let site = Site::new().storage_in(image.path());
    let (server, api) = site.serve().await;
    let volume = api.new_volume(GIB).await;
    fill(&site.volume(volume), mib);
    cancel(&site, &[&server], &api, Copy::Snapshot, volume, mib).await;
    cancel(&site, &[&server], &api, Copy::Clone, volume, mib).await;

    // What was cancelled keeps nobody from doing it again.
    let snapshot = api.snapshot(volume).await.id();
    api.becomes_within(COPIED, "snapshots", snapshot, Some("available"))
        .await;
    let copy = Copy::VolumeFromSnapshot(snapshot);
    cancel(&site, &[&server], &api, copy, volume, mib).await;
    assert_eq!(
        site.stored(),
        [format!("snapshot-{snapshot}"), format!("volume-{volume}")]
    );
    assert!(!server.log().contains(r#""level":"ERROR""#), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_force_delete_stops_a_copy() {
    every_copy(SOME).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes some 30 GiB; make soak-cancel runs it"]
async fn a_force_delete_stops_a_large_copy() {
    every_copy(MUCH).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_force_delete_stops_a_copy_in_another_process() {
    let Some(image) = image(SOME) else { return };
    let database = TestDatabase::new(Kind::Postgres).await;
    let mut site = Site::new().storage_in(image.path());
    site.database.clone_from(&database.url);
    let (worker, _its_api) = site.serve().await;
    let (front, api) = site.serve_with(&[("BREEZEBLOCK__WORKER__ENABLED", "false")]).await;
    let volume = api.new_volume(GIB).await;
    fill(&site.volume(volume), SOME);
    cancel(&site, &[&worker], &api, Copy::Snapshot, volume, SOME).await;
    assert_eq!(cancellations(&[&front]), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forced_cascade_takes_a_running_copy_along() {
    let Some(image) = image(SOME) else { return };
    let site = Site::new().storage_in(image.path());
    let (server, api) = site.serve().await;
    let space = free(image.path());
    let volume = api.new_volume(GIB).await;
    fill(&site.volume(volume), SOME);
    let running = at_30_percent(&site, &api, Copy::Snapshot, volume, SOME).await;
    // As in Cinder, a snapshot that is being made is in the way, …
    let refused = api.delete(&format!("/volumes/{volume}?cascade=true")).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    // … unless the owner insists.
    let since = Instant::now();
    let accepted = api.delete(&format!("/volumes/{volume}?cascade=true&force=true")).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let mut deadline = Deadline::new("the volume is gone", within(SOME));
    while let Some(status) = api.status("volumes", volume).await {
        deadline.pause(&status).await;
    }
    gone(&site, &api, (Copy::Snapshot, running), ([0; 3], space), since, SOME).await;
    assert_eq!(site.stored(), [""; 0]);
    assert!(!server.log().contains(r#""level":"ERROR""#), "{}", server.log());
}
