//! What was there when the recordings began, as their lists show it.

use breezeblock::domain::{
    AttachMode, AttachStatus, Attachment, Gib, Label, ProjectId, Scope, Snapshot, SnapshotStatus, UserId, Volume,
    VolumeStatus,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

use crate::{exchange::Set, server::PROJECT, world::World};

struct VolumeRow {
    name: &'static str,
    labels: Option<(&'static str, &'static str)>,
    size: u32,
    status: VolumeStatus,
    /// Instance and device.
    attached: Option<(&'static str, &'static str)>,
    created: &'static str,
    /// The first exchange that it is there for.
    since: u32,
}

struct SnapshotRow {
    name: &'static str,
    volume: &'static str,
    status: SnapshotStatus,
    created: &'static str,
}

const PLAIN: VolumeRow = VolumeRow {
    name: "",
    labels: None,
    size: 1,
    status: VolumeStatus::Available,
    attached: None,
    created: "",
    since: 0,
};

const OPENSTACK_VOLUMES: &[VolumeRow] = &[
    VolumeRow {
        name: "v-1",
        labels: Some(("vol one", "first")),
        created: "2013-03-06T10:00:00",
        ..PLAIN
    },
    VolumeRow {
        name: "v-2",
        size: 5,
        status: VolumeStatus::InUse,
        attached: Some(("s-1", "/dev/vdb")),
        created: "2013-03-06T10:01:00",
        ..PLAIN
    },
    VolumeRow {
        name: "v-3",
        labels: Some(("creating one", "")),
        size: 5,
        status: VolumeStatus::Creating,
        created: "2013-03-06T10:02:00",
        ..PLAIN
    },
];

/// Parts of a second that nobody sees, so that ours, the latest first, are in the order of the recorded list.
const MOCK_VOLUMES: &[VolumeRow] = &[
    VolumeRow {
        name: "vol3",
        status: VolumeStatus::InUse,
        attached: Some(("inst1", "/dev/sda1")),
        created: "2009-07-30T14:35:11.3",
        ..PLAIN
    },
    VolumeRow {
        name: "vol1",
        created: "2009-07-30T14:35:11.2",
        ..PLAIN
    },
    VolumeRow {
        name: "vol2",
        created: "2009-07-30T14:35:11.1",
        ..PLAIN
    },
    VolumeRow {
        name: "volume_1362582953",
        created: "2013-03-06T15:15:53",
        since: 34,
        ..PLAIN
    },
];

const OPENSTACK_SNAPSHOTS: &[SnapshotRow] = &[
    SnapshotRow {
        name: "sn-0",
        volume: "v-1",
        status: SnapshotStatus::Available,
        created: "2013-03-06T11:00:00",
    },
    SnapshotRow {
        name: "sn-1",
        volume: "v-1",
        status: SnapshotStatus::Creating,
        created: "2013-03-06T11:01:00",
    },
    SnapshotRow {
        name: "sn-2",
        volume: "v-1",
        status: SnapshotStatus::Deleting,
        created: "2013-03-06T11:02:00",
    },
    SnapshotRow {
        name: "sn-3",
        volume: "v-1",
        status: SnapshotStatus::Error,
        created: "2013-03-06T11:03:00",
    },
    SnapshotRow {
        name: "sn-4",
        volume: "v-1",
        status: SnapshotStatus::ErrorDeleting,
        created: "2013-03-06T11:04:00",
    },
];

const MOCK_SNAPSHOTS: &[SnapshotRow] = &[
    SnapshotRow {
        name: "snap1",
        volume: "vol1",
        status: SnapshotStatus::Available,
        created: "2009-07-29T18:15:24.1",
    },
    SnapshotRow {
        name: "snap3",
        volume: "vol2",
        status: SnapshotStatus::Available,
        created: "2009-07-29T18:15:24.2",
    },
    SnapshotRow {
        name: "snap2",
        volume: "vol2",
        status: SnapshotStatus::Available,
        created: "2009-07-29T18:15:24.3",
    },
];

fn time(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .unwrap()
        .and_utc()
}

impl World {
    /// Makes what is there from exchange `n` on.
    pub async fn rows(&self, n: u32) {
        let (volumes, snapshots) = match self.set {
            Set::Openstack => (OPENSTACK_VOLUMES, OPENSTACK_SNAPSHOTS),
            Set::Mock => (MOCK_VOLUMES, MOCK_SNAPSHOTS),
        };
        for row in volumes.iter().filter(|row| row.since == n) {
            self.volume(row).await;
        }
        for row in snapshots.iter().filter(|_row| n == 0) {
            self.snapshot(row).await;
        }
    }

    async fn volume(&self, row: &VolumeRow) {
        let created_at = time(row.created);
        let attachment = row.attached.map(|(instance, device)| Attachment {
            id: Uuid::new_v5(&Uuid::NAMESPACE_DNS, device.as_bytes()),
            instance_uuid: Some(instance.to_owned()),
            host_name: None,
            mountpoint: device.to_owned(),
            mode: AttachMode::ReadWrite,
            attached_at: created_at,
        });
        let volume_type = self.store.volume_type_by_name(&Scope::All, "__DEFAULT__").await;
        let label = |text: &str| Label::stored(text.to_owned());
        let volume = Volume {
            id: self.id(row.name).parse().unwrap(),
            project_id: ProjectId::new(PROJECT),
            user_id: UserId::new("demo"),
            volume_type_id: volume_type.unwrap().unwrap().id,
            size: Gib::new(row.size).unwrap(),
            target_size: None,
            status: row.status,
            overridden: false,
            previous_status: None,
            attach_status: if attachment.is_some() {
                AttachStatus::Attached
            } else {
                AttachStatus::Detached
            },
            attachment,
            readonly: None,
            migration_status: None,
            name: row.labels.map(|(name, _description)| label(name)),
            description: row.labels.map(|(_name, description)| label(description)),
            metadata: std::collections::BTreeMap::default(),
            availability_zone: "nova".to_owned(),
            host: "peer@peer#peer".to_owned(),
            snapshot_id: None,
            source_volid: None,
            revert_snapshot_id: None,
            group_id: None,
            bootable: false,
            consumes_quota: true,
            created_at,
            updated_at: None,
        };
        self.fill("volumes/volume", volume.id.uuid(), volume.size);
        let mut tx = self.store.begin().await.unwrap();
        tx.volume_insert(&volume).await.unwrap();
        tx.attachment_replace(volume.id, volume.attachment.as_ref())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn snapshot(&self, row: &SnapshotRow) {
        let volume = self.id(row.volume).parse().unwrap();
        let volume = self.store.volume(&Scope::All, volume).await.unwrap().unwrap();
        let snapshot = Snapshot {
            id: self.id(row.name).parse().unwrap(),
            project_id: volume.project_id,
            user_id: volume.user_id,
            volume_id: volume.id,
            volume_type_id: volume.volume_type_id,
            size: volume.size,
            status: row.status,
            overridden: false,
            previous_status: None,
            progress: None,
            name: None,
            description: None,
            metadata: std::collections::BTreeMap::default(),
            group_snapshot_id: None,
            consumes_quota: true,
            created_at: time(row.created),
            updated_at: None,
        };
        self.fill("snapshots/snapshot", snapshot.id.uuid(), snapshot.size);
        let mut tx = self.store.begin().await.unwrap();
        tx.snapshot_insert(&snapshot).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The bytes: zeroes.
    fn fill(&self, prefix: &str, id: Uuid, size: Gib) {
        let file = std::fs::File::create(self.storage.join(format!("{prefix}-{}", id.hyphenated()))).unwrap();
        file.set_len(size.bytes()).unwrap();
    }
}
