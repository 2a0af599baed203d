//! Lost work on groups and group snapshots: what the audit says, and what a repair makes of it.

use breezeblock::{
    audit::Finding,
    domain::{
        Group, GroupSnapshot, GroupSnapshotStatus, GroupStatus, Item, MessageResource, Operation, Scope, Snapshot,
        SnapshotStatus, VolumeStatus,
    },
    service::GroupSource,
};
use uuid::Uuid;

use crate::{
    audits::{behind_its_back, expect, found, mend, repair},
    groups::{accept, group, group_status, snapshots, status, statuses},
    raw,
    world::{World, call},
};

/// A task as it is, without when and by whom, and what it uses.
type Work = (Vec<(Uuid, String, String)>, Vec<(Uuid, Uuid, bool)>);

pub async fn work(world: &World) -> Work {
    let url = &world.database.url;
    let tasks = raw::rows(
        url,
        "SELECT resource_id, operation, host FROM tasks ORDER BY resource_id",
    )
    .await;
    let uses = "SELECT task_id, resource_id, writes FROM task_uses ORDER BY task_id, resource_id";
    (tasks, raw::rows(url, uses).await)
}

pub async fn lose_task(world: &World, id: Uuid) {
    behind_its_back(world, "DELETE FROM tasks WHERE resource_id = ?", id).await;
}

pub fn idle(what: &str, id: impl std::fmt::Display, status: &str) -> String {
    format!("I1: {what} {id} is {status}, and no task does anything about it")
}

/// What an audit would say if the work on it were lost.
pub fn missing(item: impl Into<Item>) -> Finding {
    Finding::WorkMissing {
        item: item.into(),
        status: "creating",
    }
}

/// A group snapshot that has been taken.
pub async fn taken(world: &World, group: &Group) -> (GroupSnapshot, [Snapshot; 2]) {
    let whole = accept(world, group).await;
    world.drain().await;
    (whole, snapshots(world).await.try_into().unwrap())
}

pub async fn whole_now(world: &World, of: &GroupSnapshot) -> GroupSnapshot {
    world.store.group_snapshot(&Scope::All, of.id).await.unwrap().unwrap()
}

pub async fn group_now(world: &World, of: &Group) -> Group {
    world.store.group(&Scope::All, of.id).await.unwrap().unwrap()
}

pub async fn delete(world: &World, whole: &GroupSnapshot) {
    let id = whole.id.to_string();
    world.service.group_snapshot_delete(&call(), &id).await.unwrap();
}

/// A group that is being made like another one.
pub async fn copy(world: &World, of: &Group) -> Group {
    let source = GroupSource::Group(of.id.to_string());
    let made = world.service.group_create_from(&call(), (None, None), &source).await;
    made.unwrap()
}

/// What messages of one kind are about, and their causes.
pub async fn causes(world: &World, kind: MessageResource) -> Vec<(Uuid, String)> {
    let messages = world.messages().await.into_iter();
    let messages = messages.filter(|message| message.resource == kind);
    messages.map(|message| (message.resource_uuid, message.cause)).collect()
}

pub async fn a_lost_group_snapshot_is_one_finding_and_begins_again(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    let before = work(world).await;
    lose_task(world, whole.id.uuid()).await;
    assert_eq!(work(world).await, (Vec::new(), Vec::new()));
    expect(world, &[idle("group snapshot", whole.id, "creating")]).await;
    let again = format!("group snapshot {} gets its task create_group_snapshot again", whole.id);
    assert_eq!(repair(world).await, [again]);
    assert_eq!(work(world).await, before);
    expect(world, &[]).await;
    world.drain().await;
    assert_eq!(status(world, &whole).await, Some(GroupSnapshotStatus::Available));
    assert_eq!(statuses(world).await, [SnapshotStatus::Available; 2]);
    assert_eq!(world.script.operations().last(), Some(&Operation::CreateGroupSnapshot));
    assert_eq!(world.messages().await, []);
}

pub async fn a_lost_deletion_of_a_group_snapshot_begins_again(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, [first, second]) = taken(world, &group).await;
    delete(world, &whole).await;
    let before = work(world).await;
    lose_task(world, whole.id.uuid()).await;
    expect(world, &[idle("group snapshot", whole.id, "deleting")]).await;
    let again = format!("group snapshot {} gets its task delete_group_snapshot again", whole.id);
    assert_eq!(repair(world).await, std::slice::from_ref(&again));
    assert_eq!(work(world).await, before);

    // One after the other of its snapshots may be gone when it is lost, and at last all of them.
    for gone in [first, second] {
        lose_task(world, whole.id.uuid()).await;
        behind_its_back(world, "DELETE FROM snapshots WHERE id = ?", gone.id.uuid()).await;
        expect(world, &[idle("group snapshot", whole.id, "deleting")]).await;
        assert_eq!(repair(world).await, std::slice::from_ref(&again));
    }
    world.drain().await;
    assert_eq!(status(world, &whole).await, None);
    assert_eq!(world.messages().await, []);
}

pub async fn the_snapshots_of_a_group_snapshot_never_begin_alone(world: &World) {
    let (group, _volumes) = group(world).await;
    let whole = accept(world, &group).await;
    let lost: Vec<_> = snapshots(world).await.iter().map(|one| missing(one.id)).collect();
    // Whoever says so of one: it is the work on the whole that is there, or that is lost.
    assert_eq!(mend(world, &lost).await, [""; 0]);
    assert_eq!(mend(world, &[missing(whole.id)]).await, [""; 0], "it is there");
    lose_task(world, whole.id.uuid()).await;
    assert_eq!(mend(world, &lost).await, [""; 0]);
    assert_eq!(work(world).await, (Vec::new(), Vec::new()));
    assert_eq!(repair(world).await.len(), 1);
}

pub async fn a_lost_group_begins_again_after_its_volumes(world: &World) {
    let (source, _volumes) = group(world).await;
    let made = copy(world, &source).await;
    let before = work(world).await;
    lose_task(world, made.id.uuid()).await;
    expect(world, &[idle("group", made.id, "creating")]).await;
    let again = format!("group {} gets its task create_group again", made.id);
    assert_eq!(repair(world).await, std::slice::from_ref(&again));
    assert_eq!(work(world).await, before);
    assert_eq!(mend(world, &[missing(made.id)]).await, [""; 0], "it is there");

    behind_its_back(world, "DELETE FROM tasks WHERE resource_id <> ?", Uuid::nil()).await;
    assert_eq!(found(world).await.len(), 3);
    let done = repair(world).await;
    assert_eq!((done.len(), done.last()), (3, Some(&again)));
    assert_eq!(work(world).await, before);

    // As long as the work on a volume is not there again, that on the group would end too soon.
    lose_task(world, made.id.uuid()).await;
    let volume = before.0.iter().find(|(id, ..)| *id != made.id.uuid()).unwrap().0;
    let sql = "UPDATE tasks SET operation = 'delete_volume' WHERE resource_id = ?";
    behind_its_back(world, sql, volume).await;
    expect(
        world,
        &[
            idle("group", made.id, "creating"),
            format!("I1: the task delete_volume is about volume {volume}, which is creating"),
        ],
    )
    .await;
    let removed = format!("removed the task delete_volume of {volume}");
    assert_eq!(repair(world).await, [removed]);
    let begun = format!("volume {volume} gets its task create_volume_from_volume again");
    assert_eq!(repair(world).await, [begun, again]);
    assert_eq!(work(world).await, before);
    world.drain().await;
    assert_eq!(group_status(world, &made).await, Some(GroupStatus::Available));
    assert_eq!(world.messages().await, []);
}

pub async fn a_group_that_was_going_away_goes(world: &World) {
    let (group, _volumes) = group(world).await;
    let id = group.id.to_string();
    world.service.group_delete(&call(), &id, true).await.unwrap();
    let before = work(world).await;
    behind_its_back(world, "DELETE FROM tasks WHERE resource_id <> ?", Uuid::nil()).await;
    assert_eq!(found(world).await.len(), 3);
    let again = format!("group {} gets its task delete_group again", group.id);
    assert_eq!(repair(world).await.last(), Some(&again));
    assert_eq!(work(world).await, before);
    world.drain().await;
    assert_eq!(group_status(world, &group).await, None);
    assert_eq!(world.messages().await, []);
}

pub async fn what_does_not_say_what_it_was_ends_in_an_error(world: &World) {
    let (group, _volumes) = group(world).await;
    // One of the snapshots is not what the work would find.
    let whole = accept(world, &group).await;
    lose_task(world, whole.id.uuid()).await;
    let [odd, other] = snapshots(world).await.try_into().unwrap();
    let sql = "UPDATE snapshots SET status = 'available' WHERE id = ?";
    behind_its_back(world, sql, odd.id.uuid()).await;
    let cause = format!("its task was lost, and its snapshot {} is available", odd.id);
    let ended = format!("group snapshot {} is error now: {cause}", whole.id);
    assert_eq!(repair(world).await, std::slice::from_ref(&ended));
    expect(world, &[]).await;
    assert_eq!(world.snapshot_now(odd.id).await.status, SnapshotStatus::Available);
    assert_eq!(world.snapshot_now(other.id).await.status, SnapshotStatus::Error);
    let about_whole = causes(world, MessageResource::GroupSnapshot).await;
    assert_eq!(about_whole, [(whole.id.uuid(), cause)]);
    let cause = "the task of its group snapshot was lost, and could not begin again";
    let about_other = causes(world, MessageResource::Snapshot).await;
    assert_eq!(about_other, [(other.id.uuid(), cause.to_owned())]);

    // The same when it was to go; and what an admin has said of one stands.
    delete(world, &whole).await;
    lose_task(world, whole.id.uuid()).await;
    behind_its_back(
        world,
        "UPDATE snapshots SET overridden = (1 = 1) WHERE id = ?",
        odd.id.uuid(),
    )
    .await;
    let ended = format!(
        "group snapshot {} is error now: its task was lost, and the status of its snapshot {} was set meanwhile",
        whole.id, odd.id
    );
    assert_eq!(repair(world).await, [ended]);
    expect(world, &[]).await;
    assert_eq!(world.snapshot_now(odd.id).await.status, SnapshotStatus::Deleting);
    assert_eq!(world.snapshot_now(other.id).await.status, SnapshotStatus::ErrorDeleting);
    assert_eq!(whole_now(world, &whole).await.previous_status, None);
    delete(world, &whole).await;
    world.drain().await;

    // There is nothing that it could be.
    let whole = accept(world, &group).await;
    lose_task(world, whole.id.uuid()).await;
    let sql = "DELETE FROM snapshots WHERE group_snapshot_id = ?";
    behind_its_back(world, sql, whole.id.uuid()).await;
    let cause = "its task was lost, and it has no snapshots";
    assert_eq!(
        repair(world).await,
        [format!("group snapshot {} is error now: {cause}", whole.id)]
    );
    delete(world, &whole).await;
    let made = copy(world, &group).await;
    lose_task(world, made.id.uuid()).await;
    let sql = "UPDATE volumes SET group_id = NULL WHERE group_id = ?";
    behind_its_back(world, sql, made.id.uuid()).await;
    let cause = "its task was lost, and it has no volumes";
    assert_eq!(
        repair(world).await,
        [format!("group {} is error now: {cause}", made.id)]
    );
    assert_eq!(
        causes(world, MessageResource::Group).await,
        [(made.id.uuid(), cause.to_owned())]
    );
}

pub async fn a_snapshot_that_waits_alone_ends_in_an_error(world: &World) {
    let (group, _volumes) = group(world).await;
    let (whole, [first, second]) = taken(world, &group).await;
    let calls = world.script.operations();
    let cause = format!("its task was lost, and its group snapshot {} is available", whole.id);
    for (snapshot, waits, ends) in [(first, "creating", "error"), (second, "deleting", "error_deleting")] {
        let sql = format!("UPDATE snapshots SET status = '{waits}' WHERE id = ?");
        behind_its_back(world, &sql, snapshot.id.uuid()).await;
        expect(world, &[idle("snapshot", snapshot.id, waits)]).await;
        let ended = format!("snapshot {} is {ends} now: {cause}", snapshot.id);
        assert_eq!(repair(world).await, [ended]);
        expect(world, &[]).await;
    }
    world.drain().await;
    assert_eq!(world.script.operations(), calls, "nothing was done alone");
}

pub async fn what_lost_its_group_snapshot_becomes_its_own(world: &World) {
    let (group, _volumes) = group(world).await;
    let behind = |snapshot: &Snapshot, whole: &GroupSnapshot| {
        format!(
            "I1: snapshot {} is part of group snapshot {}, which is not there",
            snapshot.id, whole.id
        )
    };
    let left = |snapshot: &Snapshot, whole: &GroupSnapshot| {
        format!(
            "made snapshot {} one of its own, without group snapshot {}",
            snapshot.id, whole.id
        )
    };
    let forget = async |whole: &GroupSnapshot| {
        behind_its_back(world, "DELETE FROM group_snapshots WHERE id = ?", whole.id.uuid()).await;
    };

    let (whole, both) = taken(world, &group).await;
    forget(&whole).await;
    expect(world, &both.each_ref().map(|one| behind(one, &whole))).await;
    assert_eq!(repair(world).await, both.each_ref().map(|one| left(one, &whole)));
    expect(world, &[]).await;
    for snapshot in &both {
        let id = snapshot.id.to_string();
        world.service.snapshot_delete(&call(), &id).await.unwrap();
    }
    world.drain().await;

    // What was to go goes, one by one.
    let (whole, both) = taken(world, &group).await;
    delete(world, &whole).await;
    forget(&whole).await;
    assert_eq!(found(world).await.len(), 3);
    let removed = format!("removed the task delete_group_snapshot of {}", whole.id);
    let mut done = vec![removed];
    done.extend(both.each_ref().map(|one| left(one, &whole)));
    assert_eq!(repair(world).await, done);
    assert_eq!(found(world).await.len(), 2);
    assert_eq!(repair(world).await.len(), 2);
    world.drain().await;
    assert_eq!(snapshots(world).await, []);

    // What was to be taken with others is not taken alone.
    let whole = accept(world, &group).await;
    let both: [Snapshot; 2] = snapshots(world).await.try_into().unwrap();
    forget(&whole).await;
    let lost = both.each_ref().map(|one| missing(one.id));
    assert_eq!(mend(world, &lost).await, [""; 0], "somebody is to work on them");
    let removed = format!("removed the task create_group_snapshot of {}", whole.id);
    assert_eq!(repair(world).await, [removed]);
    let cause = format!("its task was lost, and its group snapshot {} is gone", whole.id);
    let done = repair(world).await;
    for snapshot in &both {
        assert!(
            done.contains(&format!("snapshot {} is error now: {cause}", snapshot.id)),
            "{done:?}"
        );
        assert!(done.contains(&left(snapshot, &whole)), "{done:?}");
    }
    assert_eq!(statuses(world).await, [SnapshotStatus::Error; 2]);
    expect(world, &[]).await;
    let volumes = world.store.group_members(&[group.id]).await.unwrap();
    for volume in &volumes[&group.id] {
        assert_eq!(world.volume_now(*volume).await.status, VolumeStatus::Available);
    }
}
