//! What must hold after every scenario, whatever it was about.

use std::collections::{BTreeSet, HashMap};

use breezeblock::domain::{
    GroupKey, GroupSnapshotKey, Operation, ProjectId, Snapshot, SnapshotKey, SnapshotStatus, Subject, Volume,
    VolumeKey, VolumeStatus,
};
use uuid::Uuid;

use crate::world::{World, everything};

/// No status without its work, no work without its status, no error without a reason, no usage
/// without a row.
pub async fn check(world: &World) {
    let query = everything(VolumeKey::CreatedAt);
    let volumes = world.store.volume_list(&query).await.unwrap().unwrap().items;
    let query = everything(SnapshotKey::CreatedAt);
    let snapshots = world.store.snapshot_list(&query).await.unwrap().unwrap().items;
    let tasks = world.tasks().await.into_iter();
    let tasks = tasks.map(|(resource, operation, ..)| (resource, operation.parse::<Operation>().unwrap()));
    let (tasks, of_groups): (HashMap<_, _>, HashMap<_, _>) =
        tasks.partition(|(_, operation)| matches!(operation.subject(), Subject::Volume | Subject::Snapshot));

    let alone: Vec<_> = snapshots
        .iter()
        .filter(|snapshot| {
            let whole = snapshot.group_snapshot_id.map(|id| id.uuid());
            whole.is_none_or(|whole| !of_groups.contains_key(&whole))
        })
        .cloned()
        .collect();
    check_work(world, &volumes, &alone, &tasks);
    check_groups(world, &of_groups).await;
    check_reverts(world, &volumes, &snapshots);
    check_reasons(world, &volumes, &snapshots).await;
    check_usage(world, &volumes, &snapshots).await;
}

/// The same for groups and group snapshots; each task of one is its own.
async fn check_groups(world: &World, tasks: &HashMap<Uuid, Operation>) {
    let mut rows = HashMap::new();
    let query = everything(GroupKey::CreatedAt);
    for group in world.store.group_list(&query).await.unwrap().unwrap().items {
        rows.insert(group.id.uuid(), (group.status.is_transitional(), group.status.as_str()));
    }
    let query = everything(GroupSnapshotKey::CreatedAt);
    for whole in world.store.group_snapshot_list(&query).await.unwrap().unwrap().items {
        rows.insert(whole.id.uuid(), (whole.status.is_transitional(), whole.status.as_str()));
    }
    for id in rows.keys().chain(tasks.keys()).collect::<BTreeSet<_>>() {
        let working = rows.get(id).is_some_and(|(transitional, _)| *transitional);
        assert_eq!(
            working,
            tasks.contains_key(id),
            "{id}: {:?}, {:?}",
            rows.get(id),
            tasks.get(id)
        );
    }
    let messages = world.messages().await;
    for (id, (_, status)) in &rows {
        let explained = messages.iter().any(|message| message.resource_uuid == *id);
        assert!(explained || !status.starts_with("error"), "nobody says why {id} failed");
    }
}

/// The statuses that mean work on a volume, and which.
const OF_VOLUMES: [(VolumeStatus, &[Operation]); 4] = [
    (
        VolumeStatus::Creating,
        &[
            Operation::CreateVolume,
            Operation::CreateVolumeFromSnapshot,
            Operation::CreateVolumeFromVolume,
        ],
    ),
    (VolumeStatus::Deleting, &[Operation::DeleteVolume]),
    (VolumeStatus::Extending, &[Operation::ExtendVolume]),
    (VolumeStatus::Reverting, &[Operation::RevertVolume]),
];

/// The statuses that mean work on a snapshot, and which.
const OF_SNAPSHOTS: [(SnapshotStatus, &[Operation]); 3] = [
    (
        SnapshotStatus::Creating,
        &[Operation::CreateSnapshot, Operation::ManageSnapshot],
    ),
    (SnapshotStatus::Unmanaging, &[Operation::UnmanageSnapshot]),
    (SnapshotStatus::Deleting, &[Operation::DeleteSnapshot]),
];

fn tasks_of<S: Copy + PartialEq>(table: &[(S, &'static [Operation])], status: S) -> &'static [Operation] {
    let row = table.iter().find(|(transitional, _)| *transitional == status);
    row.map_or(&[], |(_, operations)| operations)
}

/// Each row that the service itself has put into a transitional status has its task, and each task
/// has its row in the matching status.
fn check_work(world: &World, volumes: &[Volume], snapshots: &[Snapshot], tasks: &HashMap<Uuid, Operation>) {
    let mut rows = HashMap::new();
    for volume in volumes {
        let expected = tasks_of(&OF_VOLUMES, volume.status);
        rows.insert(volume.id.uuid(), (expected, volume.status.as_str()));
    }
    for snapshot in snapshots {
        let expected = tasks_of(&OF_SNAPSHOTS, snapshot.status);
        rows.insert(snapshot.id.uuid(), (expected, snapshot.status.as_str()));
    }
    for (id, (expected, status)) in &rows {
        match tasks.get(id) {
            Some(task) => assert!(expected.contains(task), "{task} on {id}, which is {status}"),
            None => assert!(
                expected.is_empty() || world.is_taken_over(*id),
                "{id} is {status} and nobody works on it"
            ),
        }
    }
    for (id, task) in tasks {
        assert!(rows.contains_key(id), "{task} on {id}, which is not there");
    }
}

/// A snapshot is in `restoring` exactly as long as a volume is being reverted to it.
fn check_reverts(world: &World, volumes: &[Volume], snapshots: &[Snapshot]) {
    let restoring: BTreeSet<_> = snapshots
        .iter()
        .filter(|snapshot| snapshot.status == SnapshotStatus::Restoring && !world.is_taken_over(snapshot.id.uuid()))
        .map(|snapshot| snapshot.id)
        .collect();
    let mut named = BTreeSet::new();
    for volume in volumes {
        let reverting = volume.status == VolumeStatus::Reverting && !world.is_taken_over(volume.id.uuid());
        assert_eq!(volume.revert_snapshot_id.is_some(), reverting, "{volume:?}");
        named.extend(volume.revert_snapshot_id);
    }
    assert!(
        restoring.is_subset(&named),
        "{restoring:?} restoring, {named:?} being reverted to"
    );
}

async fn check_reasons(world: &World, volumes: &[Volume], snapshots: &[Snapshot]) {
    let failed_volumes = volumes.iter().filter(|volume| {
        matches!(
            volume.status,
            VolumeStatus::Error | VolumeStatus::ErrorDeleting | VolumeStatus::ErrorExtending
        )
    });
    let failed_snapshots = snapshots
        .iter()
        .filter(|snapshot| matches!(snapshot.status, SnapshotStatus::Error | SnapshotStatus::ErrorDeleting));
    let failed = failed_volumes
        .map(|volume| volume.id.uuid())
        .chain(failed_snapshots.map(|snapshot| snapshot.id.uuid()));
    let messages = world.messages().await;
    for id in failed.filter(|id| !world.is_taken_over(*id)) {
        let explained = messages
            .iter()
            .any(|message| message.resource_uuid == id && !message.cause.is_empty());
        assert!(explained, "nobody says why {id} failed");
    }
}

async fn check_usage(world: &World, volumes: &[Volume], snapshots: &[Snapshot]) {
    let owners = volumes.iter().map(|volume| &volume.project_id);
    let projects: BTreeSet<&ProjectId> = owners
        .chain(snapshots.iter().map(|snapshot| &snapshot.project_id))
        .collect();
    for project in projects {
        let own_volumes: Vec<_> = volumes.iter().filter(|volume| volume.project_id == *project).collect();
        let own_snapshots: Vec<_> = snapshots
            .iter()
            .filter(|snapshot| snapshot.project_id == *project)
            .collect();
        let sizes = own_volumes
            .iter()
            .map(|volume| volume.target_size.unwrap_or(volume.size))
            .chain(own_snapshots.iter().map(|snapshot| snapshot.size));
        let usage = world.store.quota_usage(project, true).await.unwrap();
        assert_eq!(usage.of("volumes"), i64::try_from(own_volumes.len()).unwrap());
        assert_eq!(usage.of("snapshots"), i64::try_from(own_snapshots.len()).unwrap());
        assert_eq!(
            usage.of("gigabytes"),
            sizes.map(|size| i64::from(size.get())).sum::<i64>()
        );
    }
}
