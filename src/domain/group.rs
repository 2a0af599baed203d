//! A group of volumes, and a snapshot of a whole group.

use chrono::{DateTime, Utc};

use super::{
    GroupEvent, GroupId, GroupSnapshotEvent, GroupSnapshotId, GroupSnapshotStatus, GroupStatus, GroupTypeId,
    IllegalTransition, Label, ProjectId, UserId, VolumeTypeId,
};

/// A group, as the database knows it. Its volumes are those whose rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The project that owns it and whose quota it uses.
    pub project_id: ProjectId,
    /// Who asked for it.
    pub user_id: UserId,
    /// Its type.
    pub group_type_id: GroupTypeId,
    /// The types that its volumes may have.
    pub volume_types: Vec<VolumeTypeId>,
    /// Where it is in its life.
    pub status: GroupStatus,
    /// Whether the status is what an admin said ([`GroupEvent::overrides`]), so that nothing need be behind it.
    pub overridden: bool,
    /// The status to go back to when a delete turns out to be impossible for now.
    pub previous_status: Option<GroupStatus>,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// Where its volumes live.
    pub availability_zone: String,
    /// `host@backend#pool`. Empty if none was found for it.
    pub host: String,
    /// The group snapshot it was made from; kept after that is gone.
    pub group_snapshot_id: Option<GroupSnapshotId>,
    /// The group it was made from; kept after that is gone.
    pub source_group_id: Option<GroupId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the row last changed; `None` until it does.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Group {
    /// Lets `event` happen at `now` and returns the status before it, which guards the update in the
    /// store.
    ///
    /// # Errors
    /// [`IllegalTransition`]; the group is unchanged then.
    pub fn apply(&mut self, event: GroupEvent, now: DateTime<Utc>) -> Result<GroupStatus, IllegalTransition> {
        let before = self.status;
        self.status = before.apply(event)?;
        self.overridden = event.overrides();
        self.updated_at = Some(now);
        Ok(before)
    }
}

/// A group snapshot, as the database knows it. Its snapshots are those whose rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSnapshot {
    /// Its id.
    pub id: GroupSnapshotId,
    /// The project that owns it and its snapshots: the caller's, which for an admin may differ from the group's.
    pub project_id: ProjectId,
    /// Who asked for it.
    pub user_id: UserId,
    /// The group it was taken of.
    pub group_id: GroupId,
    /// The group's type.
    pub group_type_id: GroupTypeId,
    /// Where it is in its life.
    pub status: GroupSnapshotStatus,
    /// Whether the status is what an admin said ([`GroupSnapshotEvent::overrides`]).
    pub overridden: bool,
    /// The status to go back to when a delete turns out to be impossible for now.
    pub previous_status: Option<GroupSnapshotStatus>,
    /// Display name.
    pub name: Option<Label>,
    /// Display description.
    pub description: Option<Label>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the row last changed; `None` until it does.
    pub updated_at: Option<DateTime<Utc>>,
}

impl GroupSnapshot {
    /// As [`Group::apply`].
    ///
    /// # Errors
    /// [`IllegalTransition`]; the group snapshot is unchanged then.
    pub fn apply(
        &mut self,
        event: GroupSnapshotEvent,
        now: DateTime<Utc>,
    ) -> Result<GroupSnapshotStatus, IllegalTransition> {
        let before = self.status;
        self.status = before.apply(event)?;
        self.overridden = event.overrides();
        self.updated_at = Some(now);
        Ok(before)
    }
}
