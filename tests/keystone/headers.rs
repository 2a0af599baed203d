//! What a client sends beside its token.

use crate::support::{PROJECT, Reply, USER, World};
use reqwest::Method;
use serde_json::json;

keystone_suite!(
    identity_headers_have_no_effect,
    the_storage_token_will_do,
    blanks_around_a_token_do_not_count,
    keystone_is_sent_what_it_needs_and_nothing_else,
);

/// What keystonemiddleware itself adds to a request, so that a client must not.
const FORGED: [(&str, &str); 16] = [
    ("X-Identity-Status", "Confirmed"),
    ("X-Service-Identity-Status", "Confirmed"),
    ("X-User-Id", "root"),
    ("X-User-Name", "root"),
    ("X-User", "root"),
    ("X-Roles", "admin"),
    ("X-Role", "admin"),
    ("X-Service-Roles", "service,admin"),
    ("X-Project-Id", "fedcba9876543210fedcba9876543210"),
    ("X-Tenant-Id", "fedcba9876543210fedcba9876543210"),
    ("X-Tenant", "fedcba9876543210fedcba9876543210"),
    ("X-Domain-Id", "default"),
    ("X-Is-Admin-Project", "True"),
    ("OpenStack-System-Scope", "all"),
    ("X-Service-Catalog", "[]"),
    ("X-Auth-Project-Id", "fedcba9876543210fedcba9876543210"),
];

async fn identity_headers_have_no_effect(w: World) {
    let forged = |method: Method, path: &str| {
        let request = w.api.request(method, path);
        FORGED
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value))
    };
    Reply::to(forged(Method::GET, "/v3/volumes")).await.expect(401);

    let token = w.keystone.member();
    let create = forged(Method::POST, "/v3/volumes").header("X-Auth-Token", &token);
    let reply = Reply::to(create.json(&json!({"volume": {"size": 1}})))
        .await
        .expect(202);
    let volume = &reply.json()["volume"];
    assert_eq!(volume["user_id"], USER);
    let path = format!("/v3/{PROJECT}/volumes/{}", volume["id"].as_str().unwrap());
    let shown = Reply::to(forged(Method::GET, &path).header("X-Auth-Token", &token))
        .await
        .expect(200);
    assert_eq!(shown.json()["volume"]["os-vol-tenant-attr:tenant_id"], PROJECT);
    // Nobody's admin.
    let services = forged(Method::GET, "/v3/os-services").header("X-Auth-Token", &token);
    Reply::to(services).await.expect(403);
    // Of another project no more than before.
    let other = forged(Method::GET, "/v3/fedcba9876543210fedcba9876543210/volumes").header("X-Auth-Token", &token);
    Reply::to(other).await.expect(400);
}

async fn the_storage_token_will_do(w: World) {
    let token = w.keystone.member();
    let request = || w.api.request(Method::GET, "/v3/volumes");
    Reply::to(request().header("X-Storage-Token", &token)).await.expect(200);
    // If there is no other.
    let both = request()
        .header("X-Storage-Token", &token)
        .header("X-Auth-Token", "unknown");
    Reply::to(both).await.expect(401);
    let both = request()
        .header("X-Storage-Token", "unknown")
        .header("X-Auth-Token", &token);
    Reply::to(both).await.expect(200);
}

async fn blanks_around_a_token_do_not_count(w: World) {
    let token = w.keystone.member();
    w.api.list(&format!("  {token}\t ")).await.expect(200);
    w.api.list(&token).await.expect(200);
    assert_eq!(w.keystone.asked_about(&token), 1);
}

async fn keystone_is_sent_what_it_needs_and_nothing_else(w: World) {
    let token = w.keystone.member();
    let request = w.api.request(Method::GET, "/v3/volumes").header("X-Auth-Token", &token);
    Reply::to(request.header("X-Roles", "admin")).await.expect(200);
    let state = w.keystone.state();
    let [seen] = &state.validations[..] else {
        panic!("{:?}", state.validations)
    };
    assert_eq!(seen.subject, token);
    assert!(state.own_tokens.contains(&seen.own));
    assert_eq!(seen.query, "nocatalog");
    assert!(seen.enforces_rules);
    assert_eq!(seen.headers, Vec::<String>::new());
}
