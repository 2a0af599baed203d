//! Which volumes can be snapshotted: the force flag, the version and the volume's status decide
//! (cinder.md §4.3).

use serde_json::{Value, json};

use crate::support::{App, text};

api_suite!(
    the_force_flag_and_the_version_decide_about_volumes_in_use,
    no_flag_opens_another_status,
    a_migrating_volume_is_refused,
    a_volume_at_work_is_refused,
);

/// Cinder's text, mistakes included.
const FORCE_REFUSED: &str = "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward \
                             compatability, however, when the 'force' flag is passed with a value evaluating to True, \
                             it is silently ignored.";

fn body(volume: &str, force: Option<&Value>) -> Value {
    match force {
        None => json!({"snapshot": {"volume_id": volume}}),
        Some(force) => json!({"snapshot": {"volume_id": volume, "force": force}}),
    }
}

fn strict(volume: &str, status: &str) -> String {
    format!("Invalid volume: Volume {volume} status must be available, but current status is: {status}.")
}

fn lax(volume: &str, status: &str) -> String {
    format!("Invalid volume: Volume {volume} status must be available, in-use, but current status is: {status}.")
}

async fn the_force_flag_and_the_version_decide_about_volumes_in_use(app: App) {
    let available = app.volume(1).await;
    let in_use = app.volume(1).await;
    app.reset_volume(&in_use, "in-use").await;
    for version in ["3.0", "3.65", "3.66", "3.71"] {
        let since_366 = version == "3.66" || version == "3.71";
        for force in [
            None,
            Some(json!(true)),
            Some(json!("True")),
            Some(json!(false)),
            Some(json!("no")),
        ] {
            let says_no = matches!(&force, Some(value) if *value == json!(false) || *value == json!("no"));
            let says_yes = force.is_some() && !says_no;
            for volume in [&available, &in_use] {
                let reply = app.at(version).post("/snapshots", body(volume, force.as_ref())).await;
                if since_366 && says_no {
                    reply.expect_fault(400, FORCE_REFUSED);
                } else if *volume == in_use && !since_366 && !says_yes {
                    reply.expect_fault(400, &strict(volume, "in-use"));
                } else {
                    let snapshot = reply.expect(202).part("snapshot");
                    app.drain().await;
                    assert_eq!(app.snapshot_status(text(&snapshot, "id")).await, "available");
                }
            }
        }
        let reply = app
            .at(version)
            .post("/snapshots", body(&available, Some(&json!(1))))
            .await;
        let text = "Invalid input for field/attribute force. Value: 1. 1 is not of type 'boolean', 'string'";
        reply.expect_fault(400, text);
    }
    assert_eq!(app.volume_status(&in_use).await, "in-use");
}

async fn no_flag_opens_another_status(app: App) {
    let volume = app.volume(1).await;
    for status in [
        "creating",
        "error_deleting",
        "error_managing",
        "managing",
        "attaching",
        "detaching",
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
        app.reset_volume(&volume, status).await;
        for (version, force, message) in [
            ("3.0", None, strict(&volume, status)),
            ("3.65", Some(json!(false)), strict(&volume, status)),
            ("3.0", Some(json!(true)), lax(&volume, status)),
            ("3.66", None, lax(&volume, status)),
            ("3.66", Some(json!(true)), lax(&volume, status)),
        ] {
            let reply = app.at(version).post("/snapshots", body(&volume, force.as_ref())).await;
            reply.expect_fault(400, &message);
        }
    }
    for (status, message) in [
        (
            "error",
            "Invalid volume: The snapshot cannot be created when the volume is in error status.",
        ),
        (
            "maintenance",
            "Invalid volume: The snapshot cannot be created when the volume is in maintenance mode.",
        ),
    ] {
        app.reset_volume(&volume, status).await;
        for version in ["3.0", "3.66"] {
            for force in [None, Some(json!(true))] {
                let reply = app.at(version).post("/snapshots", body(&volume, force.as_ref())).await;
                reply.expect_fault(400, message);
            }
        }
    }
    assert_eq!(app.api.get("/snapshots").await.json(), json!({"snapshots": []}));
}

async fn a_migrating_volume_is_refused(app: App) {
    let volume = app.volume(1).await;
    let path = format!("/volumes/{volume}");
    let message = "Invalid volume: Snapshot cannot be created while volume is migrating.";
    for migration in ["migrating", "starting", "completing"] {
        let argument = json!({"migration_status": migration, "status": "error"});
        app.api
            .act(&path, "os-reset_status", argument)
            .await
            .expect_empty_json(202);
        app.api
            .post("/snapshots", body(&volume, None))
            .await
            .expect_fault(400, message);
    }
    for migration in ["success", "error", "none"] {
        let argument = json!({"migration_status": migration, "status": "available"});
        app.api
            .act(&path, "os-reset_status", argument)
            .await
            .expect_empty_json(202);
        app.api.post("/snapshots", body(&volume, None)).await.expect(202);
    }
}

async fn a_volume_at_work_is_refused(app: App) {
    let reply = app
        .api
        .post("/volumes", json!({"volume": {"size": 1}}))
        .await
        .expect(202);
    let volume = text(&reply.part("volume"), "id").to_owned();
    app.api
        .post("/snapshots", body(&volume, None))
        .await
        .expect_fault(400, &strict(&volume, "creating"));
    app.drain().await;

    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.at("3.66")
        .post("/snapshots", body(&volume, None))
        .await
        .expect_fault(400, &lax(&volume, "deleting"));
    app.drain().await;
    let text = format!("Volume {volume} could not be found.");
    app.api
        .post("/snapshots", body(&volume, None))
        .await
        .expect_fault(404, &text);

    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let argument = json!({"snapshot_id": snapshot});
    app.at("3.40")
        .act(&format!("/volumes/{volume}"), "revert", argument)
        .await
        .expect_empty_json(202);
    app.at("3.66")
        .post("/snapshots", body(&volume, None))
        .await
        .expect_fault(400, &lax(&volume, "reverting"));
}
