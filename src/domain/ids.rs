//! Identifiers. Each kind of thing has a type of its own, so that a signature cannot mix them up.

use std::{fmt, str::FromStr};

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that came from the id generator or from the database.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The raw id, for binding to a statement.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Accepts only what [`fmt::Display`] prints: Cinder compares ids as text, so other
            /// spellings of the same UUID (upper case, no dashes) are simply unknown ids.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Uuid::try_parse(text).map_err(|_source| NotAnId)?;
                if id.as_hyphenated().to_string() == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }
    };
}

uuid_id!(
    /// A snapshot.
    SnapshotId
);
uuid_id!(
    /// A volume.
    VolumeId
);
uuid_id!(
    /// A volume type.
    VolumeTypeId
);
uuid_id!(
    /// What a volume type says about encryption.
    TypeEncryptionId
);
uuid_id!(
    /// A group type.
    GroupTypeId
);
uuid_id!(
    /// A group of volumes.
    GroupId
);
uuid_id!(
    /// A snapshot of a whole group.
    GroupSnapshotId
);
uuid_id!(
    /// A user message.
    MessageId
);
uuid_id!(
    /// What a task works on: a snapshot, a volume, a group or a group snapshot.
    ResourceId
);
uuid_id!(
    /// The fencing token of one claim of one task.
    LeaseToken
);

impl From<SnapshotId> for ResourceId {
    fn from(id: SnapshotId) -> Self {
        Self(id.0)
    }
}

impl From<VolumeId> for ResourceId {
    fn from(id: VolumeId) -> Self {
        Self(id.0)
    }
}

impl From<GroupId> for ResourceId {
    fn from(id: GroupId) -> Self {
        Self(id.0)
    }
}

impl From<GroupSnapshotId> for ResourceId {
    fn from(id: GroupSnapshotId) -> Self {
        Self(id.0)
    }
}

impl ResourceId {
    /// The same id, read as a snapshot's.
    pub const fn snapshot(self) -> SnapshotId {
        SnapshotId(self.0)
    }

    /// The same id, read as a volume's.
    pub const fn volume(self) -> VolumeId {
        VolumeId(self.0)
    }

    /// The same id, read as a group's.
    pub const fn group(self) -> GroupId {
        GroupId(self.0)
    }

    /// The same id, read as a group snapshot's.
    pub const fn group_snapshot(self) -> GroupSnapshotId {
        GroupSnapshotId(self.0)
    }
}

/// The text is not a lower-case dashed UUID.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Keystone's ids are opaque text, usually 32 hex digits; nothing is checked.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A project (tenant).
    ProjectId
);
text_id!(
    /// A user.
    UserId
);

/// A size in GiB, the unit of every Cinder size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gib(u32);

impl Gib {
    /// Cinder's database keeps sizes as signed 32-bit numbers.
    pub const MAX: Self = Self(i32::MAX as u32);

    /// `gib` × 2³⁰ bytes; `None` beyond [`Self::MAX`].
    pub const fn new(gib: u32) -> Option<Self> {
        if gib <= Self::MAX.0 { Some(Self(gib)) } else { None }
    }

    /// The smallest size that holds so many bytes, and at least one GiB, as Cinder's drivers round.
    pub fn at_least(bytes: u64) -> Option<Self> {
        u32::try_from(bytes.div_ceil(1 << 30).max(1)).ok().and_then(Self::new)
    }

    /// The number of GiB.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        (self.0 as u64) << 30
    }
}

impl fmt::Display for Gib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        let gib = |bytes| Gib::at_least(bytes).map(Gib::get);
        assert_eq!(gib(0), Some(1));
        assert_eq!(gib(1 << 30), Some(1));
        assert_eq!(gib((1 << 30) + 1), Some(2));
        assert_eq!(gib(u64::MAX), None);
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let id = "1db124ba-1724-4156-9a24-19f04793e088";
        assert_eq!(id.parse::<SnapshotId>().unwrap().to_string(), id);
        for other in [
            "1DB124BA-1724-4156-9A24-19F04793E088",
            "1db124ba172441569a2419f04793e088",
            "{1db124ba-1724-4156-9a24-19f04793e088}",
            "urn:uuid:1db124ba-1724-4156-9a24-19f04793e088",
            "nope",
            "",
        ] {
            assert!(other.parse::<SnapshotId>().is_err(), "{other}");
        }
    }
}
