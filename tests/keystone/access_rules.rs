//! Application credentials that are good for some calls only.

use crate::support::{PROJECT, Reply, World, token};
use reqwest::Method;
use serde_json::{Value, json};

keystone_suite!(
    only_what_a_rule_allows_is_allowed,
    no_rules_are_no_restriction,
    an_empty_list_allows_nothing
);

fn restricted(w: &World, rules: &Value) -> String {
    let fields = json!({
        "methods": ["application_credential"],
        "application_credential": {"id": "a", "name": "a", "restricted": true, "access_rules": rules},
        "project": {"id": PROJECT, "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": "1", "name": "member"}, {"id": "2", "name": "reader"}],
    });
    w.keystone.grant(3600, |ends| token(ends, &fields))
}

async fn only_what_a_rule_allows_is_allowed(w: World) {
    let rules = json!([
        {"id": "1", "service": "volumev3", "method": "GET", "path": "/v3/{project_id}/snapshots"},
        {"id": "2", "service": "block-storage", "method": "GET", "path": "/v3/*/volumes/**"},
        {"id": "3", "service": "compute", "method": "GET", "path": "**"},
    ]);
    let token = restricted(&w, &rules);
    for (path, status) in [
        ("snapshots", 200),
        ("snapshots?limit=1", 200),
        ("snapshots/detail", 401),
        ("volumes/detail", 200),
        ("volumes", 401),
        ("limits", 401),
    ] {
        w.api.get(&token, &format!("/v3/{PROJECT}/{path}")).await.expect(status);
    }
    let create = w
        .api
        .request(Method::POST, &format!("/v3/{PROJECT}/snapshots"))
        .header("X-Auth-Token", &token);
    let refused = Reply::to(create.json(&json!({}))).await.expect(401);
    assert_eq!(refused.json()["error"]["title"], "Unauthorized");
    // Rules are about calls, not tokens: Keystone was asked once.
    assert_eq!(w.keystone.asked_about(&token), 1);
    // A service that acts for the user was allowed to, further up the chain.
    let service = w.keystone.service(&["service"]);
    let request = w
        .api
        .request(Method::GET, &format!("/v3/{PROJECT}/limits"))
        .header("X-Auth-Token", &token);
    Reply::to(request.header("X-Service-Token", service)).await.expect(200);
}

async fn no_rules_are_no_restriction(w: World) {
    let token = restricted(&w, &Value::Null);
    w.api.get(&token, &format!("/v3/{PROJECT}/limits")).await.expect(200);
}

async fn an_empty_list_allows_nothing(w: World) {
    let token = restricted(&w, &json!([]));
    w.api.get(&token, &format!("/v3/{PROJECT}/limits")).await.expect(401);
}
