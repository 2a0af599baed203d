//! The service's own token.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Mode, World, logged};

keystone_suite!(
    a_password_logs_in,
    an_application_credential_logs_in [
        "keystone.username" = "",
        "keystone.password" = "",
        "keystone.project_name" = "",
        "keystone.application_credential_id" = "21dced0fd20347869b93710d2b98aae0",
        "keystone.application_credential_secret" = "rEaqvJka48mpv"
    ],
    it_is_renewed_before_it_ends,
    a_short_one_is_used_too,
    one_that_is_refused_is_replaced,
    one_that_is_refused_again_makes_a_503,
    one_whose_user_is_gone_is_no_verdict,
    a_refused_login_makes_a_503,
    a_refused_login_is_not_tried_again_at_once,
    a_user_who_may_not_validate_makes_a_503,
    nobody_logs_in_before_somebody_asks,
);

async fn a_password_logs_in(w: World) {
    let token = w.keystone.member();
    w.api.list(&token).await.expect(200);
    let login = w.keystone.state().logins[0].clone();
    let user = json!({"name": "cinder", "domain": {"name": "Default"}, "password": "d0-n0t-te11-anyb0dy"});
    let scope = json!({"project": {"name": "service", "domain": {"name": "Default"}}});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    assert_eq!(login, json!({"auth": {"identity": identity, "scope": scope}}));
}

async fn an_application_credential_logs_in(w: World) {
    w.keystone.state().secrets.push("rEaqvJka48mpv".to_owned());
    let token = w.keystone.member();
    w.api.list(&token).await.expect(200);
    let login = w.keystone.state().logins[0].clone();
    let credential = json!({"id": "21dced0fd20347869b93710d2b98aae0", "secret": "rEaqvJka48mpv"});
    let identity = json!({"methods": ["application_credential"], "application_credential": credential});
    // It has its project; a scope would be refused.
    assert_eq!(login, json!({"auth": {"identity": identity}}));
}

async fn it_is_renewed_before_it_ends(w: World) {
    for (later, logins) in [(0, 1), (3500, 1), (69, 1), (1, 2), (3569, 2), (1, 3)] {
        w.advance(later);
        let token = w.keystone.member();
        w.api.list(&token).await.expect(200);
        assert_eq!(w.keystone.logins(), logins, "after {later} s");
    }
}

async fn a_short_one_is_used_too(w: World) {
    w.keystone.state().own_lifetime = TimeDelta::seconds(10);
    for (later, logins) in [(0, 1), (7, 1), (1, 2)] {
        w.advance(later);
        let token = w.keystone.member();
        w.api.list(&token).await.expect(200);
        assert_eq!(w.keystone.logins(), logins, "after {later} s");
    }
}

async fn one_that_is_refused_is_replaced(w: World) {
    let (first, second, third) = (w.keystone.member(), w.keystone.member(), w.keystone.member());
    w.api.list(&first).await.expect(200);
    w.keystone.state().own_tokens.clear();
    w.api.list(&second).await.expect(200);
    w.api.list(&third).await.expect(200);
    assert_eq!(w.keystone.logins(), 2);
    let asked = [&first, &second, &third].map(|token| w.keystone.asked_about(token));
    assert_eq!(asked, [1, 2, 1]);
}

async fn one_that_is_refused_again_makes_a_503(w: World) {
    let token = w.keystone.member();
    w.keystone.state().own_refused = Some(401);
    w.api.list(&token).await.expect(503);
    assert_eq!((w.keystone.logins(), w.keystone.asked_about(&token)), (2, 2));
    assert!(!logged("refuses the service's own credentials with 401").is_empty());
    w.keystone.state().own_refused = None;
    w.api.list(&token).await.expect(200);
}

async fn one_whose_user_is_gone_is_no_verdict(w: World) {
    // As a real Keystone does when the service's user, project or application credential was deleted.
    let orphan = || {
        let mut state = w.keystone.state();
        let all: Vec<_> = state.own_tokens.iter().cloned().collect();
        state.own_orphans.extend(all);
    };
    let (first, second, third) = (w.keystone.member(), w.keystone.member(), w.keystone.member());
    w.api.list(&first).await.expect(200);
    orphan();
    w.api.list(&second).await.expect(200);
    assert_eq!(w.keystone.logins(), 2);
    orphan();
    w.keystone.state().login_refused = Some(401);
    w.api.list(&third).await.expect(503);
    w.keystone.state().login_refused = None;
    w.advance(1);
    w.api.list(&third).await.expect(200);
    w.api.list("unknown").await.expect(401);
    assert_eq!(w.keystone.logins(), 4);
}

async fn a_refused_login_makes_a_503(w: World) {
    let token = w.keystone.member();
    for status in [400, 401, 403, 404, 500] {
        w.keystone.state().login_refused = Some(status);
        w.api.list(&token).await.expect(503);
        w.advance(1);
    }
    for status in [403, 404] {
        let told = format!("refuses the service's own credentials with {status}");
        assert!(!logged(&told).is_empty());
    }
    w.keystone.state().login_refused = None;
    w.api.list(&token).await.expect(200);
    // The user was never to blame.
    assert_eq!(w.keystone.asked_about(&token), 1);
}

async fn a_refused_login_is_not_tried_again_at_once(w: World) {
    let (first, second) = (w.keystone.member(), w.keystone.member());
    w.keystone.state().login_refused = Some(401);
    w.api.list(&first).await.expect(503);
    w.api.list(&second).await.expect(503);
    assert_eq!(w.keystone.logins(), 1);
    w.keystone.state().login_refused = None;
    w.api.list(&second).await.expect(503);
    w.advance(1);
    w.api.list(&second).await.expect(200);
    assert_eq!(w.keystone.logins(), 2);
}

async fn a_user_who_may_not_validate_makes_a_503(w: World) {
    let token = w.keystone.member();
    w.keystone.state().own_refused = Some(403);
    w.api.list(&token).await.expect(503);
    assert_eq!((w.keystone.logins(), w.keystone.asked_about(&token)), (1, 1));
    assert!(!logged("may not validate tokens").is_empty());
}

async fn nobody_logs_in_before_somebody_asks(w: World) {
    // So that the service starts before its Keystone.
    w.everything_arrived().await;
    assert_eq!(w.keystone.logins(), 0);
    w.keystone.become_(Mode::Broken(500));
    w.everything_arrived().await;
}
