//! `/types`: changing types, their extra specs and who may use a private one (cinder.md §6.3).

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, text};

api_suite!(
    a_type_is_made_changed_and_deleted,
    bad_bodies_are_refused,
    names_are_unique,
    a_type_in_use_stays,
    limits_follow_the_name,
    extra_specs_are_set_one_by_one_or_together,
    private_types_have_an_access_list,
    lists_are_filtered_sorted_and_paged,
);

async fn make(app: &App, fields: Value) -> Value {
    let reply = app.api.post("/types", json!({"volume_type": fields})).await.expect(200);
    reply.part("volume_type")
}

async fn names(app: &App, version: &str, query: &str) -> Vec<String> {
    let types = app
        .at(version)
        .get(&format!("/types{query}"))
        .await
        .expect(200)
        .part("volume_types");
    types
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| text(kind, "name").to_owned())
        .collect()
}

async fn a_type_is_made_changed_and_deleted(app: App) {
    let made = make(
        &app,
        json!({"name": " gold ", "description": "d", "extra_specs": {"a": "b"}, "os-volume-type-access:is_public": "no"}),
    )
    .await;
    let path = format!("/types/{}", text(&made, "id"));
    assert_eq!(
        made,
        json!({
            "id": made["id"], "name": "gold", "description": "d", "is_public": false, "extra_specs": {"a": "b"},
            "os-volume-type-access:is_public": false,
        })
    );
    let mut shown = made.clone();
    shown["qos_specs_id"] = Value::Null;
    assert_eq!(app.api.get(&path).await.expect(200).part("volume_type"), shown);
    let body = json!({"volume_type": {"name": "silver", "is_public": true}});
    let changed = app.api.put(&path, body).await.expect(200).part("volume_type");
    assert_eq!(
        changed,
        json!({"id": made["id"], "name": "silver", "description": "d", "is_public": true, "extra_specs": {"a": "b"}})
    );
    shown["name"] = json!("silver");
    shown["is_public"] = json!(true);
    shown["os-volume-type-access:is_public"] = json!(true);
    assert_eq!(app.api.get(&path).await.expect(200).part("volume_type"), shown);
    assert_eq!(
        app.api.get(&format!("{path}/encryption")).await.expect(200).json(),
        json!({})
    );
    app.api.delete(&path).await.expect_bare(202);
    let gone = format!("Volume type {} could not be found.", text(&made, "id"));
    app.api.get(&path).await.expect_fault(404, &gone);
    app.api.delete(&path).await.expect_fault(404, &gone);
    app.api
        .put(&path, json!({"volume_type": {"name": "x"}}))
        .await
        .expect_fault(404, &gone);
}

async fn bad_bodies_are_refused(app: App) {
    let long = "x".repeat(256);
    for fields in [
        json!({}),
        json!({"name": null}),
        json!({"name": 1}),
        json!({"name": long}),
        json!({"name": " "}),
        json!({"name": "n", "other": 1}),
        json!({"name": "n", "extra_specs": {"k": 1}}),
        json!({"name": "n", "extra_specs": {"k/": "v"}}),
        json!({"name": "n", "os-volume-type-access:is_public": "perhaps"}),
    ] {
        app.api.post("/types", json!({"volume_type": fields})).await.expect(400);
    }
    let made = make(&app, json!({"name": "n"})).await;
    let path = format!("/types/{}", text(&made, "id"));
    let none = "Specify volume type name, description, is_public or a combination thereof.";
    app.api
        .put(&path, json!({"volume_type": {}}))
        .await
        .expect_fault(400, none);
    let empty = "Volume type name can not be empty.";
    app.api
        .put(&path, json!({"volume_type": {"name": ""}}))
        .await
        .expect_fault(400, empty);
    let shown = app.api.get(&path).await.expect(200).part("volume_type");
    assert_eq!(shown["name"], made["name"]);
}

async fn names_are_unique(app: App) {
    make(&app, json!({"name": "one"})).await;
    let two = make(&app, json!({"name": "two"})).await;
    let taken = "Volume Type one already exists.";
    let body = json!({"volume_type": {"name": "one"}});
    app.api.post("/types", body.clone()).await.expect_fault(409, taken);
    let path = format!("/types/{}", text(&two, "id"));
    app.api.put(&path, body).await.expect_fault(409, taken);
    app.api
        .put(&path, json!({"volume_type": {"name": "two"}}))
        .await
        .expect(200);
}

async fn a_type_in_use_stays(app: App) {
    let made = make(&app, json!({"name": "gold", "extra_specs": {"hardware:a": "b"}})).await;
    let path = format!("/types/{}", text(&made, "id"));
    let volume = app.volume_with(json!({"size": 1, "volume_type": "gold"})).await;
    assert_eq!(app.show_volume(&volume).await["volume_type"], "gold");
    app.api
        .delete(&path)
        .await
        .expect_fault(400, "Target volume type is still in use.");
    let in_use = "Volume Type is currently in use.";
    let specs = json!({"extra_specs": {"c": "d"}});
    app.api
        .post(&format!("{path}/extra_specs"), specs.clone())
        .await
        .expect_fault(400, in_use);
    app.api
        .delete(&format!("{path}/extra_specs/a"))
        .await
        .expect_fault(400, in_use);
    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.drain().await;
    app.api.post(&format!("{path}/extra_specs"), specs).await.expect(200);
    app.api.delete(&path).await.expect(202);
    let default = app.api.get("/types/default").await.expect(200).part("volume_type");
    let id = text(&default, "id");
    let refusal = format!("The volume type {id} is a default volume type and cannot be deleted.");
    app.api
        .delete(&format!("/types/{id}"))
        .await
        .expect_fault(400, &refusal);
}

async fn limits_follow_the_name(app: App) {
    let made = make(&app, json!({"name": "gold"})).await;
    let quotas = format!("/os-quota-sets/{}", crate::support::PROJECT);
    app.api
        .put(&quotas, json!({"quota_set": {"snapshots_gold": 7}}))
        .await
        .expect(200);
    let body = json!({"volume_type": {"name": "silver"}});
    app.api
        .put(&format!("/types/{}", text(&made, "id")), body)
        .await
        .expect(200);
    let set = app.api.get(&quotas).await.expect(200).part("quota_set");
    assert_eq!(set["snapshots_silver"], 7);
    assert!(set.get("snapshots_gold").is_none());
}

async fn extra_specs_are_set_one_by_one_or_together(app: App) {
    let made = make(&app, json!({"name": "gold"})).await;
    let id = text(&made, "id");
    let path = format!("/types/{id}/extra_specs");
    let specs = json!({"extra_specs": {"a": "1", "b": "2"}});
    assert_eq!(app.api.post(&path, specs.clone()).await.expect(200).json(), specs);
    assert_eq!(
        app.api
            .put(&format!("{path}/a"), json!({"a": "3"}))
            .await
            .expect(200)
            .json(),
        json!({"a": "3"})
    );
    assert_eq!(
        app.api.get(&format!("{path}/a")).await.expect(200).json(),
        json!({"a": "3"})
    );
    app.api.delete(&format!("{path}/b")).await.expect_bare(202);
    assert_eq!(
        app.api.get(&path).await.expect(200).json(),
        json!({"extra_specs": {"a": "3"}})
    );
    let missing = format!("Volume Type {id} has no extra specs with key b.");
    app.api.get(&format!("{path}/b")).await.expect_fault(404, &missing);
    app.api.delete(&format!("{path}/b")).await.expect_fault(404, &missing);
    let mismatch = "Request body and URI mismatch";
    app.api
        .put(&format!("{path}/a"), json!({"c": "3"}))
        .await
        .expect_fault(400, mismatch);
    let many = "Request body contains too many items";
    app.api
        .put(&format!("{path}/a"), json!({"a": "3", "c": "4"}))
        .await
        .expect_fault(400, many);
    let absent = format!("/types/{NOWHERE}/extra_specs");
    let unknown = format!("Volume type {NOWHERE} could not be found.");
    app.api.get(&absent).await.expect_fault(404, &unknown);
    app.api.post(&absent, specs).await.expect_fault(404, &unknown);
}

async fn private_types_have_an_access_list(app: App) {
    let made = make(&app, json!({"name": "gold", "os-volume-type-access:is_public": false})).await;
    let id = text(&made, "id");
    let (path, list) = (format!("/types/{id}"), format!("/types/{id}/os-volume-type-access"));
    let member = json!({"project": "p1"});
    app.api
        .act(&path, "addProjectAccess", member.clone())
        .await
        .expect_bare(202);
    let twice = format!("Volume type access for {id} / p1 combination already exists.");
    app.api
        .act(&path, "addProjectAccess", member.clone())
        .await
        .expect_fault(409, &twice);
    assert_eq!(
        app.api.get(&list).await.expect(200).json(),
        json!({"volume_type_access": [{"volume_type_id": id, "project_id": "p1"}]})
    );
    app.api
        .act(&path, "removeProjectAccess", member.clone())
        .await
        .expect_bare(202);
    let never = format!("Volume type access not found for {id} / p1 combination.");
    app.api
        .act(&path, "removeProjectAccess", member.clone())
        .await
        .expect_fault(404, &never);
    app.api.act(&path, "addProjectAccess", json!({})).await.expect(400);
    app.api
        .put(&path, json!({"volume_type": {"is_public": true}}))
        .await
        .expect(200);
    let public = "Access list not available for public volume types.";
    app.api.get(&list).await.expect_fault(404, public);
    let refusal = "Invalid volume type: Type access modification is not applicable to public volume type.";
    app.api
        .act(&path, "addProjectAccess", member)
        .await
        .expect_fault(400, refusal);
}

async fn lists_are_filtered_sorted_and_paged(app: App) {
    for (name, public, specs) in [
        ("b", true, json!({"k": "1"})),
        ("a", false, json!({})),
        ("c", true, json!({"k": "2"})),
    ] {
        app.advance(1);
        make(
            &app,
            json!({"name": name, "os-volume-type-access:is_public": public, "extra_specs": specs}),
        )
        .await;
    }
    for (query, expected) in [
        ("", "c b __DEFAULT__"),
        ("?is_public=none", "c a b __DEFAULT__"),
        ("?is_public=false", "a"),
        ("?sort=name:asc", "__DEFAULT__ b c"),
        ("?sort=name:desc&limit=1", "c"),
        ("?limit=1&offset=1", "b"),
        ("?limit=0", ""),
        ("?extra_specs=%7B%27k%27:%272%27%7D", "c"),
        ("?extra_specs=nonsense", ""),
    ] {
        assert_eq!(names(&app, "3.52", query).await.join(" "), expected, "{query}");
    }
    assert_eq!(names(&app, "3.51", "?extra_specs=%7B%27k%27:%272%27%7D").await.len(), 3);
    let first = app.api.get("/types?limit=1").await.expect(200);
    let next = text(&first.part("volume_type_links")[0], "href").to_owned();
    let second = app.api.follow(&next).await.expect(200).part("volume_types");
    assert_eq!(second[0]["name"], "b");
    let unknown = format!("Volume type {NOWHERE} could not be found.");
    app.api
        .get(&format!("/types?marker={NOWHERE}"))
        .await
        .expect_fault(404, &unknown);
    app.api
        .get("/types?is_public=x")
        .await
        .expect_fault(400, "Invalid is_public filter [x]");
    app.api.get("/types/gold/nothing").await.expect(404);
}
