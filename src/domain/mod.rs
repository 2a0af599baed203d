//! The words of the service and its rules. Imports nothing of ours, does no I/O.

mod application_credential;
mod capability;
mod group;
mod group_status;
mod group_type;
mod host;
mod ids;
mod item;
mod message;
mod page;
mod quota;
mod service_record;
mod snapshot;
mod snapshot_status;
mod stored;
mod task;
mod text;
mod type_encryption;
mod volume;
mod volume_status;
mod volume_type;

pub use self::{
    application_credential::ApplicationCredential,
    capability::{Capabilities, Capability},
    group::{Group, GroupSnapshot},
    group_status::{GroupEvent, GroupSnapshotEvent, GroupSnapshotStatus, GroupStatus},
    group_type::{GroupSpecs, GroupType, GroupTypePatch},
    host::BackendHost,
    ids::{
        Gib, GroupId, GroupSnapshotId, GroupTypeId, LeaseToken, MessageId, NotAnId, ProjectId, ResourceId, SnapshotId,
        TypeEncryptionId, UserId, VolumeId, VolumeTypeId,
    },
    item::{Item, Subject},
    message::{Message, MessageAction, MessageDetail, MessageResource},
    page::{
        Comparison, Direction, Filter, GroupKey, GroupSnapshotKey, ListQuery, MessageKey, Page, Scope, SnapshotKey,
        VolumeKey,
    },
    quota::{Limits, QuotaExceeded, Request as QuotaRequest, TypeUsage, Usage},
    service_record::{Binary, ServiceChange, ServiceRecord},
    snapshot::{Snapshot, SnapshotPatch},
    snapshot_status::{SnapshotEvent, SnapshotStatus},
    stored::{LeftOver, Resource, ResourceKind, Space, StoredObject, StoredSnapshot},
    task::{Operation, Task},
    text::{Label, LabelError, MAX_CHARS, Metadata, MetadataRule},
    type_encryption::{ControlLocation, TypeEncryption, TypeEncryptionPatch},
    volume::{AttachMode, AttachStatus, Attachment, Volume, VolumePatch},
    volume_status::{VolumeEvent, VolumeStatus},
    volume_type::{VolumeType, VolumeTypePatch},
};

/// An event that the current status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("illegal transition")]
pub struct IllegalTransition;

/// A status text that no Cinder release knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown status {0:?}")]
pub struct UnknownStatus(pub String);

/// The statuses that can be reached from `first` by steps that `may` be taken.
fn reached<S: Copy + PartialEq>(all: &[S], first: S, may: impl Fn(S, S) -> bool) -> Vec<S> {
    let mut reached = vec![first];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        next += 1;
        for to in all {
            if !reached.contains(to) && may(from, *to) {
                reached.push(*to);
            }
        }
    }
    reached
}

/// Declares a status enum whose variants have Cinder's spelling, in the order in which Cinder's
/// error texts list them.
macro_rules! status_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every status.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Cinder's spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::UnknownStatus;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::domain::UnknownStatus(other.to_owned())),
                }
            }
        }
    };
}
pub(crate) use status_enum;
