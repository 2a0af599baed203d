//! Volumes and snapshots as sparse raw files in a folder.
//!
//! ```text
//! <root>/volumes/volume-<id>        <root>/volumes/.volume-<id>.tmp      being prepared
//! <root>/snapshots/snapshot-<id>    <root>/snapshots/.snapshot-<id>.tmp
//! <root>/.locks/volume-<id>         one operation at a time, see lock.rs
//! ```
//!
//! On XFS and btrfs a copy shares its blocks with the original (`FICLONE`): it is instant, and exact
//! while somebody writes. Elsewhere the data is copied, under a lease that shows whether somebody
//! wrote (see lease.rs); if so there is an error rather than a mixture.

mod adopt;
mod change;
mod copy;
mod errors;
mod identity;
mod inventory;
mod lease;
mod lock;
mod origin;
mod paths;
mod place;
mod probe;
mod publish;
mod revert;
mod sparse;
mod stop;

use std::path::Path;

use async_trait::async_trait;
use tokio::signal::unix::{SignalKind, signal};

use self::{
    errors::explain,
    lock::Lock,
    paths::{Object, Storage, size_of},
    place::Place,
    publish::{SNAPSHOT_MODE, VOLUME_MODE, make_durable, publish, remove_left_over},
    stop::run,
};
use super::{Capability, Context, Driver, DriverError, Kind};
use crate::{
    breakpoint,
    domain::{Gib, LeftOver, Resource, ResourceKind, SnapshotId, Space, StoredObject, StoredSnapshot, VolumeId},
};

/// The driver for a folder; any number of processes on one machine may share the folder.
#[derive(Debug)]
pub struct FileDriver {
    place: Place,
    reflink: bool,
}

impl FileDriver {
    /// Opens the storage folder `root` and creates what is missing of it, for the owner and group only.
    ///
    /// Handles `SIGIO` for the rest of the process's life: the kernel sends it when somebody
    /// wants to write to a volume that is being copied, and it would end the process.
    ///
    /// Errors: the folder cannot be created, read or written. A full one is fine, so that a
    /// service can start and delete from it.
    pub async fn open(root: &Path) -> Result<Self, DriverError> {
        // The handler outlives this stream of signals.
        let _unread = signal(SignalKind::io()).map_err(|error| explain("cannot handle SIGIO", error))?;
        let root = root.to_owned();
        run(move || {
            let storage = Storage::open(&root)?;
            storage.check()?;
            let reflink = probe::reflink(&storage)?;
            tracing::info!(folder = %root.display(), reflink, "storage folder opened");
            Ok(Self {
                place: Place::new(root, storage),
                reflink,
            })
        })
        .await
    }

    /// Opens the storage folder `root` as it is, in order to look at it: creates nothing, and writes nothing to
    /// find out what the file system can.
    ///
    /// Errors: the folder is not there, or no storage folder.
    pub async fn inspect(root: &Path) -> Result<Self, DriverError> {
        let root = root.to_owned();
        run(move || {
            let storage = Storage::existing(&root)?;
            Ok(Self {
                place: Place::new(root, storage),
                reflink: false,
            })
        })
        .await
    }

    async fn volume(&self, id: VolumeId) -> Result<Object, DriverError> {
        Ok(Object::volume(&self.place.storage().await?, id))
    }

    async fn snapshot(&self, id: SnapshotId) -> Result<Object, DriverError> {
        Ok(Object::snapshot(&self.place.storage().await?, id))
    }
}

#[async_trait]
impl Driver for FileDriver {
    fn capability(&self) -> Capability {
        Capability {
            reflink: self.reflink,
            clone_dependents: false,
            extend_in_use: true,
        }
    }

    async fn identify(&self, known: Option<&str>, fresh: &str) -> Result<String, DriverError> {
        let (storage, known, fresh) = (self.place.storage().await?, known.map(str::to_owned), fresh.to_owned());
        let id = run(move || identity::agree(&storage, known.as_deref(), &fresh)).await?;
        self.place.is_known_as(&id);
        Ok(id)
    }

    async fn check(&self) -> Result<(), DriverError> {
        let storage = self.place.storage().await?;
        run(move || storage.check()).await
    }

    async fn create_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        let volume = self.volume(volume).await?;
        let Some(lock) = claim(cx, volume.clone(), size.bytes()).await? else {
            return Ok(());
        };
        publish(cx, lock, VOLUME_MODE, move |_stop, target| {
            rustix::fs::ftruncate(target, size.bytes()).map_err(|error| explain(volume.cannot("create"), error))?;
            breakpoint::hit("file.resized");
            Ok(None)
        })
        .await
    }

    async fn create_volume_from_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        let snapshot = self.snapshot(snapshot).await?;
        let Some(lock) = claim(cx, self.volume(volume).await?, size.bytes()).await? else {
            return Ok(());
        };
        publish(cx, lock, VOLUME_MODE, move |stop, target| {
            copy::fits(&snapshot, size)?;
            copy::of_snapshot(stop, &snapshot, target, || Ok(()))?;
            copy::pad(&snapshot, target, size)?;
            Ok(None)
        })
        .await
    }

    async fn create_volume_from_volume(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        source: VolumeId,
    ) -> Result<(), DriverError> {
        let source = self.volume(source).await?;
        let Some(lock) = claim(cx, self.volume(volume).await?, size.bytes()).await? else {
            return Ok(());
        };
        let unchanged = Lock::to_read(cx, source.clone()).await?;
        publish(cx, lock, VOLUME_MODE, move |stop, target| {
            copy::fits(&source, size)?;
            copy::of_volume(stop, &source, target)?;
            drop(unchanged);
            copy::pad(&source, target, size)?;
            Ok(None)
        })
        .await
    }

    async fn extend_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        change::extend(cx, self.volume(volume).await?, size.bytes()).await
    }

    async fn delete_volume(&self, cx: &Context, volume: VolumeId) -> Result<(), DriverError> {
        change::delete(cx, self.volume(volume).await?).await
    }

    async fn create_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError> {
        let (id, volume) = (volume, self.volume(volume).await?);
        let Some(lock) = claim(cx, self.snapshot(snapshot).await?, 0).await? else {
            return Ok(());
        };
        let unchanged = Lock::to_read(cx, volume.clone()).await?;
        publish(cx, lock, SNAPSHOT_MODE, move |stop, target| {
            copy::of_volume(stop, &volume, target)?;
            drop(unchanged);
            origin::note(target, id);
            Ok(None)
        })
        .await
    }

    /// The volume does not matter here: copies of a file depend on nothing.
    async fn delete_snapshot(&self, cx: &Context, snapshot: SnapshotId, _volume: VolumeId) -> Result<(), DriverError> {
        change::delete(cx, self.snapshot(snapshot).await?).await
    }

    async fn manage_snapshot(
        &self,
        cx: &Context,
        snapshot: SnapshotId,
        volume: VolumeId,
        name: &str,
    ) -> Result<Gib, DriverError> {
        adopt::snapshot(cx, self.snapshot(snapshot).await?, volume, name).await
    }

    async fn space(&self) -> Result<Option<Space>, DriverError> {
        let storage = self.place.storage().await?;
        let cannot = |error| explain("cannot look at the storage folder", error);
        run(move || storage.volumes().space().map(Some).map_err(cannot)).await
    }

    async fn stored_snapshots(&self) -> Result<Vec<StoredSnapshot>, DriverError> {
        let storage = self.place.storage().await?;
        run(move || adopt::list(&storage)).await
    }

    async fn stored_objects(&self) -> Result<Option<Vec<StoredObject>>, DriverError> {
        let storage = self.place.storage().await?;
        run(move || inventory::objects(&storage).map(Some)).await
    }

    async fn stored_object(&self, kind: ResourceKind, name: &str) -> Result<Option<StoredObject>, DriverError> {
        let (storage, name) = (self.place.storage().await?, name.to_owned());
        run(move || inventory::object(&storage, kind, &name)).await
    }

    async fn left_overs(&self) -> Result<Vec<LeftOver>, DriverError> {
        let storage = self.place.storage().await?;
        run(move || inventory::left_overs(&storage)).await
    }

    async fn remove_left_over(&self, cx: &Context, of: Resource) -> Result<(), DriverError> {
        let lock = Lock::to_change(cx, Object::of(&self.place.storage().await?, of)).await?;
        cx.confirm().await?;
        // The lock file goes with the lock if there is no object.
        run(move || remove_left_over(lock.object())).await
    }

    async fn revert_to_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        let (volume, snapshot) = (self.volume(volume).await?, self.snapshot(snapshot).await?);
        let lock = Lock::to_change(cx, volume.clone()).await?;
        publish(cx, lock, VOLUME_MODE, move |stop, target| {
            revert::fill(stop, &volume, &snapshot, target)
        })
        .await
    }
}

/// Locks `object` in order to create it; `None` if it is there already, of at least `size` bytes.
async fn claim(cx: &Context, object: Object, size: u64) -> Result<Option<Lock>, DriverError> {
    let lock = Lock::to_change(cx, object).await?;
    run(move || {
        let object = lock.object();
        remove_left_over(object)?;
        match object.find()? {
            None => Ok(Some(lock)),
            Some(stat) if size_of(&stat) >= size => {
                // The attempt that created it may have died before its last fsync.
                make_durable(object)?;
                breakpoint::hit("file.found_complete");
                Ok(None)
            }
            Some(_) => {
                let cause = format!(
                    "{} exists and is too small, so this service did not create it",
                    object.name()
                );
                Err(DriverError::fatal(Kind::Exists, cause))
            }
        }
    })
    .await
}
