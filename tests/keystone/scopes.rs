//! Tokens of all scopes.

use crate::support::{PROJECT, World, token};
use serde_json::{Value, json};

keystone_suite!(
    a_project_token_acts_in_its_project,
    an_unscoped_token_has_no_project,
    a_domain_token_has_no_project,
    a_system_admin_is_an_admin_without_a_project,
);

fn roles(names: &[&str]) -> Value {
    names.iter().map(|name| json!({"id": name, "name": name})).collect()
}

async fn a_project_token_acts_in_its_project(w: World) {
    let token = w.keystone.member();
    w.api
        .get(&token, &format!("/v3/{PROJECT}/volumes/detail"))
        .await
        .expect(200);
    w.api.get(&token, "/v3/0000/volumes/detail").await.expect(400);
    w.api.get(&token, "/v3/os-services").await.expect(403);
}

async fn an_unscoped_token_has_no_project(w: World) {
    let unscoped = w.keystone.grant(3600, |ends| token(ends, &json!({})));
    w.api
        .get(&unscoped, &format!("/v3/{PROJECT}/volumes"))
        .await
        .expect(400);
    w.api.get(&unscoped, "/v3/os-services").await.expect(403);
    let listed = w.api.list(&unscoped).await.expect(403);
    assert!(listed.json()["forbidden"]["message"].is_string(), "{listed:?}");
}

async fn a_domain_token_has_no_project(w: World) {
    let fields = json!({"domain": {"id": "default", "name": "Default"}, "roles": roles(&["member", "reader"])});
    let domain = w.keystone.grant(3600, |ends| token(ends, &fields));
    w.api.get(&domain, &format!("/v3/{PROJECT}/volumes")).await.expect(400);
    w.api.get(&domain, "/v3/os-services").await.expect(403);
    let listed = w.api.list(&domain).await.expect(403);
    assert_eq!(listed.json()["forbidden"]["message"], "Not authorized.");
}

async fn a_system_admin_is_an_admin_without_a_project(w: World) {
    let fields = json!({"system": {"all": true}, "roles": roles(&["admin", "member", "reader"])});
    let system = w.keystone.grant(3600, |ends| token(ends, &fields));
    w.api.get(&system, "/v3/os-services").await.expect(200);
    w.api.list(&system).await.expect(200);
    w.api.get(&system, &format!("/v3/{PROJECT}/volumes")).await.expect(400);
}
