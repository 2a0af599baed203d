//! What users may do who are no admins: Cinder's default policy.

use reqwest::{Method, header::ACCEPT};
use serde_json::{Value, json};

use crate::support::{App, Client, NOWHERE, OTHER, PROJECT, Reply, column, keys, text};

api_suite!(
    identity crate::support::Cast;
    roles_decide_what_is_allowed,
    others_things_do_not_exist,
    what_is_not_there_is_not_found_before_it_is_forbidden,
    members_filters_are_dropped_or_refused,
    members_see_their_own_project_only,
    members_do_not_see_what_admins_see_of_volumes,
    strangers_are_stopped_first,
);

/// Somebody of the usual project with these roles.
fn with_roles(app: &App, roles: &str) -> Client {
    app.api.of(&format!("{roles}/ann"), PROJECT)
}

fn forbidden(rule: &str) -> String {
    format!("Policy doesn't allow {rule} to be performed.")
}

/// Everything one can do to a snapshot, with the rule that guards it, in an order that works.
fn operations(volume: &str, snapshot: &str) -> Vec<(Method, String, Value, &'static str)> {
    let path = format!("/snapshots/{snapshot}");
    let volume = format!("/volumes/{volume}");
    let get = |path: &str, rule| (Method::GET, path.to_owned(), Value::Null, rule);
    let action = format!("{path}/action");
    let volume_action = format!("{volume}/action");
    vec![
        get("/snapshots", "volume:get_all_snapshots"),
        get("/snapshots/detail", "volume:get_all_snapshots"),
        get(&path, "volume:get_snapshot"),
        get(&format!("{path}/metadata"), "volume:get_snapshot"),
        get(&volume, "volume:get"),
        get("/volumes", "volume:get_all"),
        get("/types", "volume_extension:type_get_all"),
        get(&format!("/os-quota-sets/{PROJECT}"), "volume_extension:quotas:show"),
        (
            Method::PUT,
            path.clone(),
            json!({"snapshot": {"name": "n"}}),
            "volume:update_snapshot",
        ),
        (
            Method::POST,
            format!("{path}/metadata"),
            json!({"metadata": {"k": "v"}}),
            "volume:update_snapshot_metadata",
        ),
        (
            Method::DELETE,
            format!("{path}/metadata/k"),
            Value::Null,
            "volume:delete_snapshot_metadata",
        ),
        (
            Method::PUT,
            volume.clone(),
            json!({"volume": {"name": "n"}}),
            "volume:update",
        ),
        (
            Method::POST,
            "/volumes".to_owned(),
            json!({"volume": {"size": 1}}),
            "volume:create",
        ),
        (
            Method::POST,
            volume_action.clone(),
            json!({"os-extend": {"new_size": 2}}),
            "volume:extend",
        ),
        (Method::DELETE, path, Value::Null, "volume:delete_snapshot"),
        (
            Method::POST,
            action.clone(),
            json!({"os-reset_status": {"status": "error"}}),
            "volume_extension:snapshot_admin_actions:reset_status",
        ),
        (
            Method::POST,
            action,
            json!({"os-force_delete": null}),
            "volume_extension:snapshot_admin_actions:force_delete",
        ),
        (
            Method::POST,
            volume_action.clone(),
            json!({"os-reset_status": {"status": "error"}}),
            "volume_extension:volume_admin_actions:reset_status",
        ),
        (
            Method::POST,
            volume_action,
            json!({"os-force_delete": null}),
            "volume_extension:volume_admin_actions:force_delete",
        ),
        (
            Method::PUT,
            format!("/os-quota-sets/{PROJECT}"),
            json!({"quota_set": {"backups": 1}}),
            "volume_extension:quotas:update",
        ),
        get("/os-services", "volume_extension:services:index"),
    ]
}

async fn roles_decide_what_is_allowed(app: App) {
    for (roles, rules) in [
        ("reader", 0..8),
        ("reader+member", 0..15),
        ("service", 0..0),
        ("reader+service", 0..8),
    ] {
        let volume = app.volume(1).await;
        let snapshot = app.snapshot(&volume).await;
        let path = format!("/snapshots/{snapshot}/metadata");
        app.api.post(&path, json!({"metadata": {"k": "v"}})).await.expect(200);
        let client = with_roles(&app, roles);
        for (index, (method, path, body, rule)) in operations(&volume, &snapshot).into_iter().enumerate() {
            let reply = client.send(method, &path, body.to_string()).await;
            if rules.contains(&index) {
                assert!(matches!(reply.status, 200 | 202), "{roles}: {reply:?}");
            } else if path.starts_with("/volumes/") && !roles.contains("reader") {
                // A volume that one may not see is not there.
                reply.expect_fault(404, &format!("Volume {volume} could not be found."));
            } else if !roles.contains("reader") && path.contains(&snapshot) {
                reply.expect_fault(403, &forbidden("volume:get_snapshot"));
            } else {
                reply.expect_fault(403, &forbidden(rule));
            }
        }
        app.drain().await;
    }
    // An admin of any project may do everything.
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let path = format!("/snapshots/{snapshot}");
    let admin = app.api.of("root", OTHER);
    admin
        .act(&path, "os-reset_status", json!({"status": "error"}))
        .await
        .expect(202);
    admin.act(&path, "os-force_delete", json!(null)).await.expect(202);
    admin.get("/os-services").await.expect(200);
}

async fn others_things_do_not_exist(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let before = app.everything().await;
    let stranger = app.api.of("reader+member/eve", OTHER);
    for (method, path, body, _rule) in operations(&volume, &snapshot) {
        let reply = stranger.send(method, &path, body.to_string()).await;
        if path.starts_with(&format!("/snapshots/{snapshot}")) {
            reply.expect_fault(404, &format!("Snapshot {snapshot} could not be found."));
        } else if path.starts_with(&format!("/volumes/{volume}")) {
            reply.expect_fault(404, &format!("Volume {volume} could not be found."));
        }
    }
    let body = json!({"snapshot": {"volume_id": volume}});
    let message = format!("Volume {volume} could not be found.");
    stranger.post("/snapshots", body).await.expect_fault(404, &message);
    let body = json!({"volume": {"snapshot_id": snapshot}});
    let message = format!("Snapshot {snapshot} could not be found.");
    stranger.post("/volumes", body).await.expect_fault(404, &message);
    stranger
        .get(&format!("/snapshots?marker={snapshot}"))
        .await
        .expect_fault(404, &message);
    let rule = forbidden("volume_extension:quotas:show");
    stranger
        .get(&format!("/os-quota-sets/{PROJECT}"))
        .await
        .expect_fault(403, &rule);
    // The stranger made a volume of their own on the way.
    let mine = stranger.get("/volumes").await.expect(200).part("volumes")[0]["id"].take();
    app.api
        .act(
            &format!("/volumes/{}", mine.as_str().unwrap()),
            "os-force_delete",
            json!({}),
        )
        .await
        .expect(202);
    app.drain().await;
    assert_eq!(app.everything().await, before);
}

async fn what_is_not_there_is_not_found_before_it_is_forbidden(app: App) {
    let snapshot = app.snapshot(&app.volume(1).await).await;
    for roles in ["reader", "reader+member"] {
        let client = with_roles(&app, roles);
        let message = format!("Snapshot {NOWHERE} could not be found.");
        let path = format!("/snapshots/{NOWHERE}");
        client
            .act(&path, "os-reset_status", json!({"status": "error"}))
            .await
            .expect_fault(404, &message);
        client
            .act(&path, "os-force_delete", json!({}))
            .await
            .expect_fault(404, &message);
        client.delete(&path).await.expect_fault(404, &message);
        // A body is looked at before anything else.
        let argument = json!({"status": "bogus"});
        client.act(&path, "os-reset_status", argument).await.expect(400);
    }
    let message = format!("Snapshot {snapshot} has no metadata with key k.");
    let path = format!("/snapshots/{snapshot}/metadata/k");
    with_roles(&app, "reader")
        .delete(&path)
        .await
        .expect_fault(404, &message);
}

async fn members_filters_are_dropped_or_refused(app: App) {
    let volume = app.volume(1).await;
    app.new_snapshot(json!({"volume_id": volume, "name": "a"})).await;
    let member = with_roles(&app, "reader+member");
    let names = async |version: &str, query: &str| {
        let list = member
            .at(version)
            .get(&format!("/snapshots?{query}"))
            .await
            .expect(200)
            .part("snapshots");
        column(&list, "name").concat()
    };
    for version in ["3.0", "3.30"] {
        for query in [
            "foo=bar",
            "id=x",
            "project_id=x",
            "with_count=1",
            "consumes_quota=false",
            "all_tenants=1",
            "name~=x",
        ] {
            assert_eq!(names(version, query).await, "a", "{query}");
        }
        assert_eq!(names(version, "name=b&foo=bar").await, "");
    }
    for version in ["3.31", "3.44", "3.71"] {
        for (query, refused) in [
            ("foo=bar", "foo"),
            ("foo=bar&name=a&size=1", "foo,size"),
            ("id=x", "id"),
            ("project_id=x", "project_id"),
            ("all_tenants=1&tenant_id=x", "tenant_id"),
            ("name~=a", "name~"),
            ("created_at=gt:2020-01-01", "created_at"),
            ("display_name=a", "display_name"),
            ("host=brick", "host"),
        ] {
            let message = format!("Invalid filters {refused} are found in query options.");
            member
                .at(version)
                .get(&format!("/snapshots?{query}"))
                .await
                .expect_fault(400, &message);
        }
        for query in [
            "name=a",
            "status=creating",
            "availability_zone=nova",
            "consumes_quota=true",
            "all_tenants=1",
        ] {
            assert_eq!(names(version, query).await, "a", "{query}");
        }
    }
    let message = "Invalid filters with_count are found in query options.";
    member
        .at("3.44")
        .get("/snapshots?with_count=1")
        .await
        .expect_fault(400, message);
    assert_eq!(
        member.at("3.45").get("/snapshots?with_count=1").await.part("count"),
        json!(1)
    );
}

async fn members_see_their_own_project_only(app: App) {
    app.snapshot(&app.volume(1).await).await;
    let stranger = app.at("3.45").of("reader+member/eve", OTHER);
    for path in ["/snapshots", "/snapshots/detail", "/volumes", "/volumes/detail"] {
        for query in ["?with_count=1", "?with_count=1&all_tenants=1"] {
            let page = stranger.get(&format!("{path}{query}")).await.expect(200).json();
            assert_eq!(page["count"], json!(0), "{path}{query}");
        }
    }
    let limits = stranger
        .get(&format!("/limits?project_id={PROJECT}"))
        .await
        .expect(200)
        .part("limits");
    assert_eq!(limits["absolute"]["totalVolumesUsed"], json!(0));
}

async fn members_do_not_see_what_admins_see_of_volumes(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let client = with_roles(&app, "reader").at("3.71");
    let shown = client
        .get(&format!("/volumes/{volume}"))
        .await
        .expect(200)
        .part("volume");
    let hidden = [
        "migration_status",
        "provider_id",
        "cluster_name",
        "os-vol-host-attr:host",
    ];
    for key in keys(&shown) {
        assert!(!hidden.contains(&key) && !key.starts_with("os-vol-mig"), "{key}");
    }
    assert_eq!(text(&shown, "os-vol-tenant-attr:tenant_id"), PROJECT);
    let shown = client
        .get(&format!("/snapshots/{snapshot}"))
        .await
        .expect(200)
        .part("snapshot");
    assert_eq!(text(&shown, "os-extended-snapshot-attributes:project_id"), PROJECT);
    let types = client.get("/types").await.expect(200).part("volume_types");
    assert_eq!(types[0].get("qos_specs_id"), None);
}

async fn strangers_are_stopped_first(app: App) {
    for client in [app.api.anonymous(), app.api.token("notused")] {
        for path in ["/snapshots", "/nosuchthing", "/snapshots?limit=x"] {
            for version in ["3.0", "3.72", "nonsense"] {
                let request = client
                    .at(version)
                    .request(Method::POST, path)
                    .header(ACCEPT, "application/json");
                let reply = Reply::to(request.body("{")).await.expect(401);
                assert_eq!(
                    reply.text,
                    r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#
                );
                assert_eq!(
                    reply.header("www-authenticate"),
                    Some("Keystone uri=\"http://keystone.example\"")
                );
                assert_eq!(reply.header("openstack-api-version"), None);
            }
        }
        // What clients read before they have a token stays open.
        client.below("").get("/").await.expect(300);
        client.below("").get("/healthcheck").await.expect(200);
        for path in ["/v3", "/v3/"] {
            // With an identity service, as recorded of Cinder with Keystone.
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
                Reply::to(client.below("").request(method, path)).await.expect(401);
            }
        }
    }
}
