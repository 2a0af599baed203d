//! `/groups`: groups, how they come and go, and lists of them (Cinder: `api/v3/groups.py`, `group/api.py`).

use serde_json::{Value, json};

use super::group_types::make as make_type;
use crate::support::{App, NOWHERE, PROJECT, column, text};

api_suite!(
    a_group_is_made_shown_and_deleted,
    bad_bodies_are_refused,
    what_a_group_is_of_must_exist,
    a_group_with_volumes_is_deleted_with_them,
    a_group_that_is_needed_stays,
    an_admin_says_the_status,
    groups_count_for_the_quota["quota.groups" = "2"],
    lists_are_filtered_sorted_and_paged,
    newer_fields_come_with_their_versions,
);

/// An empty group of a type of its own, and its path.
pub async fn empty(app: &App, fields: Value) -> (String, String) {
    let types = app.at("3.11").get("/group_types").await.expect(200).part("group_types");
    let name = format!("type {}", types.as_array().unwrap().len());
    let kind = make_type(app, json!({"name": name})).await;
    of_type(app, text(&kind, "id"), fields).await
}

/// The same, of a type.
pub async fn of_type(app: &App, kind: &str, mut fields: Value) -> (String, String) {
    fields["group_type"] = json!(kind);
    fields["volume_types"] = json!(["__DEFAULT__"]);
    let reply = app
        .at("3.13")
        .post("/groups", json!({"group": fields}))
        .await
        .expect(202);
    let id = text(&reply.part("group"), "id").to_owned();
    let path = format!("/groups/{id}");
    (id, path)
}

/// A finished volume in a group.
pub async fn member(app: &App, group: &str) -> String {
    app.volume_with(json!({"size": 1, "volume_type": "__DEFAULT__", "group_id": group}))
        .await
}

/// The group as it is now, at the newest version.
pub async fn show(app: &App, path: &str) -> Value {
    app.at("latest").get(path).await.expect(200).part("group")
}

async fn a_group_is_made_shown_and_deleted(app: App) {
    let kind = make_type(&app, json!({"name": "n"})).await;
    let fields = json!({"group_type": "n", "volume_types": ["__DEFAULT__"], "name": " g ", "description": " d "});
    let reply = app
        .at("3.13")
        .post("/groups", json!({"group": fields}))
        .await
        .expect(202);
    let group = reply.part("group");
    let id = text(&group, "id");
    assert_eq!(group, json!({"id": id, "name": "g"}));
    let path = format!("/groups/{id}");
    let types = app.api.get("/types").await.expect(200).part("volume_types");
    let shown = app.at("3.13").get(&path).await.expect(200).part("group");
    assert_eq!(
        shown,
        json!({
            "id": id, "status": "available", "availability_zone": "nova",
            "created_at": "2027-01-15T08:00:00.000000", "name": "g", "description": "d",
            "group_type": kind["id"], "volume_types": [types[0]["id"]],
        })
    );
    app.at("3.13").act(&path, "delete", json!({})).await.expect_bare(202);
    let gone = format!("Group {id} could not be found.");
    app.at("3.13").get(&path).await.expect_fault(404, &gone);
    app.at("3.12").get(&path).await.expect(404);
}

async fn bad_bodies_are_refused(app: App) {
    let fine = json!({"group_type": NOWHERE, "volume_types": ["__DEFAULT__"]});
    for (key, value) in [
        ("group_type", json!(null)),
        ("group_type", json!("")),
        ("group_type", json!(" ")),
        ("volume_types", json!([])),
        ("volume_types", json!("__DEFAULT__")),
        ("volume_types", json!([1])),
        ("volume_types", json!(["a", "a"])),
        ("name", json!("x".repeat(256))),
        ("availability_zone", json!("")),
        ("other", json!(1)),
    ] {
        let mut fields = fine.clone();
        fields[key] = value;
        let body = json!({"group": fields});
        app.at("3.13").post("/groups", body.clone()).await.expect(400);
    }
    for fields in [json!({"group_type": NOWHERE}), json!({"volume_types": ["a"]})] {
        app.at("3.13")
            .post("/groups", json!({"group": fields}))
            .await
            .expect(400);
    }
    let (_id, path) = empty(&app, json!({})).await;
    app.at("3.13").put(&path, json!({"group": {}})).await.expect(400);
    let nothing = json!({"group": {"name": null}});
    app.at("3.13").put(&path, nothing).await.expect(400);
    let both = json!({"create-from-src": {"source_group_id": NOWHERE, "group_snapshot_id": NOWHERE}});
    for body in [
        both,
        json!({"create-from-src": {}}),
        json!({"create-from-src": {"source_group_id": "x"}}),
    ] {
        app.at("3.14").post("/groups/action", body).await.expect(400);
    }
}

async fn what_a_group_is_of_must_exist(app: App) {
    make_type(&app, json!({"name": "n"})).await;
    let post = async |kind: &str, volume_type: &str, zone: Option<&str>| {
        let fields = json!({"group_type": kind, "volume_types": [volume_type], "availability_zone": zone});
        app.at("3.13").post("/groups", json!({"group": fields})).await
    };
    let text = "Group type with name x could not be found.";
    post("x", "__DEFAULT__", None).await.expect_fault(404, text);
    let text = format!("Group type {NOWHERE} could not be found.");
    post(NOWHERE, "__DEFAULT__", None).await.expect_fault(404, &text);
    let text = "Volume type with name x could not be found.";
    post("n", "x", None).await.expect_fault(404, text);
    let text = format!("Volume type {NOWHERE} could not be found.");
    post("n", NOWHERE, None).await.expect_fault(404, &text);
    let text = "Invalid input received: Availability zone 'x' is invalid.";
    post("n", "__DEFAULT__", Some("x")).await.expect_fault(400, text);
    let reserved = post("default_cgsnapshot_type", "__DEFAULT__", None).await.expect(400);
    assert!(
        reserved.text.contains("reserved for migrating CGs to groups"),
        "{reserved:?}"
    );
}

/// An admin says the status.
pub async fn reset(app: &App, path: &str, status: &str) {
    let argument = json!({"status": status});
    app.at("3.20")
        .act(path, "reset_status", argument)
        .await
        .expect_bare(202);
}

async fn a_group_with_volumes_is_deleted_with_them(app: App) {
    let (id, path) = empty(&app, json!({})).await;
    let volumes = [member(&app, &id).await, member(&app, &id).await];
    let still =
        format!("Invalid Group: Group {id} still contains volumes. The delete-volumes flag is required to delete it.");
    app.at("3.13")
        .act(&path, "delete", json!({}))
        .await
        .expect_fault(400, &still);
    let with = json!({"delete-volumes": true});
    app.at("3.13").act(&path, "delete", with.clone()).await.expect_bare(202);
    assert_eq!(show(&app, &path).await["status"], "deleting");
    for volume in &volumes {
        assert_eq!(app.volume_status(volume).await, "deleting");
    }
    // Nothing joins what is going, and asking twice changes nothing.
    let fields = json!({"size": 1, "volume_type": "__DEFAULT__", "group_id": id});
    let text = "Invalid Group: Originating group status must be one of 'available, creating' values";
    let reply = app.api.post("/volumes", json!({"volume": fields})).await;
    reply.expect_fault(400, text);
    app.at("3.13").act(&path, "delete", with).await.expect_bare(202);
    app.drain().await;
    app.at("3.13").get(&path).await.expect(404);
    assert_eq!(app.files("volumes"), Vec::<String>::new());
    assert_eq!(app.everything().await[1]["volumes"], json!([]));
}

async fn a_group_that_is_needed_stays(app: App) {
    let (id, path) = empty(&app, json!({})).await;
    let volume = member(&app, &id).await;
    let with = json!({"delete-volumes": true});
    let refused = async |text: &str| {
        app.at("3.13")
            .act(&path, "delete", with.clone())
            .await
            .expect_fault(400, text);
    };
    let snapshot = app.snapshot(&volume).await;
    refused("Invalid Group: Volume in group still has dependent snapshots.").await;
    app.api.delete(&format!("/snapshots/{snapshot}")).await.expect_bare(202);
    app.drain().await;
    let attach = json!({"host_name": "h", "mountpoint": "/dev/vdb"});
    let volume_path = format!("/volumes/{volume}");
    app.api.act(&volume_path, "os-attach", attach).await.expect(202);
    refused(&format!(
        "Invalid Group: Volume in group {id} is attached. Need to detach first."
    ))
    .await;
    app.api.act(&volume_path, "os-detach", json!({})).await.expect(202);
    reset(&app, &path, "updating").await;
    let text = "Invalid Group: Group status must be available or error, but current status is: updating";
    app.at("3.13")
        .act(&path, "delete", json!({}))
        .await
        .expect_fault(400, text);
    reset(&app, &path, "available").await;
    let body = json!({"create-from-src": {"source_group_id": id}});
    app.at("3.14").post("/groups/action", body).await.expect(202);
    refused(&format!(
        "Invalid Group: Cannot delete group {id}. Group status must be available or error and must not have dependent \
         group snapshots, and it cannot be the source for an ongoing group or group snapshot creation."
    ))
    .await;
    app.drain().await;
    app.at("3.13").act(&path, "delete", with.clone()).await.expect_bare(202);
    app.drain().await;
}

async fn an_admin_says_the_status(app: App) {
    let (_id, path) = empty(&app, json!({})).await;
    for status in ["creating", "Available", "error", "updating"] {
        reset(&app, &path, status).await;
        assert_eq!(show(&app, &path).await["status"], status.to_lowercase());
    }
    let all = "('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'in-use', 'error_deleting')";
    for status in ["bogus", "in-use"] {
        let text = format!("Invalid Group Status: Group status: {status} is invalid, valid status are: {all}.");
        let argument = json!({"status": status});
        let reply = app.at("3.20").act(&path, "reset_status", argument).await;
        reply.expect_fault(400, &text);
    }
    let argument = json!({"status": " "});
    let text = "Invalid Group Status: The 'status' can not be empty.";
    let reply = app.at("3.20").act(&path, "reset_status", argument).await;
    reply.expect_fault(400, text);
    app.at("3.19")
        .act(&path, "reset_status", json!({"status": "error"}))
        .await
        .expect(404);
    app.at("3.38")
        .act(&path, "enable_replication", json!({}))
        .await
        .expect(400);
}

async fn groups_count_for_the_quota(app: App) {
    let (id, path) = empty(&app, json!({})).await;
    let kind = show(&app, &path).await["group_type"].clone();
    let (_, second) = empty(&app, json!({})).await;
    let full = "GroupLimitExceeded: Maximum number of groups allowed (2) exceeded";
    let body = json!({"group": {"group_type": kind, "volume_types": ["__DEFAULT__"]}});
    app.at("3.13")
        .post("/groups", body.clone())
        .await
        .expect_fault(413, full);
    member(&app, &id).await;
    let from = json!({"create-from-src": {"source_group_id": id}});
    app.at("3.14")
        .post("/groups/action", from)
        .await
        .expect_fault(413, full);
    let usage = app
        .api
        .get(&format!("/os-quota-sets/{PROJECT}?usage=true"))
        .await
        .expect(200);
    assert_eq!(
        usage.part("quota_set")["groups"],
        json!({"limit": 2, "in_use": 2, "reserved": 0})
    );
    app.at("3.13").act(&second, "delete", json!({})).await.expect_bare(202);
    app.at("3.13").post("/groups", body).await.expect(202);
}

async fn lists_are_filtered_sorted_and_paged(app: App) {
    for name in ["b", "a", "c"] {
        app.advance(1);
        empty(&app, json!({"name": name})).await;
    }
    for (version, query, expected) in [
        ("3.13", "", "c a b"),
        ("3.13", "?sort=name:asc", "a b c"),
        ("3.13", "?sort_key=name&sort_dir=desc&limit=2", "c b"),
        ("3.13", "?name=a", "a"),
        ("3.31", "?name=a", "a"),
        ("3.31", "?status=error", ""),
        ("3.13", "?nonsense=1", ""),
        ("3.13", "?list_volume=true&limit=1&offset=1", "a"),
        ("3.34", "?name~=b", "b"),
    ] {
        let reply = app.at(version).get(&format!("/groups{query}")).await.expect(200);
        assert_eq!(
            column(&reply.part("groups"), "name").join(" "),
            expected,
            "{version} {query}"
        );
    }
    let first = app.at("3.13").get("/groups/detail?limit=1").await.expect(200);
    let next = text(&first.part("group_links")[0], "href").to_owned();
    let second = app.at("3.13").follow(&next).await.expect(200).part("groups");
    assert_eq!(column(&second, "name"), ["a"]);
    let unknown = format!("Group {NOWHERE} could not be found.");
    let marker = format!("/groups?marker={NOWHERE}");
    app.at("3.13").get(&marker).await.expect_fault(404, &unknown);
    app.at("3.12").get("/groups").await.expect(404);
}

async fn newer_fields_come_with_their_versions(app: App) {
    let (_id, path) = empty(&app, json!({})).await;
    for (field, minor) in [
        ("group_snapshot_id", 14),
        ("source_group_id", 14),
        ("replication_status", 38),
        ("project_id", 58),
    ] {
        for (version, there) in [(minor - 1, false), (minor, true)] {
            let shown = app
                .at(&format!("3.{version}"))
                .get(&path)
                .await
                .expect(200)
                .part("group");
            assert_eq!(shown.get(field).is_some(), there, "{field} at 3.{version}");
        }
    }
    let listed = format!("{path}?list_volume=true");
    for (version, there) in [("3.24", false), ("3.25", true)] {
        let shown = app.at(version).get(&listed).await.expect(200).part("group");
        assert_eq!(shown.get("volumes").is_some(), there, "{version}");
    }
    let text = "Value 'x' for 'list_volume' is not a boolean.";
    let reply = app.at("3.25").get(&format!("{path}?list_volume=x")).await;
    reply.expect_fault(400, text);
}
