//! Every way in which a use case can refuse. The texts are Cinder's; each front maps the variants to
//! its own status codes and envelopes.

use crate::{
    auth::policy::Action,
    domain::{QuotaExceeded, SnapshotId, VolumeId},
    store::StoreError,
};

/// What a refusal comes to, whatever the front: who has to do something about it, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not there, or not for this caller.
    NotFound,
    /// The request, or the state of things, does not allow it.
    Invalid,
    /// Somebody else's change, or a state that Cinder calls a conflict.
    Conflict,
    /// A quota.
    OverLimit,
    /// The policy.
    Forbidden,
    /// The database or the back end cannot be asked now.
    Unavailable,
    /// A fault of ours or of the installation.
    Internal,
}

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No such snapshot, or not for this caller. Holds the id as it was asked for.
    #[error("Snapshot {0} could not be found.")]
    SnapshotNotFound(String),
    /// No such volume, or not for this caller.
    #[error("Volume {0} could not be found.")]
    VolumeNotFound(String),
    /// No such volume type.
    #[error("Volume type {0} could not be found.")]
    TypeNotFound(String),
    /// No volume type of that name.
    #[error("Volume type with name {0} could not be found.")]
    TypeNameNotFound(String),
    /// The type says nothing about encryption.
    #[error("Volume type encryption for type {0} does not exist.")]
    TypeEncryptionNotFound(String),
    /// No such message.
    #[error("Message {0} could not be found.")]
    MessageNotFound(String),
    /// No such backup: this service has none.
    #[error("Backup {0} could not be found.")]
    BackupNotFound(String),
    /// No such group.
    #[error("Group {0} could not be found.")]
    GroupNotFound(String),
    /// No such group type.
    #[error("Group type {0} could not be found.")]
    GroupTypeNotFound(String),
    /// No group type of that name.
    #[error("Group type with name {0} could not be found.")]
    GroupTypeNameNotFound(String),
    /// No such group snapshot.
    #[error("GroupSnapshot {0} could not be found.")]
    GroupSnapshotNotFound(String),
    /// No such snapshot metadata item.
    #[error("Snapshot {id} has no metadata with key {key}.")]
    SnapshotMetadataNotFound {
        /// The snapshot.
        id: SnapshotId,
        /// The key.
        key: String,
    },
    /// No such volume metadata item.
    #[error("Volume {id} has no metadata with key {key}.")]
    VolumeMetadataNotFound {
        /// The volume.
        id: VolumeId,
        /// The key.
        key: String,
    },
    /// The volume's state does not allow it.
    #[error("Invalid volume: {0}")]
    InvalidVolume(String),
    /// The snapshot's state does not allow it.
    #[error("Invalid snapshot: {0}")]
    InvalidSnapshot(String),
    /// The group's state does not allow it.
    #[error("Invalid Group: {0}")]
    InvalidGroup(String),
    /// The group snapshot's state does not allow it.
    #[error("Invalid GroupSnapshot: {0}")]
    InvalidGroupSnapshot(String),
    /// The state does not allow it now, and Cinder calls that a conflict.
    #[error("{0}")]
    Conflict(String),
    /// The request contradicts itself or the resource.
    #[error("Invalid input received: {0}")]
    InvalidInput(String),
    /// The request is wrong in a way that Cinder words without a prefix.
    #[error("{0}")]
    Invalid(String),
    /// A limit would be passed.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    /// The policy refuses.
    #[error("Policy doesn't allow {} to be performed.", .0.name())]
    Forbidden(Action),
    /// The token is for no project, so nothing can belong to it.
    #[error("Not authorized.")]
    NoProject,
    /// Something rarer does not exist; the text says what.
    #[error("{0}")]
    NotFound(String),
    /// No such program on that host.
    #[error("Service {binary} could not be found on host {host}.")]
    ServiceNotFound {
        /// The program.
        binary: String,
        /// The host.
        host: String,
    },
    /// The back end cannot be asked.
    #[error(transparent)]
    BackendUnavailable(#[from] super::BackendUnavailable),
    /// The configured default volume type does not exist.
    #[error("the default volume type {0:?} does not exist")]
    NoDefaultType(String),
    /// Another request changed the same row at the same moment.
    #[error("the resource changed meanwhile; try again")]
    Raced,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ServiceError {
    /// What it comes to.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::SnapshotNotFound(_)
            | Self::VolumeNotFound(_)
            | Self::TypeNotFound(_)
            | Self::TypeNameNotFound(_)
            | Self::TypeEncryptionNotFound(_)
            | Self::MessageNotFound(_)
            | Self::BackupNotFound(_)
            | Self::GroupNotFound(_)
            | Self::GroupTypeNotFound(_)
            | Self::GroupTypeNameNotFound(_)
            | Self::GroupSnapshotNotFound(_)
            | Self::ServiceNotFound { .. }
            | Self::NotFound(_)
            | Self::SnapshotMetadataNotFound { .. }
            | Self::VolumeMetadataNotFound { .. } => Refusal::NotFound,
            Self::InvalidVolume(_)
            | Self::InvalidSnapshot(_)
            | Self::InvalidGroup(_)
            | Self::InvalidGroupSnapshot(_)
            | Self::InvalidInput(_)
            | Self::Invalid(_) => Refusal::Invalid,
            Self::Conflict(_) | Self::Raced => Refusal::Conflict,
            Self::QuotaExceeded(_) => Refusal::OverLimit,
            Self::Forbidden(_) | Self::NoProject => Refusal::Forbidden,
            Self::BackendUnavailable(_) | Self::Store(StoreError::Unavailable(_) | StoreError::Damaged(_)) => {
                Refusal::Unavailable
            }
            Self::NoDefaultType(_)
            | Self::Store(StoreError::Corrupt { .. } | StoreError::Schema(_) | StoreError::Database(_)) => {
                Refusal::Internal
            }
        }
    }
}
