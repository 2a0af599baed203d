//! Application credentials of the development identity.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Client, Ids, Reply, column, keys, log_in, text, token_for};

api_suite!(dev;
    one_is_made_shown_and_deleted,
    one_logs_in_by_id_or_by_name,
    one_has_no_more_roles_than_it_was_given,
    one_is_for_one_project,
    its_tokens_go_with_it,
    it_ends_at_its_time,
    it_makes_others_only_if_unrestricted,
    it_is_its_users,
    what_it_must_not_be,
    it_survives_a_restart,
);

const PATH: &str = "/users/a49342d8194b5394b2dff1d063bf2025/application_credentials";
const UNAUTHORIZED: &str = "The request you have made requires authentication.";

/// Makes one; its id and its secret.
async fn make(api: &Client, fields: Value) -> (String, String) {
    let reply = api
        .post(PATH, json!({"application_credential": fields}))
        .await
        .expect(201);
    let made = reply.part("application_credential");
    (text(&made, "id").to_owned(), text(&made, "secret").to_owned())
}

fn by_id(id: &str, secret: &str) -> Value {
    json!({"methods": ["application_credential"], "application_credential": {"id": id, "secret": secret}})
}

async fn one_is_made_shown_and_deleted(app: App) {
    let demo = app.keystone_as("demo").await;
    assert_eq!(
        demo.get(PATH).await.expect(200).part("application_credentials"),
        json!([])
    );
    let body = json!({"application_credential": {"name": "ci", "description": "for CI"}});
    let reply = demo.post(PATH, body).await.expect(201);
    let mut made = reply.part("application_credential");
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    assert_eq!(secret.as_str().unwrap().len(), 86);
    assert_eq!(
        keys(&made),
        [
            "id",
            "name",
            "description",
            "project_id",
            "user_id",
            "roles",
            "unrestricted",
            "expires_at",
            "system",
            "links"
        ]
    );
    let id = text(&made, "id").to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!(made["description"], json!("for CI"));
    assert_eq!(made["project_id"], json!(Ids::DEMO_PROJECT));
    assert_eq!(column(&made["roles"], "name"), ["member", "reader"]);
    assert_eq!(made["unrestricted"], json!(false));
    let one = format!("{PATH}/{id}");
    assert_eq!(
        made["links"]["self"],
        json!(format!("{}/identity/v3{one}", app.api.root()))
    );

    assert_eq!(demo.get(&one).await.expect(200).part("application_credential"), made);
    let listed = demo.get(PATH).await.expect(200);
    assert_eq!(listed.part("application_credentials"), json!([made]));
    let none = demo.get(&format!("{PATH}?name=other")).await.expect(200);
    assert_eq!(none.part("application_credentials"), json!([]));

    demo.delete(&one).await.expect(204);
    let gone = format!("Could not find Application Credential: {id}.");
    demo.get(&one).await.expect_refusal(404, &gone);
    demo.delete(&one).await.expect_refusal(404, &gone);
}

async fn one_logs_in_by_id_or_by_name(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "ci", "secret": "chosen"})).await;
    assert_eq!(secret, "chosen");
    let user = json!({"name": "demo", "domain": {"id": "default"}});
    for named in [
        json!({"id": id, "secret": secret}),
        json!({"name": "ci", "user": {"id": Ids::DEMO}, "secret": secret}),
        json!({"name": "ci", "user": user, "secret": secret}),
    ] {
        let identity = json!({"methods": ["application_credential"], "application_credential": named});
        let reply = log_in(&app.api, identity, Value::Null).await.expect(201);
        let token = reply.part("token");
        assert_eq!(token["methods"], json!(["application_credential"]));
        assert_eq!(token["project"]["id"], json!(Ids::DEMO_PROJECT));
        assert_eq!(
            token["application_credential"],
            json!({"id": id, "name": "ci", "restricted": true})
        );
        let cinder = app
            .api
            .token(&token_for(reply))
            .below(&format!("/v3/{}", Ids::DEMO_PROJECT));
        let body = json!({"volume": {"size": 1}});
        cinder.post("/volumes", body).await.expect(202);
    }
    for named in [
        json!({"id": id, "secret": "wrong"}),
        json!({"id": "nonsense", "secret": secret}),
        json!({"id": Ids::DEMO, "secret": secret}),
        json!({"name": "other", "user": {"id": Ids::DEMO}, "secret": secret}),
        json!({"name": "ci", "user": {"id": Ids::ADMIN}, "secret": secret}),
        json!({"name": "ci", "user": {"id": "nobody"}, "secret": secret}),
    ] {
        let identity = json!({"methods": ["application_credential"], "application_credential": named});
        let reply = log_in(&app.api, identity, Value::Null).await;
        reply.expect_refusal(401, UNAUTHORIZED);
    }
}

async fn one_has_no_more_roles_than_it_was_given(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "look", "roles": [{"name": "reader"}]})).await;
    let reply = log_in(&app.api, by_id(&id, &secret), Value::Null).await.expect(201);
    assert_eq!(column(&reply.part("token")["roles"], "name"), ["reader"]);
    let cinder = app
        .api
        .token(&token_for(reply))
        .below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    cinder.get("/volumes").await.expect(200);
    let refused = "Policy doesn't allow volume:create to be performed.";
    let body = json!({"volume": {"size": 1}});
    cinder.post("/volumes", body).await.expect_fault(403, refused);

    let more = json!({"application_credential": {"name": "more", "roles": [{"name": "admin"}]}});
    demo.post(PATH, more).await.expect_refusal(
        400,
        "Invalid application credential: Cannot create an application credential with unassigned role",
    );
}

async fn one_is_for_one_project(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "ci"})).await;
    let identity = by_id(&id, &secret);
    let refused = "Error authenticating with application credential: Application credentials cannot request a scope.";
    for scope in [
        json!({"project": {"id": Ids::ADMIN_PROJECT}}),
        json!({"system": {"all": true}}),
        json!("unscoped"),
    ] {
        let reply = log_in(&app.api, identity.clone(), scope).await;
        reply.expect_refusal(401, refused);
    }
    // The `cinder` command names its project.
    let own = json!({"project": {"id": Ids::DEMO_PROJECT}});
    let token = token_for(log_in(&app.api, identity, own.clone()).await);

    // Its tokens stay there too, and get others that do.
    let identity = json!({"methods": ["token"], "token": {"id": token}});
    let again = log_in(&app.api, identity.clone(), Value::Null).await.expect(201);
    let again = again.part("token");
    assert_eq!(again["methods"], json!(["token", "application_credential"]));
    assert_eq!(again["application_credential"]["id"], json!(id));
    log_in(&app.api, identity, own).await.expect(403);
}

async fn its_tokens_go_with_it(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "ci"})).await;
    let (other, other_secret) = make(&demo, json!({"name": "other"})).await;
    let token = token_for(log_in(&app.api, by_id(&id, &secret), Value::Null).await);
    let kept = token_for(log_in(&app.api, by_id(&other, &other_secret), Value::Null).await);
    let identity = json!({"methods": ["token"], "token": {"id": token}});
    let descendant = token_for(log_in(&app.api, identity, Value::Null).await);
    let cinder = app.api.below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    for token in [&token, &descendant] {
        cinder.token(token).get("/volumes").await.expect(200);
    }
    demo.delete(&format!("{PATH}/{id}")).await.expect(204);
    for token in [&token, &descendant] {
        cinder.token(token).get("/volumes").await.expect(401);
    }
    cinder.token(&kept).get("/volumes").await.expect(200);
    log_in(&app.api, by_id(&id, &secret), Value::Null)
        .await
        .expect_refusal(401, UNAUTHORIZED);
}

async fn it_ends_at_its_time(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "ci", "expires_at": "2027-01-15T08:30:00"})).await;
    let shown = demo.get(&format!("{PATH}/{id}")).await.expect(200);
    let end = &shown.part("application_credential")["expires_at"];
    assert_eq!(*end, json!("2027-01-15T08:30:00.000000"));
    app.advance(1799);
    let token = token_for(log_in(&app.api, by_id(&id, &secret), Value::Null).await);
    demo.token(&token).get(PATH).await.expect(200);
    app.advance(1);
    log_in(&app.api, by_id(&id, &secret), Value::Null).await.expect(401);
    // And what it gave in time ends with it.
    demo.token(&token).get(PATH).await.expect(401);
    let past = json!({"application_credential": {"name": "past", "expires_at": "2027-01-01T00:00:00"}});
    let reply = demo.post(PATH, past).await.expect(400);
    assert!(reply.text.contains("must not be before now"), "{reply:?}");
}

async fn it_makes_others_only_if_unrestricted(app: App) {
    let demo = app.keystone_as("demo").await;
    let refused = "You are not authorized to perform the requested action: Using method 'application_credential' is not \
                   allowed for managing additional application credentials..";
    for (name, unrestricted) in [("free", true), ("bound", false)] {
        let (id, secret) = make(&demo, json!({"name": name, "unrestricted": unrestricted})).await;
        let token = token_for(log_in(&app.api, by_id(&id, &secret), Value::Null).await);
        let api = demo.token(&token);
        api.get(PATH).await.expect(200);
        let body = json!({"application_credential": {"name": format!("{name} child")}});
        let reply = api.post(PATH, body).await;
        if unrestricted {
            reply.expect(201);
        } else {
            reply.expect_refusal(403, refused);
            api.delete(&format!("{PATH}/{id}")).await.expect_refusal(403, refused);
        }
    }
}

async fn it_is_its_users(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, _secret) = make(&demo, json!({"name": "ci"})).await;
    let one = format!("{PATH}/{id}");
    let (reader, admin) = (app.keystone_as("reader").await, app.keystone_as("admin").await);
    reader.get(PATH).await.expect(403);
    reader.get(&one).await.expect(403);
    reader.delete(&one).await.expect(403);
    // Admins look and tidy up, and make none for others.
    admin.get(&one).await.expect(200);
    let body = json!({"application_credential": {"name": "gift"}});
    admin.post(PATH, body).await.expect_refusal(
        403,
        "You are not authorized to perform the requested action: identity:create_application_credential.",
    );
    // Under another user's address there is no such thing.
    let elsewhere = format!("/users/{}/application_credentials/{id}", Ids::ADMIN);
    admin.get(&elsewhere).await.expect(404);
    admin.delete(&one).await.expect(204);
}

async fn what_it_must_not_be(app: App) {
    let demo = app.keystone_as("demo").await;
    make(&demo, json!({"name": "ci"})).await;
    let again = json!({"application_credential": {"name": "ci"}});
    demo.post(PATH, again).await.expect_refusal(
        409,
        "Conflict occurred attempting to store application_credential - Duplicate entry found with name ci.",
    );
    for fields in [
        json!({}),
        json!({"name": ""}),
        json!({"name": 1}),
        json!({"name": "x".repeat(256)}),
        json!({"name": "a", "unrestricted": "yes"}),
        json!({"name": "a", "roles": "reader"}),
        json!({"name": "a", "expires_at": "tomorrow"}),
        json!({"name": "a", "access_rules": [{"path": "/v3"}]}),
    ] {
        let reply = demo.post(PATH, json!({"application_credential": fields})).await;
        reply.expect(400);
    }
    demo.post(PATH, json!({})).await.expect(400);
    let role = json!({"application_credential": {"name": "a", "roles": [{"name": "root"}]}});
    demo.post(PATH, role)
        .await
        .expect_refusal(404, "Could not find role: root.");
    demo.send(Method::POST, PATH, "{").await.expect(400);
    let request = demo.request(Method::POST, PATH).body("{}");
    Reply::to(request).await.expect(400);
}

async fn it_survives_a_restart(app: App) {
    let demo = app.keystone_as("demo").await;
    let (id, secret) = make(&demo, json!({"name": "ci"})).await;
    let token = token_for(log_in(&app.api, by_id(&id, &secret), Value::Null).await);
    let next = app.neighbour().await;
    let cinder = next.api.below(&format!("/v3/{}", Ids::DEMO_PROJECT));
    // The key is the installation's, and so is the credential.
    cinder.token(&token).get("/volumes").await.expect(200);
    log_in(&next.api, by_id(&id, &secret), Value::Null).await.expect(201);
    next.stop().await;
}
