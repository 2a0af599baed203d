//! Storage back ends.
//!
//! A driver keeps volumes and snapshots as objects named after their ids. Its operations are
//! **idempotent**: the worker repeats one whenever it does not know how the last attempt ended, so
//! creating what exists and deleting what is missing succeed.

mod context;
mod error;
pub mod file;
mod reference;

use async_trait::async_trait;

pub use self::{
    context::{Context, Fence, Progress},
    error::{DriverError, Kind, Retry},
    reference::source_name,
};
use crate::domain::{Gib, LeftOver, Resource, ResourceKind, SnapshotId, Space, StoredObject, StoredSnapshot, VolumeId};

/// What a back end can do; the behaviour suite chooses its cases by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// A snapshot is a point in time even while somebody writes to the volume, and costs no copy.
    pub reflink: bool,
    /// A volume made from a snapshot keeps that snapshot from being deleted.
    pub clone_dependents: bool,
    /// A volume can grow while somebody has it open.
    pub extend_in_use: bool,
}

/// A storage back end.
///
/// Rules for every method:
///
/// * **Atomic on crash**: killed at any point, the target is either as before or complete. Left-over
///   temporary objects are removed by the next attempt of an operation on the same target.
/// * **Fenced**: right before the change becomes visible the driver asks [`Context::confirm`]; if the
///   worker has lost its task the change is dropped with [`Kind::Cancelled`]. Two operations on
///   one target never overlap, not even from two processes on one machine.
/// * **Cancellable**: long work looks at [`Context::cancelled`] often and ends with [`Kind::Cancelled`],
///   leaving nothing behind.
/// * **Durable**: `Ok` means that the result survives a power cut.
/// * Errors say whether repeating can help ([`Retry`]) and carry a cause that a user understands.
#[async_trait]
pub trait Driver: Send + Sync + std::fmt::Debug {
    /// What this back end can do, as found when it was opened.
    fn capability(&self) -> Capability;

    /// The storage's own id, which ties it to a database. With `known`, the id that the database expects,
    /// a storage with another id or none is refused: it is the wrong one, or not mounted. Without, the
    /// storage tells its id, and takes `fresh` if it has none.
    ///
    /// A back end that has nowhere to keep an id agrees to everything.
    async fn identify(&self, known: Option<&str>, fresh: &str) -> Result<String, DriverError> {
        Ok(known.unwrap_or(fresh).to_owned())
    }

    /// Whether the back end can be read and written now. Cheap; called by the health check.
    async fn check(&self) -> Result<(), DriverError>;

    /// An empty volume of `size` that reads as zeroes. An existing volume of at least that size is `Ok`.
    async fn create_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError>;

    /// A volume of `size` that starts with the snapshot's bytes and reads as zeroes beyond them.
    /// *Requires* `size` at least the snapshot's. *Reports progress.* An existing complete volume is `Ok`.
    async fn create_volume_from_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError>;

    /// A volume of `size` that starts with the bytes `source` has at one point in time.
    /// As exact as [`Driver::create_snapshot`], or refused in the same way.
    async fn create_volume_from_volume(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        source: VolumeId,
    ) -> Result<(), DriverError>;

    /// Grows the volume to `size`; the new part reads as zeroes. Already that large is `Ok`; it never shrinks.
    async fn extend_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError>;

    /// Removes the volume and what unfinished operations on it left behind. A missing one is `Ok`.
    async fn delete_volume(&self, cx: &Context, volume: VolumeId) -> Result<(), DriverError>;

    /// The bytes `volume` has at **one point in time** between call and return, or an error:
    /// [`Kind::InUse`] where a writer would make the copy inexact. *Reports progress.* An existing
    /// complete snapshot is `Ok` and is not taken again.
    async fn create_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError>;

    /// Snapshots of several volumes, **all or none**: after a crash and the next attempt there are all of them,
    /// or, if that attempt fails, none. Each is as exact as [`Driver::create_snapshot`] makes it. With
    /// `one_moment` they also have the bytes that all volumes had at one point in time, or it is
    /// [`Kind::InUse`]. *Reports progress.* Complete ones are `Ok` and are not taken again.
    async fn create_group_snapshot(
        &self,
        _cx: &Context,
        _members: &[(SnapshotId, VolumeId)],
        _one_moment: bool,
    ) -> Result<(), DriverError> {
        Err(DriverError::fatal(
            Kind::Unsupported,
            "this storage cannot take snapshots of groups",
        ))
    }

    /// Removes the snapshot and what unfinished operations on it left behind. A missing one is `Ok`;
    /// [`Kind::Busy`] where others depend on it.
    async fn delete_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError>;

    /// Takes over a snapshot that somebody else put into the back end under `name`, for `volume`: from now
    /// on it is `snapshot`. Answers with its size, rounded up to whole GiB. A snapshot that was taken over
    /// already is `Ok`.
    async fn manage_snapshot(
        &self,
        _cx: &Context,
        _snapshot: SnapshotId,
        _volume: VolumeId,
        _name: &str,
    ) -> Result<Gib, DriverError> {
        Err(DriverError::fatal(
            Kind::Unsupported,
            "this storage cannot take over existing snapshots",
        ))
    }

    /// Lets go of the snapshot: its bytes stay where they are, and can be taken over again.
    async fn unmanage_snapshot(&self, _cx: &Context, _snapshot: SnapshotId) -> Result<(), DriverError> {
        Ok(())
    }

    /// How full the back end is; `None` where that has no meaning.
    async fn space(&self) -> Result<Option<Space>, DriverError> {
        Ok(None)
    }

    /// Every complete snapshot that the back end holds, by name, ours among them.
    async fn stored_snapshots(&self) -> Result<Vec<StoredSnapshot>, DriverError> {
        Ok(Vec::new())
    }

    /// Every complete volume and snapshot that the back end holds, whoever made it, in no order; without a
    /// look into them, because there may be a million. `None` where a back end cannot tell: then nobody
    /// concludes anything from what is not there.
    async fn stored_objects(&self) -> Result<Option<Vec<StoredObject>>, DriverError> {
        Ok(None)
    }

    /// The one of them that has this name; `None` if nothing has, or something that is no object.
    /// Only for a back end that can list them.
    async fn stored_object(&self, _kind: ResourceKind, name: &str) -> Result<Option<StoredObject>, DriverError> {
        let cause = format!("this storage cannot tell whether it has {name}");
        Err(DriverError::fatal(Kind::Unsupported, cause))
    }

    /// What operations that were killed left behind, and nobody is at work on now. Harmless: the next
    /// operation on the same object removes it, but there may be none.
    async fn left_overs(&self) -> Result<Vec<LeftOver>, DriverError> {
        Ok(Vec::new())
    }

    /// Removes what unfinished operations on a volume or snapshot left behind, and never the object itself.
    /// Nothing to remove is `Ok`.
    async fn remove_left_over(&self, _cx: &Context, _of: Resource) -> Result<(), DriverError> {
        Ok(())
    }

    /// Gives the volume the snapshot's bytes, all or nothing. *Requires* equal sizes and nobody using the volume.
    async fn revert_to_snapshot(&self, cx: &Context, volume: VolumeId, snapshot: SnapshotId)
    -> Result<(), DriverError>;
}
