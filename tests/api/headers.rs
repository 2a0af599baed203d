//! Headers of replies, beyond what [`Reply`] checks of each of them.

use reqwest::Method;
use serde_json::json;

use crate::support::{App, Reply};

api_suite!(
    every_request_has_an_id_of_its_own,
    replies_without_a_body_are_of_two_kinds,
    all_text_is_ascii_and_spaced_as_python_does,
);

async fn every_request_has_an_id_of_its_own(app: App) {
    let mut seen = Vec::new();
    for sent in [
        None,
        Some("req-1db124ba-1724-4156-9a24-19f04793e088"),
        Some("req-1db124ba-1724-4156-9a24-19f04793e088"),
        Some("nonsense"),
    ] {
        for path in ["/snapshots", "/nosuchthing", "/snapshots/nope"] {
            let mut request = app.api.request(Method::GET, path);
            if let Some(sent) = sent {
                request = request.header("X-OpenStack-Request-ID", sent);
            }
            let reply = Reply::to(request).await;
            let id = reply.header("x-openstack-request-id").unwrap().to_owned();
            // The client's id goes to the log, not into the reply.
            assert_ne!(Some(id.as_str()), sent);
            assert!(!seen.contains(&id));
            seen.push(id);
        }
    }
}

async fn replies_without_a_body_are_of_two_kinds(app: App) {
    let volume = app.volume_with(json!({"size": 1, "metadata": {"k": "v"}})).await;
    let id = app
        .new_snapshot(json!({"volume_id": volume, "metadata": {"k": "v"}}))
        .await;
    let snapshot = format!("/snapshots/{id}");
    let volume = format!("/volumes/{volume}");
    // These come out of Cinder's JSON pipeline, and have both request ids...
    for (path, action, argument) in [
        (&snapshot, "os-reset_status", json!({"status": "creating"})),
        (&volume, "os-reset_status", json!({"status": "available"})),
        (&volume, "os-extend", json!({"new_size": 2})),
        (&snapshot, "os-force_delete", json!(null)),
    ] {
        let reply = app.api.act(path, action, argument).await.expect_empty_json(202);
        assert!(reply.header("x-compute-request-id").is_some());
    }
    app.drain().await;
    let id = app.snapshot(volume.strip_prefix("/volumes/").unwrap()).await;
    let snapshot = format!("/snapshots/{id}");
    app.reset_snapshot(&id, "creating").await;
    app.api
        .put(&format!("{snapshot}/metadata"), json!({"metadata": {"k": "v"}}))
        .await
        .expect(200);
    // ...and these go round it, and have one.
    let argument = json!({"status": "available"});
    for reply in [
        app.api
            .act(&snapshot, "os-update_snapshot_status", argument)
            .await
            .expect_bare(202),
        app.api.delete(&format!("{snapshot}/metadata/k")).await.expect_bare(200),
        app.api.delete(&format!("{volume}/metadata/k")).await.expect_bare(200),
        app.api.delete(&snapshot).await.expect_bare(202),
    ] {
        assert_eq!(reply.header("x-compute-request-id"), None);
        assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));
    }
    app.drain().await;
    app.api.delete(&volume).await.expect_bare(202);
}

async fn all_text_is_ascii_and_spaced_as_python_does(app: App) {
    let volume = app.volume(1).await;
    let fields = json!({"volume_id": volume, "name": "é☃🎉\u{7f}\"\\\n\u{1}", "metadata": {"a": "b", "c": ""}});
    let id = app.new_snapshot(fields).await;
    let reply = app.api.get(&format!("/snapshots/{id}")).await.expect(200);
    let name = "\"name\": \"\\u00e9\\u2603\\ud83c\\udf89\u{7f}\\\"\\\\\\n\\u0001\", ";
    assert!(reply.text.contains(name), "{}", reply.text);
    assert!(
        reply.text.contains(r#""metadata": {"a": "b", "c": ""}, "#),
        "{}",
        reply.text
    );
}
