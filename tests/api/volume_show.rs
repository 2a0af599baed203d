//! What a volume looks like, alone, in lists and in replies.

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, PROJECT, USER, keys, text};

api_suite!(
    the_plain_list_shows_id_name_and_links,
    fields_appear_with_their_versions,
    every_field_has_its_value,
    filters_compare_columns,
    bootable_is_strict_from_its_version_on,
    times_are_compared_from_their_version_on,
    what_is_no_id_of_a_volume_is_not_found,
);

const CORE: [&str; 21] = [
    "id",
    "status",
    "size",
    "availability_zone",
    "created_at",
    "updated_at",
    "name",
    "description",
    "volume_type",
    "snapshot_id",
    "source_volid",
    "metadata",
    "links",
    "user_id",
    "bootable",
    "encrypted",
    "replication_status",
    "consistencygroup_id",
    "multiattach",
    "attachments",
    "migration_status",
];
const EXTENDED: [&str; 4] = [
    "os-vol-tenant-attr:tenant_id",
    "os-vol-mig-status-attr:migstat",
    "os-vol-mig-status-attr:name_id",
    "os-vol-host-attr:host",
];

async fn the_plain_list_shows_id_name_and_links(app: App) {
    let id = app.volume_with(json!({"size": 1, "name": "n"})).await;
    let root = app.api.root();
    for version in ["3.0", "3.71"] {
        let reply = app.at(version).get("/volumes").await.expect(200);
        assert_eq!(
            reply.text,
            format!(
                r#"{{"volumes": [{{"id": "{id}", "name": "n", "links": [{{"rel": "self", "href": "{root}/v3/{PROJECT}/volumes/{id}"}}, {{"rel": "bookmark", "href": "{root}/{PROJECT}/volumes/{id}"}}]}}]}}"#
            )
        );
    }
}

async fn fields_appear_with_their_versions(app: App) {
    let id = app.volume(1).await;
    let path = format!("/volumes/{id}");
    let added = [
        ("group_id", 13),
        ("provider_id", 21),
        ("shared_targets", 48),
        ("service_uuid", 48),
        ("cluster_name", 61),
        ("volume_type_id", 63),
        ("consumes_quota", 65),
    ];
    for minor in [0, 12, 13, 20, 21, 47, 48, 60, 61, 62, 63, 64, 65, 71] {
        let client = app.at(&format!("3.{minor}"));
        let since: Vec<_> = added
            .iter()
            .filter(|(_, since)| minor >= *since)
            .map(|(key, _)| *key)
            .collect();
        let short = [&CORE[..], &since].concat();
        let long = [&short[..], &EXTENDED].concat();

        let alone = client.get(&path).await.expect(200).part("volume");
        assert_eq!(keys(&alone), long, "3.{minor}");
        let list = client.get("/volumes/detail?limit=1").await.expect(200).part("volumes");
        assert_eq!(keys(&list[0]), long, "3.{minor}");
        let updated = client
            .put(&path, json!({"volume": {"name": "x"}}))
            .await
            .expect(200)
            .part("volume");
        assert_eq!(keys(&updated), short, "3.{minor}");
        let created = client
            .post("/volumes", json!({"volume": {"size": 1}}))
            .await
            .expect(202)
            .part("volume");
        assert_eq!(keys(&created), short, "3.{minor}");
        app.api
            .act(
                &format!("/volumes/{}", text(&created, "id")),
                "os-force_delete",
                json!({}),
            )
            .await
            .expect(202);
        app.drain().await;
    }
}

async fn every_field_has_its_value(app: App) {
    let fields = json!({"size": 2, "name": "n", "description": "d", "metadata": {"b": "2", "a": "1"}});
    let id = app.volume_with(fields).await;
    let kind = app.api.get("/types/default").await.expect(200).part("volume_type")["id"].take();
    let shown = app.show_volume(&id).await;
    let root = app.api.root();
    for (key, value) in [
        ("id", json!(id)),
        ("status", json!("available")),
        ("size", json!(2)),
        ("availability_zone", json!("nova")),
        ("created_at", json!("2027-01-15T08:00:00.000000")),
        ("updated_at", json!("2027-01-15T08:00:00.000000")),
        ("name", json!("n")),
        ("description", json!("d")),
        ("volume_type", json!("__DEFAULT__")),
        ("snapshot_id", Value::Null),
        ("source_volid", Value::Null),
        ("metadata", json!({"a": "1", "b": "2"})),
        (
            "links",
            json!([
                {"rel": "self", "href": format!("{root}/v3/{PROJECT}/volumes/{id}")},
                {"rel": "bookmark", "href": format!("{root}/{PROJECT}/volumes/{id}")},
            ]),
        ),
        ("user_id", json!(USER)),
        ("bootable", json!("false")),
        ("encrypted", json!(false)),
        ("replication_status", Value::Null),
        ("consistencygroup_id", Value::Null),
        ("multiattach", json!(false)),
        ("attachments", json!([])),
        ("migration_status", Value::Null),
        ("group_id", Value::Null),
        ("provider_id", Value::Null),
        ("cluster_name", Value::Null),
        ("volume_type_id", kind),
        ("consumes_quota", json!(true)),
        ("os-vol-tenant-attr:tenant_id", json!(PROJECT)),
        ("os-vol-mig-status-attr:migstat", Value::Null),
        ("os-vol-mig-status-attr:name_id", Value::Null),
        ("os-vol-host-attr:host", json!("brick@file#file")),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    assert!(shown["shared_targets"].is_boolean() || shown["shared_targets"].is_null());
    assert!(uuid::Uuid::try_parse(text(&shown, "service_uuid")).is_ok());
    // Some statuses are shown under the names that clients know.
    for (status, public) in [("managing", "creating"), ("error_managing", "error")] {
        app.reset_volume(&id, status).await;
        assert_eq!(app.volume_status(&id).await, public);
    }
}

/// The names on a list with these parameters, the oldest first.
async fn names(app: &App, version: &str, query: &[(&str, &str)]) -> String {
    let list = app
        .at(version)
        .get_with("/volumes/detail?sort_dir=asc", query)
        .await
        .expect(200)
        .part("volumes");
    crate::support::column(&list, "name").concat()
}

async fn filters_compare_columns(app: App) {
    let a = app
        .volume_with(json!({"size": 1, "name": "a", "metadata": {"k": "v"}}))
        .await;
    app.advance(1);
    let snapshot = app.snapshot(&a).await;
    app.volume_with(json!({"snapshot_id": snapshot, "name": "b", "size": 2}))
        .await;
    app.advance(1);
    let c = app.volume_with(json!({"source_volid": a, "name": "c"})).await;
    app.reset_volume(&c, "error").await;
    for version in ["3.0", "3.31", "3.71"] {
        for (key, value, expected) in [
            ("name", "a", "a"),
            ("name", "A", ""),
            ("display_name", "b", "b"),
            ("status", "available", "ab"),
            ("status", "error", "c"),
            ("size", "2", "b"),
            ("size", "x", ""),
            ("id", a.as_str(), "a"),
            ("snapshot_id", snapshot.as_str(), "b"),
            ("source_volid", a.as_str(), "c"),
            ("source_volid", "nope", ""),
            ("metadata", "{'k': 'v'}", "a"),
            ("metadata", "{'k': 'w'}", ""),
            ("metadata", "x", ""),
            ("availability_zone", "nova", "abc"),
            ("availability_zone", "x", ""),
            ("host", "brick@file#file", "abc"),
            ("user_id", USER, "abc"),
            ("foo", "bar", ""),
            ("all_tenants", "1", "abc"),
        ] {
            assert_eq!(
                names(&app, version, &[(key, value)]).await,
                expected,
                "{key}={value} at {version}"
            );
        }
    }
    assert_eq!(names(&app, "3.34", &[("name~", "a")]).await, "a");
    assert_eq!(names(&app, "3.65", &[("consumes_quota", "true")]).await, "abc");
    assert_eq!(names(&app, "3.65", &[("consumes_quota", "false")]).await, "");
    // A filter that a version does not know yet is no filter.
    for (version, expected) in [("3.9", "abc"), ("3.10", ""), ("3.71", "")] {
        assert_eq!(
            names(&app, version, &[("group_id", NOWHERE)]).await,
            expected,
            "{version}"
        );
    }
}

async fn bootable_is_strict_from_its_version_on(app: App) {
    app.volume_with(json!({"size": 1, "name": "a"})).await;
    for version in ["3.0", "3.2", "3.71"] {
        assert_eq!(names(&app, version, &[("bootable", "false")]).await, "a", "{version}");
        assert_eq!(names(&app, version, &[("bootable", "true")]).await, "", "{version}");
    }
    for version in ["3.2", "3.71"] {
        let message = "Invalid input received: 'bootable = maybe'";
        app.at(version)
            .get("/volumes?bootable=maybe")
            .await
            .expect_fault(400, message);
    }
}

async fn times_are_compared_from_their_version_on(app: App) {
    for name in ["a", "b", "c"] {
        app.volume_with(json!({"size": 1, "name": name})).await;
        app.advance(60);
    }
    for (value, expected) in [
        ("gt:2027-01-15T08:01:00", "c"),
        ("gte:2027-01-15T08:01:00", "bc"),
        ("lt:2027-01-15T08:01:00", "a"),
        ("lte:2027-01-15T08:01:00.000000", "ab"),
        ("eq:2027-01-15T08:01:00", "b"),
        ("neq:2027-01-15T08:01:00", "ac"),
        ("2027-01-15T08:01:00", "b"),
        ("gt:2027-01-15T08:00:00,lt:2027-01-15T08:02:00", "b"),
        ("gt:2027-01-15T10:01:00+02:00", "c"),
        ("gt:2020-01-01", "abc"),
    ] {
        for key in ["created_at", "updated_at"] {
            assert_eq!(names(&app, "3.60", &[(key, value)]).await, expected, "{key}={value}");
        }
    }
    app.at("3.60")
        .get("/volumes?created_at=xx:2020-01-01")
        .await
        .expect_fault(400, "Invalid xx operator");
    app.at("3.60")
        .get("/volumes?created_at=gt:bogus")
        .await
        .expect_fault(400, "Invalid bogus value");
}

async fn what_is_no_id_of_a_volume_is_not_found(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let before = app.everything().await;
    for wrong in [
        NOWHERE,
        "nope",
        &snapshot,
        &volume.to_uppercase(),
        &volume.replace('-', ""),
    ] {
        let message = format!("Volume {wrong} could not be found.");
        let path = format!("/volumes/{wrong}");
        app.api.get(&path).await.expect_fault(404, &message);
        app.api.delete(&path).await.expect_fault(404, &message);
        app.api
            .put(&path, json!({"volume": {"name": "x"}}))
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
        for (action, argument) in [
            ("os-extend", json!({"new_size": 2})),
            ("os-reset_status", json!({"status": "error"})),
            ("os-force_delete", json!({})),
            ("revert", json!({"snapshot_id": snapshot})),
        ] {
            app.at("3.40")
                .act(&path, action, argument)
                .await
                .expect_fault(404, &message);
        }
    }
    assert_eq!(app.everything().await, before);
}
