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

impl Operation {
    /// The status that the volume has for as long as the task lives; `None` for work on anything else.
    pub const fn volume_status(self) -> Option<VolumeStatus> {
        match self {
            Self::CreateVolume | Self::CreateVolumeFromSnapshot | Self::CreateVolumeFromVolume => {
                Some(VolumeStatus::Creating)
            }
            Self::DeleteVolume => Some(VolumeStatus::Deleting),
            Self::ExtendVolume => Some(VolumeStatus::Extending),
            Self::RevertVolume => Some(VolumeStatus::Reverting),
            Self::CreateSnapshot
            | Self::DeleteSnapshot
            | Self::ManageSnapshot
            | Self::UnmanageSnapshot
            | Self::CreateGroup
            | Self::DeleteGroup
            | Self::CreateGroupSnapshot
            | Self::DeleteGroupSnapshot => None,
        }
    }

    /// The status that the snapshot has for as long as the task lives; `None` for work on anything else.
    pub const fn snapshot_status(self) -> Option<SnapshotStatus> {
        match self {
            Self::CreateSnapshot | Self::ManageSnapshot => Some(SnapshotStatus::Creating),
            Self::DeleteSnapshot => Some(SnapshotStatus::Deleting),
            Self::UnmanageSnapshot => Some(SnapshotStatus::Unmanaging),
            Self::CreateVolume
            | Self::CreateVolumeFromSnapshot
            | Self::CreateVolumeFromVolume
            | Self::DeleteVolume
            | Self::ExtendVolume
            | Self::RevertVolume
            | Self::CreateGroup
            | Self::DeleteGroup
            | Self::CreateGroupSnapshot
            | Self::DeleteGroupSnapshot => None,
        }
    }

    /// The status that the group has for as long as the task lives; `None` for work on anything else.
    pub const fn group_status(self) -> Option<GroupStatus> {
        match self {
            Self::CreateGroup => Some(GroupStatus::Creating),
            Self::DeleteGroup => Some(GroupStatus::Deleting),
            Self::CreateVolume
            | Self::CreateVolumeFromSnapshot
            | Self::CreateVolumeFromVolume
            | Self::DeleteVolume
            | Self::ExtendVolume
            | Self::RevertVolume
            | Self::CreateSnapshot
            | Self::DeleteSnapshot
            | Self::ManageSnapshot
            | Self::UnmanageSnapshot
            | Self::CreateGroupSnapshot
            | Self::DeleteGroupSnapshot => None,
        }
    }

    /// The status that the group snapshot has for as long as the task lives; `None` for work on anything else.
    pub const fn group_snapshot_status(self) -> Option<GroupSnapshotStatus> {
        match self {
            Self::CreateGroupSnapshot => Some(GroupSnapshotStatus::Creating),
            Self::DeleteGroupSnapshot => Some(GroupSnapshotStatus::Deleting),
            Self::CreateVolume
            | Self::CreateVolumeFromSnapshot
            | Self::CreateVolumeFromVolume
            | Self::DeleteVolume
            | Self::ExtendVolume
            | Self::RevertVolume
            | Self::CreateSnapshot
            | Self::DeleteSnapshot
            | Self::ManageSnapshot
            | Self::UnmanageSnapshot
            | Self::CreateGroup
            | Self::DeleteGroup => None,
        }
    }

    /// What the resource is.
    pub const fn subject(self) -> Subject {
        match self {
            Self::CreateSnapshot | Self::DeleteSnapshot | Self::ManageSnapshot | Self::UnmanageSnapshot => {
                Subject::Snapshot
            }
            Self::CreateVolume
            | Self::CreateVolumeFromSnapshot
            | Self::CreateVolumeFromVolume
            | Self::DeleteVolume
            | Self::ExtendVolume
            | Self::RevertVolume => Subject::Volume,
            Self::CreateGroup | Self::DeleteGroup => Subject::Group,
            Self::CreateGroupSnapshot | Self::DeleteGroupSnapshot => Subject::GroupSnapshot,
        }
    }
}
