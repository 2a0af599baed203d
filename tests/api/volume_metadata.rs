//! `/volumes/{id}/metadata`: as a snapshot's, but for slashes, strictness and entity tags.

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, invalid};

api_suite!(
    post_merges_put_replaces_and_items_stand_alone,
    bad_bodies_are_refused_and_change_nothing,
    some_statuses_forbid_changes,
    a_tag_guards_against_lost_updates_from_its_version_on,
);

async fn volume(app: &App, metadata: Value) -> (String, String) {
    let id = app.volume_with(json!({"size": 1, "metadata": metadata})).await;
    let path = format!("/volumes/{id}/metadata");
    (id, path)
}

async fn post_merges_put_replaces_and_items_stand_alone(app: App) {
    let (id, path) = volume(&app, json!({"k1": "v1", "a/b": "c"})).await;
    let all = async || app.api.get(&path).await.expect(200).part("metadata");
    assert_eq!(all().await, json!({"a/b": "c", "k1": "v1"}));

    let reply = app
        .api
        .post(&path, json!({"metadata": {"k1": "new", "x/y": "z"}}))
        .await
        .expect(200);
    assert_eq!(reply.json(), json!({"metadata": {"a/b": "c", "k1": "new", "x/y": "z"}}));
    let reply = app.api.put(&path, json!({"metadata": {"p/q": "r"}})).await.expect(200);
    assert_eq!(reply.json(), json!({"metadata": {"p/q": "r"}}));
    let reply = app
        .api
        .put(&format!("{path}/k"), json!({"meta": {"k": "v"}}))
        .await
        .expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k": "v"}}));
    let reply = app.api.get(&format!("{path}/k")).await.expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k": "v"}}));
    assert_eq!(all().await, json!({"k": "v", "p/q": "r"}));
    assert_eq!(app.show_volume(&id).await["metadata"], all().await);

    app.api.delete(&format!("{path}/k")).await.expect_bare(200);
    let message = format!("Volume {id} has no metadata with key k.");
    app.api.delete(&format!("{path}/k")).await.expect_fault(404, &message);
    app.api.get(&format!("{path}/k")).await.expect_fault(404, &message);
    app.api.put(&path, json!({"metadata": {}})).await.expect(200);
    assert_eq!(all().await, json!({}));
}

async fn bad_bodies_are_refused_and_change_nothing(app: App) {
    let (_, path) = volume(&app, json!({"k": "v"})).await;
    let before = app.everything().await;
    let pattern = "does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'";
    for (body, message) in [
        (json!({}), "'metadata' is a required property".to_owned()),
        (json!([]), "[] is not of type 'object'".to_owned()),
        (
            json!({"metadata": {"a": "b"}, "x": 1}),
            "Additional properties are not allowed ('x' was unexpected)".to_owned(),
        ),
        (
            json!({"metadata": {"a": null}}),
            invalid("a", "None", "None is not of type 'string'"),
        ),
        (
            json!({"metadata": {"": "v"}}),
            invalid("metadata", "{'': 'v'}", &format!("'' {pattern}")),
        ),
        (
            json!({"metadata": {"ü": "v"}}),
            invalid("metadata", "{'ü': 'v'}", &format!("'ü' {pattern}")),
        ),
    ] {
        app.api.post(&path, body.clone()).await.expect_fault(400, &message);
        app.api.put(&path, body).await.expect_fault(400, &message);
    }
    for (body, message) in [
        (
            json!({"meta": {"other": "v"}}),
            "Request body and URI mismatch".to_owned(),
        ),
        (json!({"meta": {}}), invalid("meta", "{}", "{} should be non-empty")),
        (
            json!({"meta": {"k": 1}}),
            invalid("k", "1", "1 is not of type 'string'"),
        ),
    ] {
        app.api
            .put(&format!("{path}/k"), body)
            .await
            .expect_fault(400, &message);
    }
    let body = json!({"metadata": {"a": null}});
    app.api
        .post(&format!("/volumes/{NOWHERE}/metadata"), body)
        .await
        .expect(400);
    assert_eq!(app.everything().await, before);
}

async fn some_statuses_forbid_changes(app: App) {
    let (id, path) = volume(&app, json!({"k": "v"})).await;
    for status in ["maintenance", "uploading"] {
        app.reset_volume(&id, status).await;
        let before = app.everything().await;
        for reply in [
            app.api.post(&path, json!({"metadata": {"a": "b"}})).await,
            app.api.put(&path, json!({"metadata": {"a": "b"}})).await,
            app.api.put(&format!("{path}/k"), json!({"meta": {"k": "w"}})).await,
            app.api.delete(&format!("{path}/k")).await,
        ] {
            let reply = reply.expect(400);
            assert!(reply.text.contains(&format!("volumes in {status} status")), "{reply:?}");
        }
        app.api.get(&path).await.expect(200);
        assert_eq!(app.everything().await, before);
    }
    for status in ["error", "creating", "in-use", "error_deleting"] {
        app.reset_volume(&id, status).await;
        app.api
            .post(&path, json!({"metadata": {"s": status}}))
            .await
            .expect(200);
    }
}

async fn a_tag_guards_against_lost_updates_from_its_version_on(app: App) {
    let (_, path) = volume(&app, json!({"k": "v"})).await;
    assert_eq!(app.at("3.14").get(&path).await.expect(200).header("etag"), None);
    let client = app.at("3.15");
    let tag = async || {
        let reply = client.get(&path).await.expect(200);
        // The type is an accident of Cinder's, but clients know it.
        assert_eq!(reply.header("content-type"), Some("text/html; charset=UTF-8"));
        reply.header("etag").unwrap().to_owned()
    };
    let put = async |client: &crate::support::Client, tag: &str, value: &str| {
        let request = client.request(reqwest::Method::PUT, &path).header("If-Match", tag);
        crate::support::Reply::to(request.json(&json!({"metadata": {"k": value}}))).await
    };

    let first = tag().await;
    assert_eq!(tag().await, first);
    put(&client, &first, "w").await.expect(200);
    let second = tag().await;
    assert_ne!(second, first);
    for stale in [first.as_str(), "nonsense", ""] {
        let reply = put(&client, stale, "lost").await.expect(412);
        assert_eq!(reply.text, "");
    }
    assert_eq!(client.get(&path).await.json(), json!({"metadata": {"k": "w"}}));
    put(&client, &format!("\"{}\"", second.trim_matches('"')), "x")
        .await
        .expect(200);
    // Before, the header means nothing.
    put(&app.at("3.14"), &first, "y").await.expect(200);
    client.put(&path, json!({"metadata": {"k": "z"}})).await.expect(200);
}
