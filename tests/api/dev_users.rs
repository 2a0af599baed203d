//! Users of a settings file: services, users without a usual project, projects with ids of their own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Reply, column, keys, keystone, log_in, password, token_for, token_of};

// The password is the usual one.
api_suite!(dev;
    a_service_validates_tokens_and_no_more ["file" = r#"
        [[dev.projects]]
        name = "service"
        [[dev.projects]]
        name = "demo"
        [[dev.users]]
        name = "cinder"
        password_hash = "$argon2id$v=19$m=19456,t=2,p=1$r1LRaqE4APlOzAQuxM9K9w$y7CKMbNT2OJZybkaoTUvdRuS4VYKkKPJk/0EdsNhplc"
        default_project = "service"
        projects = { service = ["service"] }
        [[dev.users]]
        name = "demo"
        password_hash = "$argon2id$v=19$m=19456,t=2,p=1$r1LRaqE4APlOzAQuxM9K9w$y7CKMbNT2OJZybkaoTUvdRuS4VYKkKPJk/0EdsNhplc"
        default_project = "demo"
        projects = { demo = ["member"] }
    "#],
    a_user_without_a_usual_project_says_which ["file" = r#"
        [[dev.projects]]
        name = "Work"
        id = "0123456789abcdef0123456789abcdef"
        [[dev.users]]
        name = "ann"
        password_hash = "$argon2id$v=19$m=19456,t=2,p=1$r1LRaqE4APlOzAQuxM9K9w$y7CKMbNT2OJZybkaoTUvdRuS4VYKkKPJk/0EdsNhplc"
        projects = { Work = ["reader"] }
        [[dev.users]]
        name = "nobody"
        password_hash = "$argon2id$v=19$m=19456,t=2,p=1$r1LRaqE4APlOzAQuxM9K9w$y7CKMbNT2OJZybkaoTUvdRuS4VYKkKPJk/0EdsNhplc"
    "#],
);

async fn a_service_validates_tokens_and_no_more(app: App) {
    let service = token_of(&app.api, "cinder").await;
    let demo = token_of(&app.api, "demo").await;
    let ask = async |method: Method| {
        let request = keystone(&app.api).token(&service).request(method, "/auth/tokens");
        Reply::to(request.header("X-Subject-Token", &demo)).await
    };
    let shown = ask(Method::GET).await.expect(200);
    assert_eq!(shown.part("token")["user"]["name"], json!("demo"));
    ask(Method::HEAD).await.expect(403);
    ask(Method::DELETE).await.expect(403);
    let api = keystone(&app.api).token(&service);
    api.get("/users").await.expect(403);
    // The role implies nothing.
    let own = log_in(&app.api, password("cinder"), Value::Null).await.expect(201);
    assert_eq!(column(&own.part("token")["roles"], "name"), ["service"]);
    // The users of a file take the place of the usual ones.
    log_in(&app.api, password("admin"), Value::Null).await.expect(401);
}

async fn a_user_without_a_usual_project_says_which(app: App) {
    let unscoped = ["methods", "user", "audit_ids", "expires_at", "issued_at"];
    for user in ["ann", "nobody"] {
        let reply = log_in(&app.api, password(user), Value::Null).await.expect(201);
        assert_eq!(keys(&reply.part("token")), unscoped);
    }
    let project = "0123456789abcdef0123456789abcdef";
    let scope = json!({"project": {"name": "Work", "domain": {"id": "default"}}});
    let reply = log_in(&app.api, password("ann"), scope.clone()).await.expect(201);
    assert_eq!(reply.part("token")["project"]["id"], json!(project));
    let cinder = app.api.token(&token_for(reply)).below(&format!("/v3/{project}"));
    cinder.get("/volumes").await.expect(200);
    log_in(&app.api, password("nobody"), scope).await.expect(401);
    let nobody = token_of(&app.api, "nobody").await;
    let projects = keystone(&app.api)
        .token(&nobody)
        .get("/auth/projects")
        .await
        .expect(200);
    assert_eq!(projects.part("projects"), json!([]));
}
