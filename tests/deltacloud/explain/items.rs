//! Snapshots and volumes.

use serde_json::Value;

use super::Pair;
use crate::{
    answer::Answer,
    replay::{CLASSIC, moment},
};

/// Elements and keys that are added, by what they are added to. A realm of the mock driver has no limits.
const ADDED: [(&str, &[&str]); 2] = [
    ("storage_snapshot", &["description", "state", "size", "actions"]),
    ("realm", &["limit"]),
];
const ADDED_KEYS: [&str; 3] = ["name", "description", "size"];

/// Readers of each time find what they know.
pub fn added_elements(pair: &mut Pair<'_>) {
    if let Some(root) = pair.ours.root() {
        root.each(&mut |element| {
            let added = ADDED.iter().find(|(name, _added)| *name == element.name);
            if let Some((_name, added)) = added {
                element.retain(|child| !added.contains(&&*child.name));
            }
        });
    }
    each_item(pair.ours, &mut |item| {
        let item = item.as_object_mut().unwrap();
        for key in ADDED_KEYS {
            item.shift_remove(key);
        }
    });
}

/// The one or the several items of a JSON document.
fn each_item(answer: &mut Answer, act: &mut impl FnMut(&mut Value)) {
    let Some(json) = answer.json() else { return };
    for (_kind, value) in json.as_object_mut().unwrap() {
        match value.as_array_mut() {
            Some(items) => items.iter_mut().for_each(&mut *act),
            None => act(value),
        }
    }
}

/// Upstream echoes the text of the request.
pub fn capacity_number(pair: &mut Pair<'_>) {
    each_item(pair.recorded, &mut |item| {
        if let Some(number) = item["capacity"].as_str().and_then(|text| text.parse::<u32>().ok()) {
            item["capacity"] = Value::from(number);
        }
    });
}

/// What the mock driver has just made has its time in another form than what it knew before.
pub fn date_form(pair: &mut Pair<'_>) {
    let made = moment(&pair.recorded.created().unwrap());
    let text = made.format(CLASSIC).to_string();
    pair.recorded.root().unwrap().set_text_of("created", &text);
}

/// Ours is Cinder's order, the latest first. The recording's backend had the opposite one, and its mock driver that of
/// realms.
pub fn list_order(pair: &mut Pair<'_>) {
    if let Some(root) = pair.recorded.root() {
        root.children.reverse();
    }
    if let Some(json) = pair.recorded.json() {
        for (_kind, list) in json.as_object_mut().unwrap() {
            list.as_array_mut().unwrap().reverse();
        }
    }
}

/// A volume that has just been made is where it will be.
pub fn realm_at_once(pair: &mut Pair<'_>) {
    let root = pair.ours.root().unwrap();
    assert_eq!(root.text_of("realm_id"), "nova");
    root.retain(|child| !matches!(&*child.name, "realm" | "realm_id"));
}

/// The name that a snapshot without one is given, in place of the id.
pub fn snapshot_name(pair: &mut Pair<'_>) {
    let made = moment(&pair.recorded.created().unwrap());
    let name = format!("snapshot_{}", made.timestamp());
    pair.recorded.root().unwrap().set_text_of("name", &name);
}

/// Upstream calls everything available that nobody has attached, also what is being made.
pub fn volume_state(pair: &mut Pair<'_>) {
    let creates = pair.exchange.status == 201;
    let is_young = |name: &str| creates || name == "creating one";
    if let Some(root) = pair.recorded.root() {
        root.each(&mut |volume| {
            if volume.name == "storage_volume" && is_young(volume.text_of("name")) {
                volume.set_text_of("state", "CREATING");
            }
        });
    }
    each_item(pair.recorded, &mut |item| {
        if is_young(item["name"].as_str().unwrap_or_default()) {
            item["state"] = Value::from("CREATING");
        }
    });
}
