//! `/snapshots/{id}/metadata` and its items (cinder.md §3.10).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, NOWHERE, invalid};

api_suite!(
    post_merges_and_put_replaces,
    items_are_read_set_and_removed_alone,
    writes_of_all_count_as_a_change_and_removals_do_not,
    every_status_allows_it,
    keys_of_items_are_decoded,
    bad_maps_are_refused_and_change_nothing,
    bad_items_are_refused_and_change_nothing,
    writers_at_the_same_time_lose_nothing,
);

async fn snapshot(app: &App, metadata: Value) -> String {
    let volume = app.volume(1).await;
    let id = app
        .new_snapshot(json!({"volume_id": volume, "metadata": metadata}))
        .await;
    format!("/snapshots/{id}/metadata")
}

async fn expect_all(app: &App, path: &str, metadata: Value) {
    assert_eq!(
        app.api.get(path).await.expect(200).json(),
        json!({"metadata": metadata})
    );
}

async fn post_merges_and_put_replaces(app: App) {
    let path = snapshot(&app, json!({"k1": "v1", "k2": "v2"})).await;
    for version in ["3.0", "3.15", "latest"] {
        // Unlike a volume's, a snapshot's metadata never has an ETag.
        let reply = app.at(version).get(&path).await.expect(200);
        assert_eq!(reply.text, r#"{"metadata": {"k1": "v1", "k2": "v2"}}"#);
        assert_eq!(reply.header("etag"), None);
    }
    let merged = json!({"metadata": {"k1": "new", "k2": "v2", "k3": "v3"}});
    let reply = app
        .api
        .post(&path, json!({"metadata": {"k3": "v3", "k1": "new"}}))
        .await
        .expect(200);
    assert_eq!(reply.json(), merged);
    let reply = app.api.post(&path, json!({"metadata": {}})).await.expect(200);
    assert_eq!(reply.json(), merged);
    expect_all(&app, &path, merged["metadata"].clone()).await;

    let reply = app.api.put(&path, json!({"metadata": {"p": "q"}})).await.expect(200);
    assert_eq!(reply.json(), json!({"metadata": {"p": "q"}}));
    expect_all(&app, &path, json!({"p": "q"})).await;
    // Other keys beside it are ignored, unlike in the rest of the API.
    let reply = app
        .api
        .put(&path, json!({"metadata": {}, "x": 1, "type": "y"}))
        .await
        .expect(200);
    assert_eq!(reply.json(), json!({"metadata": {}}));
    expect_all(&app, &path, json!({})).await;
}

async fn items_are_read_set_and_removed_alone(app: App) {
    let path = snapshot(&app, json!({"k1": "v1", "k2": "v2"})).await;
    let id = path.split('/').nth(2).unwrap();
    let reply = app.api.get(&format!("{path}/k1")).await.expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k1": "v1"}}));
    let reply = app
        .api
        .put(&format!("{path}/k1"), json!({"meta": {"k1": "new"}, "x": 1}))
        .await
        .expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k1": "new"}}));
    let reply = app
        .api
        .put(&format!("{path}/k3"), json!({"meta": {"k3": ""}}))
        .await
        .expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k3": ""}}));
    expect_all(&app, &path, json!({"k1": "new", "k2": "v2", "k3": ""})).await;

    app.api.delete(&format!("{path}/k2")).await.expect_bare(200);
    let message = format!("Snapshot {id} has no metadata with key k2.");
    app.api.delete(&format!("{path}/k2")).await.expect_fault(404, &message);
    app.api.get(&format!("{path}/k2")).await.expect_fault(404, &message);
    // Case matters.
    app.api.get(&format!("{path}/K1")).await.expect(404);
    expect_all(&app, &path, json!({"k1": "new", "k3": ""})).await;
}

async fn writes_of_all_count_as_a_change_and_removals_do_not(app: App) {
    let path = snapshot(&app, json!({"k": "v"})).await;
    let id = path.split('/').nth(2).unwrap();
    let updated_at = async || app.show_snapshot(id).await["updated_at"].clone();
    app.advance(1);
    app.api.post(&path, json!({"metadata": {"a": "b"}})).await.expect(200);
    assert_eq!(updated_at().await, json!("2027-01-15T08:00:01.000000"));
    app.advance(1);
    app.api.put(&path, json!({"metadata": {"a": "c"}})).await.expect(200);
    assert_eq!(updated_at().await, json!("2027-01-15T08:00:02.000000"));
    app.advance(1);
    app.api
        .put(&format!("{path}/a"), json!({"meta": {"a": "d"}}))
        .await
        .expect(200);
    assert_eq!(updated_at().await, json!("2027-01-15T08:00:03.000000"));
    app.advance(1);
    app.api.delete(&format!("{path}/a")).await.expect(200);
    assert_eq!(updated_at().await, json!("2027-01-15T08:00:03.000000"));
}

async fn every_status_allows_it(app: App) {
    let path = snapshot(&app, json!({})).await;
    let id = path.split('/').nth(2).unwrap();
    app.drain().await;
    for status in [
        "error",
        "available",
        "creating",
        "deleting",
        "updating",
        "error_deleting",
        "unmanaging",
        "restoring",
    ] {
        app.reset_snapshot(id, status).await;
        app.api
            .post(&path, json!({"metadata": {"s": status}}))
            .await
            .expect(200);
        app.api.put(&path, json!({"metadata": {"s": status}})).await.expect(200);
        app.api
            .put(&format!("{path}/s"), json!({"meta": {"s": status}}))
            .await
            .expect(200);
        expect_all(&app, &path, json!({"s": status})).await;
        app.api.delete(&format!("{path}/s")).await.expect_bare(200);
        assert_eq!(app.snapshot_status(id).await, status);
    }
}

async fn keys_of_items_are_decoded(app: App) {
    let path = snapshot(&app, json!({"a b": "1", "c.d": "2", "k": "3", "x/y": "4"})).await;
    let id = path.split('/').nth(2).unwrap();
    for (key, item) in [("a%20b", json!({"a b": "1"})), ("c.d", json!({"c.d": "2"}))] {
        let reply = app.api.get(&format!("{path}/{key}")).await.expect(200);
        assert_eq!(reply.json(), json!({"meta": item}));
        app.api
            .put(&format!("{path}/{key}"), json!({"meta": item}))
            .await
            .expect(200);
    }
    let message = format!("Snapshot {id} has no metadata with key ключ.");
    app.api
        .get(&format!("{path}/%D0%BA%D0%BB%D1%8E%D1%87"))
        .await
        .expect_fault(404, &message);
    // A suffix is a format, so that such a key cannot be named.
    let reply = app.api.get(&format!("{path}/k.json")).await.expect(200);
    assert_eq!(reply.json(), json!({"meta": {"k": "3"}}));
    let body = json!({"meta": {"k.json": "v"}});
    app.api
        .put(&format!("{path}/k.json"), body)
        .await
        .expect_fault(400, "Request body and URI mismatch");
    // What a snapshot was created with can be replaced, although not added to, whatever its keys are.
    app.api.put(&path, json!({"metadata": {}})).await.expect(200);
    expect_all(&app, &path, json!({})).await;
}

/// Texts for maps that neither call takes.
fn bad_maps() -> Vec<(Value, String)> {
    let pattern = "does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'";
    let long = "k".repeat(256);
    let value = "v".repeat(256);
    vec![
        (json!(null), invalid("metadata", "None", "None is not of type 'object'")),
        (json!([]), invalid("metadata", "[]", "[] is not of type 'object'")),
        (json!("x"), invalid("metadata", "x", "'x' is not of type 'object'")),
        (json!({"a": 1}), invalid("a", "1", "1 is not of type 'string'")),
        (json!({"a": null}), invalid("a", "None", "None is not of type 'string'")),
        (json!({"a": true}), invalid("a", "True", "True is not of type 'string'")),
        (json!({"a": {}}), invalid("a", "{}", "{} is not of type 'string'")),
        (json!({"a": []}), invalid("a", "[]", "[] is not of type 'string'")),
        (
            json!({"": "v"}),
            invalid("metadata", "{'': 'v'}", &format!("'' {pattern}")),
        ),
        (
            json!({"a/b": "v"}),
            invalid("metadata", "{'a/b': 'v'}", &format!("'a/b' {pattern}")),
        ),
        (
            json!({"a$%": "v"}),
            invalid("metadata", "{'a$%': 'v'}", &format!("'a$%' {pattern}")),
        ),
        (
            json!({"ключ": "☃"}),
            invalid("metadata", "{'ключ': '☃'}", &format!("'ключ' {pattern}")),
        ),
        (
            json!({long.clone(): "v"}),
            invalid(
                "metadata",
                &format!("{{'{long}': 'v'}}"),
                &format!("'{long}' {pattern}"),
            ),
        ),
        (
            json!({"a": value}),
            invalid("a", &value, &format!("'{value}' is too long")),
        ),
    ]
}

async fn bad_maps_are_refused_and_change_nothing(app: App) {
    let path = snapshot(&app, json!({"k": "v"})).await;
    let before = app.everything().await;
    let mut cases: Vec<_> = bad_maps()
        .into_iter()
        .map(|(map, message)| (json!({"metadata": map}), message))
        .collect();
    cases.extend([
        (json!({}), "'metadata' is a required property".to_owned()),
        (
            json!({"meta": {"a": "b"}}),
            "'metadata' is a required property".to_owned(),
        ),
        (json!(null), "None is not of type 'object'".to_owned()),
        (json!([]), "[] is not of type 'object'".to_owned()),
    ]);
    for (body, message) in cases {
        app.api.post(&path, body.clone()).await.expect_fault(400, &message);
        app.api.put(&path, body).await.expect_fault(400, &message);
    }
    for method in [Method::POST, Method::PUT] {
        app.api
            .send(method, &path, "{")
            .await
            .expect_fault(400, "Malformed request body");
    }
    // The body comes before the snapshot.
    let message = invalid("a", "1", "1 is not of type 'string'");
    let body = json!({"metadata": {"a": 1}});
    app.api
        .post(&format!("/snapshots/{NOWHERE}/metadata"), body)
        .await
        .expect_fault(400, &message);
    assert_eq!(app.everything().await, before);
}

async fn bad_items_are_refused_and_change_nothing(app: App) {
    let path = format!("{}/k", snapshot(&app, json!({"k": "v"})).await);
    let before = app.everything().await;
    let value = "v".repeat(256);
    for (body, message) in [
        (json!({}), "'meta' is a required property".to_owned()),
        (
            json!({"metadata": {"k": "v"}}),
            "'meta' is a required property".to_owned(),
        ),
        (json!(null), "None is not of type 'object'".to_owned()),
        (
            json!({"meta": null}),
            invalid("meta", "None", "None is not of type 'object'"),
        ),
        (json!({"meta": {}}), invalid("meta", "{}", "{} should be non-empty")),
        (
            json!({"meta": {"k": "1", "l": "2"}}),
            invalid(
                "meta",
                "{'k': '1', 'l': '2'}",
                "{'k': '1', 'l': '2'} has too many properties",
            ),
        ),
        (
            json!({"meta": {"k": 1}}),
            invalid("k", "1", "1 is not of type 'string'"),
        ),
        (
            json!({"meta": {"k": null}}),
            invalid("k", "None", "None is not of type 'string'"),
        ),
        (
            json!({"meta": {"k": value}}),
            invalid("k", &value, &format!("'{value}' is too long")),
        ),
        (
            json!({"meta": {"other": "v"}}),
            "Request body and URI mismatch".to_owned(),
        ),
    ] {
        app.api.put(&path, body).await.expect_fault(400, &message);
    }
    app.api
        .send(Method::PUT, &path, "{")
        .await
        .expect_fault(400, "Malformed request body");
    assert_eq!(app.everything().await, before);
}

async fn writers_at_the_same_time_lose_nothing(app: App) {
    let path = snapshot(&app, json!({})).await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..12 {
        let (api, path) = (app.api.clone(), path.clone());
        writers.spawn(async move {
            let (key, value) = (format!("k{n}"), n.to_string());
            if n % 2 == 0 {
                api.post(&path, json!({"metadata": {key: value}})).await.expect(200);
            } else {
                api.put(&format!("{path}/{key}"), json!({"meta": {key: value}}))
                    .await
                    .expect(200);
            }
        });
    }
    writers.join_all().await;
    let all: Value = (0..12)
        .map(|n| (format!("k{n}"), json!(n.to_string())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    expect_all(&app, &path, all).await;
}
