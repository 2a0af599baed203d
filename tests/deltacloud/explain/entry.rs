//! The entry point, realms and drivers.

use serde_json::Value;

use super::Pair;
use crate::tree::Element;

/// What there is here.
const COLLECTIONS: [&str; 5] = [
    "drivers",
    "instance_states",
    "realms",
    "storage_snapshots",
    "storage_volumes",
];

/// Collections of instances, images, keys and such are not here, nor links to them.
pub fn collections(pair: &mut Pair<'_>) {
    let is_here = |name: Option<&str>| name.is_some_and(|name| COLLECTIONS.contains(&name));
    if let Some(root) = pair.recorded.root() {
        root.retain(|link| is_here(link.attribute("rel")));
    }
    if let Some(json) = pair.recorded.json() {
        let links = json["api"]["links"].as_array_mut().unwrap();
        links.retain(|link| is_here(link["rel"].as_str()));
    }
}

/// The mock driver has volumes without names.
pub fn driver_features(pair: &mut Pair<'_>) {
    let root = pair.ours.root().unwrap();
    root.each(&mut |link| {
        if link.attribute("rel") == Some("storage_volumes") {
            link.retain(|child| child.name != "feature");
        }
    });
}

/// A driver of upstream's can speak for several providers.
pub fn providers(pair: &mut Pair<'_>) {
    let root = pair.recorded.root().unwrap();
    root.retain(|child| child.name != "provider");
}

/// The limits of volumes rather than of instances.
pub fn realm_limit(pair: &mut Pair<'_>) {
    const OURS: &str = "ABSOLUTE >> Max. Volumes: 10 Max. Snapshots: 10 Max. Gigabytes: 1000";
    if let Some(root) = pair.recorded.root() {
        root.each(&mut |element| element.set_text_of("limit", OURS));
    }
    if let Some(json) = pair.recorded.json() {
        for realm in json["realms"].as_array_mut().unwrap() {
            realm["limit"] = Value::from(OURS);
        }
    }
}

/// Volumes name the availability zone as their realm, and upstream has no such realm.
pub fn zones(pair: &mut Pair<'_>) {
    if let Some(root) = pair.ours.root() {
        let is_zone = |realm: &Element| realm.attribute("id") == Some("nova");
        root.retain(|realm| !is_zone(realm));
    }
    if let Some(json) = pair.ours.json() {
        json["realms"]
            .as_array_mut()
            .unwrap()
            .retain(|realm| realm["id"] != "nova");
    }
}
