//! Volume statuses and the one table that says how they change.

use super::{IllegalTransition, status_enum};

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
    /// An admin says what the status is.
    Reset(VolumeStatus),
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
            (Self::Creating, E::CreateFailed) | (Self::Reverting, E::RevertFailed) => Ok(Self::Error),
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
            (Self::Deleting, E::DeleteBusy(to)) | (Self::Extending, E::Extended(to)) | (_, E::Reset(to)) => Ok(to),
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
                | E::Detach,
            ) => Err(IllegalTransition),
        }
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
    fn every_status_reads_back() {
        for status in V::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
    }
}
