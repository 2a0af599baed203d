//! Names and passwords of the Deltacloud front, which Keystone checks.

use reqwest::Method;

use crate::support::{Mode, Reply, World};

keystone_suite!(
    a_password_is_exchanged_and_remembered,
    a_login_ends_with_its_token,
    a_wrong_password_is_asked_about_each_time,
    names_are_of_the_domain_of_the_settings["keystone.login_domain_name" = "cloud"],
    an_outage_is_a_502,
);

async fn get(w: &World, user: &str, password: &str, path: &str) -> Reply {
    let request = w.api.request(Method::GET, path).basic_auth(user, Some(password));
    Reply::to(request).await
}

async fn a_password_is_exchanged_and_remembered(w: World) {
    w.keystone.enrol("ann", "demo", "s3cret-of-ann");
    for period in 1..=2 {
        for _again in 0..4 {
            get(&w, "ann+demo", "s3cret-of-ann", "/api/storage_volumes")
                .await
                .expect(200);
        }
        assert_eq!(w.keystone.logins_of("ann"), period);
        w.advance(60);
    }
    // What it says counts: a member of that project may make things there.
    let request = w.api.request(Method::POST, "/api/storage_volumes");
    let made = Reply::to(request.basic_auth("ann+demo", Some("s3cret-of-ann")).body("capacity=1")).await;
    made.expect(201);
    // The token was looked at and thrown away, and the service needs none of its own for that.
    assert_eq!(w.keystone.logins_of("cinder"), 0);
}

async fn a_login_ends_with_its_token(w: World) {
    w.keystone.enrol("ann", "demo", "s3cret-of-ann");
    w.keystone.state().own_lifetime = chrono::TimeDelta::seconds(20);
    for (later, asked) in [(0, 1), (19, 1), (1, 2)] {
        w.advance(later);
        get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(200);
        assert_eq!(w.keystone.logins_of("ann"), asked);
    }
}

async fn a_wrong_password_is_asked_about_each_time(w: World) {
    w.keystone.enrol("ann", "demo", "s3cret-of-ann");
    w.keystone.state().secrets.push("gu3ss-of-ann".to_owned());
    for asked in 1..=3 {
        let reply = get(&w, "ann+demo", "gu3ss-of-ann", "/api").await.expect(401);
        assert_eq!(reply.header("www-authenticate"), None);
        assert_eq!(w.keystone.logins_of("ann"), asked);
    }
    get(&w, "ann+other", "s3cret-of-ann", "/api").await.expect(401);
    get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(200);
    // Keystone's words for this are others, and it is well.
    w.keystone.state().wants_more = true;
    w.advance(60);
    get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(401);
    // Longer than Keystone takes.
    w.keystone.state().login_refused = Some(400);
    get(&w, "ann+demo", "gu3ss-of-ann", "/api").await.expect(401);
}

async fn names_are_of_the_domain_of_the_settings(w: World) {
    w.keystone.enrol("ann", "demo", "s3cret-of-ann");
    get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(200);
    let state = w.keystone.state();
    let asked = state.logins.last().unwrap();
    for place in [
        "/auth/identity/password/user/domain/name",
        "/auth/scope/project/domain/name",
    ] {
        assert_eq!(asked.pointer(place), Some(&serde_json::json!("cloud")), "{place}");
    }
}

async fn an_outage_is_a_502(w: World) {
    w.keystone.enrol("ann", "demo", "s3cret-of-ann");
    w.keystone.enrol("bob", "demo", "s3cret-of-bob");
    get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(200);
    for mode in [
        Mode::Broken(500),
        Mode::Broken(404),
        Mode::Nonsense("<html>welcome</html>"),
    ] {
        w.keystone.become_(mode);
        let reply = get(&w, "bob+demo", "s3cret-of-bob", "/api/storage_volumes/x")
            .await
            .expect(502);
        assert!(
            reply.text.contains("The identity service does not answer."),
            "{reply:?}"
        );
        // Whoever is remembered is bridged.
        get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(200);
    }
    w.keystone.become_(Mode::Well);
    get(&w, "bob+demo", "s3cret-of-bob", "/api").await.expect(200);
    w.keystone.die().await;
    w.advance(60);
    get(&w, "ann+demo", "s3cret-of-ann", "/api").await.expect(502);
    w.keystone.rise().await;
}
