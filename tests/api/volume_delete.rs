//! `DELETE /volumes/{id}`, with and without its snapshots, and `os-force_delete`.

use serde_json::json;

use crate::support::App;

api_suite!(
    it_is_marked_at_once_and_gone_when_the_worker_is_done,
    a_volume_with_snapshots_stays,
    a_cascade_takes_the_snapshots_along,
    a_cascade_waits_for_no_unfinished_snapshot,
    only_some_statuses_allow_it,
    attached_and_migrating_volumes_stay,
    force_skips_the_status_from_its_version_on,
    cascade_and_force_together_take_everything,
    the_force_action_deletes_from_every_status,
    parameters_are_booleans,
);

const REFUSED: &str = "Invalid volume: Volume status must be available or error or error_restoring or error_extending or \
                       error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting \
                       a transfer, or be disassociated from snapshots after volume transfer.";
/// Two blanks: the list of statuses is empty.
const REFUSED_BY_FORCE: &str = "Invalid volume: Volume  must not be migrating, attached, belong to a group, have \
                                snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.";

async fn expect_gone(app: &App, id: &str) {
    let message = format!("Volume {id} could not be found.");
    app.api.get(&format!("/volumes/{id}")).await.expect_fault(404, &message);
    app.api
        .delete(&format!("/volumes/{id}"))
        .await
        .expect_fault(404, &message);
    assert!(!app.volume_file(id).exists());
}

async fn it_is_marked_at_once_and_gone_when_the_worker_is_done(app: App) {
    let id = app.volume(1).await;
    let reply = app.api.delete(&format!("/volumes/{id}")).await.expect_bare(202);
    assert_eq!(reply.header("x-compute-request-id"), None);
    assert_eq!(app.volume_status(&id).await, "deleting");
    assert!(app.volume_file(&id).exists());
    app.api
        .delete(&format!("/volumes/{id}"))
        .await
        .expect_fault(400, REFUSED);
    app.drain().await;
    expect_gone(&app, &id).await;
    assert_eq!(app.api.get("/volumes").await.json(), json!({"volumes": []}));
}

async fn a_volume_with_snapshots_stays(app: App) {
    let id = app.volume(1).await;
    let snapshot = app.snapshot(&id).await;
    for version in ["3.0", "latest"] {
        for query in ["", "?cascade=false", "?cascade=0&force=false"] {
            let reply = app.at(version).delete(&format!("/volumes/{id}{query}")).await;
            reply.expect_fault(400, REFUSED);
        }
    }
    app.drain().await;
    assert_eq!(app.volume_status(&id).await, "available");
    app.api.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
    app.api
        .delete(&format!("/volumes/{id}"))
        .await
        .expect_fault(400, REFUSED);
    app.drain().await;
    app.api.delete(&format!("/volumes/{id}")).await.expect_bare(202);
}

async fn a_cascade_takes_the_snapshots_along(app: App) {
    let id = app.volume(1).await;
    let snapshots = [
        app.snapshot(&id).await,
        app.snapshot(&id).await,
        app.snapshot(&id).await,
    ];
    app.reset_snapshot(&snapshots[1], "error").await;
    let other = app.snapshot(&app.volume(1).await).await;
    app.api
        .delete(&format!("/volumes/{id}?cascade=True"))
        .await
        .expect_bare(202);
    assert_eq!(app.volume_status(&id).await, "deleting");
    for snapshot in &snapshots {
        assert_eq!(app.snapshot_status(snapshot).await, "deleting");
    }
    app.drain().await;
    expect_gone(&app, &id).await;
    for snapshot in &snapshots {
        app.api.get(&format!("/snapshots/{snapshot}")).await.expect(404);
        assert!(!app.snapshot_file(snapshot).exists());
    }
    assert_eq!(app.snapshot_status(&other).await, "available");
}

async fn a_cascade_waits_for_no_unfinished_snapshot(app: App) {
    let id = app.volume(1).await;
    let done = app.snapshot(&id).await;
    let new = app.new_snapshot(json!({"volume_id": id})).await;
    let before = app.everything().await;
    app.api
        .delete(&format!("/volumes/{id}?cascade=1"))
        .await
        .expect_fault(400, REFUSED);
    assert_eq!(app.everything().await, before);
    app.drain().await;
    for status in [
        "creating",
        "deleting",
        "error_deleting",
        "backing-up",
        "restoring",
        "unmanaging",
    ] {
        app.reset_snapshot(&new, status).await;
        app.api
            .delete(&format!("/volumes/{id}?cascade=1"))
            .await
            .expect_fault(400, REFUSED);
        assert_eq!(app.snapshot_status(&done).await, "available");
        assert_eq!(app.volume_status(&id).await, "available");
    }
}

async fn only_some_statuses_allow_it(app: App) {
    let stays = app.volume(1).await;
    for status in [
        "creating",
        "error_deleting",
        "managing",
        "attaching",
        "in-use",
        "detaching",
        "maintenance",
        "restoring-backup",
        "reserved",
        "awaiting-transfer",
        "backing-up",
        "error_backing-up",
        "downloading",
        "uploading",
        "retyping",
        "extending",
    ] {
        app.reset_volume(&stays, status).await;
        app.api
            .delete(&format!("/volumes/{stays}"))
            .await
            .expect_fault(400, REFUSED);
        app.api
            .delete(&format!("/volumes/{stays}?cascade=1"))
            .await
            .expect_fault(400, REFUSED);
    }
    for status in [
        "available",
        "error",
        "error_restoring",
        "error_extending",
        "error_managing",
    ] {
        let id = app.volume(1).await;
        app.reset_volume(&id, status).await;
        app.api.delete(&format!("/volumes/{id}")).await.expect_bare(202);
        app.drain().await;
        expect_gone(&app, &id).await;
    }
}

async fn attached_and_migrating_volumes_stay(app: App) {
    let id = app.volume(1).await;
    let path = format!("/volumes/{id}");
    for (field, set, cleared) in [
        ("attach_status", "attached", "detached"),
        ("migration_status", "migrating", "none"),
    ] {
        app.api
            .act(&path, "os-reset_status", json!({field: set}))
            .await
            .expect(202);
        app.api.delete(&path).await.expect_fault(400, REFUSED);
        app.api
            .act(&path, "os-force_delete", json!(null))
            .await
            .expect_fault(400, REFUSED_BY_FORCE);
        app.api
            .act(&path, "os-reset_status", json!({field: cleared}))
            .await
            .expect(202);
    }
    app.api.delete(&path).await.expect_bare(202);
}

async fn force_skips_the_status_from_its_version_on(app: App) {
    let id = app.volume(1).await;
    app.reset_volume(&id, "in-use").await;
    for version in ["3.0", "3.22"] {
        app.at(version)
            .delete(&format!("/volumes/{id}?force=true"))
            .await
            .expect_fault(400, REFUSED);
    }
    let snapshot = app.new_snapshot(json!({"volume_id": id, "force": true})).await;
    app.drain().await;
    app.at("3.23")
        .delete(&format!("/volumes/{id}?force=true"))
        .await
        .expect_fault(400, REFUSED_BY_FORCE);
    app.api.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
    app.drain().await;
    app.at("3.23")
        .delete(&format!("/volumes/{id}?force=true"))
        .await
        .expect_bare(202);
    app.drain().await;
    expect_gone(&app, &id).await;
}

async fn cascade_and_force_together_take_everything(app: App) {
    let id = app.volume(1).await;
    let stuck = app.snapshot(&id).await;
    let new = app.new_snapshot(json!({"volume_id": id})).await;
    app.reset_snapshot(&stuck, "error_deleting").await;
    app.reset_volume(&id, "error_deleting").await;
    app.at("3.23")
        .delete(&format!("/volumes/{id}?cascade=true&force=true"))
        .await
        .expect_bare(202);
    app.drain().await;
    expect_gone(&app, &id).await;
    for snapshot in [stuck, new] {
        app.api.get(&format!("/snapshots/{snapshot}")).await.expect(404);
        assert!(!app.snapshot_file(&snapshot).exists());
    }
}

async fn the_force_action_deletes_from_every_status(app: App) {
    for (status, argument) in [
        ("available", json!(null)),
        ("creating", json!({})),
        ("in-use", json!({"x": 1})),
        ("error_deleting", json!([])),
        ("maintenance", json!(null)),
        ("extending", json!({})),
        ("uploading", json!("x")),
    ] {
        let id = app.volume(1).await;
        app.reset_volume(&id, status).await;
        let path = format!("/volumes/{id}");
        let reply = app.api.act(&path, "os-force_delete", argument).await;
        reply.expect_empty_json(202);
        app.drain().await;
        expect_gone(&app, &id).await;
    }
    let id = app.volume(1).await;
    app.snapshot(&id).await;
    let path = format!("/volumes/{id}");
    app.api
        .act(&path, "os-force_delete", json!({}))
        .await
        .expect_fault(400, REFUSED_BY_FORCE);
    // One that is being made.
    let reply = app
        .api
        .post("/volumes", json!({"volume": {"size": 1}}))
        .await
        .expect(202);
    let new = reply.part("volume")["id"].as_str().unwrap().to_owned();
    app.api
        .act(&format!("/volumes/{new}"), "os-force_delete", json!({}))
        .await
        .expect_empty_json(202);
    app.drain().await;
    expect_gone(&app, &new).await;
}

async fn parameters_are_booleans(app: App) {
    let id = app.volume(1).await;
    for value in ["bogus", "", "2"] {
        let message = format!("Value '{value}' for 'cascade' is not a boolean.");
        app.api
            .delete(&format!("/volumes/{id}?cascade={value}"))
            .await
            .expect_fault(400, &message);
        let message = format!("Value '{value}' for 'force' is not a boolean.");
        app.at("3.23")
            .delete(&format!("/volumes/{id}?force={value}"))
            .await
            .expect_fault(400, &message);
    }
    assert_eq!(app.volume_status(&id).await, "available");
    app.at("3.22")
        .delete(&format!("/volumes/{id}?force=bogus"))
        .await
        .expect_bare(202);
}
