//! Statuses of groups and of group snapshots, and the tables that say how they change.

use super::{IllegalTransition, reached, status_enum};

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

impl GroupEvent {
    /// Whether the status is an admin's word from now on, and not what the service came to.
    pub fn overrides(self) -> bool {
        match self {
            Self::Reset(_) => true,
            // It returns to what an admin had said, if the service never comes to that.
            Self::DeleteBusy(to) => !to.is_reachable(),
            Self::Created | Self::CreateFailed | Self::Delete | Self::DeleteFailed => false,
        }
    }
}

impl GroupSnapshotEvent {
    /// As [`GroupEvent::overrides`].
    pub fn overrides(self) -> bool {
        match self {
            Self::Reset(_) => true,
            Self::DeleteBusy(to) => !to.is_reachable(),
            Self::Created | Self::CreateFailed | Self::Delete | Self::Deleted | Self::DeleteFailed => false,
        }
    }
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
            // Never back to a status that needs a worker, which is gone by then.
            (Self::Deleting, E::DeleteBusy(to)) if !to.is_transitional() => Ok(to),
            (_, E::Reset(to)) => Ok(to),
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

    /// Whether something that the service does can turn this status into `to`, or, with `None`, make the row
    /// go away; what an admin says does not count. Asks the table above.
    pub fn may_become(self, to: Option<Self>) -> bool {
        match to {
            Some(to) => self.leads_to(to) || self.apply(GroupEvent::DeleteBusy(to)) == Ok(to),
            // One without volumes is gone at once, and else when the last of them is.
            None => self.apply(GroupEvent::Delete).is_ok(),
        }
    }

    /// Whether an event that leads onwards, and not back to where the row was before, turns this into `to`.
    fn leads_to(self, to: Self) -> bool {
        use GroupEvent as E;
        [E::Created, E::CreateFailed, E::Delete, E::DeleteFailed]
            .into_iter()
            .any(|event| self.apply(event) == Ok(to))
    }

    /// Whether the service itself can have come to this status. An empty group begins with what `creating` leads to.
    pub fn is_reachable(self) -> bool {
        reached(Self::ALL, Self::Creating, Self::leads_to).contains(&self)
    }

    /// Whether it says that something went wrong, so that there must be a reason.
    pub const fn is_error(self) -> bool {
        match self {
            Self::Error | Self::ErrorDeleting => true,
            Self::Available | Self::Creating | Self::Deleting | Self::Deleted | Self::Updating | Self::InUse => false,
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
            (Self::Deleting, E::DeleteBusy(to)) if !to.is_transitional() => Ok(to),
            (_, E::Reset(to)) => Ok(to),
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

    /// As [`GroupStatus::may_become`].
    pub fn may_become(self, to: Option<Self>) -> bool {
        use GroupSnapshotEvent as E;
        match to {
            Some(to) => self.leads_to(to) || self.apply(E::DeleteBusy(to)) == Ok(to),
            // One that has lost its last snapshot is gone with the request to delete it.
            None => self.apply(E::Deleted).is_ok() || self.apply(E::Delete).is_ok(),
        }
    }

    /// As for groups.
    fn leads_to(self, to: Self) -> bool {
        use GroupSnapshotEvent as E;
        [E::Created, E::CreateFailed, E::Delete, E::DeleteFailed]
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
            Self::Available | Self::Creating | Self::Deleting | Self::Deleted | Self::Updating => false,
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
    fn the_service_comes_to_what_its_events_lead_to() {
        let own = ["error", "available", "creating", "deleting"];
        let groups = GroupStatus::ALL.iter().filter(|status| status.is_reachable());
        assert_eq!(groups.map(|status| status.as_str()).collect::<Vec<_>>(), own);
        let wholes = GroupSnapshotStatus::ALL.iter().filter(|status| status.is_reachable());
        assert_eq!(wholes.map(|status| status.as_str()).collect::<Vec<_>>(), own);
        assert!(!GroupStatus::Available.may_become(Some(GroupStatus::Error)));
        assert!(GroupStatus::Deleting.may_become(Some(GroupStatus::Updating)), "busy");
        assert!(GroupSnapshotStatus::Deleting.may_become(None));
        assert!(!GroupSnapshotStatus::Creating.may_become(None));
    }

    #[test]
    fn what_an_admin_said_stays_his_word_when_a_delete_is_busy() {
        assert!(GroupEvent::Reset(GroupStatus::Available).overrides());
        assert!(GroupEvent::DeleteBusy(GroupStatus::InUse).overrides());
        assert!(!GroupEvent::DeleteBusy(GroupStatus::Error).overrides());
        assert!(GroupSnapshotEvent::Reset(GroupSnapshotStatus::Error).overrides());
        assert!(GroupSnapshotEvent::DeleteBusy(GroupSnapshotStatus::Updating).overrides());
        assert!(!GroupSnapshotEvent::DeleteFailed.overrides());
    }

    #[test]
    fn nothing_returns_to_a_status_that_needs_a_worker() {
        let busy = GroupEvent::DeleteBusy(GroupStatus::Creating);
        assert!(GroupStatus::Deleting.apply(busy).is_err());
        let busy = GroupSnapshotEvent::DeleteBusy(GroupSnapshotStatus::Deleting);
        assert!(GroupSnapshotStatus::Deleting.apply(busy).is_err());
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
