//! Statuses of groups and of group snapshots, and the tables that say how they change.

use super::{IllegalTransition, status_enum};

status_enum! {
    /// The status of a group (Cinder: `objects/fields.py::GroupStatus`). The service itself never enters
    /// `updating`: a change of the members is one transaction. An admin can set it.
    GroupStatus {
        Error = "error",
        Available = "available",
        Creating = "creating",
        Deleting = "deleting",
        Deleted = "deleted",
        Updating = "updating",
        InUse = "in-use",
        ErrorDeleting = "error_deleting",
    }
}

status_enum! {
    /// The status of a group snapshot (Cinder: `objects/fields.py::GroupSnapshotStatus`).
    GroupSnapshotStatus {
        Error = "error",
        Available = "available",
        Creating = "creating",
        Deleting = "deleting",
        Deleted = "deleted",
        Updating = "updating",
        ErrorDeleting = "error_deleting",
    }
}

/// What can happen to an existing group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupEvent {
    /// All its volumes have been made.
    Created,
    /// One of them could not be made.
    CreateFailed,
    /// A user wants it gone, with its volumes, whatever it is doing.
    Delete,
    /// A volume could not be deleted.
    DeleteFailed,
    /// Something keeps a volume for now: the group goes back to the status it had before.
    DeleteBusy(GroupStatus),
    /// An admin says what the status is.
    Reset(GroupStatus),
}

/// What can happen to an existing group snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupSnapshotEvent {
    /// The worker took all its snapshots.
    Created,
    /// The worker could not take all of them, so it took none.
    CreateFailed,
    /// A user wants it gone.
    Delete,
    /// All its snapshots are removed; the row goes away.
    Deleted,
    /// One of them could not be removed. Cinder's status for that is `error`, so that it can be tried again.
    DeleteFailed,
    /// Something depends on one of them: back to the status before.
    DeleteBusy(GroupSnapshotStatus),
    /// An admin says what the status is.
    Reset(GroupSnapshotStatus),
}

impl GroupStatus {
    /// The status after `event`, or why it cannot happen now.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the current status does not allow the event.
    pub const fn apply(self, event: GroupEvent) -> Result<Self, IllegalTransition> {
        use GroupEvent as E;
        match (self, event) {
            (Self::Creating, E::Created) => Ok(Self::Available),
            (Self::Creating, E::CreateFailed) | (Self::Deleting, E::DeleteFailed) => Ok(Self::Error),
            (_, E::Delete) => Ok(Self::Deleting),
            (Self::Deleting, E::DeleteBusy(to)) | (_, E::Reset(to)) => Ok(to),
            (
                Self::Error
                | Self::Available
                | Self::Creating
                | Self::Deleting
                | Self::Deleted
                | Self::Updating
                | Self::InUse
                | Self::ErrorDeleting,
                E::Created | E::CreateFailed | E::DeleteFailed | E::DeleteBusy(_),
            ) => Err(IllegalTransition),
        }
    }

    /// Whether the service is at work on the group while it has this status.
    pub const fn is_transitional(self) -> bool {
        matches!(self, Self::Creating | Self::Deleting)
    }
}

impl GroupSnapshotStatus {
    /// The status after `event`, or why it cannot happen now.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the current status does not allow the event.
    pub const fn apply(self, event: GroupSnapshotEvent) -> Result<Self, IllegalTransition> {
        use GroupSnapshotEvent as E;
        match (self, event) {
            (Self::Creating, E::Created) => Ok(Self::Available),
            (Self::Creating, E::CreateFailed) | (Self::Deleting, E::DeleteFailed) => Ok(Self::Error),
            (Self::Available | Self::Error, E::Delete) => Ok(Self::Deleting),
            (Self::Deleting, E::Deleted) => Ok(Self::Deleted),
            (Self::Deleting, E::DeleteBusy(to)) | (_, E::Reset(to)) => Ok(to),
            (
                Self::Error
                | Self::Available
                | Self::Creating
                | Self::Deleting
                | Self::Deleted
                | Self::Updating
                | Self::ErrorDeleting,
                E::Created | E::CreateFailed | E::Delete | E::Deleted | E::DeleteFailed | E::DeleteBusy(_),
            ) => Err(IllegalTransition),
        }
    }

    /// Whether the service is at work on the group snapshot while it has this status.
    pub const fn is_transitional(self) -> bool {
        matches!(self, Self::Creating | Self::Deleting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_change_as_the_table_says() {
        let sources = |event| -> Vec<&str> {
            let all = GroupStatus::ALL.iter();
            all.filter(|status| status.apply(event).is_ok())
                .map(|status| status.as_str())
                .collect()
        };
        assert_eq!(sources(GroupEvent::Created), ["creating"]);
        assert_eq!(sources(GroupEvent::CreateFailed), ["creating"]);
        assert_eq!(sources(GroupEvent::DeleteFailed), ["deleting"]);
        assert_eq!(sources(GroupEvent::DeleteBusy(GroupStatus::Available)), ["deleting"]);
        assert_eq!(sources(GroupEvent::Delete).len(), GroupStatus::ALL.len());
        assert_eq!(
            sources(GroupEvent::Reset(GroupStatus::Error)).len(),
            GroupStatus::ALL.len()
        );
    }

    #[test]
    fn group_snapshots_change_as_the_table_says() {
        let sources = |event| -> Vec<&str> {
            let all = GroupSnapshotStatus::ALL.iter();
            all.filter(|status| status.apply(event).is_ok())
                .map(|status| status.as_str())
                .collect()
        };
        assert_eq!(sources(GroupSnapshotEvent::Delete), ["error", "available"]);
        assert_eq!(sources(GroupSnapshotEvent::Created), ["creating"]);
        assert_eq!(sources(GroupSnapshotEvent::CreateFailed), ["creating"]);
        assert_eq!(sources(GroupSnapshotEvent::Deleted), ["deleting"]);
        assert_eq!(sources(GroupSnapshotEvent::DeleteFailed), ["deleting"]);
        let to = GroupSnapshotStatus::Error;
        assert_eq!(sources(GroupSnapshotEvent::DeleteBusy(to)), ["deleting"]);
        assert_eq!(
            sources(GroupSnapshotEvent::Reset(to)).len(),
            GroupSnapshotStatus::ALL.len()
        );
    }

    #[test]
    fn every_status_reads_back() {
        for status in GroupStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        for status in GroupSnapshotStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
    }
}
