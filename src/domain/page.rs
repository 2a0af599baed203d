//! Lists: which rows, in which order, which part of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ProjectId;

/// Whose rows a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One project's.
    Project(ProjectId),
    /// Everybody's (admins).
    All,
}

impl Scope {
    /// The project to compare with, or `None` for everybody's rows.
    pub fn project(&self) -> Option<&str> {
        match self {
            Self::Project(project) => Some(project.as_str()),
            Self::All => None,
        }
    }
}

/// Ascending or descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// A comparison of a time filter (`created_at=gt:…`, volumes from 3.60).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `eq`
    Equal,
    /// `neq`
    NotEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
}

/// One condition on the rows of a list. Values are the text of the query; one that cannot be a value
/// of its column (`volume_id=nope`) simply equals no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter<K> {
    /// The column equals the value.
    Equals(K, String),
    /// The column contains the value, whose `%` and `_` are wildcards as in Cinder's `key~` filters.
    Like(K, String),
    /// A time compared with another.
    Time(K, Comparison, DateTime<Utc>),
    /// All these metadata pairs are present.
    Metadata(Vec<(String, String)>),
    /// The volume of the snapshot is on this host: a machine, a back end or a pool.
    VolumeHost(String),
    /// The volume of the snapshot is in this availability zone.
    VolumeZone(String),
    /// No row: what Cinder answers to an admin's filter on an unknown attribute.
    Nothing,
}

/// A request for one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery<K> {
    /// Whose rows.
    pub scope: Scope,
    /// Which of them.
    pub filters: Vec<Filter<K>>,
    /// In which order. The last keys make the order total.
    pub sort: Vec<(K, Direction)>,
    /// Start after this row. It must exist within [`ListQuery::marker_scope`], but need not pass the filters.
    pub marker: Option<Uuid>,
    /// Whose rows may serve as marker: an admin's marker may be anybody's.
    pub marker_scope: Scope,
    /// At most so many rows.
    pub limit: u32,
    /// Skip so many rows after the marker.
    pub offset: u32,
    /// Also count all rows that pass the filters.
    pub with_count: bool,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows. Others may have the same.
    pub items: Arc<Vec<T>>,
    /// How many pass the filters altogether, if asked for.
    pub total: Option<u64>,
}

macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl $name {
            /// Every key.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The attribute of Cinder's model, which is also the name of the column.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The key with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|key| key.as_str() == name)
            }
        }
    };
}

keys! {
    /// What snapshots can be filtered and sorted by.
    SnapshotKey {
        Id = "id",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Status = "status",
        VolumeId = "volume_id",
        VolumeSize = "volume_size",
        DisplayName = "display_name",
        DisplayDescription = "display_description",
        ProjectId = "project_id",
        UserId = "user_id",
        Progress = "progress",
        VolumeTypeId = "volume_type_id",
        GroupSnapshotId = "group_snapshot_id",
        ConsumesQuota = "consumes_quota",
    }
}

keys! {
    /// What volumes can be filtered and sorted by.
    VolumeKey {
        Id = "id",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Status = "status",
        Size = "size",
        DisplayName = "display_name",
        DisplayDescription = "display_description",
        ProjectId = "project_id",
        UserId = "user_id",
        AvailabilityZone = "availability_zone",
        Host = "host",
        AttachStatus = "attach_status",
        MigrationStatus = "migration_status",
        VolumeTypeId = "volume_type_id",
        SnapshotId = "snapshot_id",
        SourceVolid = "source_volid",
        Bootable = "bootable",
        ConsumesQuota = "consumes_quota",
        GroupId = "group_id",
    }
}

keys! {
    /// What messages can be filtered and sorted by.
    MessageKey {
        Id = "id",
        CreatedAt = "created_at",
        RequestId = "request_id",
        ResourceType = "resource_type",
        ResourceUuid = "resource_uuid",
        EventId = "event_id",
        MessageLevel = "message_level",
    }
}

keys! {
    /// What groups can be filtered and sorted by.
    GroupKey {
        Id = "id",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Status = "status",
        Name = "name",
        Description = "description",
        ProjectId = "project_id",
        UserId = "user_id",
        AvailabilityZone = "availability_zone",
        Host = "host",
        GroupTypeId = "group_type_id",
        GroupSnapshotId = "group_snapshot_id",
        SourceGroupId = "source_group_id",
    }
}

keys! {
    /// What group snapshots can be filtered and sorted by.
    GroupSnapshotKey {
        Id = "id",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Status = "status",
        Name = "name",
        Description = "description",
        ProjectId = "project_id",
        UserId = "user_id",
        GroupId = "group_id",
        GroupTypeId = "group_type_id",
    }
}
