//! User messages: why something that was accepted went wrong afterwards.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{MessageId, ProjectId, UnknownStatus};

/// A user message (`GET /messages`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The project that owns the resource. Cinder files it under the requester's, so that an admin's
    /// failed delete is invisible to the owner (gap G14).
    pub project_id: ProjectId,
    /// The request that asked for the work.
    pub request_id: String,
    /// What kind of thing it is about.
    pub resource: MessageResource,
    /// The thing.
    pub resource_uuid: Uuid,
    /// What was being done.
    pub action: MessageAction,
    /// What went wrong, in Cinder's words.
    pub detail: MessageDetail,
    /// Why, in the driver's words.
    pub cause: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it may be removed.
    pub expires_at: DateTime<Utc>,
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $text] $variant,)+
        }

        impl $name {
            /// The code in the event id, which is also what the database keeps.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The words in the user message.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownStatus;

            fn from_str(code: &str) -> Result<Self, UnknownStatus> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    other => Err(UnknownStatus(other.to_owned())),
                }
            }
        }
    };
}

coded! {
    /// What was being done (Cinder: `message/message_field.py::Action`). The codes from 901 on are
    /// ours: Cinder says nothing when these fail.
    MessageAction {
        ScheduleAllocateVolume = "001" "schedule allocate volume",
        ExtendVolume = "007" "extend volume",
        CreateVolume = "008" "create volume from backend storage",
        CreateSnapshot = "009" "create snapshot",
        DeleteSnapshot = "010" "delete snapshot",
        DeleteVolume = "901" "delete volume",
        RevertVolume = "902" "revert volume to snapshot",
        CheckStorage = "903" "check storage",
        Repair = "904" "repair",
        ManageSnapshot = "905" "manage snapshot",
        UnmanageSnapshot = "906" "unmanage snapshot",
    }
}

coded! {
    /// What went wrong (Cinder: `message/message_field.py::Detail`), with our own from 901 on.
    MessageDetail {
        UnknownError = "001" "An unknown error occurred.",
        NoBackendAvailable = "003" "Could not find any available weighted backend.",
        ExtendFailed = "010" "Volume Driver failed to extend volume.",
        CreateVolumeFailed = "012" "Driver failed to create the volume.",
        SnapshotCreateFailed = "013" "Snapshot failed to create.",
        SnapshotBusy = "015" "Snapshot is busy.",
        SnapshotDeleteFailed = "016" "Snapshot failed to delete.",
        VolumeDeleteFailed = "901" "Volume failed to delete.",
        RevertFailed = "902" "Volume failed to revert.",
        BytesLost = "903" "The bytes are not in the storage any more.",
        WorkLost = "904" "What was being done was lost.",
        ManageFailed = "905" "Snapshot failed to be taken over.",
        UnmanageFailed = "906" "Snapshot failed to be let go.",
    }
}

coded! {
    /// What the message is about (Cinder: `message/message_field.py::Resource`).
    MessageResource {
        Volume = "VOLUME" "volume",
        Snapshot = "VOLUME_SNAPSHOT" "snapshot",
    }
}

impl Message {
    /// `VOLUME_<resource>_<action>_<detail>`, Cinder's event id.
    pub fn event_id(&self) -> String {
        format!(
            "VOLUME_{}_{}_{}",
            self.resource.code(),
            self.action.code(),
            self.detail.code()
        )
    }

    /// `<action>:<detail>` as Cinder writes it, then the cause, which Cinder leaves to the logs.
    pub fn user_message(&self) -> String {
        if self.cause.is_empty() {
            return format!("{}:{}", self.action.text(), self.detail.text());
        }
        format!("{}:{} {}.", self.action.text(), self.detail.text(), self.cause)
    }
}
