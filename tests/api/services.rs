//! `/os-services`: who is there, and what operators do with them.

use serde_json::{Value, json};

use crate::support::{App, PROJECT, column, text};

api_suite!(
    the_service_says_where_it_is,
    a_disabled_service_gets_no_new_volumes,
    a_reason_is_kept_until_the_service_is_enabled,
    a_frozen_back_end_changes_nothing,
    wrong_requests_change_nothing,
);

async fn the_service_says_where_it_is(app: App) {
    app.advance(7);
    app.beat().await;
    for (version, cluster, backend) in [("3.0", false, false), ("3.7", true, false), ("3.49", true, true)] {
        let services = app.at(version).get("/os-services").await.expect(200).part("services");
        assert_eq!(column(&services, "binary"), ["cinder-scheduler", "cinder-volume"]);
        assert_eq!(services[0]["host"], "brick");
        let service = &services[1];
        for (key, value) in [
            ("binary", json!("cinder-volume")),
            ("host", json!("brick@file")),
            ("zone", json!("nova")),
            ("status", json!("enabled")),
            ("state", json!("up")),
            ("updated_at", json!("2027-01-15T08:00:07.000000")),
            ("disabled_reason", Value::Null),
            ("replication_status", json!("disabled")),
            ("active_backend_id", Value::Null),
            ("frozen", json!(false)),
        ] {
            assert_eq!(service.get(key), Some(&value), "{key}");
        }
        assert_eq!(service.get("cluster"), cluster.then_some(&Value::Null));
        assert_eq!(service.get("backend_state"), backend.then_some(&json!("up")));
        assert_eq!(
            service.as_object().unwrap().len(),
            10 + usize::from(cluster) + usize::from(backend)
        );
    }
    for (query, count) in [
        ("binary=cinder-volume", 1),
        ("binary=cinder-scheduler", 1),
        ("host=brick@file", 1),
        ("host=brick", 2),
        ("host=other", 0),
        ("host=brick@file&binary=cinder-volume", 1),
    ] {
        let services = app
            .api
            .get(&format!("/os-services?{query}"))
            .await
            .expect(200)
            .part("services");
        assert_eq!(services.as_array().unwrap().len(), count, "{query}");
    }
}

async fn put(app: &App, version: &str, action: &str, body: Value) -> crate::support::Reply {
    app.at(version).put(&format!("/os-services/{action}"), body).await
}

async fn volume_service(app: &App) -> Value {
    let path = "/os-services?binary=cinder-volume";
    let services = app.at("3.0").get(path).await.expect(200).part("services");
    assert_eq!(services.as_array().unwrap().len(), 1);
    services[0].clone()
}

async fn new_volume(app: &App) -> String {
    let body = json!({"volume": {"size": 1}});
    let reply = app.api.post("/volumes", body).await.expect(202);
    let id = text(&reply.part("volume"), "id").to_owned();
    app.drain().await;
    app.volume_status(&id).await
}

async fn a_disabled_service_gets_no_new_volumes(app: App) {
    let named = json!({"host": "brick@file", "binary": "cinder-volume"});
    let source = app.volume(1).await;
    let reply = put(&app, "3.0", "disable", named.clone()).await.expect(200);
    assert_eq!(
        reply.text,
        r#"{"host": "brick@file", "service": "", "binary": "cinder-volume", "status": "disabled", "disabled": true}"#
    );
    // Unlike in Cinder it is written down.
    let service = volume_service(&app).await;
    assert_eq!(
        (&service["status"], &service["state"]),
        (&json!("disabled"), &json!("up"))
    );
    assert_eq!(new_volume(&app).await, "error");
    let messages = app.at("3.5").get("/messages").await.expect(200).part("messages");
    assert_eq!(column(&messages, "event_id"), ["VOLUME_VOLUME_001_003"]);
    let zones = app.api.get("/os-availability-zone").await.expect(200);
    assert_eq!(
        zones.part("availabilityZoneInfo")[0]["zoneState"]["available"],
        json!(false)
    );
    // What has a source goes where the source is.
    app.volume_with(json!({"source_volid": source})).await;

    let reply = put(&app, "3.0", "enable", named).await.expect(200);
    assert_eq!(
        reply.text,
        r#"{"host": "brick@file", "service": "", "binary": "cinder-volume", "status": "enabled", "disabled": false}"#
    );
    assert_eq!(volume_service(&app).await["status"], json!("enabled"));
    assert_eq!(new_volume(&app).await, "available");
}

async fn a_reason_is_kept_until_the_service_is_enabled(app: App) {
    let body = json!({"host": "brick@file", "service": "cinder-volume", "disabled_reason": "new disk"});
    let reply = put(&app, "3.0", "disable-log-reason", body.clone()).await.expect(200);
    assert_eq!(
        reply.text,
        r#"{"host": "brick@file", "service": "cinder-volume", "binary": "", "status": "disabled", "disabled": true, "disabled_reason": "new disk"}"#
    );
    app.beat().await;
    assert_eq!(volume_service(&app).await["disabled_reason"], json!("new disk"));
    let without = json!({"host": "brick@file", "service": "cinder-volume"});
    put(&app, "3.0", "enable", without).await.expect(200);
    assert_eq!(volume_service(&app).await["disabled_reason"], Value::Null);
}

async fn a_frozen_back_end_changes_nothing(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let host = json!({"host": "brick@file"});
    put(&app, "3.0", "freeze", host.clone()).await.expect_empty_json(200);
    assert_eq!(volume_service(&app).await["frozen"], json!(true));
    let again = put(&app, "3.0", "freeze", host.clone()).await;
    again.expect_fault(
        400,
        "Invalid input received: No service could be changed: frozen in ['brick@file'] must be False to failover.",
    );

    let frozen = "Invalid input received: Modification operations are not allowed on frozen storage backends.";
    let body = json!({"snapshot": {"volume_id": volume}});
    app.api.post("/snapshots", body).await.expect_fault(400, frozen);
    let path = format!("/snapshots/{snapshot}");
    app.api.delete(&path).await.expect_fault(400, frozen);
    app.api
        .act(&path, "os-force_delete", Value::Null)
        .await
        .expect_fault(400, frozen);
    app.api
        .delete(&format!("/volumes/{volume}?cascade=true"))
        .await
        .expect_fault(400, frozen);
    // Letting go of something changes nothing there.
    app.api.act(&path, "os-unmanage", Value::Null).await.expect(202);
    app.drain().await;
    assert_eq!(new_volume(&app).await, "error");

    put(&app, "3.0", "thaw", host).await.expect_empty_json(200);
    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.drain().await;
    app.api.get(&format!("/volumes/{volume}")).await.expect(404);
}

async fn wrong_requests_change_nothing(app: App) {
    let before = app.at("3.71").get("/os-services").await.expect(200).json();
    let volume = json!("cinder-volume");
    for (version, action, body, status, text) in [
        (
            "3.0",
            "enable",
            json!({"host": "brick@file"}),
            400,
            "{'host': 'brick@file'} is not valid under any of the given schemas",
        ),
        (
            "3.0",
            "disable",
            json!({"binary": volume}),
            400,
            "Invalid input received: Host field is missing.",
        ),
        (
            "3.0",
            "disable",
            json!({"binary": volume, "host": "brick"}),
            404,
            "Service cinder-volume could not be found on host brick.",
        ),
        (
            "3.0",
            "disable",
            json!({"binary": "nova", "host": "brick@file"}),
            404,
            "Service nova could not be found on host brick@file.",
        ),
        (
            "3.0",
            "disable",
            json!({"binary": volume, "host": "brick@file", "disabled_reason": "x"}),
            400,
            "Additional properties are not allowed ('disabled_reason' was unexpected)",
        ),
        (
            "3.0",
            "disable-log-reason",
            json!({"binary": volume, "host": "brick@file", "disabled_reason": ""}),
            400,
            "Invalid input for field/attribute disabled_reason. Value: . '' should be non-empty",
        ),
        (
            "3.0",
            "disable-log-reason",
            json!({"binary": volume, "host": "brick@file", "disabled_reason": null}),
            400,
            "Invalid input for field/attribute disabled_reason. Value: None. None is not of type 'string'",
        ),
        (
            "3.0",
            "freeze",
            json!({"host": "nowhere"}),
            400,
            "Invalid input received: No service found with host=nowhere",
        ),
        (
            "3.0",
            "thaw",
            json!({"host": "brick@file"}),
            400,
            "Invalid input received: No service could be changed: frozen in ['brick@file'] must be True to failover.",
        ),
        (
            "3.0",
            "thaw",
            json!({}),
            400,
            "Invalid input received: Host field is missing.",
        ),
        (
            "3.26",
            "thaw",
            json!({"cluster": "c"}),
            400,
            "Invalid input received: No service found with cluster=c",
        ),
        (
            "3.26",
            "thaw",
            json!({"cluster": "c", "host": "h"}),
            400,
            "Invalid input received: One and only one of cluster and host must be set.",
        ),
        ("3.0", "freeze", json!([]), 400, "[] is not of type 'object'"),
    ] {
        put(&app, version, action, body).await.expect_fault(status, text);
    }
    put(&app, "3.0", "explode", json!({})).await.expect(404);
    assert_eq!(app.at("3.71").get("/os-services").await.expect(200).json(), before);
    let quota = app.api.get(&format!("/os-quota-sets/{PROJECT}")).await;
    quota.expect(200);
}
