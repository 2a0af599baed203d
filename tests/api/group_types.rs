//! `/group_types`: changing types and their specs (Cinder: `api/v3/group_types.py`, `group_specs.py`).

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, text};

api_suite!(
    a_type_is_made_changed_and_deleted,
    bad_bodies_are_refused,
    names_are_unique,
    a_type_in_use_stays,
    specs_are_set_one_by_one_or_together,
    lists_are_filtered_sorted_and_paged,
    there_are_none_before_3_11,
);

/// A group type as the fields say.
pub async fn make(app: &App, fields: Value) -> Value {
    let body = json!({"group_type": fields});
    app.at("3.11")
        .post("/group_types", body)
        .await
        .expect(202)
        .part("group_type")
}

async fn names(app: &App, query: &str) -> Vec<String> {
    let types = app.at("3.11").get(&format!("/group_types{query}")).await.expect(200);
    let types = types.part("group_types");
    let types = types.as_array().unwrap().iter();
    types.map(|kind| text(kind, "name").to_owned()).collect()
}

async fn a_type_is_made_changed_and_deleted(app: App) {
    let api = app.at("3.11");
    let specs = json!({"consistent_group_snapshot_enabled": "<is> False"});
    let fields = json!({"name": " n ", "description": "d", "is_public": "no", "group_specs": specs});
    let made = make(&app, fields).await;
    let path = format!("/group_types/{}", text(&made, "id"));
    let mut shown = json!({
        "id": made["id"], "name": " n ", "description": "d", "is_public": false, "group_specs": specs,
    });
    assert_eq!(made, shown);
    assert_eq!(api.get(&path).await.expect(200).part("group_type"), shown);
    let body = json!({"group_type": {"name": "m", "is_public": true}});
    shown["name"] = json!("m");
    shown["is_public"] = json!(true);
    assert_eq!(api.put(&path, body).await.expect(200).part("group_type"), shown);
    assert_eq!(api.get(&path).await.expect(200).part("group_type"), shown);
    api.delete(&path).await.expect_bare(202);
    let gone = format!("Group type {} could not be found.", text(&made, "id"));
    api.get(&path).await.expect_fault(404, &gone);
    api.delete(&path).await.expect_fault(404, &gone);
    api.get("/group_types/default")
        .await
        .expect_fault(404, "Default group type can not be found.");
}

async fn bad_bodies_are_refused(app: App) {
    let api = app.at("3.11");
    for fields in [
        json!({}),
        json!({"name": null}),
        json!({"name": ""}),
        json!({"name": " "}),
        json!({"name": "x".repeat(256)}),
        json!({"name": "n", "description": 1}),
        json!({"name": "n", "description": "\u{7}"}),
        json!({"name": "n", "is_public": "perhaps"}),
        json!({"name": "n", "group_specs": {"k": 1}}),
        json!({"name": "n", "other": 1}),
    ] {
        api.post("/group_types", json!({"group_type": fields}))
            .await
            .expect(400);
    }
    let made = make(&app, json!({"name": "n"})).await;
    let path = format!("/group_types/{}", text(&made, "id"));
    let none = "Specify group type name, description or a combination thereof.";
    let body = json!({"group_type": {}});
    api.put(&path, body).await.expect_fault(400, none);
    let empty = "Group type name can not be empty.";
    let body = json!({"group_type": {"name": " "}});
    api.put(&path, body).await.expect_fault(400, empty);
    assert_eq!(api.get(&path).await.expect(200).part("group_type"), made);
}

async fn names_are_unique(app: App) {
    let api = app.at("3.11");
    make(&app, json!({"name": "one"})).await;
    let two = make(&app, json!({"name": "two"})).await;
    let taken = "Group Type one already exists.";
    let body = json!({"group_type": {"name": "one"}});
    api.post("/group_types", body.clone()).await.expect_fault(409, taken);
    let path = format!("/group_types/{}", text(&two, "id"));
    api.put(&path, body).await.expect_fault(409, taken);
    // Its own name is nobody else's.
    api.put(&path, json!({"group_type": {"name": "two"}})).await.expect(200);
}

async fn a_type_in_use_stays(app: App) {
    let made = make(&app, json!({"name": "n"})).await;
    let id = text(&made, "id");
    let body = json!({"group": {"group_type": "n", "volume_types": ["__DEFAULT__"]}});
    let group = app.at("3.13").post("/groups", body).await.expect(202).part("group");
    let path = format!("/group_types/{id}");
    let used = format!(
        "Target group type is still in use. Group Type {id} deletion is not allowed with groups present with the type."
    );
    app.at("3.11").delete(&path).await.expect_fault(400, &used);
    let group = format!("/groups/{}", text(&group, "id"));
    app.at("3.13").act(&group, "delete", json!({})).await.expect_bare(202);
    app.at("3.11").delete(&path).await.expect_bare(202);
}

async fn specs_are_set_one_by_one_or_together(app: App) {
    let api = app.at("3.11");
    let made = make(&app, json!({"name": "n"})).await;
    let path = format!("/group_types/{}/group_specs", text(&made, "id"));
    assert_eq!(api.get(&path).await.expect(200).json(), json!({"group_specs": {}}));
    let specs = json!({"group_specs": {"a": "1", "b": null}});
    assert_eq!(api.post(&path, specs.clone()).await.expect(202).json(), specs);
    assert_eq!(api.get(&path).await.expect(200).json(), specs);
    let one = format!("{path}/a");
    assert_eq!(
        api.put(&one, json!({"a": "2"})).await.expect(200).json(),
        json!({"a": "2"})
    );
    assert_eq!(api.get(&one).await.expect(200).json(), json!({"a": "2"}));
    assert_eq!(
        api.get(&format!("{path}/b")).await.expect(200).json(),
        json!({"b": null})
    );
    api.put(&one, json!({"c": "3"}))
        .await
        .expect_fault(400, "Request body and URI mismatch");
    for body in [
        json!({}),
        json!({"a": "1", "b": "2"}),
        json!({"a b": "1"}),
        json!({"a": 1}),
    ] {
        api.put(&one, body).await.expect(400);
    }
    for body in [json!({"a/": "1"}), json!({"a": {}}), json!({"": "1"})] {
        api.post(&path, json!({"group_specs": body})).await.expect(400);
    }
    api.delete(&one).await.expect_bare(202);
    let id = text(&made, "id");
    let gone = format!("Group Type {id} has no extra spec with key a.");
    api.get(&one).await.expect_fault(404, &gone);
    let gone = format!("Group Type {id} has no specs with key a.");
    api.delete(&one).await.expect_fault(404, &gone);
    let absent = format!("/group_types/{NOWHERE}/group_specs");
    let unknown = format!("Group type {NOWHERE} could not be found.");
    api.get(&absent).await.expect_fault(404, &unknown);
}

async fn lists_are_filtered_sorted_and_paged(app: App) {
    for (name, public) in [("b", true), ("a", false), ("c", true)] {
        app.advance(1);
        make(&app, json!({"name": name, "is_public": public})).await;
    }
    for (query, expected) in [
        ("", "c b default_cgsnapshot_type"),
        ("?is_public=none", "c a b default_cgsnapshot_type"),
        ("?is_public=false", "a"),
        ("?sort=name:asc", "b c default_cgsnapshot_type"),
        ("?sort=name:desc&limit=1", "default_cgsnapshot_type"),
        ("?limit=1&offset=1", "b"),
        ("?limit=0", ""),
    ] {
        assert_eq!(names(&app, query).await.join(" "), expected, "{query}");
    }
    let first = app.at("3.11").get("/group_types?limit=1").await.expect(200);
    let next = text(&first.part("group_type_links")[0], "href").to_owned();
    let second = app.at("3.11").follow(&next).await.expect(200).part("group_types");
    assert_eq!(second[0]["name"], "b");
    let unknown = format!("Group type {NOWHERE} could not be found.");
    let marker = format!("/group_types?marker={NOWHERE}");
    app.at("3.11").get(&marker).await.expect_fault(404, &unknown);
}

async fn there_are_none_before_3_11(app: App) {
    let text = "The resource could not be found.";
    app.at("3.10").get("/group_types").await.expect_fault(404, text);
    let body = json!({"group_type": {"name": "n"}});
    app.at("3.10").post("/group_types", body).await.expect_fault(404, text);
}
