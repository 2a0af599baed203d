//! `POST /snapshots/{id}/action`: `os-reset_status`, `os-update_snapshot_status`, and what is neither.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, NOWHERE, SNAPSHOT_STATUSES, invalid, text};

api_suite!(
    a_reset_sets_any_status_and_nothing_else,
    a_reset_takes_the_work_away,
    a_bad_reset_is_refused,
    a_report_moves_only_what_is_being_made_or_deleted,
    a_report_may_tell_progress,
    a_bad_report_is_refused,
    a_report_of_the_outcome_ends_the_work,
    a_body_names_exactly_one_known_action,
);

/// A finished snapshot's path.
async fn snapshot(app: &App) -> (String, String) {
    let id = app.snapshot(&app.volume(1).await).await;
    let path = format!("/snapshots/{id}");
    (id, path)
}

async fn a_reset_sets_any_status_and_nothing_else(app: App) {
    let (id, path) = snapshot(&app).await;
    let mut before = app.show_snapshot(&id).await;
    for status in SNAPSHOT_STATUSES {
        for spelled in [status.to_owned(), status.to_uppercase()] {
            app.advance(1);
            let argument = json!({"status": spelled});
            let reply = app
                .api
                .act(&path, "os-reset_status", argument)
                .await
                .expect_empty_json(202);
            assert_eq!(
                reply.header("x-compute-request-id"),
                reply.header("x-openstack-request-id")
            );
            let after = app.show_snapshot(&id).await;
            assert_ne!(after["updated_at"], before["updated_at"]);
            before["status"] = json!(status);
            before["updated_at"] = after["updated_at"].clone();
            assert_eq!(after, before);
        }
    }
    app.drain().await;
    assert_eq!(app.show_snapshot(&id).await, before);
}

async fn a_reset_takes_the_work_away(app: App) {
    let volume = app.volume(1).await;
    let id = app.new_snapshot(json!({"volume_id": volume})).await;
    app.reset_snapshot(&id, "error").await;
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "error");
    assert!(!app.snapshot_file(&id).exists());

    let (id, path) = snapshot(&app).await;
    app.api.delete(&path).await.expect(202);
    app.reset_snapshot(&id, "available").await;
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "available");
    assert!(app.snapshot_file(&id).exists());
}

async fn a_bad_reset_is_refused(app: App) {
    let (_, path) = snapshot(&app).await;
    let before = app.everything().await;
    let unknown = |status: &str| {
        format!(
            "Snapshot status: {status} is invalid, valid statuses are: ('error', 'available', 'creating', 'deleting', \
             'deleted', 'updating', 'error_deleting', 'unmanaging', 'backing-up', 'restoring')."
        )
    };
    for (argument, message) in [
        (json!({"status": "bogus"}), unknown("bogus")),
        (json!({"status": "in-use"}), unknown("in-use")),
        (json!({"status": ""}), unknown("")),
        (json!({"status": " error"}), unknown(" error")),
        (
            json!({"status": null}),
            invalid("status", "None", "None is not of type 'string'"),
        ),
        (
            json!({"status": 5}),
            invalid("status", "5", "5 is not of type 'string'"),
        ),
        (
            json!({}),
            invalid("os-reset_status", "{}", "'status' is a required property"),
        ),
        (
            json!(null),
            invalid("os-reset_status", "None", "None is not of type 'object'"),
        ),
        (
            json!([]),
            invalid("os-reset_status", "[]", "[] is not of type 'object'"),
        ),
        (
            json!({"status": "error", "x": 1}),
            invalid(
                "os-reset_status",
                "{'status': 'error', 'x': 1}",
                "Additional properties are not allowed ('x' was unexpected)",
            ),
        ),
    ] {
        app.api
            .act(&path, "os-reset_status", argument)
            .await
            .expect_fault(400, &message);
    }
    let argument = json!({"status": "bogus"});
    let reply = app
        .api
        .act(&format!("/snapshots/{NOWHERE}"), "os-reset_status", argument)
        .await;
    reply.expect_fault(400, &unknown("bogus"));
    assert_eq!(app.everything().await, before);
}

async fn a_report_moves_only_what_is_being_made_or_deleted(app: App) {
    let (id, path) = snapshot(&app).await;
    for current in SNAPSHOT_STATUSES {
        let allowed: &[&str] = match current {
            "creating" => &["creating", "available", "error"],
            "deleting" => &["deleting", "error_deleting"],
            _other => &[],
        };
        app.reset_snapshot(&id, current).await;
        for reported in SNAPSHOT_STATUSES.into_iter().chain(["bogus", "AVAILABLE"]) {
            let reply = app
                .api
                .act(&path, "os-update_snapshot_status", json!({"status": reported}))
                .await;
            if allowed.contains(&reported) {
                let reply = reply.expect_bare(202);
                assert_eq!(reply.header("x-compute-request-id"), None);
                assert_eq!(app.snapshot_status(&id).await, reported);
                app.reset_snapshot(&id, current).await;
            } else {
                let message = if allowed.is_empty() {
                    format!("Snapshot status {current} not allowed for update_snapshot_status")
                } else {
                    format!("Provided snapshot status {reported} not allowed for snapshot with status {current}.")
                };
                reply.expect_fault(400, &message);
            }
        }
        assert_eq!(app.snapshot_status(&id).await, current);
    }
}

async fn a_report_may_tell_progress(app: App) {
    let (id, path) = snapshot(&app).await;
    app.reset_snapshot(&id, "creating").await;
    for (progress, shown) in [
        (json!("0%"), "0%"),
        (json!("80%"), "80%"),
        (json!("100%"), "100%"),
        (json!(null), "100%"),
        (json!(""), "100%"),
        (json!("7%"), "7%"),
    ] {
        let argument = json!({"status": "creating", "progress": progress});
        app.api
            .act(&path, "os-update_snapshot_status", argument)
            .await
            .expect_bare(202);
        let snapshot = app.show_snapshot(&id).await;
        assert_eq!(text(&snapshot, "os-extended-snapshot-attributes:progress"), shown);
        assert_eq!(text(&snapshot, "status"), "creating");
    }
    let argument = json!({"status": "error", "progress": "90%"});
    app.api
        .act(&path, "os-update_snapshot_status", argument)
        .await
        .expect_bare(202);
    let snapshot = app.show_snapshot(&id).await;
    assert_eq!(text(&snapshot, "os-extended-snapshot-attributes:progress"), "90%");
    assert_eq!(text(&snapshot, "status"), "error");
}

async fn a_bad_report_is_refused(app: App) {
    let (id, path) = snapshot(&app).await;
    app.reset_snapshot(&id, "creating").await;
    let before = app.everything().await;
    let out_of_range = "Invalid input received: progress must be an integer percentage between 0 and 100";
    let no_number = "Invalid input received: progress must be an integer percentage";
    for (progress, message) in [
        (json!("50"), out_of_range),
        (json!("101%"), out_of_range),
        (json!("150%"), out_of_range),
        (json!("-1%"), out_of_range),
        (json!("abc%"), no_number),
        (json!("abc"), no_number),
        (json!("%"), no_number),
        (json!("1.5%"), no_number),
        // An accident of Cinder's Python that somebody may have come to know.
        (json!(50), "'int' object is not subscriptable"),
    ] {
        let argument = json!({"status": "creating", "progress": progress});
        let reply = app.api.act(&path, "os-update_snapshot_status", argument).await;
        reply.expect_fault(400, message);
    }
    for (argument, message) in [
        (
            json!({}),
            invalid("os-update_snapshot_status", "{}", "'status' is a required property"),
        ),
        (
            json!(null),
            invalid("os-update_snapshot_status", "None", "None is not of type 'object'"),
        ),
        (
            json!({"status": null}),
            invalid("status", "None", "None is not of type 'string'"),
        ),
        (
            json!({"status": "creating", "progress": "80%", "x": 1}),
            invalid(
                "os-update_snapshot_status",
                "{'status': 'creating', 'progress': '80%', 'x': 1}",
                "Additional properties are not allowed ('x' was unexpected)",
            ),
        ),
    ] {
        app.api
            .act(&path, "os-update_snapshot_status", argument)
            .await
            .expect_fault(400, &message);
    }
    assert_eq!(app.everything().await, before);
}

async fn a_report_of_the_outcome_ends_the_work(app: App) {
    let volume = app.volume(1).await;
    let id = app.new_snapshot(json!({"volume_id": volume})).await;
    let path = format!("/snapshots/{id}");
    app.api
        .act(&path, "os-update_snapshot_status", json!({"status": "error"}))
        .await
        .expect_bare(202);
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "error");
    // A report of the same status leaves it going.
    let id = app.new_snapshot(json!({"volume_id": volume})).await;
    let argument = json!({"status": "creating", "progress": "40%"});
    app.api
        .act(&format!("/snapshots/{id}"), "os-update_snapshot_status", argument)
        .await
        .expect_bare(202);
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "available");
}

async fn a_body_names_exactly_one_known_action(app: App) {
    let (_, path) = snapshot(&app).await;
    let path = format!("{path}/action");
    let before = app.everything().await;
    let unknown = |name: &str| {
        format!("There is no such action: {name}. Verify the request body and Content-Type header and try again.")
    };
    let post = async |body: Value| app.api.post(&path, body).await;
    for body in [
        json!({}),
        json!([]),
        json!({"os-force_delete": {}, "os-reset_status": {"status": "error"}}),
        // Cinder takes these for a resource that is not there.
        json!(null),
        json!("x"),
        json!(1),
    ] {
        post(body).await.expect_fault(400, "Malformed request body");
    }
    post(json!({"os-nope": null}))
        .await
        .expect_fault(400, &unknown("os-nope"));
    post(json!({"OS-FORCE_DELETE": null}))
        .await
        .expect_fault(400, &unknown("OS-FORCE_DELETE"));
    post(json!({"revert": {}})).await.expect_fault(400, &unknown("revert"));
    app.api
        .send(Method::POST, &path, "{")
        .await
        .expect_fault(400, "Malformed request body");
    app.api
        .send(Method::POST, &path, "")
        .await
        .expect_fault(400, &unknown("None"));
    assert_eq!(app.everything().await, before);
}
