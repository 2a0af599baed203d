//! Volume statuses and the one table that says how they change.

use super::{IllegalTransition, reached, status_enum};

status_enum! {
    /// The status of a volume (Cinder: `objects/fields.py::VolumeStatus`, plus `reverting`, which
    /// Cinder uses without listing it). Many only an admin can set.
    VolumeStatus {
        Creating = "creating",
        Available = "available",
        Deleting = "deleting",
        Error = "error",
        ErrorDeleting = "error_deleting",
        ErrorManaging = "error_managing",
        Managing = "managing",
        Attaching = "attaching",
        InUse = "in-use",
        Detaching = "detaching",
        Maintenance = "maintenance",
        RestoringBackup = "restoring-backup",
        ErrorRestoring = "error_restoring",
        Reserved = "reserved",
        AwaitingTransfer = "awaiting-transfer",
        BackingUp = "backing-up",
        ErrorBackingUp = "error_backing-up",
        ErrorExtending = "error_extending",
        Downloading = "downloading",
        Uploading = "uploading",
        Retyping = "retyping",
        Extending = "extending",
        Reverting = "reverting",
    }
}

/// What can happen to an existing volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeEvent {
    /// The worker made the backend object.
    Created,
    /// The worker gave up making it.
    CreateFailed,
    /// A user wants it gone.
    Delete,
    /// An admin wants it gone whatever it is doing.
    ForceDelete,
    /// The worker removed the backend object; the row goes away.
    Deleted,
    /// The worker could not remove it.
    DeleteFailed,
    /// Something depends on the volume: back to the status before.
    DeleteBusy(VolumeStatus),
    /// A user wants it larger.
    Extend,
    /// The worker grew it: back to the status before (`available` or `in-use`).
    Extended(VolumeStatus),
    /// The worker could not grow it.
    ExtendFailed,
    /// A user wants the bytes of the latest snapshot back.
    Revert,
    /// The worker brought them back.
    Reverted,
    /// The worker could not.
    RevertFailed,
    /// Somebody is about to attach it.
    Reserve,
    /// Nobody is, after all.
    Unreserve,
    /// It is attached.
    Attach,
    /// Somebody is about to detach it.
    BeginDetaching,
    /// Nobody is, after all.
    RollDetaching,
    /// It is detached.
    Detach,
    /// The storage does not have its bytes any more.
    Lost,
    /// An admin says what the status is.
    Reset(VolumeStatus),
}

impl VolumeEvent {
    /// Whether the status is an admin's word from now on, and not what the service came to.
    pub fn overrides(self) -> bool {
        match self {
            Self::Reset(_) => true,
            // It returns to what an admin had said, if the service never comes to that.
            Self::DeleteBusy(to) => !to.is_reachable(),
            Self::Created
            | Self::CreateFailed
            | Self::Delete
            | Self::ForceDelete
            | Self::Deleted
            | Self::DeleteFailed
            | Self::Extend
            | Self::Extended(_)
            | Self::ExtendFailed
            | Self::Revert
            | Self::Reverted
            | Self::RevertFailed
            | Self::Reserve
            | Self::Unreserve
            | Self::Attach
            | Self::BeginDetaching
            | Self::RollDetaching
            | Self::Detach
            | Self::Lost => false,
        }
    }
}

impl VolumeStatus {
    /// The status after `event`, or why it cannot happen now; see [`super::SnapshotStatus::apply`].
    /// After `Deleted` the row is gone; the returned status is the last one it had.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the current status does not allow the event.
    pub const fn apply(self, event: VolumeEvent) -> Result<Self, IllegalTransition> {
        use VolumeEvent as E;
        match (self, event) {
            (Self::Creating, E::Created)
            | (Self::Reverting, E::Reverted)
            | (Self::Attaching, E::Unreserve)
            | (Self::InUse | Self::Detaching, E::Detach) => Ok(Self::Available),
            (Self::Creating, E::CreateFailed)
            | (Self::Reverting, E::RevertFailed)
            | (Self::Available | Self::Attaching | Self::InUse | Self::Detaching, E::Lost) => Ok(Self::Error),
            (
                Self::Available | Self::Error | Self::ErrorRestoring | Self::ErrorExtending | Self::ErrorManaging,
                E::Delete,
            )
            | (_, E::ForceDelete)
            | (Self::Deleting, E::Deleted) => Ok(Self::Deleting),
            (Self::Deleting, E::DeleteFailed) => Ok(Self::ErrorDeleting),
            (Self::Available | Self::InUse, E::Extend) => Ok(Self::Extending),
            (Self::Extending, E::ExtendFailed) => Ok(Self::ErrorExtending),
            (Self::Available, E::Revert) => Ok(Self::Reverting),
            (Self::Available, E::Reserve) => Ok(Self::Attaching),
            (Self::Available | Self::Attaching, E::Attach) | (Self::Detaching, E::RollDetaching) => Ok(Self::InUse),
            (Self::InUse, E::BeginDetaching) => Ok(Self::Detaching),
            // Never back to a status that needs a worker, which is gone by then.
            (Self::Deleting, E::DeleteBusy(to)) if !to.is_transitional() => Ok(to),
            (Self::Extending, E::Extended(to @ (Self::Available | Self::InUse))) | (_, E::Reset(to)) => Ok(to),
            (
                Self::Creating
                | Self::Available
                | Self::Deleting
                | Self::Error
                | Self::ErrorDeleting
                | Self::ErrorManaging
                | Self::Managing
                | Self::Attaching
                | Self::InUse
                | Self::Detaching
                | Self::Maintenance
                | Self::RestoringBackup
                | Self::ErrorRestoring
                | Self::Reserved
                | Self::AwaitingTransfer
                | Self::BackingUp
                | Self::ErrorBackingUp
                | Self::ErrorExtending
                | Self::Downloading
                | Self::Uploading
                | Self::Retyping
                | Self::Extending
                | Self::Reverting,
                E::Created
                | E::CreateFailed
                | E::Delete
                | E::Deleted
                | E::DeleteFailed
                | E::DeleteBusy(_)
                | E::Extend
                | E::Extended(_)
                | E::ExtendFailed
                | E::Revert
                | E::Reverted
                | E::RevertFailed
                | E::Reserve
                | E::Unreserve
                | E::Attach
                | E::BeginDetaching
                | E::RollDetaching
                | E::Detach
                | E::Lost,
            ) => Err(IllegalTransition),
        }
    }

    /// Whether something that the service does can turn this status into `to`, or, with `None`, make the row
    /// go away; what an admin says does not count. Asks the table above.
    pub fn may_become(self, to: Option<Self>) -> bool {
        use VolumeEvent as E;
        let back = |to| {
            [E::DeleteBusy(to), E::Extended(to)]
                .into_iter()
                .any(|event| self.apply(event) == Ok(to))
        };
        match to {
            Some(to) => self.leads_to(to) || back(to),
            None => self.apply(E::Deleted).is_ok(),
        }
    }

    /// Whether an event that leads onwards, and not back to where the row was before, turns this into `to`.
    fn leads_to(self, to: Self) -> bool {
        use VolumeEvent as E;
        [
            E::Created,
            E::CreateFailed,
            E::Delete,
            E::ForceDelete,
            E::DeleteFailed,
            E::Extend,
            E::ExtendFailed,
            E::Revert,
            E::Reverted,
            E::RevertFailed,
            E::Reserve,
            E::Unreserve,
            E::Attach,
            E::BeginDetaching,
            E::RollDetaching,
            E::Detach,
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
    pub fn is_error(self) -> bool {
        self.as_str().starts_with("error")
    }

    /// Whether the service is at work on the volume while it has this status.
    pub const fn is_transitional(self) -> bool {
        matches!(
            self,
            Self::Creating | Self::Deleting | Self::Extending | Self::Reverting
        )
    }

    /// Whether there are bytes in the storage behind this status. While the service is at work there may be,
    /// and after a failure nobody can promise it.
    pub const fn promises_bytes(self) -> bool {
        matches!(self, Self::Available | Self::Attaching | Self::InUse | Self::Detaching)
    }

    /// What clients see: Cinder shows its internal managing statuses under their ordinary names
    /// (`api/views/volumes.py`).
    pub const fn public(self) -> &'static str {
        match self {
            Self::Managing => "creating",
            Self::ErrorManaging => "error",
            Self::Creating
            | Self::Available
            | Self::Deleting
            | Self::Error
            | Self::ErrorDeleting
            | Self::Attaching
            | Self::InUse
            | Self::Detaching
            | Self::Maintenance
            | Self::RestoringBackup
            | Self::ErrorRestoring
            | Self::Reserved
            | Self::AwaitingTransfer
            | Self::BackingUp
            | Self::ErrorBackingUp
            | Self::ErrorExtending
            | Self::Downloading
            | Self::Uploading
            | Self::Retyping
            | Self::Extending
            | Self::Reverting => self.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{VolumeEvent as E, VolumeStatus as V};

    fn sources(event: E) -> Vec<&'static str> {
        V::ALL
            .iter()
            .filter(|status| status.apply(event).is_ok())
            .map(|status| status.as_str())
            .collect()
    }

    #[test]
    fn the_table_is_cinders() {
        assert_eq!(
            sources(E::Delete),
            [
                "available",
                "error",
                "error_managing",
                "error_restoring",
                "error_extending"
            ]
        );
        assert_eq!(sources(E::Extend), ["available", "in-use"]);
        assert_eq!(sources(E::Revert), ["available"]);
        assert_eq!(sources(E::ForceDelete).len(), V::ALL.len());
    }

    #[test]
    fn the_service_comes_to_what_its_events_lead_to() {
        let reachable = V::ALL.iter().filter(|status| status.is_reachable());
        assert_eq!(
            reachable.map(|status| status.as_str()).collect::<Vec<_>>(),
            [
                "creating",
                "available",
                "deleting",
                "error",
                "error_deleting",
                "attaching",
                "in-use",
                "detaching",
                "error_extending",
                "extending",
                "reverting"
            ]
        );
        let from = |from: V| V::ALL.iter().filter(move |to| from.may_become(Some(**to)));
        assert_eq!(
            from(V::Creating).collect::<Vec<_>>(),
            [&V::Available, &V::Deleting, &V::Error]
        );
        let after = [V::Available, V::Deleting, V::InUse, V::ErrorExtending];
        assert_eq!(from(V::Extending).copied().collect::<Vec<_>>(), after);
        assert!(V::Deleting.may_become(None) && !V::Available.may_become(None));
    }

    #[test]
    fn every_status_reads_back() {
        for status in V::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
    }
}
