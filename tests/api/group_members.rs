//! The volumes of groups: joining, leaving, and copies of all of them (Cinder: `group/api.py`).

use serde_json::{Value, json};

use super::groups::{empty, member, reset, show};
use crate::support::{App, NOWHERE, keys, text};

api_suite!(
    volumes_join_and_leave,
    volumes_that_cannot_join_or_leave,
    a_volume_in_a_group_does_not_go_alone,
    a_group_is_made_from_a_group,
);

/// The ids of a group's volumes, sorted.
async fn volumes_of(app: &App, path: &str) -> Vec<String> {
    let shown = show(app, &format!("{path}?list_volume=true")).await;
    let mut ids: Vec<_> = shown["volumes"].as_array().unwrap().clone();
    ids.sort_by_key(ToString::to_string);
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn sorted<const N: usize>(ids: [&String; N]) -> Vec<String> {
    let mut ids: Vec<_> = ids.into_iter().cloned().collect();
    ids.sort();
    ids
}

async fn volumes_join_and_leave(app: App) {
    let (id, path) = empty(&app, json!({"name": "n"})).await;
    let (born, joining) = (member(&app, &id).await, app.volume(1).await);
    assert_eq!(show_group_of(&app, &born).await, json!(id));
    let body = json!({"group": {"add_volumes": format!("{joining},{born},"), "name": "m", "description": "d"}});
    app.at("3.13").put(&path, body).await.expect_bare(202);
    assert_eq!(volumes_of(&app, &path).await, sorted([&born, &joining]));
    let shown = show(&app, &path).await;
    assert_eq!((&shown["name"], &shown["status"]), (&json!("m"), &json!("available")));
    let found = app.at("3.10").get(&format!("/volumes?group_id={id}")).await.expect(200);
    assert_eq!(found.part("volumes").as_array().unwrap().len(), 2);
    let old = app
        .at("3.9")
        .get(&format!("/volumes?group_id={NOWHERE}"))
        .await
        .expect(200);
    assert_eq!(old.part("volumes").as_array().unwrap().len(), 2, "no filter then");

    let body = json!({"group": {"remove_volumes": born}});
    app.at("3.13").put(&path, body).await.expect_bare(202);
    assert_eq!(volumes_of(&app, &path).await, [joining]);
    assert_eq!(show_group_of(&app, &born).await, Value::Null);
}

async fn show_group_of(app: &App, volume: &str) -> Value {
    app.show_volume(volume).await["group_id"].clone()
}

async fn volumes_that_cannot_join_or_leave(app: App) {
    let (id, path) = empty(&app, json!({})).await;
    let (other, _) = empty(&app, json!({})).await;
    let (taken, mine, free) = (member(&app, &other).await, member(&app, &id).await, app.volume(1).await);
    let put = async |fields: Value, text: String| {
        let body = json!({"group": fields});
        app.at("3.13").put(&path, body).await.expect_fault(400, &text);
    };
    let add = |volume: &str, why: &str| {
        let text = format!("Invalid volume: Cannot add volume {volume} to group {id} {why}");
        (json!({"add_volumes": volume}), text)
    };
    for (fields, text) in [
        add(NOWHERE, "because volume cannot be found."),
        add("nope", "because volume cannot be found."),
        add(&taken, &format!("because it is already in group {other}.")),
    ] {
        put(fields, text).await;
    }
    app.reset_volume(&free, "error").await;
    let why = "because volume is in an invalid state: error. Valid states are: ('available', 'in-use').";
    let (fields, text) = add(&free, why);
    put(fields, text).await;
    let text = format!("Invalid volume: Cannot remove volume {free} from group {id} because it is not in the group.");
    put(json!({"remove_volumes": free}), text).await;
    let text = format!("Invalid volume: UUIDs ['{free}'] are in both add and remove volume list.");
    put(json!({"remove_volumes": free, "add_volumes": free}), text).await;
    app.reset_volume(&mine, "extending").await;
    let text = format!(
        "Invalid volume: Cannot remove volume {mine} from group {id} because volume is in an invalid state: extending. \
         Valid states are: ('available', 'in-use', 'error', 'error_deleting')."
    );
    put(json!({"remove_volumes": mine}), text).await;
    let text = format!(
        "Invalid Group: Cannot update group {id} because no valid name, description, add_volumes, or remove_volumes \
         were provided."
    );
    put(json!({"add_volumes": mine}), text).await;
    app.reset_volume(&free, "available").await;
    reset(&app, &path, "error").await;
    let text = "Invalid Group: Group status must be available.".to_owned();
    put(json!({"add_volumes": free}), text).await;
    assert_eq!(volumes_of(&app, &path).await, [mine]);
}

async fn a_volume_in_a_group_does_not_go_alone(app: App) {
    let (id, _path) = empty(&app, json!({})).await;
    let volume = member(&app, &id).await;
    let path = format!("/volumes/{volume}");
    let refused = app.api.delete(&path).await.expect(400);
    assert!(refused.text.contains("belong to a group"), "{refused:?}");
    app.api.delete(&format!("{path}?cascade=true")).await.expect(400);
    app.api.act(&path, "os-force_delete", json!(null)).await.expect(400);
    assert_eq!(app.volume_status(&volume).await, "available");
    // One that nobody asked a type for has none that the group could allow.
    let body = json!({"volume": {"size": 1, "group_id": id}});
    let text = "Invalid input received: volume_type must be provided when creating a volume in a group.";
    app.api.post("/volumes", body).await.expect_fault(400, text);
}

async fn a_group_is_made_from_a_group(app: App) {
    let (id, path) = empty(&app, json!({})).await;
    let body = json!({"create-from-src": {"source_group_id": id, "name": "copy"}});
    let none = "Invalid Group: Source Group is empty. No group will be created.";
    app.at("3.14")
        .post("/groups/action", body.clone())
        .await
        .expect_fault(400, none);
    let volumes = [member(&app, &id).await, member(&app, &id).await];
    crate::support::write_at(&app.volume_file(&volumes[0]), 0, b"one");
    let made = app
        .at("3.14")
        .post("/groups/action", body)
        .await
        .expect(202)
        .part("group");
    assert_eq!((keys(&made), &made["name"]), (vec!["id", "name"], &json!("copy")));
    let copy = format!("/groups/{}", text(&made, "id"));
    let shown = show(&app, &copy).await;
    assert_eq!(
        (&shown["status"], &shown["source_group_id"]),
        (&json!("creating"), &json!(id))
    );
    app.drain().await;
    let shown = show(&app, &copy).await;
    assert_eq!(shown["status"], "available");
    assert_eq!(shown["group_type"], show(&app, &path).await["group_type"]);
    let copies = volumes_of(&app, &copy).await;
    assert_eq!(copies.len(), 2);
    let mut sources = Vec::new();
    for volume in &copies {
        let shown = app.show_volume(volume).await;
        assert_eq!((&shown["status"], &shown["name"]), (&json!("available"), &Value::Null));
        sources.push(text(&shown, "source_volid").to_owned());
        let bytes = crate::support::read_at(&app.volume_file(volume), 0, 3);
        assert_eq!(bytes == b"one", shown["source_volid"] == json!(volumes[0]));
    }
    sources.sort();
    assert_eq!(sources, sorted([&volumes[0], &volumes[1]]));
}
