//! `revert`: a volume goes back to its latest snapshot.

use serde_json::{Value, json};

use crate::support::{App, NOT_FOUND, NOWHERE, Reply, read_at, write_at};

api_suite!(
    the_bytes_of_the_snapshot_come_back,
    the_call_appears_with_its_version,
    only_the_latest_snapshot_will_do,
    a_volume_without_snapshots_has_nothing_to_revert_to,
    the_sizes_must_be_equal,
    the_volume_must_be_available,
    the_snapshot_must_be_available_and_the_volume_does_not_wait_for_it,
    a_temporary_state_ends_for_both,
);

async fn revert(app: &App, version: &str, volume: &str, snapshot: Value) -> Reply {
    app.at(version)
        .act(
            &format!("/volumes/{volume}"),
            "revert",
            json!({"snapshot_id": snapshot}),
        )
        .await
}

async fn the_bytes_of_the_snapshot_come_back(app: App) {
    let volume = app.volume(1).await;
    let file = app.volume_file(&volume);
    write_at(&file, 0, b"frozen");
    write_at(&file, 1 << 29, b"in the middle");
    let snapshot = app.snapshot(&volume).await;
    write_at(&file, 0, b"FRESH!");
    write_at(&file, 4096, b"new since");

    let reply = revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_empty_json(202);
    assert_eq!(
        reply.header("x-compute-request-id"),
        reply.header("x-openstack-request-id")
    );
    assert_eq!(read_at(&file, 0, 6), b"FRESH!");
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
    assert_eq!(app.snapshot_status(&snapshot).await, "available");
    assert_eq!(read_at(&file, 0, 6), b"frozen");
    assert_eq!(read_at(&file, 4096, 9), [0; 9]);
    assert_eq!(read_at(&file, 1 << 29, 13), b"in the middle");
    assert_eq!(file.metadata().unwrap().len(), 1 << 30);
    // Again, and from a client that says more than it must.
    write_at(&file, 0, b"AGAIN!");
    let argument = json!({"snapshot_id": snapshot, "x": 1});
    app.at("latest")
        .act(&format!("/volumes/{volume}"), "revert", argument)
        .await
        .expect_empty_json(202);
    app.drain().await;
    assert_eq!(read_at(&file, 0, 6), b"frozen");
}

async fn the_call_appears_with_its_version(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    for version in ["3.0", "3.39"] {
        revert(&app, version, &volume, json!(snapshot))
            .await
            .expect_fault(404, NOT_FOUND);
    }
    revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_empty_json(202);
}

async fn only_the_latest_snapshot_will_do(app: App) {
    let volume = app.volume(1).await;
    let older = app.snapshot(&volume).await;
    let latest = app.snapshot(&volume).await;
    let foreign = app.snapshot(&app.volume(1).await).await;
    let before = app.everything().await;
    for given in [
        json!(older),
        json!(foreign),
        json!(NOWHERE),
        json!("abc"),
        json!(latest.to_uppercase()),
    ] {
        let message = format!(
            "Specified snapshot {} is None or not the latest one of volume {volume}.",
            given.as_str().unwrap()
        );
        revert(&app, "3.40", &volume, given).await.expect_fault(400, &message);
    }
    let message = format!("Specified snapshot None is None or not the latest one of volume {volume}.");
    revert(&app, "3.40", &volume, Value::Null)
        .await
        .expect_fault(400, &message);
    let path = format!("/volumes/{volume}");
    app.at("3.40")
        .act(&path, "revert", json!({}))
        .await
        .expect_fault(400, &message);
    for (argument, python) in [(json!(null), "None"), (json!([]), "[]")] {
        let message =
            format!("Invalid input for field/attribute revert. Value: {python}. {python} is not of type 'object'");
        app.at("3.40")
            .act(&path, "revert", argument)
            .await
            .expect_fault(400, &message);
    }
    assert_eq!(app.everything().await, before);
    // When the latest goes, the one before it is the latest.
    app.api.delete(&format!("/snapshots/{latest}")).await.expect(202);
    app.drain().await;
    revert(&app, "3.40", &volume, json!(older)).await.expect_empty_json(202);
}

async fn a_volume_without_snapshots_has_nothing_to_revert_to(app: App) {
    let volume = app.volume(1).await;
    let message = format!("Volume {volume} doesn't have any snapshots.");
    revert(&app, "3.40", &volume, json!(NOWHERE))
        .await
        .expect_fault(400, &message);
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn the_sizes_must_be_equal(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let path = format!("/volumes/{volume}");
    app.api
        .act(&path, "os-extend", json!({"new_size": 2}))
        .await
        .expect(202);
    app.drain().await;
    let message = format!(
        "Can't revert volume {volume} to its latest snapshot {snapshot}. The volume size must be equal to the \
         snapshot size."
    );
    revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_fault(400, &message);
}

async fn the_volume_must_be_available(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let message = format!(
        "Invalid volume: Can't revert volume {volume} to its latest snapshot {snapshot}. Volume's status must be \
         'available'."
    );
    for status in [
        "in-use",
        "error",
        "creating",
        "extending",
        "error_deleting",
        "maintenance",
    ] {
        app.reset_volume(&volume, status).await;
        revert(&app, "3.40", &volume, json!(snapshot))
            .await
            .expect_fault(409, &message);
        assert_eq!(app.volume_status(&volume).await, status);
        assert_eq!(app.snapshot_status(&snapshot).await, "available");
    }
    app.reset_volume(&volume, "available").await;
    revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_empty_json(202);
    revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_fault(409, &message);
}

async fn the_snapshot_must_be_available_and_the_volume_does_not_wait_for_it(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let message = format!(
        "Invalid snapshot: Can't revert volume {volume} to its latest snapshot {snapshot}. Snapshot's status must be \
         'available'."
    );
    for status in [
        "error",
        "creating",
        "deleting",
        "error_deleting",
        "backing-up",
        "restoring",
        "unmanaging",
    ] {
        app.reset_snapshot(&snapshot, status).await;
        revert(&app, "3.40", &volume, json!(snapshot))
            .await
            .expect_fault(409, &message);
        // Cinder leaves it in `reverting` for ever.
        assert_eq!(app.volume_status(&volume).await, "available");
        assert_eq!(app.snapshot_status(&snapshot).await, status);
    }
}

async fn a_temporary_state_ends_for_both(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    revert(&app, "3.40", &volume, json!(snapshot))
        .await
        .expect_empty_json(202);
    assert_eq!(app.volume_status(&volume).await, "reverting");
    assert_eq!(app.snapshot_status(&snapshot).await, "restoring");
    // Neither can go meanwhile.
    app.api.delete(&format!("/snapshots/{snapshot}")).await.expect(400);
    app.api
        .delete(&format!("/volumes/{volume}?cascade=1"))
        .await
        .expect(400);
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
    assert_eq!(app.snapshot_status(&snapshot).await, "available");
}
