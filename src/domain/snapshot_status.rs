//! Snapshot statuses and the one table that says how they change.

use super::{IllegalTransition, reached, status_enum};

status_enum! {
    /// The status of a snapshot (Cinder: `objects/fields.py::SnapshotStatus`). The service itself
    /// never enters `updating` and `backing-up`; an admin can set them with `os-reset_status`.
    SnapshotStatus {
        Error = "error",
        Available = "available",
        Creating = "creating",
        Deleting = "deleting",
        Deleted = "deleted",
        Updating = "updating",
        ErrorDeleting = "error_deleting",
        Unmanaging = "unmanaging",
        BackingUp = "backing-up",
        Restoring = "restoring",
    }
}

/// What can happen to an existing snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotEvent {
    /// The worker finished the copy.
    Created,
    /// The worker gave up on the copy.
    CreateFailed,
    /// A user, or a cascading volume delete, wants it gone.
    Delete,
    /// An admin wants it gone whatever it is doing.
    ForceDelete,
    /// The worker removed the backend object; the row goes away.
    Deleted,
    /// The worker could not remove the backend object.
    DeleteFailed,
    /// Something depends on the snapshot: it goes back to the status it had before
    /// (Cinder writes `available` even over `error`, gap G23).
    DeleteBusy(SnapshotStatus),
    /// An admin wants the service to forget it and to leave its bytes where they are.
    Unmanage,
    /// The worker let go of the backend object; the row goes away.
    Unmanaged,
    /// The worker could not let go of it. Cinder has no status of its own for that (gap G32).
    UnmanageFailed,
    /// A revert of the volume to this snapshot starts.
    Restore,
    /// The revert ended, well or badly.
    Restored,
    /// The storage does not have its bytes any more.
    Lost,
    /// Nova reports on a snapshot that it takes itself (`os-update_snapshot_status`).
    Report(SnapshotStatus),
    /// An admin says what the status is.
    Reset(SnapshotStatus),
}

impl SnapshotEvent {
    /// Whether the status is somebody else's word from now on, and not what the service came to; `None`
    /// leaves it as it was, because nothing new was said.
    pub fn overrides(self, before: SnapshotStatus) -> Option<bool> {
        match self {
            Self::Report(same) if same == before => None,
            Self::Reset(_) | Self::Report(_) => Some(true),
            // It returns to what an admin had said, if the service never comes to that.
            Self::DeleteBusy(to) => Some(!to.is_reachable()),
            Self::Created
            | Self::CreateFailed
            | Self::Delete
            | Self::ForceDelete
            | Self::Deleted
            | Self::DeleteFailed
            | Self::Unmanage
            | Self::Unmanaged
            | Self::UnmanageFailed
            | Self::Restore
            | Self::Restored
            | Self::Lost => Some(false),
        }
    }
}

impl SnapshotStatus {
    /// The status after `event`, or why it cannot happen now. Nothing else decides this: the
    /// service, the worker and the store's guarded updates all ask here.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the current status does not allow the event.
    pub const fn apply(self, event: SnapshotEvent) -> Result<Self, IllegalTransition> {
        use SnapshotEvent as E;
        match (self, event) {
            (Self::Creating, E::Created) | (Self::Restoring, E::Restored) => Ok(Self::Available),
            (Self::Creating, E::CreateFailed) | (Self::Available, E::Lost) => Ok(Self::Error),
            (Self::Available | Self::Error, E::Delete) | (_, E::ForceDelete) => Ok(Self::Deleting),
            (Self::Available | Self::Error, E::Unmanage) => Ok(Self::Unmanaging),
            (Self::Deleting, E::Deleted) | (Self::Unmanaging, E::Unmanaged) => Ok(Self::Deleted),
            (Self::Deleting, E::DeleteFailed) | (Self::Unmanaging, E::UnmanageFailed) => Ok(Self::ErrorDeleting),
            (Self::Available, E::Restore) => Ok(Self::Restoring),
            // Never back to a status that needs a worker, which is gone by then.
            (Self::Deleting, E::DeleteBusy(to)) if !to.is_transitional() => Ok(to),
            (Self::Deleting, E::Report(to @ (Self::Deleting | Self::ErrorDeleting)))
            | (Self::Creating, E::Report(to @ (Self::Creating | Self::Available | Self::Error)))
            | (_, E::Reset(to)) => Ok(to),
            (
                Self::Error
                | Self::Available
                | Self::Creating
                | Self::Deleting
                | Self::Deleted
                | Self::Updating
                | Self::ErrorDeleting
                | Self::Unmanaging
                | Self::BackingUp
                | Self::Restoring,
                E::Created
                | E::CreateFailed
                | E::Delete
                | E::Deleted
                | E::DeleteFailed
                | E::DeleteBusy(_)
                | E::Unmanage
                | E::Unmanaged
                | E::UnmanageFailed
                | E::Restore
                | E::Restored
                | E::Lost
                | E::Report(_),
            ) => Err(IllegalTransition),
        }
    }

    /// Whether something that the service does can turn this status into `to`, or, with `None`, make the row
    /// go away; what an admin or Nova says does not count. Asks the table above.
    pub fn may_become(self, to: Option<Self>) -> bool {
        let back = |to| self.apply(SnapshotEvent::DeleteBusy(to)) == Ok(to);
        match to {
            Some(to) => self.leads_to(to) || back(to),
            None => [SnapshotEvent::Deleted, SnapshotEvent::Unmanaged]
                .into_iter()
                .any(|event| self.apply(event).is_ok()),
        }
    }

    /// Whether an event that leads onwards, and not back to where the row was before, turns this into `to`.
    fn leads_to(self, to: Self) -> bool {
        use SnapshotEvent as E;
        [
            E::Created,
            E::CreateFailed,
            E::Delete,
            E::ForceDelete,
            E::DeleteFailed,
            E::Unmanage,
            E::UnmanageFailed,
            E::Restore,
            E::Restored,
            E::Lost,
        ]
        .into_iter()
        .any(|event| self.apply(event) == Ok(to))
    }

    /// Whether the service itself can have come to this status: every life begins with `creating`.
    pub fn is_reachable(self) -> bool {
        reached(Self::ALL, Self::Creating, Self::leads_to).contains(&self)
    }

    /// Whether it says that something went wrong, so that there must be a reason.
    pub const fn is_error(self) -> bool {
        match self {
            Self::Error | Self::ErrorDeleting => true,
            Self::Available
            | Self::Creating
            | Self::Deleting
            | Self::Deleted
            | Self::Updating
            | Self::Unmanaging
            | Self::BackingUp
            | Self::Restoring => false,
        }
    }

    /// Whether there are bytes in the storage behind this status; see [`super::VolumeStatus::promises_bytes`].
    pub const fn promises_bytes(self) -> bool {
        matches!(self, Self::Available)
    }

    /// How the work that a group snapshot has for its snapshots ends for one that has this status, if it cannot
    /// go on; `None` where it does not wait for that work.
    pub const fn failure_of_the_whole(self) -> Option<SnapshotEvent> {
        match self {
            Self::Creating => Some(SnapshotEvent::CreateFailed),
            Self::Deleting => Some(SnapshotEvent::DeleteFailed),
            Self::Error
            | Self::Available
            | Self::Deleted
            | Self::Updating
            | Self::ErrorDeleting
            | Self::Unmanaging
            | Self::BackingUp
            | Self::Restoring => None,
        }
    }

    /// Whether the service is at work on the snapshot while it has this status.
    pub const fn is_transitional(self) -> bool {
        match self {
            Self::Creating | Self::Deleting | Self::Unmanaging | Self::Restoring => true,
            Self::Error | Self::Available | Self::Deleted | Self::Updating | Self::ErrorDeleting | Self::BackingUp => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SnapshotEvent as E, SnapshotStatus as S};

    fn sources(event: E) -> Vec<&'static str> {
        S::ALL
            .iter()
            .filter(|status| status.apply(event).is_ok())
            .map(|status| status.as_str())
            .collect()
    }

    #[test]
    fn the_table_is_cinders() {
        assert_eq!(sources(E::Delete), ["error", "available"]);
        assert_eq!(sources(E::ForceDelete).len(), S::ALL.len());
        assert_eq!(sources(E::Reset(S::Error)).len(), S::ALL.len());
        assert_eq!(sources(E::Unmanage), ["error", "available"]);
        assert_eq!(sources(E::Unmanaged), ["unmanaging"]);
        assert_eq!(sources(E::Created), ["creating"]);
        assert_eq!(sources(E::Restore), ["available"]);
        assert_eq!(sources(E::Report(S::Available)), ["creating"]);
        assert_eq!(sources(E::Report(S::ErrorDeleting)), ["deleting"]);
        assert_eq!(sources(E::Report(S::Updating)), Vec::<&str>::new());
    }

    #[test]
    fn the_service_comes_to_what_its_events_lead_to() {
        let names = |statuses: &mut dyn Iterator<Item = &S>| statuses.map(|status| status.as_str()).collect::<Vec<_>>();
        assert_eq!(
            names(&mut S::ALL.iter().filter(|status| status.is_reachable())),
            [
                "error",
                "available",
                "creating",
                "deleting",
                "error_deleting",
                "unmanaging",
                "restoring"
            ]
        );
        let from = |from: S| names(&mut S::ALL.iter().filter(move |to| from.may_become(Some(**to))));
        assert_eq!(from(S::Creating), ["error", "available", "deleting"]);
        assert_eq!(from(S::Available), ["error", "deleting", "unmanaging", "restoring"]);
        assert!(S::Deleting.may_become(None) && S::Unmanaging.may_become(None) && !S::Available.may_become(None));
    }

    #[test]
    fn every_status_reads_back() {
        for status in S::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        assert!("Available".parse::<S>().is_err());
    }
}
