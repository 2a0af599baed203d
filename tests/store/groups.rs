//! Groups, their types and their snapshots as rows, and what their tasks wait for.

use std::collections::BTreeMap;

use breezeblock::{
    domain::{
        Direction, Filter, Group, GroupId, GroupKey, GroupSnapshot, GroupSnapshotId, GroupSnapshotKey,
        GroupSnapshotStatus, GroupStatus, GroupType, GroupTypeId, Label, Operation, ResourceId, Scope, Snapshot,
        UserId, Volume,
    },
    store::Store,
};

use crate::{
    fixture::{
        GROUP_TYPE, add_group, add_snapshot, add_task, add_volume, at, claim, finish, group, id, only, project,
        snapshot, stored_volume, volume,
    },
    model::all,
};

fn label(text: &str) -> Label {
    Label::name(text).unwrap()
}

pub fn group_snapshot(group: GroupId) -> GroupSnapshot {
    GroupSnapshot {
        id: GroupSnapshotId::new(id()),
        project_id: project("p"),
        user_id: UserId::new("u"),
        group_id: group,
        group_type_id: GROUP_TYPE,
        status: GroupSnapshotStatus::Creating,
        overridden: false,
        previous_status: None,
        name: Some(label("n")),
        description: None,
        created_at: at(3),
        updated_at: None,
    }
}

pub async fn add_group_snapshot(store: &Store, new: &GroupSnapshot) {
    let mut tx = store.begin().await.unwrap();
    tx.group_snapshot_insert(new).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn a_type_reads_back(store: Store) {
    let specs = BTreeMap::from([("k".to_owned(), Some("v".to_owned())), ("null".to_owned(), None)]);
    let kind = GroupType {
        id: GroupTypeId::new(id()),
        name: "secret".to_owned(),
        description: Some("ünï".to_owned()),
        is_public: false,
        specs,
        created_at: Some(at(1)),
    };
    let mut tx = store.begin().await.unwrap();
    assert!(tx.group_type_insert(&kind).await.unwrap());
    assert!(!tx.group_type_insert(&kind).await.unwrap(), "the name is taken");
    tx.commit().await.unwrap();
    let stored = store.group_type(&Scope::All, kind.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&kind));
    assert_eq!(store.group_type(&only("p"), kind.id).await.unwrap(), None);
    let by_name = store.group_type_by_name(&Scope::All, "secret").await.unwrap();
    assert_eq!(by_name, stored);
    let names = |types: Vec<GroupType>| types.into_iter().map(|kind| kind.name).collect::<Vec<_>>();
    assert_eq!(
        names(store.group_types(&only("p")).await.unwrap()),
        ["default_cgsnapshot_type"]
    );
    assert_eq!(store.group_types(&Scope::All).await.unwrap().len(), 2);
    let reserved = store.group_type(&Scope::All, GROUP_TYPE).await.unwrap().unwrap();
    assert!(reserved.is_reserved() && reserved.wants_consistency() && !kind.wants_consistency());

    let mut tx = store.begin().await.unwrap();
    let mut changed = tx.group_type_lock(kind.id).await.unwrap().unwrap();
    "default_cgsnapshot_type".clone_into(&mut changed.name);
    assert!(!tx.group_type_update(&changed).await.unwrap(), "the name is another's");
    "open".clone_into(&mut changed.name);
    changed.is_public = true;
    assert!(tx.group_type_update(&changed).await.unwrap());
    tx.group_type_specs_replace(kind.id, &BTreeMap::new()).await.unwrap();
    changed.specs.clear();
    tx.commit().await.unwrap();
    assert_eq!(store.group_type(&only("p"), kind.id).await.unwrap(), Some(changed));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.group_type_users(kind.id).await.unwrap(), 0);
    tx.group_type_delete(kind.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.group_type(&Scope::All, kind.id).await.unwrap(), None);
}

pub async fn a_group_reads_back(store: Store) {
    let full = Group {
        status: GroupStatus::Deleting,
        overridden: true,
        previous_status: Some(GroupStatus::Error),
        name: Some(label("n")),
        description: Some(label("d")),
        group_snapshot_id: Some(GroupSnapshotId::new(id())),
        source_group_id: Some(GroupId::new(id())),
        updated_at: Some(at(9)),
        ..group()
    };
    let mut tx = store.begin().await.unwrap();
    tx.group_insert(&full).await.unwrap();
    assert_eq!(tx.group_type_users(GROUP_TYPE).await.unwrap(), 1);
    let locked = tx.group_lock(&only("p"), full.id).await.unwrap();
    assert_eq!(locked.as_ref(), Some(&full));
    assert_eq!(tx.group_lock(&only("q"), full.id).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.group(&only("p"), full.id).await.unwrap(), locked);
    assert_eq!(store.group(&only("q"), full.id).await.unwrap(), None);
    assert_eq!(store.quota_usage(&project("p"), true).await.unwrap().of("groups"), 1);

    let changed = Group {
        status: GroupStatus::Available,
        overridden: false,
        previous_status: None,
        name: None,
        ..full.clone()
    };
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.group_update(&changed, GroupStatus::Creating).await.unwrap());
    assert!(tx.group_update(&changed, GroupStatus::Deleting).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.group(&Scope::All, full.id).await.unwrap(), Some(changed));
}

pub async fn a_group_with_volumes_stays(store: Store) {
    let group = add_group(&store).await;
    let member = Volume {
        group_id: Some(group),
        ..volume()
    };
    add_volume(&store, &member).await;
    assert_eq!(stored_volume(&store, member.id).await, Some(member.clone()));
    let members = store.group_members(&[group]).await.unwrap();
    assert_eq!(members[&group], [member.id]);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.group_volumes(group).await.unwrap(),
        [(member.id, "available".to_owned())]
    );
    assert!(tx.group_delete(group).await.is_err(), "the database keeps it");
    drop(tx);

    let alone = Volume {
        group_id: None,
        ..member.clone()
    };
    let mut tx = store.begin().await.unwrap();
    assert!(tx.volume_update(&alone, alone.status).await.unwrap());
    tx.group_delete(group).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stored_volume(&store, member.id).await, Some(alone));
}

pub async fn a_group_snapshot_reads_back(store: Store) {
    let group = add_group(&store).await;
    let new = group_snapshot(group);
    add_group_snapshot(&store, &new).await;
    assert_eq!(
        store.group_snapshot(&only("p"), new.id).await.unwrap(),
        Some(new.clone())
    );
    assert_eq!(store.group_snapshot(&only("q"), new.id).await.unwrap(), None);
    let volume = volume();
    add_volume(&store, &volume).await;
    let member = Snapshot {
        group_snapshot_id: Some(new.id),
        ..snapshot(&volume)
    };
    add_snapshot(&store, &member).await;
    let members = store.group_snapshot_members(new.id).await.unwrap();
    assert_eq!(members, [(member.id, volume.id)]);

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.group_snapshot_count_of(group).await.unwrap(), 1);
    let mut changed = tx.group_snapshot_lock(&Scope::All, new.id).await.unwrap().unwrap();
    changed.status = GroupSnapshotStatus::Available;
    changed.overridden = true;
    changed.updated_at = Some(at(9));
    assert!(
        !tx.group_snapshot_update(&changed, GroupSnapshotStatus::Error)
            .await
            .unwrap()
    );
    assert!(
        tx.group_snapshot_update(&changed, GroupSnapshotStatus::Creating)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(store.group_snapshot(&Scope::All, new.id).await.unwrap(), Some(changed));
    let mut tx = store.begin().await.unwrap();
    tx.group_snapshot_delete(new.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.group_snapshot(&Scope::All, new.id).await.unwrap(), None);
}

pub async fn lists_are_filtered_sorted_and_paged(store: Store) {
    let mut groups = Vec::new();
    for (name, owner) in [("b", "p"), ("a", "p"), ("c", "q")] {
        let new = Group {
            name: Some(label(name)),
            project_id: project(owner),
            ..group()
        };
        let mut tx = store.begin().await.unwrap();
        tx.group_insert(&new).await.unwrap();
        tx.commit().await.unwrap();
        add_group_snapshot(&store, &group_snapshot(new.id)).await;
        groups.push(new);
    }
    let mut query = all(vec![(GroupKey::Name, Direction::Asc), (GroupKey::Id, Direction::Asc)]);
    let page = store.group_list(&query).await.unwrap().unwrap();
    let expected = [&groups[1], &groups[0], &groups[2]].map(Clone::clone);
    assert_eq!(*page.items, expected);
    query.scope = only("p");
    query.marker = Some(groups[1].id.uuid());
    assert_eq!(
        *store.group_list(&query).await.unwrap().unwrap().items,
        [groups[0].clone()]
    );
    query.marker = Some(id());
    assert_eq!(store.group_list(&query).await.unwrap(), None);

    let mut query = all(vec![(GroupSnapshotKey::CreatedAt, Direction::Asc)]);
    assert_eq!(store.group_snapshot_list(&query).await.unwrap().unwrap().items.len(), 3);
    query.filters = vec![Filter::Equals(GroupSnapshotKey::GroupId, groups[2].id.to_string())];
    let found = store.group_snapshot_list(&query).await.unwrap().unwrap().items;
    assert_eq!(found.iter().map(|of| of.group_id).collect::<Vec<_>>(), [groups[2].id]);
}

fn resource() -> ResourceId {
    ResourceId::new(id())
}

/// Adds a task that uses more than its resource and its source.
async fn add_using(store: &Store, operation: Operation, task: ResourceId, reads: &[ResourceId], writes: &[ResourceId]) {
    add_task(store, operation, task, None).await;
    let mut tx = store.begin().await.unwrap();
    for used in reads {
        tx.task_uses(task, *used, false).await.unwrap();
    }
    for used in writes {
        tx.task_uses(task, *used, true).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Finishes every task as soon as it can be claimed; the order in which that went.
async fn order(store: &Store) -> Vec<ResourceId> {
    let mut order = Vec::new();
    while let Some(task) = claim(store, 0).await {
        order.push(task.resource);
        // The next one that can be claimed meanwhile goes first.
        let mut beside = Vec::new();
        while let Some(other) = claim(store, 0).await {
            beside.push(other);
        }
        for other in &beside {
            store.task_release(other).await.unwrap();
        }
        assert!(finish(store, &task).await);
    }
    order
}

/// The resources of all tasks that can be claimed now.
async fn claimable(store: &Store) -> Vec<ResourceId> {
    let mut claimed = Vec::new();
    while let Some(task) = claim(store, 0).await {
        claimed.push(task);
    }
    for task in &claimed {
        store.task_release(task).await.unwrap();
    }
    claimed.into_iter().map(|task| task.resource).collect()
}

pub async fn a_group_snapshot_waits_for_writers_of_its_volumes(store: Store) {
    let (whole, one, other, copy) = (resource(), resource(), resource(), resource());
    let (first, second) = (resource(), resource());
    add_task(&store, Operation::ExtendVolume, one, None).await;
    add_using(
        &store,
        Operation::CreateGroupSnapshot,
        whole,
        &[one, other],
        &[first, second],
    )
    .await;
    // Younger ones: a writer of a volume, a reader of a snapshot, a reader of a volume, and one that has
    // nothing to do with any of it.
    add_task(&store, Operation::RevertVolume, other, Some(resource())).await;
    add_task(&store, Operation::CreateVolumeFromSnapshot, copy, Some(second)).await;
    let (beside, reader) = (resource(), resource());
    add_task(&store, Operation::CreateSnapshot, reader, Some(other)).await;
    add_task(&store, Operation::CreateVolume, beside, None).await;
    // The younger reader of `other` waits for the revert, which waits for the group snapshot.
    assert_eq!(claimable(&store).await, [one, beside]);
    assert_eq!(order(&store).await, [one, whole, other, copy, reader, beside]);
    assert_eq!(claim(&store, 0).await, None);
}

pub async fn two_groups_wait_only_where_they_meet(store: Store) {
    let (first, second, third) = (resource(), resource(), resource());
    let (shared, snapshot) = (resource(), resource());
    // Two read the same volume; the third removes what the first writes.
    add_using(&store, Operation::CreateGroupSnapshot, first, &[shared], &[snapshot]).await;
    add_using(&store, Operation::CreateGroupSnapshot, second, &[shared], &[resource()]).await;
    add_using(&store, Operation::DeleteGroupSnapshot, third, &[shared], &[snapshot]).await;
    assert_eq!(claimable(&store).await, [first, second]);
    let mut tx = store.begin().await.unwrap();
    tx.task_cancel(first).await.unwrap();
    tx.commit().await.unwrap();
    // What a cancelled task used goes with it.
    assert_eq!(claimable(&store).await, [second, third]);
}

pub async fn a_group_comes_after_its_volumes(store: Store) {
    let (group, volumes) = (resource(), [resource(), resource()]);
    for volume in volumes {
        add_task(&store, Operation::DeleteVolume, volume, None).await;
    }
    add_using(&store, Operation::DeleteGroup, group, &volumes, &[]).await;
    assert_eq!(claimable(&store).await, volumes);
    assert_eq!(order(&store).await, [volumes[0], volumes[1], group]);
}
