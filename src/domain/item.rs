//! What has a status, an owner and maybe a task: volumes, snapshots, and groups of either.

use std::fmt;

use uuid::Uuid;

use super::{GroupId, GroupSnapshotId, Resource, ResourceId, ResourceKind, SnapshotId, VolumeId, status_enum};

status_enum! {
    /// What kind of thing an operation works on.
    Subject {
        /// A volume.
        Volume = "volume",
        /// A snapshot.
        Snapshot = "snapshot",
        /// A group: its volumes have tasks of their own, and its task waits for them.
        Group = "group",
        /// A group snapshot: the one task does the work for all its snapshots.
        GroupSnapshot = "group snapshot",
    }
}

/// One thing of these kinds, by its id. Unlike a [`Resource`] it need not have an object in a back end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// What it is.
    pub subject: Subject,
    /// Its id.
    pub id: Uuid,
}

impl Item {
    /// The same thing as one that has an object; groups and group snapshots have none.
    pub const fn resource(self) -> Option<Resource> {
        let kind = match self.subject {
            Subject::Volume => ResourceKind::Volume,
            Subject::Snapshot => ResourceKind::Snapshot,
            Subject::Group | Subject::GroupSnapshot => return None,
        };
        Some(Resource { kind, id: self.id })
    }
}

macro_rules! items {
    ($($id:ident is $subject:ident,)+) => {
        $(impl From<$id> for Item {
            fn from(id: $id) -> Self {
                Self { subject: Subject::$subject, id: id.uuid() }
            }
        })+
    };
}

items! {
    VolumeId is Volume,
    SnapshotId is Snapshot,
    GroupId is Group,
    GroupSnapshotId is GroupSnapshot,
}

impl From<Resource> for Item {
    fn from(resource: Resource) -> Self {
        let subject = match resource.kind {
            ResourceKind::Volume => Subject::Volume,
            ResourceKind::Snapshot => Subject::Snapshot,
        };
        Self {
            subject,
            id: resource.id,
        }
    }
}

impl From<Item> for ResourceId {
    fn from(item: Item) -> Self {
        Self::new(item.id)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.id.as_hyphenated())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_an_object_is_a_resource() {
        let id = Uuid::from_u128(7);
        for resource in [Resource::from(VolumeId::new(id)), Resource::from(SnapshotId::new(id))] {
            let item = Item::from(resource);
            assert_eq!(item.resource(), Some(resource));
            assert_eq!(item.to_string(), resource.to_string());
        }
        assert_eq!(Item::from(GroupId::new(id)).resource(), None);
        let whole = Item::from(GroupSnapshotId::new(id));
        assert_eq!(whole.resource(), None);
        assert_eq!(whole.to_string(), "group snapshot 00000000-0000-0000-0000-000000000007");
    }
}
