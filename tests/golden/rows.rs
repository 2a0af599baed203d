//! Rows for the database, made from what replies show.

use breezeblock::domain::{
    AttachStatus, Gib, Label, ProjectId, Scope, Snapshot, SnapshotId, SnapshotStatus, UserId, Volume, VolumeId,
    VolumeStatus, VolumeTypeId,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::{identity::id_of, world::World};

pub(super) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

pub(super) fn time(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .unwrap()
        .and_utc()
}

impl World {
    pub(super) async fn snapshot(&self, it: &Value, reading: bool) {
        let id: SnapshotId = text(it, "id").unwrap().parse().unwrap();
        let volume_id = text(it, "volume_id").unwrap().parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let mut status: SnapshotStatus = text(it, "status").unwrap().parse().unwrap();
        let updated_at = text(it, "updated_at").map(time);
        let progress = text(it, "os-extended-snapshot-attributes:progress").map(str::to_owned);
        if let Some(mut known) = tx.snapshot_lock(&Scope::All, id).await.unwrap() {
            if !reading {
                return;
            }
            known.updated_at = updated_at;
            assert!(tx.snapshot_update(&known, known.status).await.unwrap());
            return tx.commit().await.unwrap();
        }
        drop(tx);
        let project =
            text(it, "os-extended-snapshot-attributes:project_id").map_or_else(|| id_of("project_demo"), str::to_owned);
        self.volume_for(volume_id, &project).await;
        if !reading {
            status = settled(status.as_str()).parse().unwrap();
        }
        let mut tx = self.store.begin().await.unwrap();
        // Two fixtures of one volume cannot be of the same moment.
        let newest = tx
            .snapshot_latest_of(volume_id)
            .await
            .unwrap()
            .map(|newest| newest.created_at);
        let mut created_at = time(text(it, "created_at").unwrap());
        if created_at == self.default_time && newest.is_some_and(|newest| newest >= created_at) {
            created_at = newest.unwrap() + TimeDelta::microseconds(1);
        }
        let snapshot = Snapshot {
            id,
            project_id: ProjectId::new(project),
            user_id: UserId::new(text(it, "user_id").map_or_else(|| id_of("user_demo"), str::to_owned)),
            volume_id,
            volume_type_id: self.volume_type(),
            size: Gib::new(u32::try_from(it["size"].as_u64().unwrap()).unwrap()).unwrap(),
            status,
            overridden: false,
            previous_status: None,
            progress: progress.or_else(|| Some("100%".to_owned())),
            name: text(it, "name").map(|name| Label::stored(name.to_owned())),
            description: text(it, "description").map(|text| Label::stored(text.to_owned())),
            metadata: serde_json::from_value(it["metadata"].clone()).unwrap(),
            group_snapshot_id: None,
            consumes_quota: true,
            created_at,
            updated_at,
        };
        self.fill("snapshots/snapshot", snapshot.id.uuid(), snapshot.size);
        tx.snapshot_insert(&snapshot).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn volume(&self, it: &Value, reading: bool) {
        let id: VolumeId = text(it, "id").unwrap().parse().unwrap();
        // Summaries say nothing of the state.
        let Some(status) = text(it, "status") else { return };
        let mut tx = self.store.begin().await.unwrap();
        let Some(mut known) = tx.volume_lock(&Scope::All, id).await.unwrap() else {
            let project = text(it, "os-vol-tenant-attr:tenant_id").map_or_else(|| id_of("project_demo"), str::to_owned);
            let mut volume = self.plain_volume(id, &project);
            volume.name = text(it, "name").map(|name| Label::stored(name.to_owned()));
            volume.description = text(it, "description").map(|text| Label::stored(text.to_owned()));
            volume.size = Gib::new(u32::try_from(it["size"].as_u64().unwrap()).unwrap()).unwrap();
            volume.metadata = serde_json::from_value(it["metadata"].clone()).unwrap();
            volume.snapshot_id = text(it, "snapshot_id").map(|id| id.parse().unwrap());
            volume.source_volid = text(it, "source_volid").map(|id| id.parse().unwrap());
            volume.user_id = UserId::new(text(it, "user_id").unwrap());
            volume.created_at = time(text(it, "created_at").unwrap());
            volume.updated_at = text(it, "updated_at").map(time);
            volume.status = settled(status).parse().unwrap();
            self.fill("volumes/volume", volume.id.uuid(), volume.size);
            tx.volume_insert(&volume).await.unwrap();
            return tx.commit().await.unwrap();
        };
        if !reading {
            return;
        }
        known.updated_at = text(it, "updated_at").map(time);
        assert!(tx.volume_update(&known, known.status).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// The bytes of a fixture: zeroes.
    fn fill(&self, prefix: &str, id: Uuid, size: Gib) {
        let file = std::fs::File::create(self.storage.join(format!("{prefix}-{}", id.hyphenated()))).unwrap();
        file.set_len(size.bytes()).unwrap();
    }

    fn volume_type(&self) -> VolumeTypeId {
        self.id("type_peer").parse().unwrap()
    }

    pub(super) fn plain_volume(&self, id: VolumeId, project: &str) -> Volume {
        Volume {
            id,
            project_id: ProjectId::new(project),
            user_id: UserId::new(id_of("user_demo")),
            volume_type_id: self.volume_type(),
            size: Gib::new(1).unwrap(),
            target_size: None,
            status: VolumeStatus::Available,
            overridden: false,
            previous_status: None,
            attach_status: AttachStatus::Detached,
            attachment: None,
            readonly: None,
            migration_status: None,
            name: None,
            description: None,
            metadata: std::collections::BTreeMap::default(),
            availability_zone: "nova".to_owned(),
            host: "peer@peer#peer".to_owned(),
            snapshot_id: None,
            source_volid: None,
            revert_snapshot_id: None,
            group_id: None,
            bootable: false,
            consumes_quota: true,
            created_at: self.default_time - TimeDelta::days(1),
            updated_at: None,
        }
    }

    /// A volume of 1 GiB, if there is none.
    pub(super) async fn volume_for(&self, id: VolumeId, project: &str) {
        self.add_volume(&self.plain_volume(id, project)).await;
    }

    /// Adds a volume unless it is there.
    pub(super) async fn add_volume(&self, volume: &Volume) {
        let mut tx = self.store.begin().await.unwrap();
        if tx.volume_lock(&Scope::All, volume.id).await.unwrap().is_some() {
            return;
        }
        self.fill("volumes/volume", volume.id.uuid(), volume.size);
        tx.volume_insert(volume).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// What a row had been before somebody looked at it in the middle of something.
fn settled(status: &str) -> &str {
    if matches!(
        status,
        "deleting" | "reverting" | "restoring" | "extending" | "unmanaging"
    ) {
        "available"
    } else {
        status
    }
}
