//! Tokens of the development identity: every way to get one, to look at one and to lose one.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Client, Ids, Reply, keys, keystone, log_in, password, text, token_for, token_of};

api_suite!(dev;
    a_token_has_keystones_form,
    the_catalog_leads_here ["dev.region" = "Home", "dev.compute_endpoint" = "http://nova.example/v2.1"],
    a_user_is_named_by_id_or_by_name,
    wrong_passwords_and_unknown_users_are_one,
    the_clock_does_not_tell_who_there_is,
    every_scope,
    a_token_gets_another,
    what_is_wrong_with_a_request,
    a_token_is_shown_to_its_user_and_to_admins,
    a_token_is_over_after_its_time ["dev.token_lifetime" = "60"],
    a_revoked_token_is_worth_nothing,
    a_changed_token_is_worth_nothing,
);

const UNAUTHORIZED: &str = "The request you have made requires authentication.";

/// Looks at a token with itself.
async fn show(api: &Client, token: &str) -> Reply {
    let request = keystone(api).token(token).request(Method::GET, "/auth/tokens");
    Reply::to(request.header("X-Subject-Token", token)).await
}

async fn a_token_has_keystones_form(app: App) {
    let reply = log_in(&app.api, password("demo"), Value::Null).await.expect(201);
    let token = reply.part("token");
    assert_eq!(
        keys(&token),
        [
            "methods",
            "user",
            "audit_ids",
            "expires_at",
            "issued_at",
            "project",
            "is_domain",
            "roles",
            "catalog"
        ]
    );
    let domain = json!({"id": "default", "name": "Default"});
    assert_eq!(token["methods"], json!(["password"]));
    assert_eq!(
        token["user"],
        json!({"domain": domain, "id": Ids::DEMO, "name": "demo", "password_expires_at": null})
    );
    assert_eq!(
        token["project"],
        json!({"domain": domain, "id": Ids::DEMO_PROJECT, "name": "demo"})
    );
    assert_eq!(token["is_domain"], json!(false));
    assert_eq!(token["issued_at"], json!("2027-01-15T08:00:00.000000Z"));
    assert_eq!(token["expires_at"], json!("2027-01-15T09:00:00.000000Z"));
    let roles: Vec<_> = token["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| text(role, "name"))
        .collect();
    assert_eq!(roles, ["member", "reader"]);
    let audit_ids = token["audit_ids"].as_array().unwrap();
    assert_eq!(audit_ids.len(), 1);
    assert_eq!(audit_ids[0].as_str().unwrap().len(), 22);
}

async fn the_catalog_leads_here(app: App) {
    let reply = log_in(&app.api, password("demo"), Value::Null).await.expect(201);
    let catalog = reply.part("token")["catalog"].take();
    let root = app.api.root();
    let volumes = format!("{root}/v3/{}", Ids::DEMO_PROJECT);
    let expected = [
        ("volumev3", "cinderv3", volumes.clone()),
        ("block-storage", "cinder", volumes),
        ("identity", "keystone", format!("{root}/identity")),
        ("compute", "nova", "http://nova.example/v2.1".to_owned()),
    ];
    let entries = catalog.as_array().unwrap();
    assert_eq!(entries.len(), expected.len());
    for (entry, (kind, name, url)) in entries.iter().zip(expected) {
        assert_eq!((text(entry, "type"), text(entry, "name")), (kind, name));
        let endpoints = entry["endpoints"].as_array().unwrap();
        let interfaces: Vec<_> = endpoints.iter().map(|endpoint| text(endpoint, "interface")).collect();
        assert_eq!(interfaces, ["public", "internal", "admin"]);
        for endpoint in endpoints {
            assert_eq!(endpoint["url"], json!(url));
            assert_eq!(endpoint["region"], json!("Home"));
            assert_eq!(endpoint["region_id"], json!("Home"));
            assert_eq!(text(endpoint, "id").len(), 32);
        }
    }
    let token = token_of(&app.api, "demo").await;
    let shown = keystone(&app.api).token(&token).get("/auth/catalog").await.expect(200);
    assert_eq!(shown.part("catalog"), catalog);

    let auth = json!({"auth": {"identity": password("demo")}});
    let bare = keystone(&app.api)
        .post("/auth/tokens?nocatalog", auth)
        .await
        .expect(201);
    assert_eq!(bare.part("token").get("catalog"), None);
}

async fn a_user_is_named_by_id_or_by_name(app: App) {
    for user in [
        json!({"id": Ids::DEMO, "password": "breezeblock"}),
        json!({"name": "demo", "domain": {"id": "default"}, "password": "breezeblock"}),
        json!({"name": "demo", "domain": {"name": "Default"}, "password": "breezeblock"}),
        json!({"name": "demo", "domain": {"name": "default"}, "password": "breezeblock"}),
    ] {
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        let reply = log_in(&app.api, identity, Value::Null).await.expect(201);
        assert_eq!(reply.part("token")["user"]["id"], json!(Ids::DEMO));
    }
}

async fn wrong_passwords_and_unknown_users_are_one(app: App) {
    let mut bodies = Vec::new();
    for user in [
        json!({"id": Ids::DEMO, "password": "Breezeblock"}),
        json!({"id": Ids::DEMO, "password": ""}),
        json!({"id": Ids::DEMO_PROJECT, "password": "breezeblock"}),
        json!({"id": "demo", "password": "breezeblock"}),
        json!({"name": "nobody", "domain": {"id": "default"}, "password": "breezeblock"}),
        json!({"name": "demo", "domain": {"id": "elsewhere"}, "password": "breezeblock"}),
    ] {
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        let reply = log_in(&app.api, identity, Value::Null)
            .await
            .expect_refusal(401, UNAUTHORIZED);
        let challenge = format!("Keystone uri=\"{}/identity/v3\"", app.api.root());
        assert_eq!(reply.header("www-authenticate"), Some(challenge.as_str()));
        assert_eq!(reply.header("x-subject-token"), None);
        bodies.push(reply.text);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

async fn the_clock_does_not_tell_who_there_is(app: App) {
    let quickest = async |identity: Value| {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            log_in(&app.api, identity.clone(), Value::Null).await.expect(401);
            best = best.min(start.elapsed());
        }
        best
    };
    let by = |user: Value| json!({"methods": ["password"], "password": {"user": user}});
    let known = quickest(by(json!({"id": Ids::DEMO, "password": "wrong"}))).await;
    let unknown = quickest(by(json!({"id": "nobody", "password": "wrong"}))).await;
    let id = "0123456789abcdef0123456789abcdef";
    let credential = json!({"id": id, "secret": "wrong"});
    let credential = json!({"methods": ["application_credential"], "application_credential": credential});
    let no_credential = quickest(credential).await;
    // Without a password to compare, a reply takes a twentieth.
    for other in [unknown, no_credential] {
        assert!(other > known / 3, "{other:?} and {known:?}");
    }
}

async fn every_scope(app: App) {
    for scope in [
        json!({"project": {"id": Ids::DEMO_PROJECT}}),
        json!({"project": {"name": "demo", "domain": {"id": "default"}}}),
        json!({"project": {"name": "demo", "domain": {"name": "Default"}}}),
    ] {
        let reply = log_in(&app.api, password("admin"), scope).await.expect(201);
        let token = reply.part("token");
        assert_eq!(token["project"]["id"], json!(Ids::DEMO_PROJECT));
        assert_eq!(token["roles"].as_array().unwrap().len(), 3);
    }
    for scope in [json!("unscoped"), json!({"unscoped": {}})] {
        let reply = log_in(&app.api, password("admin"), scope).await.expect(201);
        assert_eq!(
            keys(&reply.part("token")),
            ["methods", "user", "audit_ids", "expires_at", "issued_at"]
        );
        let api = keystone(&app.api).token(&token_for(reply));
        api.get("/auth/catalog")
            .await
            .expect_refusal(403, "A project-scoped token is required to produce a service catalog.");
        // No project, no role.
        api.get("/users").await.expect(403);
        let projects = api.get("/auth/projects").await.expect(200);
        assert_eq!(projects.part("projects").as_array().unwrap().len(), 2);
    }
    for scope in [
        json!({"project": {"id": Ids::ADMIN_PROJECT}}),
        json!({"project": {"name": "admin", "domain": {"id": "default"}}}),
        json!({"project": {"id": "nowhere"}}),
        json!({"project": {"name": "demo", "domain": {"id": "elsewhere"}}}),
        json!({"domain": {"id": "default"}}),
        json!({"system": {"all": true}}),
        json!({"OS-TRUST:trust": {"id": "x"}}),
    ] {
        log_in(&app.api, password("demo"), scope)
            .await
            .expect_refusal(401, UNAUTHORIZED);
    }
}

async fn a_token_gets_another(app: App) {
    let first = log_in(&app.api, password("admin"), json!("unscoped")).await.expect(201);
    let ids = first.part("token")["audit_ids"].take();
    let first = token_for(first);
    app.advance(600);
    let identity = |token: &str| json!({"methods": ["token"], "token": {"id": token}});
    let scope = json!({"project": {"id": Ids::DEMO_PROJECT}});
    let reply = log_in(&app.api, identity(&first), scope).await.expect(201);
    let token = reply.part("token");
    assert_eq!(token["methods"], json!(["token", "password"]));
    assert_eq!(token["project"]["name"], json!("demo"));
    assert_eq!(token["audit_ids"][1], ids[0]);
    assert_ne!(token["audit_ids"][0], ids[0]);
    // Nobody stays longer that way.
    assert_eq!(token["issued_at"], json!("2027-01-15T08:10:00.000000Z"));
    assert_eq!(token["expires_at"], json!("2027-01-15T09:00:00.000000Z"));
    // And once more, now without saying for what.
    let again = log_in(&app.api, identity(&token_for(reply)), Value::Null)
        .await
        .expect(201);
    let token = again.part("token");
    assert_eq!(token["project"]["name"], json!("admin"));
    assert_eq!(token["audit_ids"][1], ids[0]);

    for wrong in ["nonsense", "admin:demo", ""] {
        let reply = log_in(&app.api, identity(wrong), Value::Null).await;
        reply.expect_refusal(404, "Failed to validate token");
    }
    let demo = token_of(&app.api, "demo").await;
    let foreign = json!({"project": {"id": Ids::ADMIN_PROJECT}});
    log_in(&app.api, identity(&demo), foreign)
        .await
        .expect_refusal(401, UNAUTHORIZED);
}

async fn what_is_wrong_with_a_request(app: App) {
    let api = keystone(&app.api);
    let expecting = |what: &str| {
        format!(
            "Expecting to find {what}. The server could not comply with the request since it is either malformed or \
             otherwise incorrect. The client is assumed to be in error."
        )
    };
    for (body, what) in [
        ("", "valid JSON in request body"),
        ("{", "valid JSON in request body"),
        ("[]", "valid JSON object in request body"),
        ("{}", "auth in request body"),
        (r#"{"auth": {}}"#, "identity in auth"),
        (r#"{"auth": {"identity": {"methods": []}}}"#, "one method in identity"),
        (r#"{"auth": {"identity": {"methods": ["token"]}}}"#, "token in identity"),
    ] {
        let reply = api.send(Method::POST, "/auth/tokens", body).await;
        reply.expect_refusal(400, &expecting(what));
    }
    let request = api.request(Method::POST, "/auth/tokens").body("{}");
    let reply = Reply::to(request.header("Content-Type", "text/plain")).await;
    reply.expect_refusal(400, &expecting("application/json in Content-Type header"));
    let long = format!("\"{}\"", "x".repeat(120_000));
    let reply = api.send(Method::POST, "/auth/tokens", long).await;
    reply.expect_refusal(413, "Request is too large.");
    let scope = json!({"project": {"id": "a"}, "domain": {"id": "b"}});
    let reply = log_in(&app.api, password("demo"), scope).await;
    reply.expect_refusal(
        400,
        &expecting("system, project, domain, OS-TRUST:trust or unscoped in scope"),
    );
    let unknown = json!({"methods": ["totp"], "totp": {}});
    log_in(&app.api, unknown, Value::Null)
        .await
        .expect_refusal(401, UNAUTHORIZED);
}

async fn a_token_is_shown_to_its_user_and_to_admins(app: App) {
    let reply = log_in(&app.api, password("demo"), Value::Null).await.expect(201);
    let document = reply.json();
    let demo = token_for(reply);
    let [admin, reader] = [token_of(&app.api, "admin").await, token_of(&app.api, "reader").await];
    let ask = async |method: Method, asker: &str, subject: &str| {
        let request = keystone(&app.api).token(asker).request(method, "/auth/tokens");
        Reply::to(request.header("X-Subject-Token", subject)).await
    };
    for asker in [&demo, &admin] {
        let shown = ask(Method::GET, asker, &demo).await.expect(200);
        assert_eq!(shown.json(), document);
        assert_eq!(shown.header("x-subject-token"), Some(demo.as_str()));
        ask(Method::HEAD, asker, &demo).await.expect(200);
    }
    for (method, api) in [(Method::GET, "validate_token"), (Method::DELETE, "revoke_token")] {
        let refused = format!("You are not authorized to perform the requested action: identity:{api}.");
        ask(method, &reader, &demo).await.expect_refusal(403, &refused);
    }
    ask(Method::HEAD, &reader, &demo).await.expect(403);
    ask(Method::GET, "nonsense", &demo)
        .await
        .expect_refusal(401, UNAUTHORIZED);
    ask(Method::GET, &admin, "nonsense")
        .await
        .expect_refusal(404, "Failed to validate token");
    let api = keystone(&app.api);
    api.token(&admin)
        .get("/auth/tokens")
        .await
        .expect_refusal(404, "No token in the request");
    api.token(&demo).get("/auth/tokens").await.expect(403);
    api.get("/auth/tokens").await.expect_refusal(401, UNAUTHORIZED);
}

async fn a_token_is_over_after_its_time(app: App) {
    let token = token_of(&app.api, "demo").await;
    let cinder = app.api.token(&token).below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    app.advance(59);
    show(&app.api, &token).await.expect(200);
    cinder.get("/snapshots").await.expect(200);
    app.advance(1);
    show(&app.api, &token).await.expect_refusal(401, UNAUTHORIZED);
    cinder.get("/snapshots").await.expect(401);
    let identity = json!({"methods": ["token"], "token": {"id": token}});
    log_in(&app.api, identity, Value::Null).await.expect(404);
}

async fn a_revoked_token_is_worth_nothing(app: App) {
    let [kept, lost] = [token_of(&app.api, "demo").await, token_of(&app.api, "demo").await];
    let cinder = app.api.below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    cinder.token(&lost).get("/snapshots").await.expect(200);
    let request = keystone(&app.api).token(&kept).request(Method::DELETE, "/auth/tokens");
    Reply::to(request.header("X-Subject-Token", &lost)).await.expect(204);
    cinder.token(&lost).get("/snapshots").await.expect(401);
    cinder.token(&kept).get("/snapshots").await.expect(200);
    show(&app.api, &lost).await.expect(401);
    // A token can end itself.
    let request = keystone(&app.api).token(&kept).request(Method::DELETE, "/auth/tokens");
    Reply::to(request.header("X-Subject-Token", &kept)).await.expect(204);
    show(&app.api, &kept).await.expect(401);
}

async fn a_changed_token_is_worth_nothing(app: App) {
    let token = token_of(&app.api, "demo").await;
    let other = token_of(&app.api, "admin").await;
    let (claims, signature) = token.split_once('.').unwrap();
    let (admins, _signature) = other.split_once('.').unwrap();
    let cinder = app.api.below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    for wrong in [
        format!("{admins}.{signature}"),
        format!("{claims}."),
        claims.to_owned(),
        format!("{token}A"),
        format!("demo:{}", Ids::DEMO_PROJECT),
    ] {
        show(&app.api, &wrong).await.expect(401);
        cinder.token(&wrong).get("/snapshots").await.expect(401);
    }
    cinder.token(&token).get("/snapshots").await.expect(200);
}
