//! A snapshot.

use chrono::{DateTime, Utc};

use super::{
    Gib, GroupSnapshotId, IllegalTransition, Label, Metadata, ProjectId, SnapshotEvent, SnapshotId, SnapshotStatus,
    UserId, VolumeId, VolumeTypeId,
};

/// A snapshot, as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id; the backend object is named after it.
    pub id: SnapshotId,
    /// The project that owns it and whose quota it uses: the caller's, which for an admin may
    /// differ from the volume's.
    pub project_id: ProjectId,
    /// Who asked for it.
    pub user_id: UserId,
    /// The volume it was taken of.
    pub volume_id: VolumeId,
    /// The volume's type when it was taken.
    pub volume_type_id: VolumeTypeId,
    /// The volume's size when it was taken.
    pub size: Gib,
    /// Where it is in its life.
    pub status: SnapshotStatus,
    /// Whether the status is what an admin or Nova said ([`SnapshotEvent::overrides`]), so that nothing need
    /// be behind it.
    pub overridden: bool,
    /// The status to go back to when a delete turns out to be impossible for now.
    pub previous_status: Option<SnapshotStatus>,
    /// `0%` to `100%`, as text because Nova may write it (`os-update_snapshot_status`).
    pub progress: Option<String>,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// User metadata.
    pub metadata: Metadata,
    /// The group snapshot it is part of.
    pub group_snapshot_id: Option<GroupSnapshotId>,
    /// False only for internal temporary snapshots.
    pub consumes_quota: bool,
    /// When it was asked for; strictly increasing per volume.
    pub created_at: DateTime<Utc>,
    /// When the row last changed; `None` until it does.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Lets `event` happen at `now` and returns the status before it, which guards the update in the
    /// store.
    ///
    /// # Errors
    /// [`IllegalTransition`]; the snapshot is unchanged then.
    pub fn apply(&mut self, event: SnapshotEvent, now: DateTime<Utc>) -> Result<SnapshotStatus, IllegalTransition> {
        let before = self.status;
        self.status = before.apply(event)?;
        self.overridden = event.overrides(before).unwrap_or(self.overridden);
        self.updated_at = Some(now);
        Ok(before)
    }
}

/// What `PUT /snapshots/{id}` changes: the outer `None` leaves the field alone, the inner one clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotPatch {
    /// New name.
    pub name: Option<Option<Label>>,
    /// New description.
    pub description: Option<Option<Label>>,
}
