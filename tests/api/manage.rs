//! `os-unmanage`, `/os-snapshot-manage` and `/manageable_snapshots` (cinder.md §3.11, §3.12).

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, invalid, text};

const HOST: &str = "host=brick@file%23file";

api_suite!(
    a_forgotten_snapshot_keeps_its_bytes_and_can_come_back,
    what_the_back_end_has_is_listed,
    a_stranger_becomes_a_snapshot,
    what_cannot_be_taken_over_ends_in_error_with_the_reason,
    a_bad_request_to_manage_is_refused,
    only_finished_snapshots_can_be_forgotten,
    lists_are_sorted_and_paged,
    a_bad_list_request_is_refused,
    managing_uses_the_quota["quota.snapshots" = "1"],
);

async fn manage(app: &App, volume: &str, name: &str) -> String {
    let body = json!({"snapshot": {"volume_id": volume, "ref": {"source-name": name}}});
    let reply = app.api.post("/os-snapshot-manage", body).await.expect(202);
    let snapshot = reply.part("snapshot");
    assert_eq!(snapshot["status"], "creating");
    text(&snapshot, "id").to_owned()
}

async fn list(app: &App, query: &str) -> Vec<Value> {
    let path = format!("/os-snapshot-manage/detail?{HOST}{query}");
    let body = app.api.get(&path).await.expect(200).part("manageable-snapshots");
    body.as_array().unwrap().clone()
}

async fn a_forgotten_snapshot_keeps_its_bytes_and_can_come_back(app: App) {
    let volume = app.volume(1).await;
    std::fs::write(app.volume_file(&volume), b"before").unwrap();
    let id = app.snapshot(&volume).await;
    let path = format!("/snapshots/{id}");
    app.api.act(&path, "os-unmanage", Value::Null).await.expect_bare(202);
    assert_eq!(app.snapshot_status(&id).await, "unmanaging");
    app.drain().await;
    app.api
        .get(&path)
        .await
        .expect_fault(404, &format!("Snapshot {id} could not be found."));
    assert!(app.snapshot_file(&id).exists());

    let name = format!("snapshot-{id}");
    let again = manage(&app, &volume, &name).await;
    app.drain().await;
    let shown = app.show_snapshot(&again).await;
    assert_eq!(
        (
            &shown["status"],
            &shown["size"],
            &shown["os-extended-snapshot-attributes:progress"]
        ),
        (&json!("available"), &json!(1), &json!("0%"))
    );
    assert!(std::fs::read(app.snapshot_file(&again)).unwrap().starts_with(b"before"));
    assert!(!app.snapshot_file(&id).exists());
}

async fn what_the_back_end_has_is_listed(app: App) {
    let volume = app.volume(1).await;
    let id = app.snapshot(&volume).await;
    std::fs::write(app.snapshot_file("x").with_file_name("found"), vec![1; 10]).unwrap();
    std::fs::write(app.snapshot_file("x").with_file_name(".hidden"), b"").unwrap();
    std::fs::create_dir(app.snapshot_file("x").with_file_name("folder")).unwrap();
    let managed = json!({
        "reference": {"source-name": format!("snapshot-{id}")},
        "size": 1,
        "safe_to_manage": false,
        "source_reference": {"source-name": format!("volume-{volume}")},
        "reason_not_safe": "already managed",
        "extra_info": null,
        "cinder_id": id,
    });
    let found = json!({
        "reference": {"source-name": "found"},
        "size": 1,
        "safe_to_manage": true,
        "source_reference": null,
        "reason_not_safe": null,
        "extra_info": null,
        "cinder_id": null,
    });
    assert_eq!(list(&app, "").await, [managed.clone(), found.clone()]);
    let summary = app
        .at("3.8")
        .get(&format!("/manageable_snapshots?{HOST}&limit=1"))
        .await
        .expect(200);
    let mut shorter = managed;
    for key in ["reason_not_safe", "extra_info", "cinder_id"] {
        shorter.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(summary.json(), json!({"manageable-snapshots": [shorter]}));
}

async fn a_stranger_becomes_a_snapshot(app: App) {
    let volume = app.volume(1).await;
    let file = app.snapshot_file("x").with_file_name("found");
    std::fs::write(&file, vec![7; (1 << 30) + 5]).unwrap();
    let body = json!({"snapshot": {
        "volume_id": volume, "ref": {"source-name": "found"}, "name": " n ", "description": " d ", "metadata": {"a/b": "c"},
    }});
    let reply = app.at("latest").post("/manageable_snapshots", body).await.expect(202);
    let made = reply.part("snapshot");
    assert_eq!(
        (&made["name"], &made["description"], &made["metadata"], &made["size"]),
        (&json!(" n "), &json!(" d "), &json!({"a/b": "c"}), &json!(1))
    );
    for newer in ["user_id", "group_snapshot_id", "consumes_quota"] {
        assert!(made.get(newer).is_none(), "{newer} is shown");
    }
    app.drain().await;
    let id = text(&made, "id");
    let shown = app.show_snapshot(id).await;
    // The real size, in whole GiB, and the file is as long as that.
    assert_eq!((&shown["status"], &shown["size"]), (&json!("available"), &json!(2)));
    assert_eq!(app.snapshot_file(id).metadata().unwrap().len(), 2 << 30);
    let usage = app
        .api
        .get(&format!("/os-quota-sets/{}?usage=true", crate::support::PROJECT))
        .await;
    assert_eq!(usage.part("quota_set")["gigabytes"]["in_use"], 3);
}

async fn what_cannot_be_taken_over_ends_in_error_with_the_reason(app: App) {
    let (volume, other) = (app.volume(1).await, app.volume(1).await);
    let taken = app.snapshot(&other).await;
    let foreign = app.snapshot(&other).await;
    app.api
        .act(&format!("/snapshots/{foreign}"), "os-unmanage", json!({}))
        .await
        .expect(202);
    app.drain().await;
    let (taken, foreign) = (format!("snapshot-{taken}"), format!("snapshot-{foreign}"));
    for (reference, cause) in [
        (
            json!({"source-name": "nope"}),
            "nope is missing from the storage folder".to_owned(),
        ),
        (
            json!({"source-name": "../volumes/x"}),
            "is not the name of a file".to_owned(),
        ),
        (
            json!({"source-name": ".hidden"}),
            "is not the name of a file".to_owned(),
        ),
        (
            json!({"x": "y"}),
            "must be an object with the key 'source-name'".to_owned(),
        ),
        (json!("x"), "must be an object with the key 'source-name'".to_owned()),
        (Value::Null, "must be an object with the key 'source-name'".to_owned()),
        (json!({"source-name": taken}), format!("{taken} is managed already")),
        (
            json!({"source-name": foreign}),
            format!("{foreign} was taken of another volume"),
        ),
    ] {
        let body = json!({"snapshot": {"volume_id": volume, "ref": reference}});
        let reply = app.api.post("/os-snapshot-manage", body).await.expect(202);
        let id = text(&reply.part("snapshot"), "id").to_owned();
        app.drain().await;
        assert_eq!(app.snapshot_status(&id).await, "error", "{reference}");
        let messages = app
            .at("latest")
            .get(&format!("/messages?resource_uuid={id}"))
            .await
            .expect(200);
        let message = messages.part("messages")[0]["user_message"].to_string();
        assert!(message.contains(&cause), "{message} does not say {cause}");
        app.api.delete(&format!("/snapshots/{id}")).await.expect(202);
        app.drain().await;
    }
    assert_eq!(app.files("snapshots").len(), 2, "nothing was touched");
}

async fn a_bad_request_to_manage_is_refused(app: App) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    let named = json!({"source-name": "x"});
    for (snapshot, message) in [
        (json!({"volume_id": volume}), None),
        (json!({"ref": named}), None),
        (
            json!({"volume_id": "abc", "ref": named}),
            Some(invalid("volume_id", "abc", "'abc' is not a 'uuid'")),
        ),
        (
            json!({"volume_id": null, "ref": named}),
            Some(invalid("volume_id", "None", "None is not of type 'string'")),
        ),
        (
            json!({"volume_id": volume, "ref": 1}),
            Some(invalid("ref", "1", "1 is not of type 'object', 'null', 'string'")),
        ),
        (json!({"volume_id": volume, "ref": named, "force": true}), None),
    ] {
        let reply = app.api.post("/os-snapshot-manage", json!({"snapshot": snapshot})).await;
        match message {
            Some(message) => reply.expect_fault(400, &message),
            None => reply.expect(400),
        };
    }
    let absent = json!({"snapshot": {"volume_id": NOWHERE, "ref": named}});
    let missing = format!("Volume {NOWHERE} could not be found.");
    app.api
        .post("/os-snapshot-manage", absent.clone())
        .await
        .expect_fault(404, &missing);
    let hidden = "The resource could not be found.";
    app.at("3.7")
        .post("/manageable_snapshots", absent)
        .await
        .expect_fault(404, hidden);
    app.reset_volume(&volume, "error").await;
    let body = json!({"snapshot": {"volume_id": volume, "ref": named}});
    let in_error = "Invalid volume: The snapshot cannot be created when the volume is in error status.";
    app.api
        .post("/os-snapshot-manage", body)
        .await
        .expect_fault(400, in_error);
    app.reset_volume(&volume, "available").await;
    assert_eq!(app.everything().await[0], before[0]);
}

async fn only_finished_snapshots_can_be_forgotten(app: App) {
    let id = app.snapshot(&app.volume(1).await).await;
    let path = format!("/snapshots/{id}");
    let text = "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.";
    for status in crate::support::SNAPSHOT_STATUSES {
        app.reset_snapshot(&id, status).await;
        if !["available", "error"].contains(&status) {
            app.api
                .act(&path, "os-unmanage", json!({}))
                .await
                .expect_fault(400, text);
        }
    }
    app.reset_snapshot(&id, "error").await;
    app.api.act(&path, "os-unmanage", json!({})).await.expect_bare(202);
    // Stopped by an admin, it is an ordinary snapshot again.
    app.reset_snapshot(&id, "available").await;
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "available");
    let gone = format!("/snapshots/{NOWHERE}");
    let missing = format!("Snapshot {NOWHERE} could not be found.");
    app.api
        .act(&gone, "os-unmanage", json!({}))
        .await
        .expect_fault(404, &missing);
}

async fn lists_are_sorted_and_paged(app: App) {
    for (name, size) in [("a", 1_u64 << 31), ("b", 1), ("c", 1 << 30)] {
        let file = std::fs::File::create(app.snapshot_file("x").with_file_name(name)).unwrap();
        file.set_len(size).unwrap();
    }
    for (query, expected) in [
        ("", "cba"),
        ("&sort=reference:asc", "abc"),
        ("&sort=size:asc", "bca"),
        ("&sort=size:desc", "abc"),
        ("&sort=size:asc,reference:desc", "cba"),
        ("&sort_key=reference&sort_dir=asc", "abc"),
        ("&limit=2", "cb"),
        ("&limit=0", ""),
        ("&offset=1", "ba"),
        ("&limit=1&offset=1", "b"),
        ("&marker=%7B%22source-name%22:%20%22c%22%7D", "ba"),
        ("&marker=%7B%22source-name%22:%22c%22%7D&limit=1", "b"),
        ("&unknown=1", "cba"),
    ] {
        let names: String = list(&app, query)
            .await
            .iter()
            .map(|item| item["reference"]["source-name"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{query}");
    }
}

async fn a_bad_list_request_is_refused(app: App) {
    let old = "Invalid input received: Host field is missing.";
    let new = "Invalid input received: One and only one of cluster and host must be set.";
    for (version, query, status, message) in [
        ("3.0", "", 400, old),
        ("3.16", "?host=", 400, old),
        ("3.16", "?cluster=x", 400, old),
        ("3.17", "", 400, new),
        ("3.17", "?cluster=x&host=y", 400, new),
        (
            "3.17",
            "?host=x@y%23z",
            404,
            "Service cinder-volume could not be found on host x@y.",
        ),
        (
            "3.17",
            "?host=brick",
            404,
            "Service cinder-volume could not be found on host brick.",
        ),
        (
            "3.0",
            "?host=brick@file&sort=name",
            400,
            "Invalid sort keys passed: name",
        ),
        (
            "3.0",
            "?host=brick@file&sort=size:up",
            400,
            "Invalid sort dirs passed: up",
        ),
        ("3.0", "?host=brick@file&limit=x", 400, "limit param must be an integer"),
        ("3.0", "?host=brick@file&limit=-1", 400, "limit param must be positive"),
        ("3.0", "?host=brick@file&offset=-1", 400, "offset must be >= 0"),
        (
            "3.0",
            "?host=brick@file&marker=x",
            400,
            "Invalid input received: marker x can not be analysed, please use json like format",
        ),
        (
            "3.0",
            "?host=brick@file&marker=1",
            400,
            "Invalid input received: marker not found: 1",
        ),
    ] {
        for path in ["/os-snapshot-manage", "/os-snapshot-manage/detail"] {
            let reply = app.at(version).get(&format!("{path}{query}")).await;
            reply.expect_fault(status, message);
        }
    }
}

async fn managing_uses_the_quota(app: App) {
    let volume = app.volume(1).await;
    app.snapshot(&volume).await;
    let body = json!({"snapshot": {"volume_id": volume, "ref": {"source-name": "x"}}});
    let full = "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded";
    app.api.post("/os-snapshot-manage", body).await.expect_fault(413, full);
}
