//! Users, projects, roles and services of the development identity: who may see which, and that nobody can
//! change them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Client, Ids, Reply, column, keys, text};

api_suite!(dev;
    admins_list_everything,
    others_list_nothing,
    a_user_sees_the_user_and_the_project,
    things_have_keystones_form,
    what_is_not_there_is_not_found,
    filters_pick,
    a_query_that_is_no_text,
    assignments_are_the_settings,
    regions_are_for_everybody,
    nothing_can_be_changed,
);

const LISTS: [(&str, &str, usize); 8] = [
    ("/users", "list_users", 3),
    ("/projects", "list_projects", 2),
    ("/domains", "list_domains", 1),
    ("/roles", "list_roles", 4),
    ("/role_assignments", "list_role_assignments", 4),
    ("/services", "list_services", 3),
    ("/endpoints", "list_endpoints", 9),
    ("/regions", "", 1),
];

fn forbidden(api: &str) -> String {
    format!("You are not authorized to perform the requested action: identity:{api}.")
}

async fn list(api: &Client, path: &str) -> Value {
    let key = path.trim_start_matches('/').split('?').next().unwrap();
    api.get(path).await.expect(200).part(key)
}

async fn admins_list_everything(app: App) {
    let admin = app.keystone_as("admin").await;
    for (path, _api, count) in LISTS {
        let reply = admin.get(path).await.expect(200);
        let body = reply.json();
        assert_eq!(keys(&body), [path.trim_start_matches('/'), "links"]);
        let address = format!("{}/identity/v3{path}", app.api.root());
        assert_eq!(body["links"], json!({"next": null, "self": address, "previous": null}));
        assert_eq!(list(&admin, path).await.as_array().unwrap().len(), count, "{path}");
        Reply::to(admin.request(Method::HEAD, path)).await.expect(200);
        if path == "/role_assignments" {
            continue;
        }
        // Each can be had alone, at the address that it gives.
        for item in list(&admin, path).await.as_array().unwrap() {
            let alone = admin.follow(text(&item["links"], "self")).await.expect(200).json();
            let key = path.trim_start_matches('/').trim_end_matches('s');
            assert_eq!(alone[key], *item, "{path}");
        }
    }
}

async fn others_list_nothing(app: App) {
    for user in ["demo", "reader"] {
        let api = app.keystone_as(user).await;
        for (path, name, _count) in LISTS.into_iter().filter(|(_path, name, _count)| !name.is_empty()) {
            api.get(path).await.expect_refusal(403, &forbidden(name));
            api.anonymous().get(path).await.expect(401);
        }
    }
}

async fn a_user_sees_the_user_and_the_project(app: App) {
    let demo = app.keystone_as("demo").await;
    let own = demo.get(&format!("/users/{}", Ids::DEMO)).await.expect(200);
    assert_eq!(own.part("user")["name"], json!("demo"));
    let project = demo.get(&format!("/projects/{}", Ids::DEMO_PROJECT)).await.expect(200);
    assert_eq!(project.part("project")["name"], json!("demo"));
    demo.get("/domains/default").await.expect(200);
    for path in ["/auth/projects".to_owned(), format!("/users/{}/projects", Ids::DEMO)] {
        let projects = demo.get(&path).await.expect(200).part("projects");
        assert_eq!(column(&projects, "name"), ["demo"]);
    }
    for (path, api) in [
        (format!("/users/{}", Ids::ADMIN), "get_user"),
        ("/users/demo".to_owned(), "get_user"),
        (format!("/users/{}/projects", Ids::ADMIN), "list_user_projects"),
        (format!("/projects/{}", Ids::ADMIN_PROJECT), "get_project"),
        ("/projects/demo".to_owned(), "get_project"),
        ("/domains/Default".to_owned(), "get_domain"),
        ("/roles/x".to_owned(), "get_role"),
        ("/services/x".to_owned(), "get_service"),
        ("/endpoints/x".to_owned(), "get_endpoint"),
    ] {
        demo.get(&path).await.expect_refusal(403, &forbidden(api));
    }
    let empty = demo.get("/auth/domains").await.expect(200);
    assert_eq!(empty.part("domains"), json!([]));
    assert_eq!(demo.get("/auth/system").await.expect(200).part("system"), json!([]));
}

async fn things_have_keystones_form(app: App) {
    let admin = app.keystone_as("admin").await;
    let link = |path: String| json!({"self": format!("{}/identity/v3/{path}", app.api.root())});
    let user = admin.get(&format!("/users/{}", Ids::READER)).await.expect(200);
    assert_eq!(
        user.part("user"),
        json!({
            "id": Ids::READER,
            "name": "reader",
            "domain_id": "default",
            "enabled": true,
            "password_expires_at": null,
            "options": {},
            "federated": [],
            "links": link(format!("users/{}", Ids::READER)),
            "default_project_id": Ids::DEMO_PROJECT,
        })
    );
    let project = admin.get(&format!("/projects/{}", Ids::DEMO_PROJECT)).await.expect(200);
    assert_eq!(
        project.part("project"),
        json!({
            "id": Ids::DEMO_PROJECT,
            "name": "demo",
            "domain_id": "default",
            "description": "For trying out.",
            "enabled": true,
            "parent_id": "default",
            "is_domain": false,
            "tags": [],
            "options": {},
            "links": link(format!("projects/{}", Ids::DEMO_PROJECT)),
        })
    );
    let endpoints = list(&admin, "/endpoints?interface=public").await;
    let root = app.api.root();
    assert_eq!(
        column(&endpoints, "url"),
        [
            format!("{root}/v3/%(project_id)s"),
            format!("{root}/v3/%(project_id)s"),
            format!("{root}/identity")
        ]
    );
}

async fn what_is_not_there_is_not_found(app: App) {
    let admin = app.keystone_as("admin").await;
    for kind in ["user", "project", "domain", "role", "service", "endpoint", "region"] {
        // A name is no id.
        let reply = admin.get(&format!("/{kind}s/demo")).await;
        reply.expect_refusal(404, &format!("Could not find {kind}: demo."));
    }
    admin
        .get("/users/nobody/projects")
        .await
        .expect_refusal(404, "Could not find user: nobody.");
}

async fn filters_pick(app: App) {
    let admin = app.keystone_as("admin").await;
    for (path, names) in [
        ("/projects?name=demo", vec!["demo"]),
        ("/projects?name=demo&domain_id=default", vec!["demo"]),
        ("/projects?name=demo&domain_id=elsewhere", vec![]),
        ("/projects?enabled=false", vec![]),
        ("/projects?enabled=True", vec!["admin", "demo"]),
        ("/users?name=reader", vec!["reader"]),
        ("/users?name=Reader", vec![]),
        ("/domains?name=Default", vec!["Default"]),
        ("/roles?name=member", vec!["member"]),
        ("/roles?domain_id=default", vec![]),
        ("/services?type=block-storage", vec!["cinder"]),
        // What is no filter is ignored.
        ("/users?nonsense=1", vec!["admin", "demo", "reader"]),
    ] {
        assert_eq!(column(&list(&admin, path).await, "name"), names, "{path}");
    }
}

async fn a_query_that_is_no_text(app: App) {
    let admin = app.keystone_as("admin").await;
    for path in ["/projects?name=%ff", "/role_assignments?user.id=%ff"] {
        let reply = admin.get(path).await.expect(400);
        assert!(
            reply.text.contains("Expecting to find UTF-8 in query string."),
            "{reply:?}"
        );
    }
}

async fn assignments_are_the_settings(app: App) {
    let admin = app.keystone_as("admin").await;
    let named = format!(
        "/role_assignments?user.id={}&scope.project.id={}&include_names=True",
        Ids::DEMO,
        Ids::DEMO_PROJECT
    );
    let found = list(&admin, &named).await;
    let domain = json!({"id": "default", "name": "Default"});
    let role = found[0]["role"]["id"].clone();
    let path = format!(
        "projects/{}/users/{}/roles/{}",
        Ids::DEMO_PROJECT,
        Ids::DEMO,
        role.as_str().unwrap()
    );
    assert_eq!(
        found,
        json!([{
            "links": {"assignment": format!("{}/identity/v3/{path}", app.api.root())},
            "scope": {"project": {"id": Ids::DEMO_PROJECT, "name": "demo", "domain": domain}},
            "user": {"id": Ids::DEMO, "name": "demo", "domain": domain},
            "role": {"id": role, "name": "member"},
        }])
    );
    for (query, count) in [
        ("", 4),
        ("effective", 9),
        ("effective=0", 4),
        ("user.id=nobody", 0),
        ("scope.project.id=nowhere", 0),
        ("group.id=x", 0),
        ("scope.system=all", 0),
        ("scope.domain.id=default", 0),
        ("include_names=0", 4),
    ] {
        let found = list(&admin, &format!("/role_assignments?{query}")).await;
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    let bare = list(&admin, "/role_assignments").await;
    assert_eq!(keys(&bare[0]["user"]), ["id"]);
    let of_role = format!("/role_assignments?role.id={}&effective", role.as_str().unwrap());
    // The admin has it by implication, twice.
    let found = list(&admin, &of_role).await;
    assert_eq!(found.as_array().unwrap().len(), 3);
    assert!(text(&found[0]["links"], "prior_role").contains("/implies/"));
}

async fn regions_are_for_everybody(app: App) {
    let demo = app.keystone_as("demo").await;
    assert_eq!(column(&list(&demo, "/regions").await, "id"), ["RegionOne"]);
    demo.get("/regions/RegionOne").await.expect(200);
    demo.anonymous().get("/regions").await.expect(401);
}

async fn nothing_can_be_changed(app: App) {
    let admin = app.keystone_as("admin").await;
    let text = "This is the development identity of breezeblock. Its users, projects, roles and services are configured \
                in [dev] of the settings and cannot be changed by requests.";
    let user = format!("/users/{}", Ids::DEMO);
    let grant = format!("/projects/{}/users/{}/roles/x", Ids::DEMO_PROJECT, Ids::DEMO);
    for (method, path) in [
        (Method::POST, "/users"),
        (Method::PATCH, &user),
        (Method::DELETE, &user),
        (Method::POST, &format!("{user}/password")),
        (Method::POST, "/projects"),
        (Method::PUT, &grant),
        (Method::DELETE, &grant),
        (Method::POST, "/roles"),
        (Method::PUT, "/roles/a/implies/b"),
        (Method::POST, "/domains"),
        (Method::POST, "/services"),
        (Method::POST, "/endpoints"),
        (Method::PUT, "/regions/RegionTwo"),
        (Method::POST, "/groups"),
    ] {
        admin.send(method.clone(), path, "{}").await.expect_refusal(403, text);
        admin.anonymous().send(method, path, "{}").await.expect(401);
    }
    assert_eq!(list(&admin, "/users").await.as_array().unwrap().len(), 3);
}
