//! `X-Service-Token`: a service that acts for a user.

use crate::support::{Mode, Reply, World, member, token};
use reqwest::Method;
use serde_json::json;

keystone_suite!(
    a_service_lets_a_token_live_on,
    a_service_cannot_make_an_unknown_token_known,
    a_service_alone_is_nobody,
    a_bad_service_token_spoils_the_request,
    a_service_token_needs_a_role,
    any_role_of_the_list_will_do["keystone.service_token_roles" = "nova, glance"],
    a_role_may_be_optional["keystone.service_token_roles_required" = "false"],
    both_tokens_are_asked_about_once,
    an_empty_service_token_is_none,
);

async fn list(w: &World, user: &str, service: &str) -> Reply {
    let request = w.api.request(Method::GET, "/v3/volumes").header("X-Auth-Token", user);
    Reply::to(request.header("X-Service-Token", service)).await
}

async fn a_service_lets_a_token_live_on(w: World) {
    let (old, service) = (w.keystone.grant(-60, member), w.keystone.service(&["service"]));
    w.api.list(&old).await.expect(401);
    list(&w, &old, &service).await.expect(200);
    // Without the service it is as dead as before.
    w.api.list(&old).await.expect(401);
    list(&w, &old, &service).await.expect(200);
    let state = w.keystone.state();
    let asked: Vec<_> = state
        .validations
        .iter()
        .map(|seen| (&*seen.subject, &*seen.query))
        .collect();
    let (strict, lenient) = ("nocatalog", "nocatalog&allow_expired=1");
    assert_eq!(asked, [(&*old, strict), (&*service, strict), (&*old, lenient)]);
}

async fn a_service_cannot_make_an_unknown_token_known(w: World) {
    let service = w.keystone.service(&["service"]);
    list(&w, "unknown", &service).await.expect(401);
    w.api.list("unknown").await.expect(401);
    // Not even with leniency was it known, so why ask again.
    assert_eq!(w.keystone.asked_about("unknown"), 1);
}

async fn a_service_alone_is_nobody(w: World) {
    let service = w.keystone.service(&["service"]);
    let request = w
        .api
        .request(Method::GET, "/v3/volumes")
        .header("X-Service-Token", &service);
    Reply::to(request).await.expect(401);
}

async fn a_bad_service_token_spoils_the_request(w: World) {
    let user = w.keystone.member();
    w.api.list(&user).await.expect(200);
    list(&w, &user, "unknown").await.expect(401);
    let ended = w
        .keystone
        .grant(-1, |ends| token(ends, &json!({"roles": [{"name": "service"}]})));
    list(&w, &user, &ended).await.expect(401);
    w.keystone.state().slow_clock = true;
    let ended = w
        .keystone
        .grant(-1, |ends| token(ends, &json!({"roles": [{"name": "service"}]})));
    list(&w, &user, &ended).await.expect(401);
    let nobody = w.keystone.grant(60, |ends| {
        token(ends, &json!({"user": null, "roles": [{"name": "service"}]}))
    });
    let reply = list(&w, &user, &nobody).await.expect(401);
    assert_eq!(reply.json()["error"]["code"], 401);
    let request = w.api.request(Method::GET, "/v3/volumes").header("X-Auth-Token", &user);
    Reply::to(request.header("X-Service-Token", &b"\xff"[..]))
        .await
        .expect(401);
    w.keystone.become_(Mode::Broken(500));
    list(&w, &user, "unknown-too").await.expect(503);
}

async fn a_service_token_needs_a_role(w: World) {
    let user = w.keystone.member();
    for roles in [&["admin", "member", "reader"][..], &[], &["Service"]] {
        let service = w.keystone.service(roles);
        list(&w, &user, &service).await.expect(401);
    }
    // A user's own token does not vouch for itself.
    list(&w, &user, &user).await.expect(401);
    w.api.list(&user).await.expect(200);
}

async fn any_role_of_the_list_will_do(w: World) {
    let old = w.keystone.grant(-60, member);
    for (role, status) in [("nova", 200), ("glance", 200), ("service", 401)] {
        let service = w.keystone.service(&["reader", role]);
        list(&w, &old, &service).await.expect(status);
    }
}

async fn a_role_may_be_optional(w: World) {
    let (user, old) = (w.keystone.member(), w.keystone.grant(-60, member));
    let (some, service) = (w.keystone.service(&["reader"]), w.keystone.service(&["service"]));
    list(&w, &user, &some).await.expect(200);
    // But an ended token always takes one.
    list(&w, &old, &some).await.expect(401);
    list(&w, &old, &service).await.expect(200);
    list(&w, &user, "unknown").await.expect(401);
}

async fn both_tokens_are_asked_about_once(w: World) {
    let (user, service) = (w.keystone.member(), w.keystone.service(&["service"]));
    for _ in 0..3 {
        list(&w, &user, &service).await.expect(200);
        w.api.list(&user).await.expect(200);
    }
    assert_eq!(
        (w.keystone.asked_about(&user), w.keystone.asked_about(&service)),
        (1, 1)
    );
    // The other way round, too.
    let user = w.keystone.member();
    w.api.list(&user).await.expect(200);
    list(&w, &user, &service).await.expect(200);
    assert_eq!(w.keystone.asked_about(&user), 1);
}

async fn an_empty_service_token_is_none(w: World) {
    let user = w.keystone.member();
    list(&w, &user, "").await.expect(200);
}
