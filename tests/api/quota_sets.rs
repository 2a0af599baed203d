//! `/os-quota-sets`, `/os-quota-class-sets` and `/limits`: what the limits are and how they change.

use serde_json::{Value, json};

use crate::support::{App, Client, MALFORMED, OTHER, PROJECT, keys};

api_suite!(
    a_set_shows_every_resource_and_the_project ["quota.volumes" = "10", "quota.snapshots" = "10", "quota.gigabytes" = "1000"],
    usage_is_counted_from_what_is_there,
    limits_show_what_is_used ["quota.volumes" = "10", "quota.snapshots" = "10", "quota.gigabytes" = "1000"],
    limits_of_another_project_from_their_version_on ["quota.snapshots" = "10"],
    a_set_changes_one_project_until_it_is_deleted ["quota.snapshots" = "10"],
    bad_limits_are_refused_and_change_nothing,
    a_limit_below_what_is_used_is_refused,
    the_default_class_changes_everybodys_limits ["quota.snapshots" = "10"],
);

const RESOURCES: [&str; 10] = [
    "volumes",
    "per_volume_gigabytes",
    "snapshots",
    "gigabytes",
    "backups",
    "backup_gigabytes",
    "volumes___DEFAULT__",
    "gigabytes___DEFAULT__",
    "snapshots___DEFAULT__",
    "groups",
];

async fn set(client: &Client, project: &str) -> Value {
    client
        .get(&format!("/os-quota-sets/{project}"))
        .await
        .expect(200)
        .part("quota_set")
}

async fn a_set_shows_every_resource_and_the_project(app: App) {
    let expected = |id: &str| {
        format!(
            r#"{{"quota_set": {{"volumes": 10, "per_volume_gigabytes": -1, "snapshots": 10, "gigabytes": 1000, "backups": 10, "backup_gigabytes": 1000, "volumes___DEFAULT__": -1, "gigabytes___DEFAULT__": -1, "snapshots___DEFAULT__": -1, "groups": 10, "id": "{id}"}}}}"#
        )
    };
    // Any project will do; nobody checks whether it exists.
    for project in [PROJECT, OTHER, "nope"] {
        for path in [String::new(), "/defaults".to_owned(), "?usage=False".to_owned()] {
            let reply = app
                .api
                .get(&format!("/os-quota-sets/{project}{path}"))
                .await
                .expect(200);
            assert_eq!(reply.text, expected(project));
        }
    }
    let message = "Value 'bogus' for 'usage' is not a boolean.";
    app.api
        .get(&format!("/os-quota-sets/{PROJECT}?usage=bogus"))
        .await
        .expect_fault(400, message);
}

async fn usage_is_counted_from_what_is_there(app: App) {
    let source = app.volume(2).await;
    app.volume(1).await;
    app.snapshot(&source).await;
    let with_usage = app
        .api
        .get(&format!("/os-quota-sets/{PROJECT}?usage=True"))
        .await
        .expect(200)
        .part("quota_set");
    assert_eq!(keys(&with_usage), [&RESOURCES[..], &["id"]].concat());
    for (resource, used) in [
        ("volumes", 2),
        ("snapshots", 1),
        ("gigabytes", 5),
        ("backups", 0),
        ("groups", 0),
    ] {
        let entry = &with_usage[resource];
        assert_eq!(keys(entry), ["limit", "in_use", "reserved"]);
        assert_eq!(
            (&entry["in_use"], &entry["reserved"]),
            (&json!(used), &json!(0)),
            "{resource}"
        );
        if with_usage.get(format!("{resource}___DEFAULT__")).is_some() {
            let of_type = json!({"limit": -1, "in_use": used, "reserved": 0});
            assert_eq!(with_usage[format!("{resource}___DEFAULT__")], of_type);
        }
    }
    assert_eq!(with_usage["id"], json!(PROJECT));
    let other = app
        .api
        .get(&format!("/os-quota-sets/{OTHER}?usage=True"))
        .await
        .expect(200)
        .part("quota_set");
    assert_eq!(other["gigabytes"]["in_use"], json!(0));
}

async fn limits_show_what_is_used(app: App) {
    let source = app.volume(3).await;
    app.snapshot(&source).await;
    for version in ["3.0", "3.71"] {
        let reply = app.at(version).get("/limits").await.expect(200);
        assert_eq!(
            reply.text,
            r#"{"limits": {"rate": [], "absolute": {"maxTotalVolumes": 10, "maxTotalSnapshots": 10, "maxTotalVolumeGigabytes": 1000, "maxTotalBackups": 10, "maxTotalBackupGigabytes": 1000, "totalVolumesUsed": 1, "totalGigabytesUsed": 6, "totalSnapshotsUsed": 1, "totalBackupsUsed": 0, "totalBackupGigabytesUsed": 0}}}"#
        );
    }
}

async fn limits_of_another_project_from_their_version_on(app: App) {
    app.volume(1).await;
    let stranger = app.api.of("stranger", OTHER);
    for (version, used) in [("3.0", 0), ("3.38", 0), ("3.39", 1), ("3.71", 1)] {
        for key in ["project_id", "tenant_id"] {
            let reply = stranger
                .at(version)
                .get(&format!("/limits?{key}={PROJECT}"))
                .await
                .expect(200);
            assert_eq!(
                reply.part("limits")["absolute"]["totalVolumesUsed"],
                json!(used),
                "{version}"
            );
        }
    }
}

async fn a_set_changes_one_project_until_it_is_deleted(app: App) {
    let path = format!("/os-quota-sets/{PROJECT}");
    let body = json!({"quota_set": {"snapshots": 1, "volumes": -1, "tenant_id": PROJECT}});
    let changed = app.api.put(&path, body).await.expect(200).part("quota_set");
    assert_eq!(keys(&changed), RESOURCES);
    assert_eq!((&changed["snapshots"], &changed["volumes"]), (&json!(1), &json!(-1)));
    assert_eq!(set(&app.api, PROJECT).await["snapshots"], json!(1));
    assert_eq!(set(&app.api, OTHER).await["snapshots"], json!(10));
    let defaults = app
        .api
        .get(&format!("{path}/defaults"))
        .await
        .expect(200)
        .part("quota_set");
    assert_eq!(defaults["snapshots"], json!(10));

    let source = app.volume(1).await;
    app.snapshot(&source).await;
    let body = json!({"snapshot": {"volume_id": source}});
    let message = "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded";
    app.api
        .post("/snapshots", body.clone())
        .await
        .expect_fault(413, message);
    app.api.delete(&path).await.expect_empty_json(200);
    assert_eq!(set(&app.api, PROJECT).await["snapshots"], json!(10));
    app.api.post("/snapshots", body).await.expect(202);
    app.api.delete(&path).await.expect_empty_json(200);
}

async fn bad_limits_are_refused_and_change_nothing(app: App) {
    let path = format!("/os-quota-sets/{PROJECT}");
    let before = set(&app.api, PROJECT).await;
    for (limits, message) in [
        (json!({"snapshots": -2}), "snapshots must be >= -1"),
        (json!({"snapshots": "x"}), "snapshots must be an integer"),
        (json!({"snapshots": null}), "snapshots must be an integer"),
        (json!({"snapshots": 1.5}), "snapshots must be an integer"),
        (
            json!({"snapshots": 2_147_483_648_u64}),
            "snapshots must be <= 2147483647",
        ),
        // Digits in quotes pass Cinder's schema and fail behind it.
        (json!({"snapshots": "400"}), MALFORMED),
        (
            json!({"bogus": 1}),
            "Invalid input received: Bad key(s) in quota set: bogus",
        ),
        (
            json!({"snapshots": 5, "bogus": 1}),
            "Invalid input received: Bad key(s) in quota set: bogus",
        ),
        (
            json!({}),
            "Invalid input for field/attribute quota_set. Value: {}. {} should be non-empty",
        ),
    ] {
        app.api
            .put(&path, json!({"quota_set": limits}))
            .await
            .expect_fault(400, message);
    }
    let message = "'quota_set' is a required property";
    app.api.put(&path, json!({})).await.expect_fault(400, message);
    assert_eq!(set(&app.api, PROJECT).await, before);
}

async fn a_limit_below_what_is_used_is_refused(app: App) {
    let source = app.volume(1).await;
    app.snapshot(&source).await;
    app.snapshot(&source).await;
    let path = format!("/os-quota-sets/{PROJECT}");
    app.api
        .put(&path, json!({"quota_set": {"snapshots": 9}}))
        .await
        .expect(200);
    let message = "Quota snapshots limit must be equal or greater than existing resources. Current usage is 2 and the \
                   requested limit is 1.";
    app.api
        .put(&path, json!({"quota_set": {"snapshots": 1}}))
        .await
        .expect_fault(400, message);
    assert_eq!(set(&app.api, PROJECT).await["snapshots"], json!(9));
    app.api
        .put(&path, json!({"quota_set": {"snapshots": 2}}))
        .await
        .expect(200);
}

async fn the_default_class_changes_everybodys_limits(app: App) {
    let class = app
        .api
        .get("/os-quota-class-sets/default")
        .await
        .expect(200)
        .part("quota_class_set");
    assert_eq!(keys(&class), [&RESOURCES[..], &["id"]].concat());
    assert_eq!((&class["snapshots"], &class["id"]), (&json!(10), &json!("default")));
    let body = json!({"quota_class_set": {"snapshots": "3"}});
    let changed = app
        .api
        .put("/os-quota-class-sets/default", body)
        .await
        .expect(200)
        .part("quota_class_set");
    assert_eq!(keys(&changed), RESOURCES);
    assert_eq!(set(&app.api, OTHER).await["snapshots"], json!(3));
    // Other classes have names and no members.
    let body = json!({"quota_class_set": {"snapshots": 7}});
    app.api.put("/os-quota-class-sets/gold", body).await.expect(200);
    let gold = app
        .api
        .get("/os-quota-class-sets/gold")
        .await
        .expect(200)
        .part("quota_class_set");
    assert_eq!((&gold["snapshots"], &gold["id"]), (&json!(7), &json!("gold")));
    assert_eq!(set(&app.api, OTHER).await["snapshots"], json!(3));
    let message = "Invalid input received: Bad key(s) in quota class set: bogus";
    let body = json!({"quota_class_set": {"bogus": 1}});
    app.api
        .put("/os-quota-class-sets/gold", body)
        .await
        .expect_fault(400, message);
}
