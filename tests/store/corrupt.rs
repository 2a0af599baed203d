//! Rows that this program cannot have written: refused by the schema, or else a diagnosable error.

use breezeblock::{
    domain::{Direction, LeaseToken, MessageKey, Operation, Scope, SnapshotKey, VolumeKey},
    store::{Store, StoreError},
};

use crate::{
    Subject,
    fixture::{add_message, add_snapshot, add_task, add_volume, at, backend, claim, id, message, snapshot, volume},
    model::all,
    raw::{attempt, rows},
};

/// Overwrites a column in all rows of a table.
async fn overwrite(url: &str, table: &str, column: &str, value: &str) {
    rows::<()>(url, &format!("UPDATE {table} SET {column} = {value}")).await;
}

fn assert_corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>, table: &str, column: &str, row: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("the {column} of {row} in table {table} makes no sense")
    );
}

pub async fn a_status_that_nobody_knows_cannot_be_stored(subject: Subject) {
    let volume = volume();
    let snapshot = snapshot(&volume);
    add_volume(&subject.store, &volume).await;
    add_snapshot(&subject.store, &snapshot).await;
    for table in ["volumes", "snapshots"] {
        for value in ["'nonsense'", "'Available'", "''", "NULL"] {
            let update = format!("UPDATE {table} SET status = {value}");
            let refused = attempt::<()>(&subject.url, &update).await;
            assert!(
                matches!(refused, Err(sqlx::Error::Database(_))),
                "{update}: {refused:?}"
            );
        }
    }
    assert_eq!(
        crate::fixture::stored_volume(&subject.store, volume.id).await,
        Some(volume)
    );
}

async fn check_volume(store: &Store, id: breezeblock::domain::VolumeId, column: &str) {
    let row = id.to_string();
    assert_corrupt(store.volume(&Scope::All, id).await, "volumes", column, &row);
    let mut tx = store.begin().await.unwrap();
    assert_corrupt(tx.volume_lock(&Scope::All, id).await, "volumes", column, &row);
    drop(tx);
    let query = all(vec![(VolumeKey::Id, Direction::Asc)]);
    assert_corrupt(store.volume_list(&query).await, "volumes", column, &row);
}

pub async fn a_volume_that_makes_no_sense(subject: Subject) {
    let (store, volume) = (subject.store, volume());
    add_volume(&store, &volume).await;
    for (column, bad, good) in [
        ("previous_status", "'nonsense'", "NULL"),
        ("attach_status", "'glued'", "'detached'"),
        ("target_size", "-1", "NULL"),
        ("target_size", "4294967296", "NULL"),
        ("size", "2147483648", "1"),
    ] {
        overwrite(&subject.url, "volumes", column, bad).await;
        check_volume(&store, volume.id, column).await;
        overwrite(&subject.url, "volumes", column, good).await;
    }
    assert_eq!(store.volume(&Scope::All, volume.id).await.unwrap(), Some(volume));
}

pub async fn a_snapshot_that_makes_no_sense(subject: Subject) {
    let (store, volume) = (subject.store, volume());
    let snapshot = snapshot(&volume);
    add_volume(&store, &volume).await;
    add_snapshot(&store, &snapshot).await;
    for (column, bad, good) in [
        ("previous_status", "'nonsense'", "NULL"),
        ("volume_size", "2147483648", "1"),
    ] {
        overwrite(&subject.url, "snapshots", column, bad).await;
        let row = snapshot.id.to_string();
        assert_corrupt(
            store.snapshot(&Scope::All, snapshot.id).await,
            "snapshots",
            column,
            &row,
        );
        let mut tx = store.begin().await.unwrap();
        assert_corrupt(
            tx.snapshot_lock(&Scope::All, snapshot.id).await,
            "snapshots",
            column,
            &row,
        );
        assert_corrupt(tx.snapshots_of(volume.id).await, "snapshots", column, &row);
        assert_corrupt(tx.snapshot_latest_of(volume.id).await, "snapshots", column, &row);
        drop(tx);
        let query = all(vec![(SnapshotKey::Id, Direction::Asc)]);
        assert_corrupt(store.snapshot_list(&query).await, "snapshots", column, &row);
        overwrite(&subject.url, "snapshots", column, good).await;
    }
    assert_eq!(store.snapshot(&Scope::All, snapshot.id).await.unwrap(), Some(snapshot));
}

pub async fn a_task_that_makes_no_sense(subject: Subject) {
    let (store, volume) = (subject.store, volume());
    add_task(&store, Operation::CreateVolume, volume.id.into(), None).await;
    overwrite(&subject.url, "tasks", "operation", "'nonsense'").await;
    let row = volume.id.to_string();
    assert_corrupt(store.task_of(volume.id.into()).await, "tasks", "operation", &row);
    let claimed = store.task_claim(&backend(), LeaseToken::new(id()), at(0), at(10)).await;
    assert_corrupt(claimed, "tasks", "operation", &row);
    // It does not keep the others from being worked on.
    let other = crate::fixture::volume();
    add_task(&store, Operation::CreateVolume, other.id.into(), None).await;
    assert_eq!(claim(&store, 0).await.unwrap().resource, other.id.into());
}

pub async fn a_message_that_makes_no_sense(subject: Subject) {
    let (store, message) = (subject.store, message());
    add_message(&store, &message).await;
    let (row, event) = (message.id.to_string(), format!("'{}'", message.event_id()));
    for (column, bad, good) in [
        ("resource_type", "'BICYCLE'", "'VOLUME_SNAPSHOT'"),
        ("event_id", "'VOLUME_VOLUME_SNAPSHOT_009_999'", event.as_str()),
        ("event_id", "'VOLUME_VOLUME_SNAPSHOT_999_013'", event.as_str()),
        ("event_id", "''", event.as_str()),
    ] {
        overwrite(&subject.url, "messages", column, bad).await;
        assert_corrupt(store.message(&Scope::All, message.id).await, "messages", column, &row);
        let query = all(vec![(MessageKey::Id, Direction::Asc)]);
        assert_corrupt(store.message_list(&query).await, "messages", column, &row);
        overwrite(&subject.url, "messages", column, good).await;
    }
    assert_eq!(store.message(&Scope::All, message.id).await.unwrap(), Some(message));
}
