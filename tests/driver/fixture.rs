//! A driver, and a look behind it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use breezeblock::{
    domain::{Gib, SnapshotId, VolumeId},
    driver::{Context, Driver, DriverError, file::FileDriver},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    fences::wanted,
    storage::{self, FileSystem, Image},
};

/// The file driver in a folder of its own on the shared ext4.
pub async fn file_on_ext4() -> Option<Fixture> {
    file_on(FileSystem::Ext4).await
}

/// The file driver in a folder of its own on the shared XFS.
pub async fn file_on_xfs() -> Option<Fixture> {
    file_on(FileSystem::Xfs).await
}

/// The file driver on an ext4 that the test may fill or break.
pub async fn file_on_small_ext4() -> Option<Fixture> {
    file_on_image(FileSystem::Ext4, 64).await
}

/// The file driver on an XFS that the test may fill or break.
pub async fn file_on_small_xfs() -> Option<Fixture> {
    file_on_image(FileSystem::Xfs, 300).await
}

async fn file_on(kind: FileSystem) -> Option<Fixture> {
    let root = TempDir::new_in(storage::shared(kind)?).unwrap();
    Some(Fixture::new(root, None).await)
}

async fn file_on_image(kind: FileSystem, mib: u64) -> Option<Fixture> {
    let image = storage::own(kind, mib)?;
    let root = TempDir::new_in(image.path()).unwrap();
    Some(Fixture::new(root, Some(image)).await)
}

/// One driver with storage of its own.
#[derive(Debug)]
pub struct Fixture {
    pub driver: Arc<dyn Driver>,
    // Before the image, which cannot be unmounted while the folder is open.
    root: TempDir,
    image: Option<Image>,
}

impl Fixture {
    async fn new(root: TempDir, image: Option<Image>) -> Self {
        let driver = Arc::new(FileDriver::open(root.path()).await.unwrap());
        Self { driver, root, image }
    }

    /// Where the volume can be read and written.
    pub fn volume(&self, id: VolumeId) -> PathBuf {
        self.root.path().join(format!("volumes/volume-{id}"))
    }

    /// Where the snapshot can be read.
    pub fn snapshot(&self, id: SnapshotId) -> PathBuf {
        self.root.path().join(format!("snapshots/snapshot-{id}"))
    }

    /// The file driver's folder.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The image that only this fixture uses.
    pub fn image(&self) -> &Image {
        self.image.as_ref().unwrap()
    }

    /// The names of all that is stored, hidden files and other left-overs included, sorted.
    pub fn stored(&self) -> Vec<String> {
        let names = |folder: &str| {
            let entries = self.root.path().join(folder).read_dir().unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect::<Vec<_>>()
        };
        let mut all = [names("volumes"), names("snapshots")].concat();
        all.sort();
        all
    }

    /// A new volume of 1 GiB.
    pub async fn new_volume(&self) -> VolumeId {
        let id = volume_id();
        self.driver.create_volume(&wanted(), id, GIB_1).await.unwrap();
        id
    }

    /// Takes a snapshot in a context in which it is wanted.
    pub async fn take(&self, volume: VolumeId) -> Result<SnapshotId, DriverError> {
        self.take_in(&wanted(), volume).await
    }

    /// Takes a snapshot.
    pub async fn take_in(&self, cx: &Context, volume: VolumeId) -> Result<SnapshotId, DriverError> {
        let id = snapshot_id();
        self.driver.create_snapshot(cx, id, volume).await.map(|()| id)
    }
}

/// The smallest size.
pub const GIB_1: Gib = Gib::new(1).unwrap();
/// The next size.
pub const GIB_2: Gib = Gib::new(2).unwrap();

/// An id that no other test of this process has.
pub fn volume_id() -> VolumeId {
    VolumeId::new(id())
}

/// An id that no other test of this process has.
pub fn snapshot_id() -> SnapshotId {
    SnapshotId::new(id())
}

fn id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u64_pair(0x1db1_24ba_1724_4156, LAST.fetch_add(1, Ordering::Relaxed))
}
