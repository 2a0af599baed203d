//! `PUT /snapshots/{id}`.

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, SNAPSHOT_FIELDS, SNAPSHOT_STATUSES, invalid, keys, text};

api_suite!(
    each_key_changes_its_text_and_leaves_the_other_alone,
    the_newer_spelling_wins,
    the_reply_shows_the_time_of_the_change_before,
    the_reply_has_the_fields_of_its_version,
    it_works_in_every_status,
    other_bodies_are_refused_and_change_nothing,
    the_body_is_looked_at_before_the_snapshot,
);

async fn each_key_changes_its_text_and_leaves_the_other_alone(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let path = format!("/snapshots/{id}");
    for (fields, name, description) in [
        (json!({"name": "new"}), json!("new"), Value::Null),
        (json!({"description": "newd"}), json!("new"), json!("newd")),
        (json!({"name": "a", "description": "b"}), json!("a"), json!("b")),
        (json!({"display_name": "dn"}), json!("dn"), json!("b")),
        (json!({"display_description": "dd"}), json!("dn"), json!("dd")),
        (json!({"name": null}), Value::Null, json!("dd")),
        (json!({"description": null}), Value::Null, Value::Null),
        (json!({"name": "", "description": ""}), json!(""), json!("")),
        (json!({"name": "  t  ", "description": " u "}), json!("t"), json!("u")),
        (
            json!({"display_name": " v ", "display_description": " w "}),
            json!("v"),
            json!("w"),
        ),
        (json!({"name": "☃\u{7}"}), json!("☃\u{7}"), json!("w")),
        (json!({"name": "x".repeat(255)}), json!("x".repeat(255)), json!("w")),
    ] {
        let reply = app.api.put(&path, json!({"snapshot": fields})).await.expect(200);
        let changed = reply.part("snapshot");
        assert_eq!(
            (&changed["name"], &changed["description"]),
            (&name, &description),
            "{fields}"
        );
        let shown = app.show_snapshot(&id).await;
        assert_eq!(
            (&shown["name"], &shown["description"]),
            (&name, &description),
            "{fields}"
        );
    }
}

async fn the_newer_spelling_wins(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    for (name, description) in [(json!("n"), json!("d")), (Value::Null, Value::Null)] {
        let fields = json!({
            "display_name": "x", "display_description": "y", "name": name, "description": description
        });
        let reply = app
            .api
            .put(&format!("/snapshots/{id}"), json!({"snapshot": fields}))
            .await
            .expect(200);
        let changed = reply.part("snapshot");
        assert_eq!((&changed["name"], &changed["description"]), (&name, &description));
    }
}

async fn the_reply_shows_the_time_of_the_change_before(app: App) {
    let id = app.new_snapshot(json!({"volume_id": app.volume(1).await})).await;
    let path = format!("/snapshots/{id}");
    let mut before = Value::Null;
    for second in 1..=3 {
        app.advance(1);
        let reply = app
            .api
            .put(&path, json!({"snapshot": {"name": second.to_string()}}))
            .await
            .expect(200);
        let changed = reply.part("snapshot");
        assert_eq!(changed["updated_at"], before);
        before = json!(format!("2027-01-15T08:00:0{second}.000000"));
        assert_eq!(app.show_snapshot(&id).await["updated_at"], before);
    }
}

async fn the_reply_has_the_fields_of_its_version(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let added = ["group_snapshot_id", "user_id", "consumes_quota"];
    for (version, count) in [("3.0", 0), ("3.14", 1), ("3.41", 2), ("3.65", 3), ("3.71", 3)] {
        let body = json!({"snapshot": {"name": version}});
        let reply = app.at(version).put(&format!("/snapshots/{id}"), body).await.expect(200);
        assert_eq!(
            keys(&reply.part("snapshot")),
            [&SNAPSHOT_FIELDS[..], &added[..count]].concat(),
            "{version}"
        );
        assert_eq!(keys(&reply.json()), ["snapshot"]);
    }
}

async fn it_works_in_every_status(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    for status in SNAPSHOT_STATUSES {
        app.reset_snapshot(&id, status).await;
        let body = json!({"snapshot": {"name": format!("while {status}")}});
        let reply = app.api.put(&format!("/snapshots/{id}"), body).await.expect(200);
        let changed = reply.part("snapshot");
        assert_eq!(text(&changed, "status"), status);
        assert_eq!(text(&changed, "name"), format!("while {status}"));
    }
}

async fn other_bodies_are_refused_and_change_nothing(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let path = format!("/snapshots/{id}");
    let before = app.everything().await;
    let long = "x".repeat(256);
    let extra = |shown: &str, key: &str| {
        invalid(
            "snapshot",
            shown,
            &format!("Additional properties are not allowed ('{key}' was unexpected)"),
        )
    };
    for (body, message) in [
        (json!(null), "None is not of type 'object'".to_owned()),
        (json!([]), "[] is not of type 'object'".to_owned()),
        (json!({}), "'snapshot' is a required property".to_owned()),
        (
            json!({"snapshot": null}),
            invalid("snapshot", "None", "None is not of type 'object'"),
        ),
        (
            json!({"snapshot": []}),
            invalid("snapshot", "[]", "[] is not of type 'object'"),
        ),
        (
            json!({"snapshot": {}}),
            invalid("snapshot", "{}", "{} is not valid under any of the given schemas"),
        ),
        (
            json!({"snapshot": {"name": "x"}, "x": 1}),
            "Additional properties are not allowed ('x' was unexpected)".to_owned(),
        ),
        (json!({"snapshot": {"foo": "bar"}}), extra("{'foo': 'bar'}", "foo")),
        (
            json!({"snapshot": {"metadata": {}}}),
            extra("{'metadata': {}}", "metadata"),
        ),
        (
            json!({"snapshot": {"name": "a", "status": "error"}}),
            extra("{'name': 'a', 'status': 'error'}", "status"),
        ),
        (
            json!({"snapshot": {"volume_id": NOWHERE, "name": "x"}}),
            extra(&format!("{{'volume_id': '{NOWHERE}', 'name': 'x'}}"), "volume_id"),
        ),
        (
            json!({"snapshot": {"name": 3}}),
            invalid("name", "3", "3 is not of type 'string', 'null'"),
        ),
        (
            json!({"snapshot": {"name": long}}),
            invalid("name", &long, &format!("'{long}' is too long")),
        ),
        (
            json!({"snapshot": {"display_description": long}}),
            invalid("display_description", &long, &format!("'{long}' is too long")),
        ),
        (
            json!({"snapshot": {"description": []}}),
            invalid("description", "[]", "[] is not of type 'string', 'null'"),
        ),
    ] {
        app.api.put(&path, body).await.expect_fault(400, &message);
    }
    let body = json!({"snapshot": {"description": "two\nlines"}});
    let reply = app.api.put(&path, body).await.expect(400);
    assert!(
        reply
            .text
            .contains("Invalid input for field/attribute description. Value: two\\nlines. ")
    );
    assert_eq!(app.everything().await, before);
}

async fn the_body_is_looked_at_before_the_snapshot(app: App) {
    let message =
        "Invalid input for field/attribute snapshot. Value: {}. {} is not valid under any of the given schemas";
    app.api
        .put(&format!("/snapshots/{NOWHERE}"), json!({"snapshot": {}}))
        .await
        .expect_fault(400, message);
}
