//! Random small input, the same in every run: whatever it is, the answer is Cinder's and never a 500
//! (which every reply is checked for).

use proptest::{prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use reqwest::Method;
use serde_json::Value;

use crate::support::{App, Reply};

api_suite!(
    random_bodies_are_accepted_or_refused_with_an_envelope,
    random_queries_are_answered_or_refused_with_an_envelope,
);

const VERSIONS: [&str; 5] = ["3.0", "3.31", "3.45", "3.65", "latest"];

/// Words that mean something here, and the ids of what exists.
fn words(ids: &[&str]) -> Vec<String> {
    let fixed = [
        "",
        "a",
        " ",
        "1",
        "0",
        "-1",
        "true",
        "no",
        "null",
        "None",
        "available",
        "error",
        "creating",
        "deleting",
        "in-use",
        "asc",
        "desc",
        "name",
        "created_at:asc",
        "50%",
        "100%",
        "{'a': 'b'}",
        "☃",
        "🎉",
        "\u{7}",
        "'",
        "\"",
        "\\",
        "%",
        "_",
        "nova",
        "__DEFAULT__",
        "attached",
        "migrating",
        "2147483648",
        "gt:2020-01-01",
    ];
    fixed.iter().chain(ids).map(|word| (*word).to_owned()).collect()
}

/// Keys that mean something somewhere.
const KEYS: [&str; 33] = [
    "snapshot",
    "volume",
    "metadata",
    "meta",
    "name",
    "display_name",
    "description",
    "display_description",
    "force",
    "volume_id",
    "snapshot_id",
    "source_volid",
    "size",
    "status",
    "progress",
    "attach_status",
    "migration_status",
    "new_size",
    "volume_type",
    "availability_zone",
    "multiattach",
    "os-reset_status",
    "os-force_delete",
    "os-update_snapshot_status",
    "os-extend",
    "revert",
    "imageRef",
    "k",
    "k/l",
    "",
    "type",
    "quota_set",
    "snapshots",
];

fn value(words: Vec<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-2..4_i64).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        4 => select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![8 => select(&KEYS[..]).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => prop::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// An answer of the API itself, not of the router.
fn expect_answer(reply: &Reply, input: &dyn std::fmt::Debug) {
    assert!((200..500).contains(&reply.status), "{reply:?} to {input:?}");
    assert!(
        reply.header("openstack-api-version").is_some(),
        "{reply:?} to {input:?}"
    );
}

async fn random_bodies_are_accepted_or_refused_with_an_envelope(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let roots = [
        (Method::POST, "/snapshots".to_owned(), Some("snapshot")),
        (Method::PUT, format!("/snapshots/{snapshot}"), Some("snapshot")),
        (
            Method::POST,
            format!("/snapshots/{snapshot}/metadata"),
            Some("metadata"),
        ),
        (Method::PUT, format!("/snapshots/{snapshot}/metadata"), Some("metadata")),
        (Method::PUT, format!("/snapshots/{snapshot}/metadata/k"), Some("meta")),
        (Method::POST, format!("/snapshots/{snapshot}/action"), None),
        (Method::POST, "/volumes".to_owned(), Some("volume")),
        (Method::PUT, format!("/volumes/{volume}"), Some("volume")),
        (Method::PUT, format!("/volumes/{volume}/metadata"), Some("metadata")),
        (Method::POST, format!("/volumes/{volume}/action"), None),
    ];
    let mut runner = TestRunner::deterministic();
    let bodies = value(words(&[&volume, &snapshot]));
    for round in 0..500 {
        let (method, path, root) = &roots[round % roots.len()];
        let mut body = bodies.new_tree(&mut runner).unwrap().current();
        // Every other one at least begins well.
        if let (Some(root), true) = (root, round / roots.len() % 2 == 0) {
            body = Value::Object([((*root).to_owned(), body)].into_iter().collect());
        }
        let client = app.at(VERSIONS[round % VERSIONS.len()]);
        let reply = client.send(method.clone(), path, body.to_string()).await;
        expect_answer(&reply, &body);
        if round % 100 == 99 {
            app.drain().await;
        }
    }
    app.api.get("/snapshots/detail?all_tenants=1").await.expect(200);
    app.api.get("/volumes/detail?all_tenants=1").await.expect(200);
}

async fn random_queries_are_answered_or_refused_with_an_envelope(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let key = prop_oneof![
        8 => select(vec![
            "limit", "offset", "marker", "sort", "sort_key", "sort_dir", "with_count", "all_tenants", "name", "status",
            "metadata", "volume_id", "id", "name~", "status~", "created_at", "updated_at", "consumes_quota", "project_id",
            "availability_zone", "bootable", "size", "user_id", "host", "resource_uuid", "event_id", "foo",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let word = prop_oneof![6 => select(words(&[&volume, &snapshot])), 1 => any::<String>()];
    let queries = prop::collection::vec((key, word), 1..4);
    let mut runner = TestRunner::deterministic();
    let paths = [
        "/snapshots",
        "/snapshots/detail",
        "/volumes",
        "/volumes/detail",
        "/messages",
    ];
    for round in 0..400 {
        let query = queries.new_tree(&mut runner).unwrap().current();
        let client = app.at(VERSIONS[1 + round % (VERSIONS.len() - 1)]);
        let request = client.request(Method::GET, paths[round % paths.len()]).query(&query);
        expect_answer(&Reply::to(request).await, &query);
    }
    app.drain().await;
    assert_eq!(app.snapshot_status(&snapshot).await, "available");
}
