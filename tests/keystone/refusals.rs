//! The 401 and what leads to it.

use crate::support::{Reply, World, member, token};
use reqwest::Method;
use serde_json::json;

keystone_suite!(
    strangers_are_told_where_to_get_a_token,
    strangers_are_sent_to_the_public_address["keystone.www_authenticate_uri" = "https://cloud.example/identity"],
    refusals_come_before_everything_else,
    a_token_that_ended_is_refused_whatever_keystone_says,
    a_token_of_nobody_is_refused_by_cinders_filter,
    what_cannot_be_a_token_is_not_sent_on,
    open_documents_stay_open,
);

const BODY: &str = r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#;

fn expect_refusal(reply: Reply, uri: &str) {
    let reply = reply.expect(401);
    assert_eq!(reply.text, BODY);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(
        reply.header("www-authenticate"),
        Some(&*format!("Keystone uri=\"{uri}\""))
    );
    assert_eq!(reply.header("openstack-api-version"), None);
}

async fn strangers_are_told_where_to_get_a_token(w: World) {
    let uri = w.keystone.url();
    expect_refusal(Reply::to(w.api.request(Method::GET, "/v3/volumes")).await, &uri);
    expect_refusal(w.api.list("").await, &uri);
    expect_refusal(w.api.list("   ").await, &uri);
    assert_eq!(w.keystone.logins(), 0);
    expect_refusal(w.api.list("unknown").await, &uri);
}

async fn strangers_are_sent_to_the_public_address(w: World) {
    expect_refusal(w.api.list("unknown").await, "https://cloud.example/identity");
}

async fn refusals_come_before_everything_else(w: World) {
    let uri = w.keystone.url();
    for (method, path) in [
        (Method::GET, "/v3"),
        (Method::GET, "/v3/"),
        (Method::GET, "/v3/nonsense"),
        (Method::PATCH, "/v3/0123456789abcdef0123456789abcdef/volumes"),
        (Method::POST, "/v3/0123456789abcdef0123456789abcdef/snapshots"),
        (Method::DELETE, "/v3/snapshots/nope"),
    ] {
        let request = w
            .api
            .request(method, path)
            .header("OpenStack-API-Version", "volume 9.99");
        expect_refusal(Reply::to(request.body("{")).await, &uri);
    }
}

async fn a_token_that_ended_is_refused_whatever_keystone_says(w: World) {
    w.keystone.state().slow_clock = true;
    let old = w.keystone.grant(-1, member);
    expect_refusal(w.api.list(&old).await, &w.keystone.url());
    expect_refusal(w.api.list(&old).await, &w.keystone.url());
    // And that is remembered.
    assert_eq!(w.keystone.asked_about(&old), 1);
    let just_now = w.keystone.grant(0, member);
    expect_refusal(w.api.list(&just_now).await, &w.keystone.url());
}

async fn a_token_of_nobody_is_refused_by_cinders_filter(w: World) {
    let nobody = w.keystone.grant(3600, |ends| token(ends, &json!({"user": null})));
    let request = w
        .api
        .request(Method::GET, "/v3/volumes")
        .header("X-Auth-Token", &nobody);
    let reply = Reply::to(request.header("Accept", "application/json"))
        .await
        .expect(401);
    let challenge = format!("Keystone uri=\"{}\"", w.keystone.url());
    assert_eq!(reply.header("www-authenticate"), Some(&*challenge));
    assert_eq!(reply.json()["code"], "401 Unauthorized");
    let text = "This server could not verify that you are authorized to\r\naccess the document you requested.";
    assert!(reply.json()["message"].as_str().unwrap().starts_with(text), "{reply:?}");
    assert_eq!(w.keystone.asked_about(&nobody), 1);
}

async fn what_cannot_be_a_token_is_not_sent_on(w: World) {
    for bytes in [&b"t\xc3\xb6ken"[..], b"\xff\xfe"] {
        let request = w.api.request(Method::GET, "/v3/volumes").header("X-Auth-Token", bytes);
        let reply = Reply::to(request.header("X-Storage-Token", w.keystone.member())).await;
        expect_refusal(reply, &w.keystone.url());
    }
    assert_eq!(w.keystone.state().validations.len(), 0);
}

async fn open_documents_stay_open(w: World) {
    Reply::to(w.api.request(Method::GET, "/")).await.expect(300);
    Reply::to(w.api.request(Method::GET, "/healthcheck")).await.expect(200);
    Reply::to(w.api.request(Method::OPTIONS, "/v3/volumes"))
        .await
        .expect(200);
    assert_eq!(w.keystone.logins(), 0);
}
