//! What a back end holds, whether or not the service knows it.

use std::fmt;

use uuid::Uuid;

use super::{Gib, ResourceId, SnapshotId, VolumeId, status_enum};

status_enum! {
    /// What has bytes in a back end.
    ResourceKind {
        Volume = "volume",
        Snapshot = "snapshot",
    }
}

/// A volume or a snapshot, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Which of the two.
    pub kind: ResourceKind,
    /// Its id.
    pub id: Uuid,
}

impl Resource {
    /// The name of its object in a back end: Cinder's default templates.
    pub fn object_name(self) -> String {
        format!("{}-{}", self.kind, self.id.as_hyphenated())
    }

    /// Whose object has this name; `None` if it is no name of ours.
    pub fn of_object(kind: ResourceKind, name: &str) -> Option<Self> {
        let id = name.strip_prefix(kind.as_str())?.strip_prefix('-')?;
        Some(Self {
            kind,
            // Only the canonical spelling, as for all ids.
            id: id.parse::<VolumeId>().ok()?.uuid(),
        })
    }
}

impl From<VolumeId> for Resource {
    fn from(id: VolumeId) -> Self {
        Self {
            kind: ResourceKind::Volume,
            id: id.uuid(),
        }
    }
}

impl From<SnapshotId> for Resource {
    fn from(id: SnapshotId) -> Self {
        Self {
            kind: ResourceKind::Snapshot,
            id: id.uuid(),
        }
    }
}

impl From<Resource> for ResourceId {
    fn from(resource: Resource) -> Self {
        Self::new(resource.id)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id.as_hyphenated())
    }
}

/// How full a back end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes altogether.
    pub total: u64,
    /// Bytes that are free for volumes.
    pub free: u64,
}

/// A snapshot as the back end sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// Its name there.
    pub name: String,
    /// Its size, rounded up.
    pub size: Gib,
    /// The volume it was taken of, if the back end remembers.
    pub volume: Option<VolumeId>,
}

/// A complete volume or snapshot in a back end, whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// What it is.
    pub kind: ResourceKind,
    /// Its name there.
    pub name: String,
    /// Its exact size.
    pub bytes: u64,
}

impl StoredObject {
    /// Whose it is by its name, if that is a name of ours.
    pub fn resource(&self) -> Option<Resource> {
        Resource::of_object(self.kind, &self.name)
    }
}

/// What an operation that did not end left in a back end, and nobody is at work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// What the operation was on.
    pub of: Resource,
    /// Whether it holds bytes. A lock does not, and is in the way only if there is nothing to lock.
    pub has_bytes: bool,
    /// Where it is, within the back end.
    pub place: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_whose_they_are() {
        let resource = Resource::from(SnapshotId::new(Uuid::from_u128(7)));
        let name = resource.object_name();
        assert_eq!(name, "snapshot-00000000-0000-0000-0000-000000000007");
        assert_eq!(Resource::of_object(ResourceKind::Snapshot, &name), Some(resource));
        for (kind, other) in [
            (ResourceKind::Volume, name.as_str()),
            (ResourceKind::Snapshot, "snapshot-7"),
            (ResourceKind::Snapshot, "snapshot-00000000000000000000000000000007"),
            (ResourceKind::Snapshot, "00000000-0000-0000-0000-000000000007"),
        ] {
            assert_eq!(Resource::of_object(kind, other), None, "{other}");
        }
    }
}
