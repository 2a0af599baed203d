//! Who waits for whom: a task that writes what an older one reads, or reads what an older one writes.

use breezeblock::{
    domain::{Operation, ResourceId},
    store::Store,
};

use crate::fixture::{add_task, at, claim, finish, id};

fn resource() -> ResourceId {
    ResourceId::new(id())
}

/// The resources of all tasks that can be claimed now.
async fn claimable(store: &Store, now: i64) -> Vec<ResourceId> {
    let mut claimed = Vec::new();
    while let Some(task) = claim(store, now).await {
        claimed.push(task);
    }
    for task in &claimed {
        store.task_release(task).await.unwrap();
    }
    claimed.into_iter().map(|task| task.resource).collect()
}

/// Claims the only task that can be claimed.
async fn claim_only(store: &Store, expected: ResourceId) -> breezeblock::domain::Task {
    assert_eq!(claimable(store, 0).await, [expected]);
    claim(store, 0).await.unwrap()
}

pub async fn a_writer_waits_for_older_readers(store: Store) {
    // Two volumes are being made from a snapshot, and then the snapshot is deleted.
    let (snapshot, volume, first, second) = (resource(), resource(), resource(), resource());
    add_task(&store, Operation::CreateVolumeFromSnapshot, first, Some(snapshot)).await;
    add_task(&store, Operation::CreateVolumeFromSnapshot, second, Some(snapshot)).await;
    add_task(&store, Operation::DeleteSnapshot, snapshot, Some(volume)).await;
    assert_eq!(claimable(&store, 0).await, [first, second]);

    let one = claim(&store, 0).await.unwrap();
    let other = claim(&store, 0).await.unwrap();
    assert!(finish(&store, &one).await);
    assert_eq!(claimable(&store, 0).await, []);
    assert!(finish(&store, &other).await);
    claim_only(&store, snapshot).await;
}

pub async fn a_reader_waits_for_older_writers(store: Store) {
    // A volume is being extended, and then a snapshot is taken and a clone made.
    let (volume, snapshot, clone) = (resource(), resource(), resource());
    add_task(&store, Operation::ExtendVolume, volume, None).await;
    add_task(&store, Operation::CreateSnapshot, snapshot, Some(volume)).await;
    add_task(&store, Operation::CreateVolumeFromVolume, clone, Some(volume)).await;
    let writer = claim_only(&store, volume).await;
    assert_eq!(claimable(&store, 0).await, []);
    assert!(finish(&store, &writer).await);
    assert_eq!(claimable(&store, 0).await, [snapshot, clone]);
}

pub async fn readers_do_not_wait_for_each_other(store: Store) {
    let (volume, snapshot, other, clone) = (resource(), resource(), resource(), resource());
    add_task(&store, Operation::CreateSnapshot, snapshot, Some(volume)).await;
    add_task(&store, Operation::CreateVolumeFromVolume, clone, Some(volume)).await;
    add_task(&store, Operation::DeleteSnapshot, other, Some(volume)).await;
    assert_eq!(claimable(&store, 0).await, [snapshot, clone, other]);
}

pub async fn nobody_waits_for_the_younger(store: Store) {
    let (volume, snapshot, new) = (resource(), resource(), resource());
    add_task(&store, Operation::CreateSnapshot, snapshot, Some(volume)).await;
    add_task(&store, Operation::ExtendVolume, volume, None).await;
    add_task(&store, Operation::CreateVolumeFromVolume, new, Some(volume)).await;
    // Each waits for the one before it.
    for expected in [snapshot, volume, new] {
        let task = claim_only(&store, expected).await;
        assert!(finish(&store, &task).await);
    }
}

pub async fn strangers_do_not_wait(store: Store) {
    let (first, second, third) = (resource(), resource(), resource());
    add_task(&store, Operation::RevertVolume, first, Some(resource())).await;
    add_task(&store, Operation::RevertVolume, second, Some(resource())).await;
    // Without a source: NULL is equal to nothing.
    add_task(&store, Operation::CreateVolume, third, None).await;
    assert_eq!(claimable(&store, 0).await, [first, second, third]);
}

pub async fn a_cascade_runs_in_order(store: Store) {
    let (volume, copy, snapshots) = (resource(), resource(), [resource(), resource()]);
    let [first, second] = snapshots;
    // A volume is being made from the first snapshot when everything is deleted.
    add_task(&store, Operation::CreateVolumeFromSnapshot, copy, Some(first)).await;
    for snapshot in snapshots {
        add_task(&store, Operation::DeleteSnapshot, snapshot, Some(volume)).await;
    }
    add_task(&store, Operation::DeleteVolume, volume, None).await;
    assert_eq!(claimable(&store, 0).await, [copy, second]);

    let copying = claim(&store, 0).await.unwrap();
    let deleting = claim(&store, 0).await.unwrap();
    assert_eq!(claimable(&store, 0).await, []);
    assert!(finish(&store, &deleting).await);
    assert_eq!(claimable(&store, 0).await, []);
    assert!(finish(&store, &copying).await);
    for expected in [first, volume] {
        let task = claim_only(&store, expected).await;
        assert!(finish(&store, &task).await);
    }
}

pub async fn waiting_ends_with_a_cancellation_but_not_with_a_delay(store: Store) {
    let (volume, snapshot) = (resource(), resource());
    add_task(&store, Operation::CreateSnapshot, snapshot, Some(volume)).await;
    add_task(&store, Operation::DeleteVolume, volume, None).await;

    // The older one failed for now: the younger one still waits for it.
    let task = claim(&store, 0).await.unwrap();
    assert!(store.task_postpone(&task, at(100), "later").await.unwrap());
    assert_eq!(claimable(&store, 50).await, []);
    // Its worker died: the same.
    assert_eq!(claim(&store, 100).await.unwrap().resource, snapshot);
    assert_eq!(claimable(&store, 200).await, [snapshot]);

    let mut tx = store.begin().await.unwrap();
    tx.task_cancel(snapshot).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claimable(&store, 50).await, [volume]);
}
