//! Input that no client of good will sends. Each gets a clear answer and changes nothing.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use crate::support::{App, Reply};

api_suite!(
    what_is_not_json_is_refused,
    a_missing_body_is_refused,
    other_content_types_are_refused,
    parameters_of_the_content_type_do_not_matter,
    a_body_that_is_too_large_is_refused["server.max_request_body_size" = "1000"],
    strange_paths_are_not_found,
    bodies_nested_deeply_are_refused,
    texts_with_a_nul_are_refused,
);

/// Every call that takes a body.
async fn calls(app: &App) -> Vec<(Method, String)> {
    let volume = app.volume_with(json!({"size": 1, "metadata": {"k": "v"}})).await;
    let snapshot = app.snapshot(&volume).await;
    let mut calls = Vec::new();
    for (kind, id) in [("snapshots", snapshot), ("volumes", volume)] {
        calls.extend([
            (Method::POST, format!("/{kind}")),
            (Method::PUT, format!("/{kind}/{id}")),
            (Method::POST, format!("/{kind}/{id}/metadata")),
            (Method::PUT, format!("/{kind}/{id}/metadata")),
            (Method::PUT, format!("/{kind}/{id}/metadata/k")),
            (Method::POST, format!("/{kind}/{id}/action")),
        ]);
    }
    calls
}

async fn what_is_not_json_is_refused(app: App) {
    let calls = calls(&app).await;
    let before = app.everything().await;
    let bodies: [&[u8]; 9] = [
        b" ",
        b"{",
        b"{\"snapshot\": {}} trailing",
        b"{'snapshot': {}}",
        b"snapshot=1",
        b"{\"snapshot\": {\"name\": NaN}}",
        b"\xff\xfe",
        b"{\"snapshot\": {\"name\": \"\xff\"}}",
        b"\"\\ud800\"",
    ];
    for (method, path) in &calls {
        for body in bodies {
            let reply = app.api.send(method.clone(), path, body).await;
            reply.expect_fault(400, "Malformed request body");
        }
    }
    assert_eq!(app.everything().await, before);
}

async fn a_missing_body_is_refused(app: App) {
    let calls = calls(&app).await;
    let before = app.everything().await;
    for (method, path) in &calls {
        // Cinder fails with 500, except for actions.
        let message = if path.ends_with("/action") {
            "There is no such action: None. Verify the request body and Content-Type header and try again."
        } else {
            "None is not of type 'object'"
        };
        Reply::to(app.api.request(method.clone(), path))
            .await
            .expect_fault(400, message);
        app.api.send(method.clone(), path, "").await.expect_fault(400, message);
        // A body of no type is none.
        let request = app.api.request(method.clone(), path).body(r#"{"snapshot": {}}"#);
        Reply::to(request).await.expect_fault(400, message);
    }
    assert_eq!(app.everything().await, before);
}

async fn other_content_types_are_refused(app: App) {
    let calls = calls(&app).await;
    let before = app.everything().await;
    for (method, path) in &calls {
        for kind in [
            "text/plain",
            "application/xml",
            "APPLICATION/JSON",
            "application/x-www-form-urlencoded",
            "json",
        ] {
            let request = app
                .api
                .request(method.clone(), path)
                .header(CONTENT_TYPE, kind)
                .body("{}");
            let reply = Reply::to(request).await;
            reply.expect_fault(415, "Unsupported Content-Type");
        }
    }
    assert_eq!(app.everything().await, before);
}

async fn parameters_of_the_content_type_do_not_matter(app: App) {
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=\"latin-1\"",
        "application/vnd.openstack.volume+json",
    ] {
        let request = app.api.request(Method::POST, "/volumes").header(CONTENT_TYPE, kind);
        Reply::to(request.body(r#"{"volume": {"size": 1}}"#)).await.expect(202);
    }
}

async fn a_body_that_is_too_large_is_refused(app: App) {
    let calls = calls(&app).await;
    let before = app.everything().await;
    for (method, path) in &calls {
        let body = format!(r#"{{"x": "{}"}}"#, "x".repeat(1000));
        let reply = app.api.send(method.clone(), path, body).await.expect(413);
        assert_eq!(
            reply.json(),
            json!({"overLimit": {"code": 413, "message": "Request is too large."}})
        );
        assert_eq!(reply.header("retry-after"), None);
    }
    let body = format!(r#"{{"volume": {{"size": 1, "name": "{}"}}}}"#, "x".repeat(200));
    assert_eq!(app.everything().await, before);
    app.api.send(Method::POST, "/volumes", body).await.expect(202);
}

async fn strange_paths_are_not_found(app: App) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    for id in [
        "%ff",
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e",
        "'%20OR%201=1%20--",
        "%F0%9F%8E%89",
        "*",
        "~",
    ] {
        for kind in ["snapshots", "volumes"] {
            for (method, path) in [
                (Method::GET, format!("/{kind}/{id}")),
                (Method::DELETE, format!("/{kind}/{id}")),
                (Method::GET, format!("/{kind}/{id}/metadata")),
            ] {
                Reply::to(app.api.request(method, &path)).await.expect(404);
            }
        }
        app.api
            .get(&format!("/volumes/{volume}/metadata/{id}"))
            .await
            .expect(404);
        app.at("3.3").get(&format!("/messages/{id}")).await.expect(404);
        app.api.get(&format!("/types/{id}")).await.expect(404);
        app.api.get(&format!("/extensions/{id}")).await.expect(404);
    }
    app.api
        .get(&format!("/snapshots/{}", "x".repeat(4000)))
        .await
        .expect(404);
    assert_eq!(app.everything().await, before);
}

async fn bodies_nested_deeply_are_refused(app: App) {
    let calls = calls(&app).await;
    let before = app.everything().await;
    for (method, path) in &calls {
        for body in ["[".repeat(20_000), "{\"snapshot\":".repeat(5_000)] {
            app.api.send(method.clone(), path, body).await.expect(400);
        }
        let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
        app.api.send(method.clone(), path, nested).await.expect(400);
    }
    assert_eq!(app.everything().await, before);
}

async fn texts_with_a_nul_are_refused(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let before = app.everything().await;
    // SQLite could keep them, PostgreSQL cannot; Cinder fails with 500.
    let message = "Error decoding your request. Either the URL or the request body contained characters that could \
                   not be decoded by Cinder.";
    for (method, path, body) in [
        (
            Method::POST,
            "/snapshots".to_owned(),
            json!({"snapshot": {"volume_id": volume, "name": "a\0b"}}),
        ),
        (
            Method::PUT,
            format!("/snapshots/{snapshot}"),
            json!({"snapshot": {"name": "a\0b"}}),
        ),
        (
            Method::POST,
            format!("/snapshots/{snapshot}/metadata"),
            json!({"metadata": {"k": "a\0b"}}),
        ),
        (
            Method::PUT,
            format!("/snapshots/{snapshot}/metadata/k"),
            json!({"meta": {"a\0b": "k"}}),
        ),
        (
            Method::POST,
            format!("/snapshots/{snapshot}/action"),
            json!({"os-force_delete": ["\0"]}),
        ),
        (
            Method::POST,
            "/volumes".to_owned(),
            json!({"volume": {"size": 1, "name": "a\0b"}}),
        ),
        (
            Method::PUT,
            format!("/volumes/{volume}"),
            json!({"volume": {"description": "a\0b"}}),
        ),
        (
            Method::POST,
            format!("/volumes/{volume}/metadata"),
            json!({"metadata": {"k": "a\0b"}}),
        ),
    ] {
        app.api
            .send(method, &path, body.to_string())
            .await
            .expect_fault(400, message);
    }
    for query in [
        "name=%00",
        "metadata=%7B%27k%27:%20%27%00%27%7D",
        "name~=a%00b",
        "all_tenants=1&project_id=%00",
    ] {
        for path in ["/snapshots", "/volumes/detail"] {
            app.at("latest")
                .get(&format!("{path}?{query}"))
                .await
                .expect_fault(400, message);
        }
    }
    for path in ["/snapshots/%00", "/volumes/a%00", "/os-quota-sets/%00", "/types/%00"] {
        app.api.get(path).await.expect_fault(400, message);
    }
    assert_eq!(app.everything().await, before);
}
