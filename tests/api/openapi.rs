//! The description of the API says what there is, all of it and nothing else.

use std::collections::BTreeSet;

use breezeblock::cinder;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

api_suite!(
    every_call_is_described_and_nothing_else,
    every_reference_leads_somewhere,
    every_variable_of_a_path_is_a_parameter,
    nobody_needs_a_token_for_it,
    every_call_says_which_rules_it_asks,
);

/// The description, as anybody gets it.
pub async fn document(app: &App) -> Value {
    // No reply of the API proper, so not held to what those share.
    let request = app.api.anonymous().below("").request(Method::GET, "/openapi.json");
    let reply = request.send().await.expect("a reply");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["content-type"], "application/json");
    serde_json::from_str(&reply.text().await.expect("a text")).expect("JSON")
}

async fn every_call_is_described_and_nothing_else(app: App) {
    let document = document(&app).await;
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").keys();
            methods.map(move |method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let routed: BTreeSet<_> = cinder::table()
        .into_iter()
        .map(|route| (route.path.to_owned(), route.method.to_string()))
        .collect();
    let missing: Vec<_> = routed.difference(&described).collect();
    let surplus: Vec<_> = described.difference(&routed).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "not described in src/cinder/openapi: {missing:?}; described but not routed: {surplus:?}"
    );
}

async fn every_reference_leads_somewhere(app: App) {
    let document = document(&app).await;
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    let pointer = target.strip_prefix('#').expect("a reference inside the document");
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                }
                open.extend(map.values());
            }
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

async fn every_variable_of_a_path_is_a_parameter(app: App) {
    let document = document(&app).await;
    let variables = document["paths"].as_object().expect("paths").keys().flat_map(|path| {
        let parts = path.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    });
    for name in variables {
        let parameter = &document["components"]["parameters"][name];
        assert_eq!((&parameter["in"], &parameter["name"]), (&"path".into(), &name.into()));
    }
}

async fn nobody_needs_a_token_for_it(app: App) {
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], "3.71");
    let parameter = &document["components"]["parameters"]["version"]["schema"]["enum"];
    assert_eq!(parameter[0], "volume 3.0");
    assert_eq!(parameter[71], "volume 3.71");
}

async fn every_call_says_which_rules_it_asks(app: App) {
    let document = document(&app).await;
    for route in cinder::table() {
        let method = route.method.as_str().to_lowercase();
        let said = &document["paths"][route.path][&method]["x-openstack-policy"];
        let asked: Vec<_> = route.actions.iter().map(|action| action.name()).collect();
        assert_eq!(said, &json!(asked), "{} {}", route.method, route.path);
    }
    let delete = &document["paths"]["/snapshots/{id}"]["delete"]["x-openstack-policy"];
    assert_eq!(delete, &json!(["volume:get_snapshot", "volume:delete_snapshot"]));
}
