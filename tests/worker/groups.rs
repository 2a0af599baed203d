//! Groups and group snapshots: one task for all snapshots, and one that waits for all volumes.

use breezeblock::{
    domain::{
        Group, GroupSnapshot, GroupSnapshotStatus, GroupStatus, MessageResource, Operation, Scope, Snapshot,
        SnapshotKey, SnapshotStatus, Volume,
    },
    driver::Kind,
    service::{GroupSource, NewGroup, NewGroupSnapshot, NewGroupType, NewVolume},
    worker::Step,
};

use crate::{
    script::Act,
    world::{GIB_1, LEASE, World, call, everything},
};

const BUSY: Act = Act::Fatal(Kind::Busy, "volumes were made from it");
const FULL: Act = Act::Fatal(Kind::NoSpace, "the storage is full");

/// A group of two available volumes.
pub async fn group(world: &World) -> (Group, [Volume; 2]) {
    let kind = NewGroupType {
        name: "n".to_owned(),
        ..NewGroupType::default()
    };
    world.service.group_type_create(&call(), kind).await.unwrap();
    let new = NewGroup {
        group_type: "n".to_owned(),
        volume_types: vec!["__DEFAULT__".to_owned()],
        ..NewGroup::default()
    };
    let group = world.service.group_create(&call(), new).await.unwrap();
    let volumes = [volume(world, &group).await, volume(world, &group).await];
    (group, volumes)
}

async fn volume(world: &World, group: &Group) -> Volume {
    let new = NewVolume {
        size: Some(GIB_1),
        volume_type: Some("__DEFAULT__".to_owned()),
        group: Some(group.id.to_string()),
        ..NewVolume::default()
    };
    let volume = world.service.volume_create(&call(), new).await.unwrap();
    world.drain().await;
    world.volume_now(volume.id).await
}

pub async fn accept(world: &World, group: &Group) -> GroupSnapshot {
    let new = NewGroupSnapshot {
        group_id: group.id.to_string(),
        ..NewGroupSnapshot::default()
    };
    world.service.group_snapshot_create(&call(), new).await.unwrap()
}

pub async fn status(world: &World, of: &GroupSnapshot) -> Option<GroupSnapshotStatus> {
    let found = world.store.group_snapshot(&Scope::All, of.id).await.unwrap();
    found.map(|found| found.status)
}

pub async fn group_status(world: &World, of: &Group) -> Option<GroupStatus> {
    let found = world.store.group(&Scope::All, of.id).await.unwrap();
    found.map(|found| found.status)
}

pub async fn snapshots(world: &World) -> Vec<Snapshot> {
    let query = everything(SnapshotKey::CreatedAt);
    let page = world.store.snapshot_list(&query).await.unwrap().unwrap();
    page.items.to_vec()
}

pub async fn statuses(world: &World) -> Vec<SnapshotStatus> {
    snapshots(world).await.iter().map(|snapshot| snapshot.status).collect()
}

/// What messages are about, oldest first.
async fn told(world: &World) -> Vec<MessageResource> {
    world.messages().await.iter().map(|message| message.resource).collect()
}

pub async fn a_group_snapshot_is_taken_as_one(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    world.script.next([Act::Progress(42)]);
    assert_eq!(statuses(world).await, [SnapshotStatus::Creating; 2]);
    assert_eq!(world.step().await, Step::Finished(whole.id.into()));
    assert_eq!(world.script.operations().last(), Some(&Operation::CreateGroupSnapshot));
    assert_eq!(status(world, &whole).await, Some(GroupSnapshotStatus::Available));
    for snapshot in snapshots(world).await {
        assert_eq!(snapshot.status, SnapshotStatus::Available);
        assert_eq!(snapshot.progress.as_deref(), Some("100%"));
    }
    assert_eq!(world.messages().await, []);
}

pub async fn a_failure_spoils_all_and_says_why(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    world.script.next([FULL]);
    world.drain().await;
    assert_eq!(status(world, &whole).await, Some(GroupSnapshotStatus::Error));
    assert_eq!(statuses(world).await, [SnapshotStatus::Error; 2]);
    let messages = world.messages().await;
    assert_eq!(messages.len(), 3);
    for message in &messages {
        assert_eq!(message.cause, "the storage is full");
        assert_eq!(message.project_id.as_str(), "p");
    }
    let about: Vec<_> = messages.iter().map(|message| message.resource_uuid).collect();
    assert!(about.contains(&whole.id.uuid()));

    let id = whole.id.to_string();
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    assert_eq!(status(world, &whole).await, None);
    assert_eq!(snapshots(world).await, []);
}

pub async fn a_busy_delete_returns_to_where_it_was(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    world.drain().await;
    let before = statuses(world).await;
    world.script.next([BUSY]);
    let id = whole.id.to_string();
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
    assert_eq!(statuses(world).await, [SnapshotStatus::Deleting; 2]);
    world.drain().await;
    assert_eq!(status(world, &whole).await, Some(GroupSnapshotStatus::Available));
    assert_eq!(statuses(world).await, before);
    assert!(told(world).await.contains(&MessageResource::GroupSnapshot));
}

pub async fn a_delete_that_stops_halfway_says_so(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    world.drain().await;
    world.script.next([]);
    world.script.next([BUSY]);
    let id = whole.id.to_string();
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    // One is gone, so the whole is not what it was; the other one is.
    assert_eq!(status(world, &whole).await, Some(GroupSnapshotStatus::Error));
    assert_eq!(statuses(world).await, [SnapshotStatus::Available]);
    let usage = world.store.quota_usage(&whole.project_id, true).await.unwrap();
    assert_eq!(usage.of("snapshots"), 1);
    assert!(told(world).await.contains(&MessageResource::GroupSnapshot));
    // The rest can be deleted.
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
    world.drain().await;
    assert_eq!(status(world, &whole).await, None);
    assert_eq!(snapshots(world).await, []);
}

pub async fn a_group_is_made_when_its_volumes_are(world: &World) {
    let (group, _volumes) = group(world).await;
    let source = GroupSource::Group(group.id.to_string());
    let copy = world
        .service
        .group_create_from(&call(), (None, None), &source)
        .await
        .unwrap();
    assert_eq!(group_status(world, &copy).await, Some(GroupStatus::Creating));
    world.drain().await;
    assert_eq!(group_status(world, &copy).await, Some(GroupStatus::Available));

    let failed = world
        .service
        .group_create_from(&call(), (None, None), &source)
        .await
        .unwrap();
    world.script.next([FULL]);
    world.drain().await;
    assert_eq!(group_status(world, &failed).await, Some(GroupStatus::Error));
    let messages = world.messages().await;
    let about = messages
        .iter()
        .find(|message| message.resource == MessageResource::Group)
        .unwrap();
    assert_eq!(about.resource_uuid, failed.id.uuid());
    assert!(about.cause.contains("(error)"), "{}", about.cause);
}

pub async fn a_group_that_cannot_go_says_which_volumes_stay(world: &World) {
    let (group, _volumes) = group(world).await;
    let id = group.id.to_string();
    for (act, expected) in [(BUSY, GroupStatus::Available), (FULL, GroupStatus::Error)] {
        world.script.next([act]);
        world.service.group_delete(&call(), &id, true).await.unwrap();
        assert_eq!(group_status(world, &group).await, Some(GroupStatus::Deleting));
        world.drain().await;
        assert_eq!(group_status(world, &group).await, Some(expected));
        let left = world.store.group_members(&[group.id]).await.unwrap();
        let [left] = left[&group.id].clone().try_into().unwrap();
        let messages = world.messages().await;
        assert!(
            messages
                .iter()
                .any(|message| message.resource == MessageResource::Group && message.cause.contains(&left.to_string()))
        );
    }
    world.service.group_delete(&call(), &id, true).await.unwrap();
    world.drain().await;
    assert_eq!(group_status(world, &group).await, None);
}

pub async fn an_overtaken_worker_takes_nothing_back(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    world.drain().await;
    let id = whole.id.to_string();
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
    // One worker stops in the middle of the first snapshot; another one does it all.
    let gate = world.script.pause_next();
    let stuck = world.step_until(&gate).await;
    world.advance(LEASE);
    world.drain().await;
    assert_eq!(status(world, &whole).await, None);
    assert_eq!(snapshots(world).await, []);
    gate.open();
    assert_eq!(stuck.await.unwrap(), Step::LeaseLost(whole.id.into()));
}
