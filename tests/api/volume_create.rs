//! `POST /volumes`: empty ones, and those that begin as a copy.

use serde_json::{Value, json};

use crate::support::{App, MALFORMED, NOWHERE, Reply, invalid, read_at, text, write_at};

api_suite!(
    an_empty_volume_reads_as_zeroes,
    the_size_is_a_number_or_its_digits,
    texts_metadata_type_and_zone_are_taken,
    bodies_are_strict_from_their_version_on,
    bad_fields_are_refused,
    what_this_service_does_not_have_is_not_found,
    a_volume_from_a_snapshot_has_its_bytes,
    a_volume_from_a_volume_has_its_bytes,
    a_copy_is_not_smaller_than_its_source,
    only_one_source_and_only_a_finished_one,
    a_source_may_go_as_soon_as_the_copy_is_accepted,
);

async fn create(app: &App, version: &str, fields: Value) -> Reply {
    app.at(version).post("/volumes", json!({"volume": fields})).await
}

async fn an_empty_volume_reads_as_zeroes(app: App) {
    let reply = create(&app, "3.0", json!({"size": 2})).await.expect(202);
    let volume = reply.part("volume");
    assert_eq!(text(&volume, "status"), "creating");
    assert_eq!(volume["updated_at"], Value::Null);
    let id = text(&volume, "id");
    assert!(!app.volume_file(id).exists());
    app.advance(1);
    app.drain().await;
    let shown = app.show_volume(id).await;
    assert_eq!(text(&shown, "status"), "available");
    assert_eq!(text(&shown, "updated_at"), "2027-01-15T08:00:01.000000");
    let file = app.volume_file(id);
    assert_eq!(file.metadata().unwrap().len(), 2 << 30);
    assert_eq!(read_at(&file, (2 << 30) - 4096, 4096), [0; 4096]);
}

async fn the_size_is_a_number_or_its_digits(app: App) {
    for (size, stored) in [(json!(1), 1), (json!("1"), 1), (json!("007"), 7)] {
        let volume = create(&app, "3.0", json!({"size": size}))
            .await
            .expect(202)
            .part("volume");
        assert_eq!(volume["size"], json!(stored));
    }
    for (size, shown, reason) in [
        (json!(0), "0", "0 is less than the minimum of 1"),
        (json!(-1), "-1", "-1 is less than the minimum of 1"),
        (json!("x"), "x", "'x' does not match '^[0-9]+$'"),
        (json!("-1"), "-1", "'-1' does not match '^[0-9]+$'"),
        (json!(""), "", "'' does not match '^[0-9]+$'"),
        (json!(1.5), "1.5", "1.5 is not of type 'integer', 'string', 'null'"),
        (json!(true), "True", "True is not of type 'integer', 'string', 'null'"),
        (json!([]), "[]", "[] is not of type 'integer', 'string', 'null'"),
    ] {
        let message = invalid("size", shown, reason);
        create(&app, "3.0", json!({"size": size}))
            .await
            .expect_fault(400, &message);
        create(&app, "latest", json!({"size": size}))
            .await
            .expect_fault(400, &message);
    }
    for fields in [
        json!({}),
        json!({"size": null}),
        json!({"name": "x"}),
        json!({"snapshot_id": null}),
    ] {
        create(&app, "3.0", fields.clone()).await.expect_fault(400, MALFORMED);
        create(&app, "latest", fields).await.expect_fault(400, MALFORMED);
    }
    // More than any database column of Cinder's holds.
    for size in [json!(2_147_483_648_u64), json!("99999999999999999999")] {
        create(&app, "3.0", json!({"size": size})).await.expect(400);
    }
}

async fn texts_metadata_type_and_zone_are_taken(app: App) {
    let kind = app.api.get("/types/default").await.expect(200).part("volume_type");
    for (fields, key, stored) in [
        (json!({"name": " n "}), "name", json!("n")),
        (json!({"display_name": "dn"}), "name", json!("dn")),
        (json!({"display_name": "dn", "name": "n"}), "name", json!("n")),
        (json!({"name": null}), "name", Value::Null),
        (
            json!({"name": format!("  {}  ", "x".repeat(255))}),
            "name",
            json!("x".repeat(255)),
        ),
        (json!({"description": " d "}), "description", json!("d")),
        (json!({"display_description": "dd"}), "description", json!("dd")),
        // Unlike a snapshot's.
        (
            json!({"description": "two\nlines 🎉"}),
            "description",
            json!("two\nlines 🎉"),
        ),
        (json!({"metadata": {"a/b": "c"}}), "metadata", json!({"a/b": "c"})),
        (json!({"metadata": null}), "metadata", json!({})),
        (
            json!({"volume_type": "__DEFAULT__"}),
            "volume_type",
            json!("__DEFAULT__"),
        ),
        (json!({"volume_type": kind["id"]}), "volume_type", json!("__DEFAULT__")),
        (json!({"volume_type": null}), "volume_type", json!("__DEFAULT__")),
        (json!({"availability_zone": "nova"}), "availability_zone", json!("nova")),
        (json!({"availability_zone": null}), "availability_zone", json!("nova")),
        (json!({"multiattach": false}), "multiattach", json!(false)),
        (
            json!({"imageRef": null, "source_volid": null}),
            "source_volid",
            Value::Null,
        ),
    ] {
        let mut all = fields.clone();
        all["size"] = json!(1);
        for version in ["3.0", "latest"] {
            let volume = create(&app, version, all.clone()).await.expect(202).part("volume");
            assert_eq!(volume[key], stored, "{fields}");
        }
    }
}

async fn bodies_are_strict_from_their_version_on(app: App) {
    let fields = json!({"size": 1, "foo": "bar"});
    for version in ["3.0", "3.52"] {
        create(&app, version, fields.clone()).await.expect(202);
    }
    for version in ["3.53", "latest"] {
        let reason = "Additional properties are not allowed ('foo' was unexpected)";
        let message = invalid("volume", "{'size': 1, 'foo': 'bar'}", reason);
        create(&app, version, fields.clone()).await.expect_fault(400, &message);
    }
    // Hints for a scheduler are legal; there is nothing to schedule.
    let body = json!({"volume": {"size": 1}, "OS-SCH-HNT:scheduler_hints": {"a": "b"}});
    app.at("latest").post("/volumes", body).await.expect(202);
    for (body, message) in [
        (json!({}), "'volume' is a required property".to_owned()),
        (json!([]), "[] is not of type 'object'".to_owned()),
        (
            json!({"volume": null}),
            invalid("volume", "None", "None is not of type 'object'"),
        ),
        (
            json!({"volume": []}),
            invalid("volume", "[]", "[] is not of type 'object'"),
        ),
    ] {
        app.api.post("/volumes", body.clone()).await.expect_fault(400, &message);
        app.at("latest")
            .post("/volumes", body)
            .await
            .expect_fault(400, &message);
    }
}

async fn bad_fields_are_refused(app: App) {
    let before = app.everything().await;
    let long = "x".repeat(256);
    for (fields, message) in [
        (
            json!({"name": long}),
            "Invalid input received: name has 256 characters, more than 255.".to_owned(),
        ),
        (
            json!({"display_description": long}),
            "Invalid input received: display_description has 256 characters, more than 255.".to_owned(),
        ),
        (
            json!({"name": 5}),
            invalid("name", "5", "5 is not of type 'string', 'null'"),
        ),
        (
            json!({"metadata": {"a": 1}}),
            invalid("a", "1", "1 is not of type 'string'"),
        ),
        (
            json!({"metadata": []}),
            invalid("metadata", "[]", "[] is not of type 'object', 'null'"),
        ),
        (
            json!({"availability_zone": "nope"}),
            "Availability zone 'nope' is invalid.".to_owned(),
        ),
        (
            json!({"snapshot_id": "abc"}),
            invalid(
                "snapshot_id",
                "abc",
                "'abc' is not valid under any of the given schemas",
            ),
        ),
        (
            json!({"source_volid": 1}),
            invalid("source_volid", "1", "1 is not valid under any of the given schemas"),
        ),
        (
            json!({"multiattach": true}),
            "multiattach parameter has been removed. The default behavior is to use multiattach enabled volume \
             types. Contact your administrator to create a multiattach enabled volume type and use it to create \
             multiattach volumes."
                .to_owned(),
        ),
    ] {
        let mut all = fields;
        all["size"] = json!(1);
        create(&app, "3.0", all.clone()).await.expect_fault(400, &message);
        create(&app, "latest", all).await.expect_fault(400, &message);
    }
    assert_eq!(app.everything().await, before);
}

async fn what_this_service_does_not_have_is_not_found(app: App) {
    let before = app.everything().await;
    for (fields, message) in [
        (
            json!({"snapshot_id": NOWHERE}),
            format!("Snapshot {NOWHERE} could not be found."),
        ),
        (
            json!({"source_volid": NOWHERE}),
            format!("Volume {NOWHERE} could not be found."),
        ),
        (
            json!({"volume_type": "nope"}),
            "Volume type with name nope could not be found.".to_owned(),
        ),
        (
            json!({"volume_type": NOWHERE}),
            format!("Volume type {NOWHERE} could not be found."),
        ),
        (
            json!({"backup_id": NOWHERE}),
            format!("Backup {NOWHERE} could not be found."),
        ),
        (
            json!({"consistencygroup_id": NOWHERE}),
            format!("Group {NOWHERE} could not be found."),
        ),
        (
            json!({"group_id": NOWHERE}),
            format!("Group {NOWHERE} could not be found."),
        ),
    ] {
        let mut all = fields;
        all["size"] = json!(1);
        create(&app, "3.0", all.clone()).await.expect_fault(404, &message);
        create(&app, "latest", all).await.expect_fault(404, &message);
    }
    let image = json!({"size": 1, "imageRef": NOWHERE});
    let message = "Invalid image identifier or unable to access requested image.";
    create(&app, "3.0", image).await.expect_fault(400, message);
    assert_eq!(app.everything().await, before);
}

async fn a_volume_from_a_snapshot_has_its_bytes(app: App) {
    let origin = app
        .volume_with(json!({"size": 1, "name": "origin", "metadata": {"a": "b"}}))
        .await;
    let file = app.volume_file(&origin);
    write_at(&file, 0, b"frozen at the start");
    write_at(&file, (1 << 30) - 6, b"at end");
    let snapshot = app.snapshot(&origin).await;
    write_at(&file, 0, b"FRESH AT THE START!");

    let reply = create(&app, "3.0", json!({"snapshot_id": snapshot, "name": "copy"}))
        .await
        .expect(202);
    let copy = reply.part("volume");
    assert_eq!((&copy["size"], &copy["snapshot_id"]), (&json!(1), &json!(snapshot)));
    // Nothing else is inherited.
    assert_eq!((&copy["metadata"], &copy["description"]), (&json!({}), &Value::Null));
    let larger = create(&app, "3.0", json!({"snapshot_id": snapshot, "size": 2}))
        .await
        .expect(202)
        .part("volume");
    app.drain().await;
    for (volume, size) in [(&copy, 1_u64), (&larger, 2)] {
        let id = text(volume, "id");
        assert_eq!(app.volume_status(id).await, "available");
        let file = app.volume_file(id);
        assert_eq!(file.metadata().unwrap().len(), size << 30);
        assert_eq!(read_at(&file, 0, 19), b"frozen at the start");
        assert_eq!(read_at(&file, (1 << 30) - 6, 6), b"at end");
    }
    assert_eq!(read_at(&app.volume_file(text(&larger, "id")), 1 << 30, 4096), [0; 4096]);
    assert_eq!(read_at(&file, 0, 19), b"FRESH AT THE START!");
}

async fn a_volume_from_a_volume_has_its_bytes(app: App) {
    let origin = app.volume(1).await;
    write_at(&app.volume_file(&origin), 4096, b"copied");
    for (status, size) in [("available", Value::Null), ("in-use", json!(2))] {
        app.reset_volume(&origin, status).await;
        let reply = create(&app, "3.0", json!({"source_volid": origin, "size": size}))
            .await
            .expect(202);
        let copy = reply.part("volume");
        assert_eq!(copy["source_volid"], json!(origin));
        assert_eq!(copy["size"], if size.is_null() { json!(1) } else { size });
        app.drain().await;
        let id = text(&copy, "id");
        assert_eq!(app.volume_status(id).await, "available");
        assert_eq!(read_at(&app.volume_file(id), 4096, 6), b"copied");
        assert_eq!(app.volume_status(&origin).await, status);
    }
}

async fn a_copy_is_not_smaller_than_its_source(app: App) {
    let origin = app.volume(3).await;
    let snapshot = app.snapshot(&origin).await;
    let before = app.everything().await;
    let message = "Invalid input received: Volume size '2'GB cannot be smaller than the snapshot size 3GB. They must \
                   be >= original snapshot size.";
    create(&app, "3.0", json!({"snapshot_id": snapshot, "size": 2}))
        .await
        .expect_fault(400, message);
    let message = "Invalid input received: Volume size '2'GB cannot be smaller than original volume size  3GB. They \
                   must be >= original volume size.";
    create(&app, "3.0", json!({"source_volid": origin, "size": 2}))
        .await
        .expect_fault(400, message);
    assert_eq!(app.everything().await, before);
}

async fn only_one_source_and_only_a_finished_one(app: App) {
    let origin = app.volume(1).await;
    let snapshot = app.snapshot(&origin).await;
    let message = "Invalid input received: May specify only one of backup, imageRef, snapshot, source volume";
    for fields in [
        json!({"size": 1, "source_volid": origin, "snapshot_id": snapshot}),
        json!({"size": 1, "imageRef": NOWHERE, "snapshot_id": snapshot}),
        json!({"size": 1, "source_volid": origin, "backup_id": NOWHERE}),
    ] {
        create(&app, "latest", fields).await.expect_fault(400, message);
    }
    for status in [
        "error",
        "creating",
        "deleting",
        "error_deleting",
        "backing-up",
        "restoring",
        "unmanaging",
    ] {
        app.reset_snapshot(&snapshot, status).await;
        let message = "Invalid snapshot: Originating snapshot status must be one of 'available' values";
        create(&app, "3.0", json!({"snapshot_id": snapshot}))
            .await
            .expect_fault(400, message);
    }
    for status in ["error", "creating", "extending", "maintenance"] {
        app.reset_volume(&origin, status).await;
        let reply = create(&app, "3.0", json!({"source_volid": origin})).await.expect(400);
        let fault = reply.part("badRequest");
        assert!(text(&fault, "message").starts_with("Invalid volume: "), "{fault}");
    }
}

async fn a_source_may_go_as_soon_as_the_copy_is_accepted(app: App) {
    let origin = app.volume(1).await;
    write_at(&app.volume_file(&origin), 0, b"kept");
    let snapshot = app.snapshot(&origin).await;
    let copy = create(&app, "3.0", json!({"snapshot_id": snapshot}))
        .await
        .expect(202)
        .part("volume");
    let clone = create(&app, "3.0", json!({"source_volid": origin}))
        .await
        .expect(202)
        .part("volume");
    app.api
        .delete(&format!("/volumes/{origin}?cascade=1"))
        .await
        .expect_bare(202);
    app.drain().await;
    for volume in [&copy, &clone] {
        let id = text(volume, "id");
        assert_eq!(app.volume_status(id).await, "available");
        assert_eq!(read_at(&app.volume_file(id), 0, 4), b"kept");
    }
    app.api.get(&format!("/volumes/{origin}")).await.expect(404);
    assert!(!app.volume_file(&origin).exists() && !app.snapshot_file(&snapshot).exists());
}
