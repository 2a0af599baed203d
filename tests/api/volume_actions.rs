//! `POST /volumes/{id}/action`: `os-extend`, `os-reset_status`, and what is none.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, invalid, text};

api_suite!(
    an_extend_grows_the_file,
    a_volume_in_use_grows_from_its_version_on,
    a_bad_size_is_refused,
    an_extend_needs_an_available_volume,
    a_reset_sets_what_it_names,
    a_reset_takes_the_work_away,
    a_bad_reset_is_refused,
    a_body_names_exactly_one_known_action,
);

async fn extend(app: &App, version: &str, id: &str, size: Value) -> crate::support::Reply {
    let argument = json!({"new_size": size});
    app.at(version)
        .act(&format!("/volumes/{id}"), "os-extend", argument)
        .await
}

async fn an_extend_grows_the_file(app: App) {
    let id = app.volume(1).await;
    for (asked, size) in [(json!(2), 2_u64), (json!("4"), 4)] {
        extend(&app, "3.0", &id, asked).await.expect_empty_json(202);
        let meanwhile = app.show_volume(&id).await;
        assert_eq!(text(&meanwhile, "status"), "extending");
        assert_ne!(meanwhile["size"], json!(size));
        app.drain().await;
        let after = app.show_volume(&id).await;
        assert_eq!((text(&after, "status"), &after["size"]), ("available", &json!(size)));
        assert_eq!(app.volume_file(&id).metadata().unwrap().len(), size << 30);
    }
}

async fn a_volume_in_use_grows_from_its_version_on(app: App) {
    let id = app.volume(1).await;
    app.reset_volume(&id, "in-use").await;
    let message =
        format!("Invalid volume: Volume {id} status must be '{{'status': 'available'}}' to extend, currently in-use.");
    extend(&app, "3.41", &id, json!(2)).await.expect_fault(400, &message);
    extend(&app, "3.42", &id, json!(2)).await.expect_empty_json(202);
    app.drain().await;
    let after = app.show_volume(&id).await;
    assert_eq!((text(&after, "status"), &after["size"]), ("in-use", &json!(2)));
}

async fn a_bad_size_is_refused(app: App) {
    let id = app.volume(2).await;
    let before = app.everything().await;
    for (size, message) in [
        (json!(0), invalid("new_size", "0", "0 is less than the minimum of 1")),
        (json!(-1), invalid("new_size", "-1", "-1 is less than the minimum of 1")),
        (json!("x"), invalid("new_size", "x", "'x' does not match '^[0-9]+$'")),
        (
            json!(null),
            invalid("new_size", "None", "None is not of type 'integer', 'string'"),
        ),
        (
            json!(2.5),
            invalid("new_size", "2.5", "2.5 is not of type 'integer', 'string'"),
        ),
        (
            json!(1),
            "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: \
             1)."
            .to_owned(),
        ),
        (
            json!("2"),
            "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: \
             2)."
            .to_owned(),
        ),
    ] {
        extend(&app, "3.0", &id, size).await.expect_fault(400, &message);
    }
    for (argument, message) in [
        (
            json!({}),
            invalid("os-extend", "{}", "'new_size' is a required property"),
        ),
        (
            json!(null),
            invalid("os-extend", "None", "None is not of type 'object'"),
        ),
        (
            json!({"new_size": 4, "x": 1}),
            invalid(
                "os-extend",
                "{'new_size': 4, 'x': 1}",
                "Additional properties are not allowed ('x' was unexpected)",
            ),
        ),
    ] {
        app.api
            .act(&format!("/volumes/{id}"), "os-extend", argument)
            .await
            .expect_fault(400, &message);
    }
    assert_eq!(app.everything().await, before);
}

async fn an_extend_needs_an_available_volume(app: App) {
    let id = app.volume(1).await;
    for status in [
        "creating",
        "error",
        "extending",
        "error_extending",
        "maintenance",
        "uploading",
    ] {
        app.reset_volume(&id, status).await;
        let message = format!(
            "Invalid volume: Volume {id} status must be '{{'status': 'available'}}' to extend, currently {status}."
        );
        for version in ["3.0", "3.42"] {
            extend(&app, version, &id, json!(2)).await.expect_fault(400, &message);
        }
    }
    app.drain().await;
    assert_eq!(app.show_volume(&id).await["size"], json!(1));
}

async fn a_reset_sets_what_it_names(app: App) {
    let id = app.volume(1).await;
    let path = format!("/volumes/{id}");
    for status in [
        "creating",
        "available",
        "error",
        "error_deleting",
        "attaching",
        "in-use",
        "detaching",
        "maintenance",
        "restoring-backup",
        "error_restoring",
        "reserved",
        "awaiting-transfer",
        "backing-up",
        "error_backing-up",
        "error_extending",
        "downloading",
        "uploading",
        "retyping",
        "extending",
    ] {
        for spelled in [status.to_owned(), status.to_uppercase()] {
            app.api
                .act(&path, "os-reset_status", json!({"status": spelled}))
                .await
                .expect_empty_json(202);
            assert_eq!(app.volume_status(&id).await, status);
        }
    }
    let argument = json!({"status": "available", "attach_status": "detached", "migration_status": "MIGRATING"});
    app.api
        .act(&path, "os-reset_status", argument)
        .await
        .expect_empty_json(202);
    let shown = app.show_volume(&id).await;
    assert_eq!(text(&shown, "migration_status"), "migrating");
    assert_eq!(text(&shown, "os-vol-mig-status-attr:migstat"), "migrating");
    assert_eq!(text(&shown, "status"), "available");
    app.api
        .act(&path, "os-reset_status", json!({"migration_status": "none"}))
        .await
        .expect_empty_json(202);
    let shown = app.show_volume(&id).await;
    assert_eq!(
        (&shown["migration_status"], &shown["status"]),
        (&Value::Null, &json!("available"))
    );
}

async fn a_reset_takes_the_work_away(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let path = format!("/volumes/{volume}");
    // An extend.
    extend(&app, "3.0", &volume, json!(2)).await.expect(202);
    app.reset_volume(&volume, "available").await;
    app.drain().await;
    let shown = app.show_volume(&volume).await;
    assert_eq!((text(&shown, "status"), &shown["size"]), ("available", &json!(1)));
    // A revert: the snapshot must not stay behind in `restoring`.
    app.at("3.40")
        .act(&path, "revert", json!({"snapshot_id": snapshot}))
        .await
        .expect(202);
    app.reset_volume(&volume, "error").await;
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "error");
    assert_eq!(app.snapshot_status(&snapshot).await, "available");
    // A deletion.
    let volume = app.volume(1).await;
    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.reset_volume(&volume, "available").await;
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
    assert!(app.volume_file(&volume).exists());
}

async fn a_bad_reset_is_refused(app: App) {
    let id = app.volume(1).await;
    let path = format!("/volumes/{id}");
    let before = app.everything().await;
    let none = "Must specify 'status', 'attach_status' or 'migration_status' for update.";
    for (argument, message) in [
        (json!({}), none.to_owned()),
        (
            json!({"status": "deleting"}),
            "Cannot reset-state to deleting".to_owned(),
        ),
        (
            json!(null),
            invalid("os-reset_status", "None", "None is not of type 'object'"),
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
    // `reverting` is a status that only the service sets.
    for status in ["bogus", "reverting", ""] {
        let reply = app
            .api
            .act(&path, "os-reset_status", json!({"status": status}))
            .await
            .expect(400);
        let message = reply.part("badRequest")["message"].as_str().unwrap().to_owned();
        let start = format!(
            "Volume status: {status} is invalid, valid statuses are: ('creating', 'available', 'deleting', 'error', \
             'error_deleting', "
        );
        assert!(
            message.starts_with(&start) && !message.contains("'reverting'"),
            "{message}"
        );
    }
    for (field, value) in [
        ("attach_status", json!("bogus")),
        ("migration_status", json!("bogus")),
        ("attach_status", json!(1)),
    ] {
        let reply = app
            .api
            .act(&path, "os-reset_status", json!({field: value}))
            .await
            .expect(400);
        assert!(
            reply
                .text
                .contains(&format!("Invalid input for field/attribute {field}. ")),
            "{reply:?}"
        );
    }
    assert_eq!(app.everything().await, before);
}

async fn a_body_names_exactly_one_known_action(app: App) {
    let path = format!("/volumes/{}/action", app.volume(1).await);
    let before = app.everything().await;
    let unknown = |name: &str| {
        format!("There is no such action: {name}. Verify the request body and Content-Type header and try again.")
    };
    for body in [
        json!({}),
        json!([]),
        json!({"os-extend": {"new_size": 2}, "os-force_delete": {}}),
        json!(null),
    ] {
        app.api
            .post(&path, body)
            .await
            .expect_fault(400, "Malformed request body");
    }
    for name in ["os-nope", "os-migrate_volume", "os-update_snapshot_status"] {
        app.api
            .post(&path, json!({name: {}}))
            .await
            .expect_fault(400, &unknown(name));
    }
    app.api
        .send(Method::POST, &path, "")
        .await
        .expect_fault(400, &unknown("None"));
    assert_eq!(app.everything().await, before);
}
