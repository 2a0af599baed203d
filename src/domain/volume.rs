//! A volume.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Gib, GroupId, IllegalTransition, Label, Metadata, ProjectId, SnapshotId, UserId, VolumeEvent, VolumeId,
    VolumeStatus, VolumeTypeId, status_enum,
};

status_enum! {
    /// Whether somebody has the volume attached (Cinder: `VolumeAttachStatus`).
    AttachStatus {
        Attached = "attached",
        Detached = "detached",
    }
}

status_enum! {
    /// What an attachment may do with the volume.
    AttachMode {
        ReadWrite = "rw",
        ReadOnly = "ro",
    }
}

/// Who has a volume attached (`os-attach`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: Uuid,
    /// The server, if a server has it.
    pub instance_uuid: Option<String>,
    /// The host, if a host has it.
    pub host_name: Option<String>,
    /// Under which name it is there, such as `/dev/vdb`.
    pub mountpoint: String,
    /// Reading and writing, or reading only.
    pub mode: AttachMode,
    /// Since when.
    pub attached_at: DateTime<Utc>,
}

/// A volume, as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its id; the backend object is named after it.
    pub id: VolumeId,
    /// The project that owns it and whose quota it uses.
    pub project_id: ProjectId,
    /// Who asked for it.
    pub user_id: UserId,
    /// Its type.
    pub volume_type_id: VolumeTypeId,
    /// Its size.
    pub size: Gib,
    /// The size it is being extended to, while it is; counts against the quota.
    pub target_size: Option<Gib>,
    /// Where it is in its life.
    pub status: VolumeStatus,
    /// Whether the status is what an admin said, so that nothing need be behind it.
    pub overridden: bool,
    /// The status to go back to after an extend or an impossible delete.
    pub previous_status: Option<VolumeStatus>,
    /// Whether it is attached.
    pub attach_status: AttachStatus,
    /// Who has it attached.
    pub attachment: Option<Attachment>,
    /// Whether it may be attached for reading only; `None` until somebody says.
    pub readonly: Option<bool>,
    /// Set by an admin only; this service does not migrate.
    pub migration_status: Option<String>,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// User metadata.
    pub metadata: Metadata,
    /// Where it lives.
    pub availability_zone: String,
    /// `host@backend#pool`; the storage that holds the bytes. Empty if none was found for it.
    pub host: String,
    /// The snapshot it was made from; kept after that snapshot is gone.
    pub snapshot_id: Option<SnapshotId>,
    /// The volume it was made from; kept after that volume is gone.
    pub source_volid: Option<VolumeId>,
    /// The snapshot it is being reverted to, while it is.
    pub revert_snapshot_id: Option<SnapshotId>,
    /// The group it is in.
    pub group_id: Option<GroupId>,
    /// Whether one can boot from it.
    pub bootable: bool,
    /// False only for internal temporary volumes.
    pub consumes_quota: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the row last changed; `None` until it does.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Volume {
    /// Lets `event` happen at `now` and returns the status before it, which guards the update in the
    /// store.
    ///
    /// # Errors
    /// [`IllegalTransition`]; the volume is unchanged then.
    pub fn apply(&mut self, event: VolumeEvent, now: DateTime<Utc>) -> Result<VolumeStatus, IllegalTransition> {
        let before = self.status;
        self.status = before.apply(event)?;
        self.overridden = event.overrides();
        self.updated_at = Some(now);
        Ok(before)
    }

    /// Whether there is a storage for it. Nothing but its row has to be deleted otherwise.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        !self.host.is_empty()
    }

    /// Whether a migration is under way: Cinder's idle values are none, `deleting`, `error` and `success`.
    pub fn is_migrating(&self) -> bool {
        !matches!(
            self.migration_status.as_deref(),
            None | Some("deleting" | "error" | "success")
        )
    }
}

/// What `PUT /volumes/{id}` changes: the outer `None` leaves the field alone, the inner one clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumePatch {
    /// New name.
    pub name: Option<Option<Label>>,
    /// New description.
    pub description: Option<Option<Label>>,
    /// New metadata, replacing all.
    pub metadata: Option<Metadata>,
}
