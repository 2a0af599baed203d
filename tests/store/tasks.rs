//! Tasks: claimed in order, by one worker at a time, and only as long as the claim holds.

use breezeblock::{
    domain::{BackendHost, LeaseToken, Operation, ResourceId, Snapshot, SnapshotStatus, Task},
    store::{Claim, NewTask, Store, StoreError},
};

use crate::{
    Subject,
    fixture::{
        add_snapshot, add_task, add_task_at, add_volume, at, backend, claim, finish, id, snapshot, stored_snapshot,
        volume,
    },
    schema::reopened,
};

fn resource() -> ResourceId {
    ResourceId::new(id())
}

/// A resource with a task that is due from `at(0)` on.
async fn with_task(store: &Store) -> ResourceId {
    let resource = resource();
    add_task(store, Operation::CreateVolume, resource, None).await;
    resource
}

pub async fn a_claim_tells_what_was_accepted(store: Store) {
    assert_eq!(claim(&store, 0).await, None);
    let (resource, source) = (resource(), resource());
    for operation in Operation::ALL.iter().copied() {
        add_task(&store, operation, resource, Some(source)).await;
        assert_eq!(store.task_of(resource).await.unwrap(), Some(operation));
        let lease = LeaseToken::new(id());
        let task = store
            .task_claim(&backend(), lease, at(1), at(11))
            .await
            .unwrap()
            .unwrap();
        let expected = Task {
            resource,
            source: Some(source),
            operation,
            argument: None,
            attempts: 1,
            lease,
            request_id: "req-1".to_owned(),
            created_at: at(0),
        };
        assert_eq!(task, expected);
        assert!(store.task_owned(&task).await.unwrap());
        assert!(finish(&store, &task).await);
        assert_eq!(store.task_of(resource).await.unwrap(), None);
    }
}

pub async fn the_earliest_task_is_claimed_first(store: Store) {
    let (late, early, also_early) = (resource(), resource(), resource());
    add_task_at(&store, Operation::CreateVolume, late, None, at(2)).await;
    add_task_at(&store, Operation::CreateVolume, early, None, at(1)).await;
    // Of two that are due at the same time, the one that was accepted first.
    add_task_at(&store, Operation::CreateVolume, also_early, None, at(1)).await;
    for expected in [early, also_early, late] {
        assert_eq!(claim(&store, 5).await.unwrap().resource, expected);
    }
    assert_eq!(claim(&store, 5).await, None);
}

/// Also where PostgreSQL joins in the way that it would take for a table of one row.
pub async fn a_claim_takes_no_more_than_it_may(subject: Subject) {
    for _ in 0..40 {
        with_task(&subject.store).await;
    }
    let plans = "-c%20enable_hashjoin=off%20-c%20enable_mergejoin=off%20-c%20enable_material=off%20-c%20enable_hashagg=off%20-c%20enable_sort=off";
    let hostile = match subject.url.strip_prefix("postgres") {
        Some(_) => reopened(&format!("{}&options={plans}", subject.url)).await,
        None => subject.store.clone(),
    };
    let mut claimed = Vec::new();
    for most in [1, 4, 7] {
        for store in [&subject.store, &hostile] {
            let lease = LeaseToken::new(id());
            let tasks = store.tasks_claim(&backend(), lease, at(0), at(10), most).await.unwrap();
            assert_eq!(i64::try_from(tasks.len()).unwrap(), most);
            claimed.extend(tasks.iter().map(|task| task.resource));
        }
    }
    let rest = LeaseToken::new(id());
    let rest = subject
        .store
        .tasks_claim(&backend(), rest, at(0), at(10), 100)
        .await
        .unwrap();
    claimed.extend(rest.iter().map(|task| task.resource));
    let all = claimed.len();
    claimed.sort_by_key(|resource| resource.uuid());
    claimed.dedup();
    assert_eq!((all, claimed.len()), (40, 40));
}

pub async fn a_task_is_claimed_when_it_is_due(store: Store) {
    let resource = with_task(&store).await;
    let task = claim(&store, 0).await.unwrap();
    assert!(store.task_postpone(&task, at(7), "not yet").await.unwrap());
    assert_eq!(claim(&store, 6).await, None);
    assert_eq!(claim(&store, 7).await.unwrap().resource, resource);
}

pub async fn no_task_waits_for_a_clock_that_was_set_back(store: Store) {
    const LONGEST: i64 = 600;
    // Never tried: whatever the clock says.
    let new = resource();
    add_task_at(&store, Operation::CreateVolume, new, None, at(500)).await;
    let task = claim(&store, 0).await.unwrap();
    assert_eq!(task.resource, new);
    // Put off: as long as work is ever put off, and no longer.
    assert!(store.task_postpone(&task, at(LONGEST), "not yet").await.unwrap());
    assert_eq!(claim(&store, 0).await, None);
    assert_eq!(claim(&store, -1).await.unwrap().resource, new);
}

pub async fn a_claim_that_holds_too_long_can_be_freed(store: Store) {
    with_task(&store).await;
    let task = claim(&store, 0).await.unwrap();
    assert_eq!(store.task_claims_beyond(at(10)).await.unwrap(), []);
    let claims = store.task_claims_beyond(at(9)).await.unwrap();
    let expected = Claim {
        resource: task.resource,
        lease: task.lease,
        until: at(10),
    };
    assert_eq!(claims, [expected]);
    // It was renewed meanwhile.
    assert!(store.task_renew(&task, at(20)).await.unwrap());
    assert!(!store.task_free(&expected).await.unwrap());
    assert!(store.task_owned(&task).await.unwrap());

    let claims = store.task_claims_beyond(at(9)).await.unwrap();
    assert!(store.task_free(&claims[0]).await.unwrap());
    assert!(!store.task_owned(&task).await.unwrap());
    assert_eq!(store.task_claims_beyond(at(0)).await.unwrap(), []);
    assert_eq!(claim(&store, 0).await.unwrap().attempts, 2);
}

pub async fn a_claim_holds_until_its_lease_runs_out(store: Store) {
    with_task(&store).await;
    let first = claim(&store, 0).await.unwrap();
    assert_eq!(claim(&store, 9).await, None);
    assert!(store.task_owned(&first).await.unwrap());
    let second = claim(&store, 10).await.unwrap();
    assert_eq!((second.resource, second.attempts), (first.resource, 2));
    assert!(!store.task_owned(&first).await.unwrap());
    assert!(store.task_owned(&second).await.unwrap());
}

pub async fn a_renewed_claim_holds_longer(store: Store) {
    with_task(&store).await;
    let task = claim(&store, 0).await.unwrap();
    assert!(store.task_renew(&task, at(25)).await.unwrap());
    assert_eq!(claim(&store, 24).await, None);
    // Nobody took it when it ran out, so it may still be renewed.
    assert!(store.task_renew(&task, at(40)).await.unwrap());
    assert_eq!(claim(&store, 39).await, None);
    assert_eq!(claim(&store, 40).await.unwrap().attempts, 2);
}

pub async fn a_stale_claim_can_do_nothing(store: Store) {
    let volume = volume();
    let snapshot = Snapshot {
        status: SnapshotStatus::Creating,
        progress: Some("0%".to_owned()),
        ..snapshot(&volume)
    };
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    add_task(
        &store,
        Operation::CreateSnapshot,
        snapshot.id.into(),
        Some(volume.id.into()),
    )
    .await;
    let stale = claim(&store, 0).await.unwrap();
    let holder = claim(&store, 10).await.unwrap();

    assert!(!store.task_owned(&stale).await.unwrap());
    assert!(!store.task_renew(&stale, at(1000)).await.unwrap());
    assert!(!store.task_postpone(&stale, at(1000), "no").await.unwrap());
    store.task_release(&stale).await.unwrap();
    store.task_progress(&stale, 50).await.unwrap();
    assert!(!finish(&store, &stale).await);

    assert!(store.task_owned(&holder).await.unwrap());
    assert_eq!(stored_snapshot(&store, snapshot.id).await, Some(snapshot));
    // Neither the lease nor the count of attempts has moved.
    assert_eq!(claim(&store, 19).await, None);
    assert_eq!(claim(&store, 20).await.unwrap().attempts, 3);
}

pub async fn a_postponed_task_comes_back_with_its_attempts(store: Store) {
    with_task(&store).await;
    for attempts in 1..=3 {
        let now = attempts * 100;
        let task = claim(&store, now).await.unwrap();
        assert_eq!(task.attempts, attempts);
        assert!(
            store
                .task_postpone(&task, at(now + 50), "the storage is away")
                .await
                .unwrap()
        );
        assert!(!store.task_owned(&task).await.unwrap());
        assert_eq!(claim(&store, now + 49).await, None);
    }
}

pub async fn a_released_task_comes_back_as_if_not_claimed(store: Store) {
    with_task(&store).await;
    for _ in 0..3 {
        let task = claim(&store, 0).await.unwrap();
        assert_eq!(task.attempts, 1);
        store.task_release(&task).await.unwrap();
        assert!(!store.task_owned(&task).await.unwrap());
    }
}

pub async fn a_cancelled_task_is_gone_for_its_worker(store: Store) {
    let resource = with_task(&store).await;
    let fenced = claim(&store, 0).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.task_cancel(resource).await.unwrap();
    // What was not there can be cancelled as well.
    tx.task_cancel(ResourceId::new(id())).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.task_of(resource).await.unwrap(), None);
    assert!(!store.task_owned(&fenced).await.unwrap());

    // Its successor is another task, with attempts of its own.
    add_task(&store, Operation::DeleteVolume, resource, None).await;
    assert!(!finish(&store, &fenced).await);
    assert!(!store.task_postpone(&fenced, at(0), "no").await.unwrap());
    let successor = claim(&store, 0).await.unwrap();
    assert_eq!((successor.operation, successor.attempts), (Operation::DeleteVolume, 1));
    assert!(!finish(&store, &fenced).await);
    assert!(finish(&store, &successor).await);
}

pub async fn a_resource_has_one_task(store: Store) {
    let resource = with_task(&store).await;
    let mut tx = store.begin().await.unwrap();
    let refused = tx
        .task_enqueue(NewTask {
            resource,
            source: None,
            operation: Operation::DeleteVolume,
            argument: None,
            now: at(0),
            request_id: "req-2",
        })
        .await;
    // PostgreSQL is told with the commit.
    let refused = match refused {
        Ok(()) => tx.commit().await,
        Err(error) => {
            drop(tx);
            Err(error)
        }
    };
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    let task = claim(&store, 0).await.unwrap();
    assert_eq!(task.operation, Operation::CreateVolume);
    assert_eq!(claim(&store, 0).await, None);
}

pub async fn progress_is_shown_while_the_claim_holds(store: Store) {
    let volume = volume();
    let snapshot = Snapshot {
        status: SnapshotStatus::Creating,
        progress: Some("0%".to_owned()),
        ..snapshot(&volume)
    };
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    add_task(
        &store,
        Operation::CreateSnapshot,
        snapshot.id.into(),
        Some(volume.id.into()),
    )
    .await;
    let task = claim(&store, 0).await.unwrap();
    store.task_progress(&task, 42).await.unwrap();
    let mut shown = stored_snapshot(&store, snapshot.id).await.unwrap();
    assert_eq!(shown.progress.as_deref(), Some("42%"));
    // Progress is no change that a user made.
    assert_eq!(shown.updated_at, None);

    // Somebody decided the outcome meanwhile.
    shown.status = SnapshotStatus::Available;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.snapshot_update(&shown, SnapshotStatus::Creating).await.unwrap());
    tx.commit().await.unwrap();
    store.task_progress(&task, 43).await.unwrap();
    assert_eq!(stored_snapshot(&store, snapshot.id).await, Some(shown));
}

pub async fn a_task_is_done_where_its_volume_is(store: Store) {
    let elsewhere = BackendHost::new("elsewhere", "file");
    let (here, mut there) = (volume(), volume());
    there.host = elsewhere.to_string();
    for volume in [&here, &there] {
        add_volume(&store, volume).await;
    }
    let taken_there = snapshot(&there);
    add_snapshot(&store, &taken_there).await;
    add_task(&store, Operation::ExtendVolume, there.id.into(), None).await;
    let taken = ResourceId::from(taken_there.id);
    add_task(&store, Operation::DeleteSnapshot, taken, Some(there.id.into())).await;
    add_task(&store, Operation::ExtendVolume, here.id.into(), None).await;

    assert_eq!(claim(&store, 1).await.unwrap().resource, here.id.into());
    assert_eq!(claim(&store, 1).await, None);
    let claim_there = async || {
        let lease = LeaseToken::new(id());
        store.task_claim(&elsewhere, lease, at(1), at(11)).await.unwrap()
    };
    let first = claim_there().await.unwrap();
    assert_eq!(first.resource, there.id.into());
    // What reads the volume waits for what changes it.
    assert_eq!(claim_there().await, None);
    assert!(finish(&store, &first).await);
    assert_eq!(claim_there().await.unwrap().resource, taken);
}
