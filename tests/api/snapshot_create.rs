//! `POST /snapshots`: what is accepted, and what becomes of it (cinder.md §3.7).

use serde_json::{Value, json};

use crate::support::{App, OTHER, PROJECT, Reply, SNAPSHOT_FIELDS, USER, keys, text};

api_suite!(
    the_reply_is_the_new_row_and_no_more,
    later_versions_add_fields,
    texts_are_stored_trimmed,
    the_name_wins_over_its_older_spelling,
    metadata_is_taken_as_it_is,
    the_worker_finishes_what_was_accepted,
    snapshots_of_one_volume_have_an_order_even_when_time_stands_still,
    an_admin_owns_the_snapshot_of_anothers_volume,
    many_can_be_asked_for_before_the_first_is_done,
);

async fn create(app: &App, version: &str, fields: Value) -> Reply {
    let reply = app.at(version).post("/snapshots", json!({"snapshot": fields})).await;
    reply.expect(202)
}

async fn the_reply_is_the_new_row_and_no_more(app: App) {
    let volume = app.volume(2).await;
    let reply = create(&app, "3.0", json!({"volume_id": volume})).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));
    let id = text(&reply.part("snapshot"), "id").to_owned();
    assert_eq!(
        reply.text,
        format!(
            r#"{{"snapshot": {{"id": "{id}", "created_at": "2027-01-15T08:00:00.000000", "updated_at": null, "name": null, "description": null, "volume_id": "{volume}", "status": "creating", "size": 2, "metadata": {{}}}}}}"#
        )
    );
}

async fn later_versions_add_fields(app: App) {
    let volume = app.volume(1).await;
    for (version, added) in [
        ("3.13", &[][..]),
        ("3.14", &["group_snapshot_id"]),
        ("3.40", &["group_snapshot_id"]),
        ("3.41", &["group_snapshot_id", "user_id"]),
        ("3.64", &["group_snapshot_id", "user_id"]),
        ("3.65", &["group_snapshot_id", "user_id", "consumes_quota"]),
        ("3.71", &["group_snapshot_id", "user_id", "consumes_quota"]),
    ] {
        let fields = json!({"volume_id": volume, "name": "n", "description": "d", "metadata": {"k": "v"}});
        let snapshot = create(&app, version, fields).await.part("snapshot");
        assert_eq!(keys(&snapshot), [&SNAPSHOT_FIELDS[..], added].concat(), "{version}");
        assert_eq!(snapshot["name"], json!("n"));
        assert_eq!(snapshot["description"], json!("d"));
        assert_eq!(snapshot["metadata"], json!({"k": "v"}));
    }
    let snapshot = create(&app, "3.71", json!({"volume_id": volume}))
        .await
        .part("snapshot");
    assert_eq!(snapshot["group_snapshot_id"], Value::Null);
    assert_eq!(snapshot["user_id"], json!(USER));
    assert_eq!(snapshot["consumes_quota"], json!(true));
}

async fn texts_are_stored_trimmed(app: App) {
    let volume = app.volume(1).await;
    let long = "x".repeat(255);
    let snowmen = "☃".repeat(255);
    for (sent, stored) in [
        (json!("n1"), json!("n1")),
        (Value::Null, Value::Null),
        (json!(""), json!("")),
        (json!("   "), json!("")),
        (json!("  padded name  "), json!("padded name")),
        (json!("\ta\n"), json!("a")),
        (json!("\u{a0}x\u{3000}"), json!("x")),
        (json!(long), json!(long)),
        (json!(snowmen), json!(snowmen)),
        (json!("a\u{7}b"), json!("a\u{7}b")),
        (json!("снимок ☃ 快照 🎉"), json!("снимок ☃ 快照 🎉")),
        (json!("<b>&\"'</b> a\\b%_*"), json!("<b>&\"'</b> a\\b%_*")),
    ] {
        for key in ["name", "display_name"] {
            let snapshot = create(&app, "3.0", json!({"volume_id": volume, key: sent}))
                .await
                .part("snapshot");
            assert_eq!(snapshot["name"], stored, "{sent}");
            assert_eq!(app.show_snapshot(text(&snapshot, "id")).await["name"], stored, "{sent}");
        }
    }
    for (sent, stored) in [
        (Value::Null, Value::Null),
        (json!(""), json!("")),
        (json!("  padded  "), json!("padded")),
        (json!("é ñ ü — ok ☃"), json!("é ñ ü — ok ☃")),
        (json!("y".repeat(255)), json!("y".repeat(255))),
    ] {
        let snapshot = create(&app, "3.0", json!({"volume_id": volume, "description": sent}))
            .await
            .part("snapshot");
        assert_eq!(snapshot["description"], stored, "{sent}");
    }
}

async fn the_name_wins_over_its_older_spelling(app: App) {
    let volume = app.volume(1).await;
    for (name, stored) in [
        (json!("n"), json!("n")),
        (json!(""), json!("")),
        (Value::Null, Value::Null),
    ] {
        let fields = json!({"volume_id": volume, "display_name": "older", "name": name});
        let snapshot = create(&app, "3.0", fields).await.part("snapshot");
        assert_eq!(snapshot["name"], stored);
    }
}

async fn metadata_is_taken_as_it_is(app: App) {
    let volume = app.volume(1).await;
    let many: Value = (0..200)
        .map(|n| (format!("k{n:03}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (sent, stored) in [
        (Value::Null, json!({})),
        (json!({}), json!({})),
        (json!({"k": ""}), json!({"k": ""})),
        (json!({" a b ": " x "}), json!({" a b ": " x "})),
        (json!({"a:b-c_d.e": "x"}), json!({"a:b-c_d.e": "x"})),
        // Kubernetes' own keys have slashes; the metadata resource refuses them.
        (json!({"velero.io/backup": "x"}), json!({"velero.io/backup": "x"})),
        (json!({"KEY": "1", "key": "2"}), json!({"KEY": "1", "key": "2"})),
        (json!({"k": "☃\n"}), json!({"k": "☃\n"})),
        (
            json!({"k".repeat(255): "v".repeat(255)}),
            json!({"k".repeat(255): "v".repeat(255)}),
        ),
        (many.clone(), many),
    ] {
        let snapshot = create(&app, "3.0", json!({"volume_id": volume, "metadata": sent}))
            .await
            .part("snapshot");
        assert_eq!(snapshot["metadata"], stored);
        assert_eq!(app.show_snapshot(text(&snapshot, "id")).await["metadata"], stored);
    }
}

async fn the_worker_finishes_what_was_accepted(app: App) {
    let volume = app.volume(1).await;
    let id = app.new_snapshot(json!({"volume_id": volume})).await;
    let before = app.show_snapshot(&id).await;
    assert_eq!(before["status"], json!("creating"));
    assert_eq!(before["os-extended-snapshot-attributes:progress"], json!("0%"));
    assert_eq!(before["updated_at"], Value::Null);
    assert!(!app.snapshot_file(&id).exists());

    app.advance(5);
    app.drain().await;
    let after = app.show_snapshot(&id).await;
    assert_eq!(after["status"], json!("available"));
    assert_eq!(after["os-extended-snapshot-attributes:progress"], json!("100%"));
    assert_eq!(after["updated_at"], json!("2027-01-15T08:00:05.000000"));
    assert_eq!(after["created_at"], before["created_at"]);
    assert_eq!(app.snapshot_file(&id).metadata().unwrap().len(), 1 << 30);
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn snapshots_of_one_volume_have_an_order_even_when_time_stands_still(app: App) {
    let volume = app.volume(1).await;
    for micros in 0..3 {
        let snapshot = create(&app, "3.0", json!({"volume_id": volume})).await.part("snapshot");
        assert_eq!(
            snapshot["created_at"],
            json!(format!("2027-01-15T08:00:00.00000{micros}"))
        );
    }
}

async fn an_admin_owns_the_snapshot_of_anothers_volume(app: App) {
    let volume = app.volume(1).await;
    let admin = app.at("3.41").of("boss", OTHER);
    let reply = admin
        .post("/snapshots", json!({"snapshot": {"volume_id": volume}}))
        .await
        .expect(202);
    let snapshot = reply.part("snapshot");
    assert_eq!(snapshot["user_id"], json!("boss"));
    let shown = app.show_snapshot(text(&snapshot, "id")).await;
    assert_eq!(shown["os-extended-snapshot-attributes:project_id"], json!(OTHER));
    let limits = |project: &str| app.api.below("/v3").token(&format!("u:{project}"));
    for (project, used) in [(PROJECT, 0), (OTHER, 1)] {
        let absolute = limits(project).get("/limits").await.expect(200).part("limits")["absolute"].take();
        assert_eq!(absolute["totalSnapshotsUsed"], json!(used));
    }
}

async fn many_can_be_asked_for_before_the_first_is_done(app: App) {
    let volume = app.volume(1).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(app.new_snapshot(json!({"volume_id": volume})).await);
    }
    app.drain().await;
    for id in ids {
        assert_eq!(app.snapshot_status(&id).await, "available");
        assert!(app.snapshot_file(&id).exists());
    }
}
