//! `DELETE /snapshots/{id}` and `os-force_delete`.

use reqwest::Method;
use serde_json::json;

use crate::support::{App, SNAPSHOT_STATUSES, text};

api_suite!(
    it_is_marked_at_once_and_gone_when_the_worker_is_done,
    only_available_and_failed_ones_can_be_deleted,
    deleting_twice_is_refused_until_it_is_gone,
    a_snapshot_in_the_making_must_be_finished_first,
    parameters_and_bodies_mean_nothing,
    volumes_made_from_it_stay,
    a_missing_file_is_as_good_as_deleted,
    force_deletes_from_every_status,
    force_deletes_what_is_in_the_making,
    force_takes_any_argument,
);

const REFUSED: &str = "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.";

async fn expect_gone(app: &App, id: &str) {
    let message = format!("Snapshot {id} could not be found.");
    app.api
        .get(&format!("/snapshots/{id}"))
        .await
        .expect_fault(404, &message);
    app.api
        .delete(&format!("/snapshots/{id}"))
        .await
        .expect_fault(404, &message);
    assert!(!app.snapshot_file(id).exists());
}

async fn it_is_marked_at_once_and_gone_when_the_worker_is_done(app: App) {
    let volume = app.volume(1).await;
    let id = app.snapshot(&volume).await;
    app.advance(1);
    let reply = app.api.delete(&format!("/snapshots/{id}")).await.expect_bare(202);
    assert_eq!(reply.header("x-compute-request-id"), None);
    assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));

    let shown = app.show_snapshot(&id).await;
    assert_eq!(shown["status"], json!("deleting"));
    assert_eq!(shown["updated_at"], json!("2027-01-15T08:00:01.000000"));
    assert!(app.snapshot_file(&id).exists());
    app.drain().await;
    expect_gone(&app, &id).await;
    assert_eq!(app.api.get("/snapshots").await.json(), json!({"snapshots": []}));
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn only_available_and_failed_ones_can_be_deleted(app: App) {
    let volume = app.volume(1).await;
    for (status, allowed) in [
        ("available", true),
        ("error", true),
        ("creating", false),
        ("deleting", false),
        ("deleted", false),
        ("updating", false),
        ("error_deleting", false),
        ("unmanaging", false),
        ("backing-up", false),
        ("restoring", false),
    ] {
        let id = app.snapshot(&volume).await;
        app.reset_snapshot(&id, status).await;
        let reply = app.api.delete(&format!("/snapshots/{id}")).await;
        if allowed {
            reply.expect_bare(202);
            app.drain().await;
            expect_gone(&app, &id).await;
        } else {
            reply.expect_fault(400, REFUSED);
            app.drain().await;
            assert_eq!(app.snapshot_status(&id).await, status);
        }
    }
}

async fn deleting_twice_is_refused_until_it_is_gone(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let path = format!("/snapshots/{id}");
    app.api.delete(&path).await.expect_bare(202);
    app.api.delete(&path).await.expect_fault(400, REFUSED);
    app.drain().await;
    expect_gone(&app, &id).await;
}

async fn a_snapshot_in_the_making_must_be_finished_first(app: App) {
    let id = app.new_snapshot(json!({"volume_id": app.volume(1).await})).await;
    app.api
        .delete(&format!("/snapshots/{id}"))
        .await
        .expect_fault(400, REFUSED);
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "available");
}

async fn parameters_and_bodies_mean_nothing(app: App) {
    let volume = app.volume(1).await;
    let id = app.snapshot(&volume).await;
    app.at("latest")
        .delete(&format!("/snapshots/{id}?force=true&cascade=nonsense"))
        .await
        .expect_bare(202);
    // Cinder refuses bodies here, with a text that helps nobody.
    let id = app.snapshot(&volume).await;
    app.api
        .send(Method::DELETE, &format!("/snapshots/{id}"), r#"{"x": 1}"#)
        .await
        .expect_bare(202);
    app.drain().await;
    assert_eq!(app.api.get("/snapshots").await.json(), json!({"snapshots": []}));
}

async fn volumes_made_from_it_stay(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let child = app.volume_with(json!({"snapshot_id": id})).await;
    app.api.delete(&format!("/snapshots/{id}")).await.expect_bare(202);
    app.drain().await;
    expect_gone(&app, &id).await;
    let child_now = app.show_volume(&child).await;
    assert_eq!(text(&child_now, "status"), "available");
    assert_eq!(text(&child_now, "snapshot_id"), id);
    assert!(app.volume_file(&child).exists());
}

async fn a_missing_file_is_as_good_as_deleted(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    std::fs::remove_file(app.snapshot_file(&id)).unwrap();
    app.api.delete(&format!("/snapshots/{id}")).await.expect_bare(202);
    app.drain().await;
    expect_gone(&app, &id).await;
}

async fn force_deletes_from_every_status(app: App) {
    let volume = app.volume(1).await;
    for status in SNAPSHOT_STATUSES {
        let id = app.snapshot(&volume).await;
        app.reset_snapshot(&id, status).await;
        let path = format!("/snapshots/{id}");
        app.api
            .act(&path, "os-force_delete", json!({}))
            .await
            .expect_empty_json(202);
        assert_eq!(app.snapshot_status(&id).await, "deleting");
        app.drain().await;
        expect_gone(&app, &id).await;
    }
}

async fn force_deletes_what_is_in_the_making(app: App) {
    let id = app.new_snapshot(json!({"volume_id": app.volume(1).await})).await;
    let path = format!("/snapshots/{id}");
    app.api
        .act(&path, "os-force_delete", json!(null))
        .await
        .expect_empty_json(202);
    // Again, while it is being deleted.
    app.api
        .act(&path, "os-force_delete", json!(null))
        .await
        .expect_empty_json(202);
    app.drain().await;
    expect_gone(&app, &id).await;
}

async fn force_takes_any_argument(app: App) {
    let volume = app.volume(1).await;
    for argument in [json!(null), json!({}), json!({"x": 1}), json!([]), json!("x"), json!(1)] {
        let id = app.snapshot(&volume).await;
        let reply = app
            .api
            .act(&format!("/snapshots/{id}"), "os-force_delete", argument)
            .await;
        reply.expect_empty_json(202);
        app.drain().await;
        expect_gone(&app, &id).await;
    }
}
