//! `PUT /volumes/{id}`.

use serde_json::{Value, json};

use crate::support::{App, invalid, text};

api_suite!(
    each_key_changes_its_field_and_leaves_the_others_alone,
    the_reply_shows_the_time_of_the_change_before,
    bodies_are_strict_from_their_version_on,
    bad_fields_are_refused_and_change_nothing,
    it_works_in_every_status,
);

async fn each_key_changes_its_field_and_leaves_the_others_alone(app: App) {
    let id = app.volume_with(json!({"size": 1, "metadata": {"a": "b"}})).await;
    for (fields, name, description, metadata) in [
        (json!({"name": "n"}), json!("n"), Value::Null, json!({"a": "b"})),
        (
            json!({"description": " two\nlines "}),
            json!("n"),
            json!("two\nlines"),
            json!({"a": "b"}),
        ),
        (
            json!({"display_name": " dn "}),
            json!("dn"),
            json!("two\nlines"),
            json!({"a": "b"}),
        ),
        (
            json!({"display_description": "dd"}),
            json!("dn"),
            json!("dd"),
            json!({"a": "b"}),
        ),
        (
            json!({"metadata": {"c/d": "e"}}),
            json!("dn"),
            json!("dd"),
            json!({"c/d": "e"}),
        ),
        (
            json!({"name": "n", "display_name": "x", "metadata": {}}),
            json!("n"),
            json!("dd"),
            json!({}),
        ),
        (
            json!({"name": null, "description": null}),
            Value::Null,
            Value::Null,
            json!({}),
        ),
    ] {
        for version in ["3.0", "latest"] {
            let body = json!({"volume": fields});
            let changed = app
                .at(version)
                .put(&format!("/volumes/{id}"), body)
                .await
                .expect(200)
                .part("volume");
            let shown = app.show_volume(&id).await;
            for volume in [&changed, &shown] {
                assert_eq!(volume["name"], name, "{fields}");
                assert_eq!(volume["description"], description, "{fields}");
                assert_eq!(volume["metadata"], metadata, "{fields}");
            }
        }
    }
}

async fn the_reply_shows_the_time_of_the_change_before(app: App) {
    let id = app.volume(1).await;
    for (second, before) in [(1, 0), (2, 1)] {
        app.advance(1);
        let body = json!({"volume": {"name": second.to_string()}});
        let changed = app
            .api
            .put(&format!("/volumes/{id}"), body)
            .await
            .expect(200)
            .part("volume");
        assert_eq!(
            text(&changed, "updated_at"),
            format!("2027-01-15T08:00:0{before}.000000")
        );
        let shown = app.show_volume(&id).await;
        assert_eq!(text(&shown, "updated_at"), format!("2027-01-15T08:00:0{second}.000000"));
    }
}

async fn bodies_are_strict_from_their_version_on(app: App) {
    let id = app.volume_with(json!({"size": 1, "name": "n"})).await;
    let path = format!("/volumes/{id}");
    for version in ["3.0", "3.52"] {
        let reply = app.at(version).put(&path, json!({"volume": {}})).await.expect(200);
        assert_eq!(text(&reply.part("volume"), "name"), "n");
        app.at(version)
            .put(&path, json!({"volume": {"name": "n", "foo": 1}}))
            .await
            .expect(200);
    }
    let start = "Invalid input for field/attribute volume. Value:";
    for version in ["3.53", "latest"] {
        let message = format!("{start} {{}}. {{}} is not valid under any of the given schemas");
        app.at(version)
            .put(&path, json!({"volume": {}}))
            .await
            .expect_fault(400, &message);
        let message =
            format!("{start} {{'name': 'n', 'foo': 1}}. Additional properties are not allowed ('foo' was unexpected)");
        let body = json!({"volume": {"name": "n", "foo": 1}});
        app.at(version).put(&path, body).await.expect_fault(400, &message);
    }
}

async fn bad_fields_are_refused_and_change_nothing(app: App) {
    let id = app.volume_with(json!({"size": 1, "name": "n"})).await;
    let before = app.everything().await;
    for (body, message) in [
        (json!({}), "'volume' is a required property".to_owned()),
        (
            json!({"volume": []}),
            invalid("volume", "[]", "[] is not of type 'object'"),
        ),
        (
            json!({"volume": {"name": 1}}),
            invalid("name", "1", "1 is not of type 'string', 'null'"),
        ),
        (
            json!({"volume": {"metadata": {"a": 1}}}),
            invalid("a", "1", "1 is not of type 'string'"),
        ),
    ] {
        app.api
            .put(&format!("/volumes/{id}"), body)
            .await
            .expect_fault(400, &message);
    }
    // The texts of the two calls differ; both tell the field and refuse.
    for field in ["name", "description"] {
        let body = json!({"volume": {field: "x".repeat(256)}});
        let reply = app.api.put(&format!("/volumes/{id}"), body).await.expect(400);
        assert!(text(&reply.part("badRequest"), "message").contains(field));
    }
    assert_eq!(app.everything().await, before);
}

async fn it_works_in_every_status(app: App) {
    let id = app.volume(1).await;
    for status in [
        "error",
        "in-use",
        "creating",
        "extending",
        "error_deleting",
        "maintenance",
        "uploading",
    ] {
        app.reset_volume(&id, status).await;
        let body = json!({"volume": {"name": format!("while {status}")}});
        let changed = app
            .api
            .put(&format!("/volumes/{id}"), body)
            .await
            .expect(200)
            .part("volume");
        assert_eq!(text(&changed, "status"), status);
    }
    app.reset_volume(&id, "available").await;
    app.api.delete(&format!("/volumes/{id}")).await.expect(202);
    app.api
        .put(&format!("/volumes/{id}"), json!({"volume": {"name": "going"}}))
        .await
        .expect(200);
}
