//! What the database knows about the columns that lists filter and sort by.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use sea_query::Value;
use uuid::Uuid;

use crate::domain::{GroupKey, GroupSnapshotKey, MessageKey, SnapshotKey, VolumeKey};

/// How a column's values look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Uuid,
    Int,
    Bool,
    Time,
}

/// A column of a listed table.
pub(super) trait Column: Copy {
    /// The table.
    const TABLE: &'static str;
    /// Where its deleted rows stay for a while, to serve as markers.
    const TOMBSTONES: Option<&'static str>;
    /// Whether its rows have metadata.
    const HAS_METADATA: bool;
    /// A column that is NULL in the rows that lists show, if there are others.
    const HIDDEN_BY: Option<&'static str> = None;
    /// A column: no two rows that have the same value there have the same time.
    const ONE_AT_A_TIME: Option<&'static str> = None;
    /// The columns of the indexes that serve its lists, see `served.rs`. Migrations say the same to the databases.
    const INDEXES: &'static [&'static [&'static str]];

    fn name(self) -> &'static str;
    fn kind(self) -> Kind;
    fn nullable(self) -> bool;
}

impl Column for SnapshotKey {
    const TABLE: &'static str = "snapshots";
    const TOMBSTONES: Option<&'static str> = Some("snapshot_tombstones");
    const HAS_METADATA: bool = true;
    const ONE_AT_A_TIME: Option<&'static str> = Some("volume_id");
    const INDEXES: &'static [&'static [&'static str]] = &[
        &["project_id", "created_at", "id"],
        &["created_at", "id"],
        &["project_id", "status", "created_at", "id"],
        &["project_id", "display_name", "created_at", "id"],
        // The id is not in it, and decides nothing.
        &["volume_id", "created_at", "id"],
        &["group_snapshot_id", "created_at", "id"],
    ];

    fn name(self) -> &'static str {
        self.as_str()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Id | Self::VolumeId | Self::VolumeTypeId | Self::GroupSnapshotId => Kind::Uuid,
            Self::CreatedAt | Self::UpdatedAt => Kind::Time,
            Self::VolumeSize => Kind::Int,
            Self::ConsumesQuota => Kind::Bool,
            Self::Status
            | Self::DisplayName
            | Self::DisplayDescription
            | Self::ProjectId
            | Self::UserId
            | Self::Progress => Kind::Text,
        }
    }

    fn nullable(self) -> bool {
        matches!(
            self,
            Self::UpdatedAt | Self::DisplayName | Self::DisplayDescription | Self::Progress | Self::GroupSnapshotId
        )
    }
}

impl Column for VolumeKey {
    const TABLE: &'static str = "volumes";
    const TOMBSTONES: Option<&'static str> = Some("volume_tombstones");
    const HAS_METADATA: bool = true;
    const INDEXES: &'static [&'static [&'static str]] = &[
        &["project_id", "created_at", "id"],
        &["created_at", "id"],
        &["project_id", "display_name", "created_at", "id"],
        &["group_id", "created_at", "id"],
        &["snapshot_id", "created_at", "id"],
    ];

    fn name(self) -> &'static str {
        self.as_str()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Id | Self::VolumeTypeId | Self::SnapshotId | Self::SourceVolid | Self::GroupId => Kind::Uuid,
            Self::CreatedAt | Self::UpdatedAt => Kind::Time,
            Self::Size => Kind::Int,
            Self::Bootable | Self::ConsumesQuota => Kind::Bool,
            Self::Status
            | Self::DisplayName
            | Self::DisplayDescription
            | Self::ProjectId
            | Self::UserId
            | Self::AvailabilityZone
            | Self::Host
            | Self::AttachStatus
            | Self::MigrationStatus => Kind::Text,
        }
    }

    fn nullable(self) -> bool {
        matches!(
            self,
            Self::UpdatedAt
                | Self::DisplayName
                | Self::DisplayDescription
                | Self::MigrationStatus
                | Self::SnapshotId
                | Self::SourceVolid
                | Self::GroupId
        )
    }
}

impl Column for MessageKey {
    const TABLE: &'static str = "messages";
    const TOMBSTONES: Option<&'static str> = None;
    const HAS_METADATA: bool = false;
    const HIDDEN_BY: Option<&'static str> = Some("dismissed_at");
    const INDEXES: &'static [&'static [&'static str]] = &[
        &["project_id", "created_at", "id"],
        &["resource_uuid", "created_at", "id"],
    ];

    fn name(self) -> &'static str {
        self.as_str()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Id | Self::ResourceUuid => Kind::Uuid,
            Self::CreatedAt => Kind::Time,
            Self::RequestId | Self::ResourceType | Self::EventId | Self::MessageLevel => Kind::Text,
        }
    }

    fn nullable(self) -> bool {
        false
    }
}

impl Column for GroupKey {
    const TABLE: &'static str = "volume_groups";
    const TOMBSTONES: Option<&'static str> = None;
    const HAS_METADATA: bool = false;
    const INDEXES: &'static [&'static [&'static str]] = &[&["project_id", "created_at", "id"]];

    fn name(self) -> &'static str {
        self.as_str()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Id | Self::GroupTypeId | Self::GroupSnapshotId | Self::SourceGroupId => Kind::Uuid,
            Self::CreatedAt | Self::UpdatedAt => Kind::Time,
            Self::Status
            | Self::Name
            | Self::Description
            | Self::ProjectId
            | Self::UserId
            | Self::AvailabilityZone
            | Self::Host => Kind::Text,
        }
    }

    fn nullable(self) -> bool {
        matches!(
            self,
            Self::UpdatedAt | Self::Name | Self::Description | Self::GroupSnapshotId | Self::SourceGroupId
        )
    }
}

impl Column for GroupSnapshotKey {
    const TABLE: &'static str = "group_snapshots";
    const TOMBSTONES: Option<&'static str> = None;
    const HAS_METADATA: bool = false;
    const INDEXES: &'static [&'static [&'static str]] = &[&["project_id", "created_at", "id"]];

    fn name(self) -> &'static str {
        self.as_str()
    }

    fn kind(self) -> Kind {
        match self {
            Self::Id | Self::GroupId | Self::GroupTypeId => Kind::Uuid,
            Self::CreatedAt | Self::UpdatedAt => Kind::Time,
            Self::Status | Self::Name | Self::Description | Self::ProjectId | Self::UserId => Kind::Text,
        }
    }

    fn nullable(self) -> bool {
        matches!(self, Self::UpdatedAt | Self::Name | Self::Description)
    }
}

impl Kind {
    /// The text of a filter as a value of this kind; `None` when no value looks like that.
    pub(super) fn value(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::from(text)),
            // Ids are compared as text by Cinder, so only the canonical spelling matches.
            Self::Uuid => Uuid::try_parse(text)
                .ok()
                .filter(|id| id.as_hyphenated().to_string() == text)
                .map(Value::from),
            Self::Int => text.parse::<i64>().ok().map(Value::from),
            Self::Bool => match text.to_ascii_lowercase().as_str() {
                "1" | "t" | "true" | "on" | "y" | "yes" => Some(Value::from(true)),
                "0" | "f" | "false" | "off" | "n" | "no" => Some(Value::from(false)),
                _other => None,
            },
            Self::Time => parse_time(text).map(Value::from),
        }
    }
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    // Years that both databases can hold.
    Some(naive.and_utc()).filter(|time| (1..=9999).contains(&time.year()))
}
