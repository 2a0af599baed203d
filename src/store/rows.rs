//! Rows as the databases return them, and their way into the domain. A row that makes no sense is a
//! diagnosable error, not a panic.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{StoreError, engine::row};
use crate::domain::{
    AttachStatus, Attachment, Gib, GroupId, GroupSnapshotId, Label, LeaseToken, Message, MessageId, Metadata,
    ProjectId, ResourceId, Snapshot, SnapshotId, Task, TypeEncryption, TypeEncryptionId, UserId, Volume, VolumeId,
    VolumeType, VolumeTypeId,
};

/// Reads a text column as one of the domain's enums.
pub(super) fn parse<T: FromStr>(
    table: &'static str,
    column: &'static str,
    row: Uuid,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|_unknown| StoreError::corrupt(table, column, row))
}

pub(super) fn parse_option<T: FromStr>(
    table: &'static str,
    column: &'static str,
    row: Uuid,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parse(table, column, row, text)).transpose()
}

pub(super) fn gib(table: &'static str, column: &'static str, row: Uuid, size: i64) -> Result<Gib, StoreError> {
    u32::try_from(size)
        .ok()
        .and_then(Gib::new)
        .ok_or_else(|| StoreError::corrupt(table, column, row))
}

row! {
    #[derive(Debug)]
    pub(super) struct SnapshotRow, snapshot_columns {
        pub(super) id: Uuid,
        project_id: String,
        user_id: String,
        volume_id: Uuid,
        volume_type_id: Uuid,
        volume_size: i64,
        status: String,
        overridden: bool,
        previous_status: Option<String>,
        progress: Option<String>,
        display_name: Option<String>,
        display_description: Option<String>,
        metadata: Metadata,
        group_snapshot_id: Option<Uuid>,
        consumes_quota: bool,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    }
}

impl SnapshotRow {
    pub(super) fn into_snapshot(self) -> Result<Snapshot, StoreError> {
        const TABLE: &str = "snapshots";
        Ok(Snapshot {
            id: SnapshotId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            user_id: UserId::new(self.user_id),
            volume_id: VolumeId::new(self.volume_id),
            volume_type_id: VolumeTypeId::new(self.volume_type_id),
            size: gib(TABLE, "volume_size", self.id, self.volume_size)?,
            status: parse(TABLE, "status", self.id, &self.status)?,
            overridden: self.overridden,
            previous_status: parse_option(TABLE, "previous_status", self.id, self.previous_status.as_deref())?,
            progress: self.progress,
            name: self.display_name.map(Label::stored),
            description: self.display_description.map(Label::stored),
            metadata: self.metadata,
            group_snapshot_id: self.group_snapshot_id.map(GroupSnapshotId::new),
            consumes_quota: self.consumes_quota,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct VolumeRow, volume_columns {
        pub(super) id: Uuid,
        project_id: String,
        user_id: String,
        volume_type_id: Uuid,
        size: i64,
        target_size: Option<i64>,
        status: String,
        overridden: bool,
        previous_status: Option<String>,
        attach_status: String,
        migration_status: Option<String>,
        display_name: Option<String>,
        display_description: Option<String>,
        metadata: Metadata,
        availability_zone: String,
        host: String,
        snapshot_id: Option<Uuid>,
        source_volid: Option<Uuid>,
        revert_snapshot_id: Option<Uuid>,
        bootable: bool,
        consumes_quota: bool,
        readonly: Option<bool>,
        group_id: Option<Uuid>,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    }
}

impl VolumeRow {
    /// Whether the volume has an attachment that belongs to it.
    pub(super) fn is_attached(&self) -> bool {
        self.attach_status == AttachStatus::Attached.as_str()
    }

    pub(super) fn into_volume(self, attachment: Option<AttachmentRow>) -> Result<Volume, StoreError> {
        const TABLE: &str = "volumes";
        Ok(Volume {
            id: VolumeId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            user_id: UserId::new(self.user_id),
            volume_type_id: VolumeTypeId::new(self.volume_type_id),
            size: gib(TABLE, "size", self.id, self.size)?,
            target_size: self
                .target_size
                .map(|size| gib(TABLE, "target_size", self.id, size))
                .transpose()?,
            status: parse(TABLE, "status", self.id, &self.status)?,
            overridden: self.overridden,
            previous_status: parse_option(TABLE, "previous_status", self.id, self.previous_status.as_deref())?,
            attach_status: parse(TABLE, "attach_status", self.id, &self.attach_status)?,
            attachment: attachment.map(AttachmentRow::into_attachment).transpose()?,
            readonly: self.readonly,
            migration_status: self.migration_status,
            name: self.display_name.map(Label::stored),
            description: self.display_description.map(Label::stored),
            metadata: self.metadata,
            availability_zone: self.availability_zone,
            host: self.host,
            snapshot_id: self.snapshot_id.map(SnapshotId::new),
            source_volid: self.source_volid.map(VolumeId::new),
            revert_snapshot_id: self.revert_snapshot_id.map(SnapshotId::new),
            group_id: self.group_id.map(GroupId::new),
            bootable: self.bootable,
            consumes_quota: self.consumes_quota,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct AttachmentRow, attachment_columns {
        pub(super) volume_id: Uuid,
        id: Uuid,
        instance_uuid: Option<String>,
        host_name: Option<String>,
        mountpoint: String,
        attach_mode: String,
        attached_at: DateTime<Utc>,
    }
}

impl AttachmentRow {
    fn into_attachment(self) -> Result<Attachment, StoreError> {
        Ok(Attachment {
            id: self.id,
            instance_uuid: self.instance_uuid,
            host_name: self.host_name,
            mountpoint: self.mountpoint,
            mode: parse("volume_attachments", "attach_mode", self.volume_id, &self.attach_mode)?,
            attached_at: self.attached_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct TaskRow, task_columns {
        resource_id: Uuid,
        source_id: Option<Uuid>,
        operation: String,
        argument: Option<String>,
        attempts: i64,
        request_id: String,
        created_at: DateTime<Utc>,
    }
}

impl TaskRow {
    pub(super) fn into_task(self, lease: LeaseToken) -> Result<Task, StoreError> {
        Ok(Task {
            resource: ResourceId::new(self.resource_id),
            source: self.source_id.map(ResourceId::new),
            operation: parse("tasks", "operation", self.resource_id, &self.operation)?,
            argument: self.argument,
            attempts: self.attempts,
            lease,
            request_id: self.request_id,
            created_at: self.created_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct MessageRow, message_columns {
        pub(super) id: Uuid,
        project_id: String,
        request_id: String,
        resource_type: String,
        resource_uuid: Uuid,
        event_id: String,
        cause: String,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    }
}

impl MessageRow {
    pub(super) fn into_message(self) -> Result<Message, StoreError> {
        const TABLE: &str = "messages";
        // `VOLUME_<resource>_<action>_<detail>`: the last two parts are the codes.
        let mut codes = self.event_id.rsplit('_');
        let (detail, action) = (codes.next().unwrap_or_default(), codes.next().unwrap_or_default());
        Ok(Message {
            id: MessageId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            request_id: self.request_id,
            resource: parse(TABLE, "resource_type", self.id, &self.resource_type)?,
            resource_uuid: self.resource_uuid,
            action: parse(TABLE, "event_id", self.id, action)?,
            detail: parse(TABLE, "event_id", self.id, detail)?,
            cause: self.cause,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct TypeRow, type_columns {
        pub(super) id: Uuid,
        name: String,
        description: Option<String>,
        is_public: bool,
        created_at: Option<DateTime<Utc>>,
    }
}

impl TypeRow {
    pub(super) fn into_type(self, extra_specs: Metadata) -> VolumeType {
        VolumeType {
            id: VolumeTypeId::new(self.id),
            name: self.name,
            description: self.description,
            is_public: self.is_public,
            extra_specs,
            created_at: self.created_at,
        }
    }
}

row! {
    #[derive(Debug)]
    pub(super) struct TypeEncryptionRow, encryption_columns {
        volume_type_id: Uuid,
        id: Uuid,
        provider: String,
        control_location: String,
        cipher: Option<String>,
        key_size: Option<i32>,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    }
}

impl TypeEncryptionRow {
    pub(super) fn into_encryption(self) -> Result<TypeEncryption, StoreError> {
        const TABLE: &str = "volume_type_encryption";
        Ok(TypeEncryption {
            id: TypeEncryptionId::new(self.id),
            provider: self.provider,
            control_location: parse(TABLE, "control_location", self.volume_type_id, &self.control_location)?,
            cipher: self.cipher,
            key_size: self.key_size,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
