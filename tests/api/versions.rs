//! Discovery: the documents that clients read before they have a token, and the health check.

use reqwest::{
    Method,
    header::{ACCEPT, HOST},
};

use crate::support::{App, Reply};

api_suite!(
    the_root_lists_one_version_whatever_the_method,
    v3_leads_to_v3_slash,
    v3_slash_shows_the_same_document,
    the_self_link_is_the_address_that_the_client_used,
    the_self_link_is_the_public_endpoint_if_there_is_one["server.public_endpoint" = "https://pub.example/volume/"],
    a_public_endpoint_may_name_the_version["server.public_endpoint" = "https://pub.example/volume/v3"],
    the_documents_obey_the_version_header,
    no_other_version_exists,
    the_health_check_says_ok,
);

fn document(base: &str) -> String {
    format!(
        r#"{{"versions": [{{"id": "v3.0", "status": "CURRENT", "version": "3.71", "min_version": "3.0", "updated": "2023-08-31T00:00:00Z", "links": [{{"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"}}, {{"rel": "self", "href": "{base}/v3/"}}], "media-types": [{{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}}]}}]}}"#
    )
}

fn expect_document(reply: Reply, status: u16, base: &str) {
    let reply = reply.expect(status);
    assert_eq!(reply.text, document(base));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));
}

async fn the_root_lists_one_version_whatever_the_method(app: App) {
    let client = app.api.anonymous().below("");
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let reply = Reply::to(client.request(method, "/")).await;
        expect_document(reply, 300, client.root());
    }
    for accept in ["application/xml", "text/html", "application/json"] {
        let reply = Reply::to(client.request(Method::GET, "/").header(ACCEPT, accept)).await;
        expect_document(reply, 300, client.root());
    }
    let reply = Reply::to(client.request(Method::HEAD, "/")).await.expect(300);
    assert_eq!(reply.text, "");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(
        reply.header("x-compute-request-id"),
        reply.header("x-openstack-request-id")
    );
}

async fn v3_leads_to_v3_slash(app: App) {
    let reply = app.api.anonymous().below("").get("/v3").await.expect(302);
    assert_eq!(
        reply.header("location"),
        Some(format!("{}/v3/", app.api.root()).as_str())
    );
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf8"));
    assert_eq!(reply.header("openstack-api-version"), None);
    assert_eq!(reply.text, "");
}

async fn v3_slash_shows_the_same_document(app: App) {
    let client = app.api.below("");
    expect_document(client.get("/v3/").await, 200, client.root());
    expect_document(client.anonymous().get("/v3/").await, 200, client.root());
}

async fn the_self_link_is_the_address_that_the_client_used(app: App) {
    let client = app.api.anonymous().below("");
    for path in ["/", "/v3/"] {
        let status = if path == "/" { 300 } else { 200 };
        let request = || client.request(Method::GET, path).header(HOST, "cinder.example:8080");
        expect_document(Reply::to(request()).await, status, "http://cinder.example:8080");
        let reply = Reply::to(request().header("X-Forwarded-Proto", "https")).await;
        expect_document(reply, status, "https://cinder.example:8080");
        // Only the links of lists believe this one.
        let reply = Reply::to(request().header("X-Forwarded-Host", "vol.example.org")).await;
        expect_document(reply, status, "http://cinder.example:8080");
    }
    let request = client.request(Method::GET, "/v3").header(HOST, "cinder.example");
    let reply = Reply::to(request).await.expect(302);
    assert_eq!(reply.header("location"), Some("http://cinder.example/v3/"));
}

async fn the_self_link_is_the_public_endpoint_if_there_is_one(app: App) {
    let client = app.api.anonymous().below("");
    expect_document(client.get("/").await, 300, "https://pub.example/volume");
    let request = client
        .request(Method::GET, "/v3/")
        .header("X-Forwarded-Host", "vol.example.org");
    expect_document(Reply::to(request).await, 200, "https://pub.example/volume");
}

async fn a_public_endpoint_may_name_the_version(app: App) {
    let client = app.api.anonymous().below("");
    expect_document(client.get("/").await, 300, "https://pub.example/volume");
}

async fn the_documents_obey_the_version_header(app: App) {
    let client = app.api.anonymous().below("");
    for (path, status) in [("/", 300), ("/v3/", 200)] {
        let reply = client.at("3.27").get(path).await.expect(status);
        assert_eq!(reply.header("openstack-api-version"), Some("volume 3.27"));
        assert_eq!(reply.text, document(client.root()));
        let reply = client.at("latest").get(path).await.expect(status);
        assert_eq!(reply.header("openstack-api-version"), Some("volume 3.71"));

        let text = "Version 3.72 is not supported by the API. Minimum is 3.0 and maximum is 3.71.";
        let reply = client.at("3.72").get(path).await.expect_fault(406, text);
        assert_eq!(reply.header("openstack-api-version"), Some("volume 3.72"));

        let text = "API Version String foo is of invalid format. Must be of format MajorNum.MinorNum.";
        let reply = client.at("foo").get(path).await.expect_fault(400, text);
        assert_eq!(reply.header("openstack-api-version"), None);
    }
}

async fn no_other_version_exists(app: App) {
    let client = app.api.below("");
    for path in [
        "/v1",
        "/v2",
        "/v2/",
        "/v4/",
        "/v3.0/",
        "/v2/snapshots",
        "/index.html",
        "/snapshots",
    ] {
        let request = client.request(Method::GET, path).header(ACCEPT, "application/json");
        Reply::to(request).await.expect_no_route();
    }
    // A project has no document of its own.
    for path in ["", "/"] {
        let request = app.api.request(Method::GET, path).header(ACCEPT, "application/json");
        Reply::to(request).await.expect_no_route();
    }
}

async fn the_health_check_says_ok(app: App) {
    let reply = app.api.anonymous().below("").get("/healthcheck").await.expect(200);
    assert_eq!(reply.text, "OK");
    assert!(reply.header("content-type").unwrap().starts_with("text/plain"));
    assert_eq!(reply.header("openstack-api-version"), None);
}
