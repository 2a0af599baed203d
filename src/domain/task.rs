//! Work as data: a row in `tasks`, committed together with the status change that asks for it.

use chrono::{DateTime, Utc};

use super::{
    GroupSnapshotStatus, GroupStatus, LeaseToken, ResourceId, SnapshotStatus, Subject, VolumeStatus, status_enum,
};

status_enum! {
    /// What a worker has to do with a resource. The parameters live on the resource's own row, but for
    /// what only the request knows ([`Task::argument`]).
    Operation {
        CreateVolume = "create_volume",
        CreateVolumeFromSnapshot = "create_volume_from_snapshot",
        CreateVolumeFromVolume = "create_volume_from_volume",
        DeleteVolume = "delete_volume",
        ExtendVolume = "extend_volume",
        RevertVolume = "revert_volume",
        CreateSnapshot = "create_snapshot",
        DeleteSnapshot = "delete_snapshot",
        ManageSnapshot = "manage_snapshot",
        UnmanageSnapshot = "unmanage_snapshot",
        CreateGroup = "create_group",
        DeleteGroup = "delete_group",
        CreateGroupSnapshot = "create_group_snapshot",
        DeleteGroupSnapshot = "delete_group_snapshot",
    }
}

/// One claimed piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What it changes. At most one task exists per resource.
    pub resource: ResourceId,
    /// What it reads meanwhile. Tasks that would write it wait for this one, and this one waits
    /// for older tasks that write it; see `store/tasks.rs`.
    pub source: Option<ResourceId>,
    /// What to do.
    pub operation: Operation,
    /// What to manage, as the caller wrote it: the JSON text of its `ref`.
    pub argument: Option<String>,
    /// How often it has been claimed, this time included.
    pub attempts: i64,
    /// Proves, to the store and the driver, that the claim still holds.
    pub lease: LeaseToken,
    /// The request that asked for it, for logs and messages.
    pub request_id: String,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
}

/// What a task is about, and the status that it has for as long as the task lives.
#[derive(Clone, Copy)]
enum Awaiting {
    Volume(VolumeStatus),
    Snapshot(SnapshotStatus),
    Group(GroupStatus),
    GroupSnapshot(GroupSnapshotStatus),
}

impl Operation {
    const fn awaiting(self) -> Awaiting {
        match self {
            Self::CreateVolume | Self::CreateVolumeFromSnapshot | Self::CreateVolumeFromVolume => {
                Awaiting::Volume(VolumeStatus::Creating)
            }
            Self::DeleteVolume => Awaiting::Volume(VolumeStatus::Deleting),
            Self::ExtendVolume => Awaiting::Volume(VolumeStatus::Extending),
            Self::RevertVolume => Awaiting::Volume(VolumeStatus::Reverting),
            Self::CreateSnapshot | Self::ManageSnapshot => Awaiting::Snapshot(SnapshotStatus::Creating),
            Self::DeleteSnapshot => Awaiting::Snapshot(SnapshotStatus::Deleting),
            Self::UnmanageSnapshot => Awaiting::Snapshot(SnapshotStatus::Unmanaging),
            Self::CreateGroup => Awaiting::Group(GroupStatus::Creating),
            Self::DeleteGroup => Awaiting::Group(GroupStatus::Deleting),
            Self::CreateGroupSnapshot => Awaiting::GroupSnapshot(GroupSnapshotStatus::Creating),
            Self::DeleteGroupSnapshot => Awaiting::GroupSnapshot(GroupSnapshotStatus::Deleting),
        }
    }

    /// The status that the volume has for as long as the task lives; `None` for work on anything else.
    pub const fn volume_status(self) -> Option<VolumeStatus> {
        match self.awaiting() {
            Awaiting::Volume(status) => Some(status),
            Awaiting::Snapshot(_) | Awaiting::Group(_) | Awaiting::GroupSnapshot(_) => None,
        }
    }

    /// The same for a snapshot.
    pub const fn snapshot_status(self) -> Option<SnapshotStatus> {
        match self.awaiting() {
            Awaiting::Snapshot(status) => Some(status),
            Awaiting::Volume(_) | Awaiting::Group(_) | Awaiting::GroupSnapshot(_) => None,
        }
    }

    /// The same for a group.
    pub const fn group_status(self) -> Option<GroupStatus> {
        match self.awaiting() {
            Awaiting::Group(status) => Some(status),
            Awaiting::Volume(_) | Awaiting::Snapshot(_) | Awaiting::GroupSnapshot(_) => None,
        }
    }

    /// The same for a group snapshot.
    pub const fn group_snapshot_status(self) -> Option<GroupSnapshotStatus> {
        match self.awaiting() {
            Awaiting::GroupSnapshot(status) => Some(status),
            Awaiting::Volume(_) | Awaiting::Snapshot(_) | Awaiting::Group(_) => None,
        }
    }

    /// What the resource is.
    pub const fn subject(self) -> Subject {
        match self.awaiting() {
            Awaiting::Volume(_) => Subject::Volume,
            Awaiting::Snapshot(_) => Subject::Snapshot,
            Awaiting::Group(_) => Subject::Group,
            Awaiting::GroupSnapshot(_) => Subject::GroupSnapshot,
        }
    }
}
