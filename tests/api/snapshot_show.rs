//! What a snapshot looks like, alone and in lists.

use serde_json::json;

use crate::support::{App, NOWHERE, PROJECT, SNAPSHOT_FIELDS, USER, keys};

api_suite!(
    alone_and_in_the_detailed_list_it_shows_everything,
    the_plain_list_never_grows,
    fields_appear_with_their_versions,
    what_is_no_id_of_a_snapshot_is_not_found,
);

const EXTENDED: [&str; 2] = [
    "os-extended-snapshot-attributes:project_id",
    "os-extended-snapshot-attributes:progress",
];

async fn alone_and_in_the_detailed_list_it_shows_everything(app: App) {
    let volume = app.volume(3).await;
    let fields = json!({"volume_id": volume, "name": "n ☃", "description": "d", "metadata": {"b": "2", "a": "1"}});
    let id = app.new_snapshot(fields).await;
    app.advance(61);
    app.drain().await;
    let shown = format!(
        r#"{{"id": "{id}", "created_at": "2027-01-15T08:00:00.000000", "updated_at": "2027-01-15T08:01:01.000000", "name": "n \u2603", "description": "d", "volume_id": "{volume}", "status": "available", "size": 3, "metadata": {{"a": "1", "b": "2"}}, "group_snapshot_id": null, "user_id": "{USER}", "consumes_quota": true, "os-extended-snapshot-attributes:project_id": "{PROJECT}", "os-extended-snapshot-attributes:progress": "100%"}}"#
    );
    let alone = app.at("3.71").get(&format!("/snapshots/{id}")).await.expect(200);
    assert_eq!(alone.text, format!(r#"{{"snapshot": {shown}}}"#));
    assert_eq!(alone.header("content-type"), Some("application/json"));
    let list = app.at("3.71").get("/snapshots/detail").await.expect(200);
    assert_eq!(list.text, format!(r#"{{"snapshots": [{shown}]}}"#));
}

async fn the_plain_list_never_grows(app: App) {
    app.snapshot(&app.volume(1).await).await;
    for version in ["3.0", "3.14", "3.41", "3.65", "3.71"] {
        let list = app.at(version).get("/snapshots").await.expect(200).part("snapshots");
        assert_eq!(keys(&list[0]), SNAPSHOT_FIELDS, "{version}");
    }
}

async fn fields_appear_with_their_versions(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let added = ["group_snapshot_id", "user_id", "consumes_quota"];
    for (version, count) in [
        ("3.0", 0),
        ("3.13", 0),
        ("3.14", 1),
        ("3.40", 1),
        ("3.41", 2),
        ("3.64", 2),
        ("3.65", 3),
        ("3.71", 3),
    ] {
        let expected = [&SNAPSHOT_FIELDS[..], &added[..count], &EXTENDED].concat();
        let alone = app
            .at(version)
            .get(&format!("/snapshots/{id}"))
            .await
            .expect(200)
            .part("snapshot");
        assert_eq!(keys(&alone), expected, "{version}");
        let list = app
            .at(version)
            .get("/snapshots/detail")
            .await
            .expect(200)
            .part("snapshots");
        assert_eq!(list, json!([alone]), "{version}");
    }
}

async fn what_is_no_id_of_a_snapshot_is_not_found(app: App) {
    let volume = app.volume(1).await;
    let id = app.snapshot(&volume).await;
    let strange = [
        NOWHERE.to_owned(),
        "nope".to_owned(),
        volume,
        id.to_uppercase(),
        id.replace('-', ""),
        // Clients look names up as ids first.
        "a%20name%20with%20%E2%98%83".to_owned(),
    ];
    for wrong in strange {
        let decoded = wrong.replace("%20", " ").replace("%E2%98%83", "☃");
        let message = format!("Snapshot {decoded} could not be found.");
        let path = format!("/snapshots/{wrong}");
        app.api.get(&path).await.expect_fault(404, &message);
        app.api.delete(&path).await.expect_fault(404, &message);
        app.api
            .put(&path, json!({"snapshot": {"name": "x"}}))
            .await
            .expect_fault(404, &message);
        app.api
            .get(&format!("{path}/metadata"))
            .await
            .expect_fault(404, &message);
        app.api
            .get(&format!("{path}/metadata/k"))
            .await
            .expect_fault(404, &message);
        app.api
            .delete(&format!("{path}/metadata/k"))
            .await
            .expect_fault(404, &message);
        let metadata = json!({"metadata": {"a": "b"}});
        app.api
            .post(&format!("{path}/metadata"), metadata.clone())
            .await
            .expect_fault(404, &message);
        app.api
            .put(&format!("{path}/metadata"), metadata)
            .await
            .expect_fault(404, &message);
        let meta = json!({"meta": {"k": "b"}});
        app.api
            .put(&format!("{path}/metadata/k"), meta)
            .await
            .expect_fault(404, &message);
        for (action, argument) in [
            ("os-reset_status", json!({"status": "error"})),
            ("os-force_delete", json!(null)),
            ("os-update_snapshot_status", json!({"status": "available"})),
        ] {
            app.api.act(&path, action, argument).await.expect_fault(404, &message);
        }
    }
    assert_eq!(app.snapshot_status(&id).await, "available");
}
