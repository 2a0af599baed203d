//! The API under the development identity: projects keep apart, roles decide, and what one process revokes
//! another knows.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Ids, Reply, keystone, log_in, password, text, token_for, token_of};

api_suite!(dev;
    projects_keep_apart,
    a_reader_reads,
    a_token_for_nothing_owns_nothing,
    rows_carry_the_users_id,
    what_one_process_revokes_another_knows,
    what_was_revoked_stays_revoked,
);

async fn projects_keep_apart(app: App) {
    let (demo, admin) = (app.cinder_as("demo").await, app.cinder_as("admin").await);
    let body = json!({"volume": {"size": 1, "name": "ours"}});
    let made = demo.post("/volumes", body).await.expect(202).part("volume");
    let id = text(&made, "id");
    app.drain().await;
    let listed = admin.get("/volumes").await.expect(200);
    assert_eq!(listed.part("volumes"), json!([]));
    let all = admin.get("/volumes?all_tenants=1").await.expect(200);
    assert_eq!(all.part("volumes").as_array().unwrap().len(), 1);
    admin.get(&format!("/volumes/{id}")).await.expect(200);

    // Another project's address is no way in, not even for admins.
    let foreign = demo.below(&format!("/v3/{}", Ids::ADMIN_PROJECT));
    foreign.get("/volumes").await.expect(400);
    // An address without a project means the token's.
    let plain = demo.below("/v3").get("/volumes").await.expect(200);
    assert_eq!(plain.part("volumes").as_array().unwrap().len(), 1);

    let body = json!({"volume": {"size": 1}});
    let theirs = admin.post("/volumes", body).await.expect(202).part("volume");
    let theirs = text(&theirs, "id");
    demo.get(&format!("/volumes/{theirs}")).await.expect(404);
    demo.delete(&format!("/volumes/{theirs}")).await.expect(404);
    demo.get("/os-services").await.expect(403);
}

async fn a_reader_reads(app: App) {
    let (demo, reader) = (app.cinder_as("demo").await, app.cinder_as("reader").await);
    let body = json!({"volume": {"size": 1}});
    let made = demo.post("/volumes", body.clone()).await.expect(202).part("volume");
    let id = text(&made, "id");
    app.drain().await;
    reader.get(&format!("/volumes/{id}")).await.expect(200);
    reader.get("/snapshots/detail").await.expect(200);
    reader
        .post("/volumes", body)
        .await
        .expect_fault(403, "Policy doesn't allow volume:create to be performed.");
    let snapshot = json!({"snapshot": {"volume_id": id}});
    reader
        .post("/snapshots", snapshot)
        .await
        .expect_fault(403, "Policy doesn't allow volume:create_snapshot to be performed.");
    reader.delete(&format!("/volumes/{id}")).await.expect(403);
    demo.get(&format!("/volumes/{id}")).await.expect(200);
}

async fn a_token_for_nothing_owns_nothing(app: App) {
    let token = token_for(log_in(&app.api, password("demo"), json!("unscoped")).await);
    let cinder = app.api.token(&token);
    let plain = cinder.below("/v3").get("/volumes").await;
    assert!(plain.status == 400 || plain.status == 403, "{plain:?}");
    let named = cinder
        .below(&format!("/v3/{}", Ids::DEMO_PROJECT))
        .get("/volumes")
        .await;
    assert!(named.status == 400 || named.status == 403, "{named:?}");
}

async fn rows_carry_the_users_id(app: App) {
    let demo = app.cinder_as("demo").await;
    let body = json!({"volume": {"size": 1}});
    let made = demo.post("/volumes", body).await.expect(202).part("volume");
    assert_eq!(made["user_id"], json!(Ids::DEMO));
    let shown = demo.get(&format!("/volumes/{}", text(&made, "id"))).await.expect(200);
    let tenant = &shown.part("volume")["os-vol-tenant-attr:tenant_id"];
    assert_eq!(*tenant, json!(Ids::DEMO_PROJECT));
}

async fn what_one_process_revokes_another_knows(app: App) {
    let next = app.neighbour().await;
    let path = format!("/v3/{}", Ids::DEMO_PROJECT);
    let token = token_of(&app.api, "demo").await;
    let [here, there] = [&app.api, &next.api].map(|api| api.token(&token).below(&path));
    here.get("/volumes").await.expect(200);
    there.get("/volumes").await.expect(200);
    let request = keystone(&next.api)
        .token(&token)
        .request(Method::DELETE, "/auth/tokens");
    Reply::to(request.header("X-Subject-Token", &token)).await.expect(204);
    // Where it was revoked at once, elsewhere after a second at most.
    there.get("/volumes").await.expect(401);
    app.advance(1);
    here.get("/volumes").await.expect(401);
    next.stop().await;
}

async fn what_was_revoked_stays_revoked(app: App) {
    let token = token_of(&app.api, "demo").await;
    let request = keystone(&app.api).token(&token).request(Method::DELETE, "/auth/tokens");
    Reply::to(request.header("X-Subject-Token", &token)).await.expect(204);
    let next = app.neighbour().await;
    let path = format!("/v3/{}", Ids::DEMO_PROJECT);
    next.api.token(&token).below(&path).get("/volumes").await.expect(401);
    let identity = json!({"methods": ["token"], "token": {"id": token}});
    log_in(&next.api, identity, Value::Null).await.expect(404);
    next.stop().await;
}
