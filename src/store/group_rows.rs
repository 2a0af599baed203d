//! Rows of groups, their types and their snapshots, and their way into the domain; see `rows.rs`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    StoreError,
    engine::row,
    rows::{parse, parse_option},
};
use crate::domain::{
    Group, GroupId, GroupSnapshot, GroupSnapshotId, GroupSpecs, GroupType, GroupTypeId, Label, ProjectId, UserId,
    VolumeTypeId,
};

row! {
    #[derive(Debug)]
    pub(super) struct GroupTypeRow, group_type_columns {
        pub(super) id: Uuid,
        name: String,
        description: Option<String>,
        is_public: bool,
        created_at: Option<DateTime<Utc>>,
    }
}

impl GroupTypeRow {
    pub(super) fn into_type(self, specs: GroupSpecs) -> GroupType {
        GroupType {
            id: GroupTypeId::new(self.id),
            name: self.name,
            description: self.description,
            is_public: self.is_public,
            specs,
            created_at: self.created_at,
        }
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct GroupRow, group_columns {
        pub(super) id: Uuid,
        project_id: String,
        user_id: String,
        group_type_id: Uuid,
        status: String,
        overridden: bool,
        previous_status: Option<String>,
        name: Option<String>,
        description: Option<String>,
        availability_zone: String,
        host: String,
        group_snapshot_id: Option<Uuid>,
        source_group_id: Option<Uuid>,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    }
}

impl GroupRow {
    pub(super) fn into_group(self, volume_types: Vec<Uuid>) -> Result<Group, StoreError> {
        const TABLE: &str = "volume_groups";
        Ok(Group {
            id: GroupId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            user_id: UserId::new(self.user_id),
            group_type_id: GroupTypeId::new(self.group_type_id),
            volume_types: volume_types.into_iter().map(VolumeTypeId::new).collect(),
            status: parse(TABLE, "status", self.id, &self.status)?,
            overridden: self.overridden,
            previous_status: parse_option(TABLE, "previous_status", self.id, self.previous_status.as_deref())?,
            name: self.name.map(Label::stored),
            description: self.description.map(Label::stored),
            availability_zone: self.availability_zone,
            host: self.host,
            group_snapshot_id: self.group_snapshot_id.map(GroupSnapshotId::new),
            source_group_id: self.source_group_id.map(GroupId::new),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct GroupSnapshotRow, group_snapshot_columns {
        id: Uuid,
        project_id: String,
        user_id: String,
        group_id: Uuid,
        group_type_id: Uuid,
        status: String,
        overridden: bool,
        previous_status: Option<String>,
        name: Option<String>,
        description: Option<String>,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    }
}

impl GroupSnapshotRow {
    pub(super) fn into_group_snapshot(self) -> Result<GroupSnapshot, StoreError> {
        const TABLE: &str = "group_snapshots";
        Ok(GroupSnapshot {
            id: GroupSnapshotId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            user_id: UserId::new(self.user_id),
            group_id: GroupId::new(self.group_id),
            group_type_id: GroupTypeId::new(self.group_type_id),
            status: parse(TABLE, "status", self.id, &self.status)?,
            overridden: self.overridden,
            previous_status: parse_option(TABLE, "previous_status", self.id, self.previous_status.as_deref())?,
            name: self.name.map(Label::stored),
            description: self.description.map(Label::stored),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
