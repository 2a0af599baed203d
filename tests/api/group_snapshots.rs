//! `/group_snapshots`: snapshots of whole groups (Cinder: `api/v3/group_snapshots.py`, `group/api.py`).

use serde_json::{Value, json};

use super::{
    group_types::make as make_type,
    groups::{empty, member, of_type, show},
};
use crate::support::{App, NOWHERE, column, read_at, text, write_at};

api_suite!(
    every_volume_is_taken,
    a_volume_in_use_spoils_all,
    what_cannot_be_taken,
    its_snapshots_do_not_go_alone,
    it_is_deleted_with_its_snapshots,
    a_group_is_made_from_it,
    all_count_together_for_the_quota["quota.snapshots" = "3"],
    an_admin_says_the_status,
    a_reset_ends_the_work,
    a_reset_of_one_ends_the_work_on_all,
    lists_are_filtered_sorted_and_paged,
);

/// A group with two volumes; its id, and theirs.
async fn two(app: &App) -> (String, [String; 2]) {
    let (id, _path) = empty(app, json!({})).await;
    let volumes = [member(app, &id).await, member(app, &id).await];
    (id, volumes)
}

/// A group snapshot that is being taken; its path.
async fn accept(app: &App, group: &str) -> String {
    let body = json!({"group_snapshot": {"group_id": group, "name": "n", "description": "d"}});
    let reply = app.at("3.14").post("/group_snapshots", body).await.expect(202);
    format!("/group_snapshots/{}", text(&reply.part("group_snapshot"), "id"))
}

/// The same, finished.
async fn take(app: &App, group: &str) -> String {
    let path = accept(app, group).await;
    app.drain().await;
    assert_eq!(status(app, &path).await, "available");
    path
}

async fn shown(app: &App, path: &str) -> Value {
    app.at("latest").get(path).await.expect(200).part("group_snapshot")
}

async fn status(app: &App, path: &str) -> String {
    text(&shown(app, path).await, "status").to_owned()
}

/// All snapshots, oldest first.
async fn snapshots(app: &App) -> Vec<Value> {
    let path = "/snapshots/detail?sort=created_at:asc";
    let list = app.at("latest").get(path).await.expect(200).part("snapshots");
    list.as_array().unwrap().clone()
}

/// The user messages of all kinds, as resource type and text.
async fn messages(app: &App) -> Vec<(String, String)> {
    let list = app.at("latest").get("/messages").await.expect(200).part("messages");
    let list = list.as_array().unwrap().iter();
    let pair = |one: &Value| {
        (
            text(one, "resource_type").to_owned(),
            text(one, "user_message").to_owned(),
        )
    };
    list.map(pair).collect()
}

async fn every_volume_is_taken(app: App) {
    let (group, volumes) = two(&app).await;
    for (volume, bytes) in volumes.iter().zip([b"one", b"two"]) {
        write_at(&app.volume_file(volume), 0, bytes);
    }
    let body = json!({"group_snapshot": {"group_id": group, "name": " n ", "description": "d"}});
    let made = app
        .at("3.14")
        .post("/group_snapshots", body)
        .await
        .expect(202)
        .part("group_snapshot");
    let id = text(&made, "id");
    let path = format!("/group_snapshots/{id}");
    let kind = show(&app, &format!("/groups/{group}")).await["group_type"].clone();
    assert_eq!(made, json!({"id": id, "name": " n ", "group_type_id": kind}));
    let expected = json!({
        "id": id, "group_id": group, "group_type_id": kind, "status": "creating",
        "created_at": "2027-01-15T08:00:00.000000", "name": " n ", "description": "d",
    });
    assert_eq!(
        app.at("3.14").get(&path).await.expect(200).part("group_snapshot"),
        expected
    );
    let taken = snapshots(&app).await;
    assert_eq!(taken.len(), 2);
    for snapshot in &taken {
        assert_eq!(
            (&snapshot["status"], &snapshot["group_snapshot_id"], &snapshot["name"]),
            (&json!("creating"), &json!(id), &json!(" n "))
        );
    }
    app.drain().await;
    assert_eq!(status(&app, &path).await, "available");
    for snapshot in snapshots(&app).await {
        assert_eq!(snapshot["status"], "available");
        assert_eq!(snapshot["os-extended-snapshot-attributes:progress"], "100%");
        let of = text(&snapshot, "volume_id");
        let bytes = read_at(&app.snapshot_file(text(&snapshot, "id")), 0, 3);
        assert_eq!(bytes, read_at(&app.volume_file(of), 0, 3));
    }
    let project = app.at("3.58").get(&path).await.expect(200).part("group_snapshot");
    assert_eq!(project["project_id"], crate::support::PROJECT);
}

async fn a_volume_in_use_spoils_all(app: App) {
    // With a type that asks for one moment; one open volume alone would still have one where blocks are shared.
    let specs = json!({"consistent_group_snapshot_enabled": "<is> True"});
    let kind = make_type(&app, json!({"name": "n", "group_specs": specs})).await;
    let (group, _path) = of_type(&app, text(&kind, "id"), json!({})).await;
    let volumes = [member(&app, &group).await, member(&app, &group).await];
    let open: Vec<_> = volumes
        .iter()
        .map(|volume| {
            std::fs::File::options()
                .write(true)
                .open(app.volume_file(volume))
                .unwrap()
        })
        .collect();
    let path = accept(&app, &group).await;
    app.drain().await;
    drop(open);
    assert_eq!(status(&app, &path).await, "error");
    for snapshot in snapshots(&app).await {
        assert_eq!(snapshot["status"], "error");
    }
    assert_eq!(app.files("snapshots"), Vec::<String>::new());
    let told = messages(&app).await;
    let of = |kind: &str| told.iter().filter(|(of, _)| of == kind).count();
    assert_eq!((of("GROUP_SNAPSHOT"), of("VOLUME_SNAPSHOT")), (1, 2), "{told:?}");
    for (_, text) in &told {
        assert!(volumes.iter().any(|volume| text.contains(volume.as_str())), "{text}");
    }
    // What could not be taken can be deleted and tried again.
    app.at("3.14").delete(&path).await.expect_bare(202);
    app.drain().await;
    app.at("3.14").get(&path).await.expect(404);
    assert_eq!(snapshots(&app).await, Vec::<Value>::new());
    take(&app, &group).await;
}

async fn what_cannot_be_taken(app: App) {
    let post = async |group: &str| {
        let body = json!({"group_snapshot": {"group_id": group}});
        app.at("3.14").post("/group_snapshots", body).await
    };
    let text = format!("Group {NOWHERE} could not be found.");
    post(NOWHERE).await.expect_fault(404, &text);
    let (group, path) = empty(&app, json!({})).await;
    let text = "Invalid Group: Source group cannot be empty or in 'creating' or 'updating' state. No group snapshot \
                will be created.";
    post(&group).await.expect_fault(400, text);
    let volume = member(&app, &group).await;
    for status in ["creating", "updating", "deleting"] {
        let argument = json!({"status": status});
        app.at("3.20")
            .act(&path, "reset_status", argument)
            .await
            .expect_bare(202);
        post(&group).await.expect_fault(400, text);
    }
    let argument = json!({"status": "available"});
    app.at("3.20")
        .act(&path, "reset_status", argument)
        .await
        .expect_bare(202);
    app.reset_volume(&volume, "error").await;
    let text = "Invalid volume: The snapshot cannot be created when the volume is in error status.";
    post(&group).await.expect_fault(400, text);
    app.reset_volume(&volume, "maintenance").await;
    let text = "Invalid volume: The snapshot cannot be created when the volume is in maintenance mode.";
    post(&group).await.expect_fault(400, text);
    for fields in [
        json!({}),
        json!({"group_id": "x"}),
        json!({"group_id": null}),
        json!({"group_id": NOWHERE, "x": 1}),
    ] {
        let body = json!({"group_snapshot": fields});
        app.at("3.14").post("/group_snapshots", body).await.expect(400);
    }
    app.at("3.13").get("/group_snapshots").await.expect(404);
}

async fn its_snapshots_do_not_go_alone(app: App) {
    let (group, volumes) = two(&app).await;
    let path = take(&app, &group).await;
    let all = snapshots(&app).await;
    let one = format!("/snapshots/{}", text(&all[0], "id"));
    let text = "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.";
    app.api.delete(&one).await.expect_fault(400, text);
    app.api
        .act(&one, "os-unmanage", json!(null))
        .await
        .expect_fault(400, text);
    let text = "Invalid snapshot: Snapshot  must not be part of a group.";
    app.api
        .act(&one, "os-force_delete", json!(null))
        .await
        .expect_fault(400, text);
    app.api
        .delete(&format!("/volumes/{}?cascade=true", volumes[0]))
        .await
        .expect(400);
    let with = json!({"delete-volumes": true});
    let text = "Invalid Group: Group has existing snapshots.";
    let reply = app.at("3.13").act(&format!("/groups/{group}"), "delete", with).await;
    reply.expect_fault(400, text);
    assert_eq!(status(&app, &path).await, "available");
    assert_eq!(snapshots(&app).await, all);
}

async fn it_is_deleted_with_its_snapshots(app: App) {
    let (group, _volumes) = two(&app).await;
    let path = accept(&app, &group).await;
    let text = "Invalid GroupSnapshot: GroupSnapshot status must be available or error, and no Group can be currently \
                using it as source for its creation.";
    app.at("3.14").delete(&path).await.expect_fault(400, text);
    app.drain().await;
    app.at("3.14").delete(&path).await.expect_bare(202);
    assert_eq!(status(&app, &path).await, "deleting");
    for snapshot in snapshots(&app).await {
        assert_eq!(snapshot["status"], "deleting");
    }
    app.at("3.14").delete(&path).await.expect_fault(400, text);
    app.drain().await;
    app.at("3.14").get(&path).await.expect(404);
    assert_eq!(snapshots(&app).await, Vec::<Value>::new());
    assert_eq!(app.files("snapshots"), Vec::<String>::new());
    let with = json!({"delete-volumes": true});
    app.at("3.13")
        .act(&format!("/groups/{group}"), "delete", with)
        .await
        .expect_bare(202);
    app.drain().await;
}

async fn a_group_is_made_from_it(app: App) {
    let (group, volumes) = two(&app).await;
    write_at(&app.volume_file(&volumes[0]), 0, b"old");
    let path = take(&app, &group).await;
    write_at(&app.volume_file(&volumes[0]), 0, b"new");
    let id = path.rsplit('/').next().unwrap();
    let body = json!({"create-from-src": {"group_snapshot_id": id}});
    let made = app
        .at("3.14")
        .post("/groups/action", body)
        .await
        .expect(202)
        .part("group");
    let copy = format!("/groups/{}", text(&made, "id"));
    assert_eq!(show(&app, &copy).await["status"], "creating");
    let used = "Invalid GroupSnapshot: GroupSnapshot status must be available or error, and no Group can be currently \
                using it as source for its creation.";
    app.at("3.14").delete(&path).await.expect_fault(400, used);
    app.drain().await;
    let shown = show(&app, &format!("{copy}?list_volume=true")).await;
    assert_eq!(
        (&shown["status"], &shown["group_snapshot_id"]),
        (&json!("available"), &json!(id))
    );
    for volume in shown["volumes"].as_array().unwrap() {
        let volume = app.show_volume(volume.as_str().unwrap()).await;
        let source = app.show_snapshot(text(&volume, "snapshot_id")).await;
        let bytes = read_at(&app.volume_file(text(&volume, "id")), 0, 3);
        assert_eq!(bytes == b"old", source["volume_id"] == json!(volumes[0]));
    }
    app.at("3.14").delete(&path).await.expect_bare(202);
    app.drain().await;
    app.at("3.14").get(&path).await.expect(404);
}

async fn all_count_together_for_the_quota(app: App) {
    let (group, volumes) = two(&app).await;
    app.snapshot(&volumes[0]).await;
    take(&app, &group).await;
    let full = "SnapshotLimitExceeded: Maximum number of snapshots allowed (3) exceeded";
    let body = json!({"group_snapshot": {"group_id": group}});
    app.at("3.14")
        .post("/group_snapshots", body)
        .await
        .expect_fault(413, full);
    assert_eq!(snapshots(&app).await.len(), 3);
}

async fn an_admin_says_the_status(app: App) {
    let (group, _volumes) = two(&app).await;
    let path = take(&app, &group).await;
    for status in ["creating", "Available", "error"] {
        let argument = json!({"status": status});
        app.at("3.19")
            .act(&path, "reset_status", argument)
            .await
            .expect_bare(202);
        assert_eq!(self::status(&app, &path).await, status.to_lowercase());
    }
    assert!(snapshots(&app).await.iter().all(|one| one["status"] == "available"));
    let text = "Invalid GroupSnapshot Status: Group snapshot status: in-use is invalid, valid statuses are: ('error', \
                'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting').";
    let reply = app
        .at("3.19")
        .act(&path, "reset_status", json!({"status": "in-use"}))
        .await;
    reply.expect_fault(400, text);
    app.at("3.18")
        .act(&path, "reset_status", json!({"status": "error"}))
        .await
        .expect(404);
}

async fn a_reset_ends_the_work(app: App) {
    let (group, _volumes) = two(&app).await;
    let path = accept(&app, &group).await;
    let argument = json!({"status": "error"});
    app.at("3.19")
        .act(&path, "reset_status", argument)
        .await
        .expect_bare(202);
    for snapshot in snapshots(&app).await {
        assert_eq!(snapshot["status"], "error");
    }
    let told = messages(&app).await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(_, text)| text.contains("administrator")), "{told:?}");
    app.drain().await;
    assert_eq!(app.files("snapshots"), Vec::<String>::new());
    app.at("3.14").delete(&path).await.expect_bare(202);
    app.drain().await;
    assert_eq!(snapshots(&app).await, Vec::<Value>::new());
}

async fn a_reset_of_one_ends_the_work_on_all(app: App) {
    let (group, _volumes) = two(&app).await;
    let path = accept(&app, &group).await;
    let all = snapshots(&app).await;
    app.reset_snapshot(text(&all[0], "id"), "available").await;
    assert_eq!(status(&app, &path).await, "error");
    let after = snapshots(&app).await;
    assert_eq!(column(&json!(after), "status"), ["available", "error"]);
    app.drain().await;
    assert_eq!(app.files("snapshots"), Vec::<String>::new());
    app.at("3.14").delete(&path).await.expect_bare(202);
    app.drain().await;
    assert_eq!(snapshots(&app).await, Vec::<Value>::new());
}

async fn lists_are_filtered_sorted_and_paged(app: App) {
    let (group, _volumes) = two(&app).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        app.advance(1);
        ids.push(take(&app, &group).await.rsplit('/').next().unwrap().to_owned());
    }
    let list = async |version: &str, path: &str| {
        let reply = app
            .at(version)
            .get(&format!("/group_snapshots{path}"))
            .await
            .expect(200);
        column(&reply.part("group_snapshots"), "id")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let newest_first = [ids[1].clone(), ids[0].clone()];
    assert_eq!(list("3.14", "").await, newest_first);
    assert_eq!(
        list("3.14", "?limit=1&group_id=x").await,
        newest_first,
        "parameters mean nothing then"
    );
    assert_eq!(list("3.29", "?limit=1").await, [ids[1].clone()]);
    assert_eq!(list("3.29", "?sort=created_at:asc&offset=1").await, [ids[1].clone()]);
    assert_eq!(list("3.31", &format!("/detail?group_id={group}")).await, newest_first);
    assert_eq!(list("3.31", "?status=error").await, Vec::<String>::new());
    let first = app.at("3.29").get("/group_snapshots/detail?limit=1").await.expect(200);
    let next = text(&first.part("group_snapshot_links")[0], "href").to_owned();
    let second = app.at("3.29").follow(&next).await.expect(200).part("group_snapshots");
    assert_eq!(column(&second, "id"), [ids[0].as_str()]);
    let unknown = format!("GroupSnapshot {NOWHERE} could not be found.");
    let marker = format!("/group_snapshots?marker={NOWHERE}");
    app.at("3.29").get(&marker).await.expect_fault(404, &unknown);
}
