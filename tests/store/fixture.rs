//! Rows to put into a store.

use std::sync::atomic::{AtomicU64, Ordering};

use breezeblock::{
    domain::{
        AttachStatus, BackendHost, Gib, Group, GroupId, GroupStatus, GroupTypeId, LeaseToken, Message, MessageAction,
        MessageDetail, MessageId, MessageResource, Metadata, Operation, ProjectId, ResourceId, Scope, Snapshot,
        SnapshotId, SnapshotStatus, Task, UserId, Volume, VolumeId, VolumeStatus, VolumeTypeId,
    },
    store::{NewTask, Store},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The smallest size.
pub const GIB_1: Gib = Gib::new(1).unwrap();
/// The next size.
pub const GIB_2: Gib = Gib::new(2).unwrap();
/// The type that the first migration brings.
pub const DEFAULT_TYPE: VolumeTypeId = VolumeTypeId::new(Uuid::from_u128(0x0c1a_7b62_f5e4_4f0f_a1d5_a3bd_3be7_f001));

/// The group type that the migrations bring.
pub const GROUP_TYPE: GroupTypeId = GroupTypeId::new(Uuid::from_u128(0x0c1a_7b62_f5e4_4f0f_a1d5_a3bd_3be7_f002));

/// A number that no other call in this process gets.
fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(1);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// An id that nothing else has; later ones are not larger, as with random ids.
pub fn id() -> Uuid {
    let number = next();
    Uuid::from_u64_pair(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number)
}

/// `seconds` after the beginning of all tests' time.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_323_045 + seconds, 0).unwrap()
}

pub fn project(name: &str) -> ProjectId {
    ProjectId::new(name)
}

/// The scope of somebody who is no admin.
pub fn only(project: &str) -> Scope {
    Scope::Project(ProjectId::new(project))
}

/// Unusual, but nothing that a user or an admin could not bring about.
pub fn metadata() -> Metadata {
    let pairs = [
        ("velero.io/backup", "nightly"),
        ("empty", ""),
        ("ünïcode ☃", "☃ % _ \\ ' \""),
    ];
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A volume of project `p` with nothing special.
pub fn volume() -> Volume {
    Volume {
        id: VolumeId::new(id()),
        project_id: project("p"),
        user_id: UserId::new("u"),
        volume_type_id: DEFAULT_TYPE,
        size: GIB_1,
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
        metadata: Metadata::new(),
        availability_zone: "nova".to_owned(),
        host: "host@file#file".to_owned(),
        snapshot_id: None,
        source_volid: None,
        revert_snapshot_id: None,
        group_id: None,
        bootable: false,
        consumes_quota: true,
        created_at: later(),
        updated_at: None,
    }
}

/// A snapshot of `volume` with nothing special.
pub fn snapshot(volume: &Volume) -> Snapshot {
    Snapshot {
        id: SnapshotId::new(id()),
        project_id: volume.project_id.clone(),
        user_id: UserId::new("u"),
        volume_id: volume.id,
        volume_type_id: volume.volume_type_id,
        size: volume.size,
        status: SnapshotStatus::Available,
        overridden: false,
        previous_status: None,
        progress: None,
        name: None,
        description: None,
        metadata: Metadata::new(),
        group_snapshot_id: None,
        consumes_quota: true,
        created_at: later(),
        updated_at: None,
    }
}

/// A message of project `p` that is kept for an hour.
pub fn message() -> Message {
    let created_at = later();
    Message {
        id: MessageId::new(id()),
        project_id: project("p"),
        request_id: "req-1".to_owned(),
        resource: MessageResource::Snapshot,
        resource_uuid: id(),
        action: MessageAction::CreateSnapshot,
        detail: MessageDetail::SnapshotCreateFailed,
        cause: "the storage is full".to_owned(),
        created_at,
        expires_at: created_at + TimeDelta::hours(1),
    }
}

/// A time after all that it returned before.
fn later() -> DateTime<Utc> {
    at(0) + TimeDelta::microseconds(i64::try_from(next()).unwrap())
}

/// A group of project `p` with nothing special, of the type that the schema brings.
pub fn group() -> Group {
    Group {
        id: GroupId::new(id()),
        project_id: project("p"),
        user_id: UserId::new("u"),
        group_type_id: GROUP_TYPE,
        volume_types: vec![DEFAULT_TYPE],
        status: GroupStatus::Available,
        overridden: false,
        previous_status: None,
        name: None,
        description: None,
        availability_zone: "nova".to_owned(),
        host: "host@file#file".to_owned(),
        group_snapshot_id: None,
        source_group_id: None,
        created_at: later(),
        updated_at: None,
    }
}

/// Adds a group and returns its id.
pub async fn add_group(store: &Store) -> GroupId {
    let group = group();
    let mut tx = store.begin().await.unwrap();
    tx.group_insert(&group).await.unwrap();
    tx.commit().await.unwrap();
    group.id
}

pub async fn add_volume(store: &Store, volume: &Volume) {
    let mut tx = store.begin().await.unwrap();
    tx.volume_insert(volume).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn add_snapshot(store: &Store, snapshot: &Snapshot) {
    let mut tx = store.begin().await.unwrap();
    tx.snapshot_insert(snapshot).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn add_message(store: &Store, message: &Message) {
    let mut tx = store.begin().await.unwrap();
    tx.message_insert(message).await.unwrap();
    tx.commit().await.unwrap();
}

/// Adds a task that is due from `at(0)` on.
pub async fn add_task(store: &Store, operation: Operation, resource: ResourceId, source: Option<ResourceId>) {
    add_task_at(store, operation, resource, source, at(0)).await;
}

pub async fn add_task_at(
    store: &Store,
    operation: Operation,
    resource: ResourceId,
    source: Option<ResourceId>,
    now: DateTime<Utc>,
) {
    let mut tx = store.begin().await.unwrap();
    tx.task_enqueue(NewTask {
        resource,
        source,
        operation,
        argument: None,
        now,
        request_id: "req-1",
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// Claims at `at(now)` for ten seconds.
pub async fn claim(store: &Store, now: i64) -> Option<Task> {
    let lease = LeaseToken::new(id());
    store
        .task_claim(&backend(), lease, at(now), at(now + 10))
        .await
        .unwrap()
}

/// Where volumes are, unless a case says otherwise.
pub fn backend() -> BackendHost {
    BackendHost::new("host", "file")
}

/// Ends a task; false when the claim was lost.
pub async fn finish(store: &Store, task: &Task) -> bool {
    let mut tx = store.begin().await.unwrap();
    let done = tx.task_finish(task).await.unwrap();
    tx.commit().await.unwrap();
    done
}

pub async fn stored_volume(store: &Store, id: VolumeId) -> Option<Volume> {
    store.volume(&Scope::All, id).await.unwrap()
}

pub async fn stored_snapshot(store: &Store, id: SnapshotId) -> Option<Snapshot> {
    store.snapshot(&Scope::All, id).await.unwrap()
}
