//! Filters of the snapshot list (cinder.md §5.4). Under noauth everybody is an admin, and an admin's filters are never
//! refused: one on an unknown attribute is an empty list.

use serde_json::json;

use crate::support::{App, NOWHERE, OTHER, PROJECT, column, text};

api_suite!(
    plain_filters_compare_columns,
    unknown_attributes_are_an_empty_list,
    several_filters_must_all_pass,
    metadata_is_a_literal_from_its_version_on,
    a_tilde_finds_parts_of_texts,
    consuming_quota_is_a_filter_from_its_version_on,
    all_tenants_widens_the_list_and_a_project_narrows_it,
    what_is_not_utf8_is_refused,
);

/// `a` and `b` of one volume and `c` of another, and one without a name; `b` has failed.
struct World {
    app: App,
    volumes: [String; 2],
    ids: Vec<String>,
}

async fn world(app: App) -> World {
    let volumes = [app.volume(1).await, app.volume(2).await];
    let mut ids = Vec::new();
    for (name, volume, metadata) in [
        (json!("a"), 0, json!({"n": "1", "all": "yes"})),
        (json!("b"), 0, json!({"n": "2", "all": "yes"})),
        (json!("c"), 1, json!({"q": "it's \"hi\"", "all": "yes"})),
        (json!(null), 1, json!({})),
    ] {
        let fields = json!({"volume_id": volumes[volume], "name": name, "description": "d%1", "metadata": metadata});
        ids.push(app.new_snapshot(fields).await);
        app.advance(1);
    }
    app.drain().await;
    app.reset_snapshot(&ids[1], "error").await;
    World { app, volumes, ids }
}

impl World {
    /// The names on a list with these parameters, the oldest first; the nameless one is `-`.
    async fn list(&self, version: &str, query: &[(&str, &str)]) -> String {
        let mut both = Vec::new();
        for path in ["/snapshots", "/snapshots/detail"] {
            let reply = self
                .app
                .at(version)
                .get_with(&format!("{path}?sort_dir=asc"), query)
                .await
                .expect(200);
            let list = reply.part("snapshots");
            let names = list
                .as_array()
                .unwrap()
                .iter()
                .map(|snapshot| snapshot["name"].as_str().unwrap_or("-"));
            both.push(names.collect::<String>());
        }
        assert_eq!(both[0], both[1]);
        both.swap_remove(0)
    }
}

async fn plain_filters_compare_columns(app: App) {
    let world = world(app).await;
    for version in ["3.0", "3.31", "3.71"] {
        for (key, value, expected) in [
            ("name", "a", "a"),
            ("name", "A", ""),
            ("name", "", ""),
            ("display_name", "a", "a"),
            ("status", "available", "ac-"),
            ("status", "error", "b"),
            ("status", "AVAILABLE", ""),
            ("status", "bogus", ""),
            ("volume_id", world.volumes[0].as_str(), "ab"),
            ("volume_id", &world.volumes[0].to_uppercase(), ""),
            ("volume_id", NOWHERE, ""),
            ("volume_id", "abc", ""),
            ("volume_id", "", ""),
            ("id", world.ids[2].as_str(), "c"),
            ("id", "c", ""),
            ("user_id", "demo", "abc-"),
            ("user_id", "nobody", ""),
            ("volume_size", "2", "c-"),
            ("volume_size", "two", ""),
            ("progress", "100%", "abc-"),
            ("group_snapshot_id", NOWHERE, ""),
            ("created_at", "2027-01-15T08:00:01.000000", "b"),
            // Volumes only.
            ("created_at", "gt:2020-01-01", ""),
            ("created_at", "bogus", ""),
            ("availability_zone", "nova", "abc-"),
            ("availability_zone", "x", ""),
        ] {
            assert_eq!(
                world.list(version, &[(key, value)]).await,
                expected,
                "{key}={value} at {version}"
            );
        }
    }
    // Every snapshot is on the one host, which can be named in part.
    for (host, expected) in [
        ("brick", "abc-"),
        ("brick@file", "abc-"),
        ("brick@file#file", "abc-"),
        ("brick@fi", ""),
        ("other", ""),
    ] {
        assert_eq!(world.list("3.71", &[("host", host)]).await, expected, "{host}");
    }
}

async fn unknown_attributes_are_an_empty_list(app: App) {
    let world = world(app).await;
    for version in ["3.0", "3.31", "3.71"] {
        for key in [
            "foo",
            "size",
            "description",
            "Status",
            "tenant_id",
            "marker2",
            "fo~",
            "ключ",
        ] {
            assert_eq!(world.list(version, &[(key, "a")]).await, "", "{key}");
            assert_eq!(world.list(version, &[("name", "a"), (key, "a")]).await, "", "{key}");
        }
    }
}

async fn several_filters_must_all_pass(app: App) {
    let world = world(app).await;
    let volume = world.volumes[0].as_str();
    assert_eq!(
        world
            .list("3.0", &[("status", "available"), ("volume_id", volume)])
            .await,
        "a"
    );
    assert_eq!(world.list("3.0", &[("name", "a"), ("status", "error")]).await, "");
    assert_eq!(world.list("3.0", &[("name", "a"), ("name", "b")]).await, "");
    // In Cinder the zone makes the other filters look at the volume.
    let zone = ("availability_zone", "nova");
    assert_eq!(world.list("3.71", &[zone, ("status", "error")]).await, "b");
    assert_eq!(world.list("3.71", &[zone, ("volume_id", volume)]).await, "ab");
}

async fn metadata_is_a_literal_from_its_version_on(app: App) {
    let world = world(app).await;
    for (literal, expected) in [
        ("{'n': '1'}", "a"),
        ("{'n':'1'}", "a"),
        (r#"{"n": "1"}"#, "a"),
        ("{'n': '1', 'all': 'yes'}", "a"),
        ("{'all': 'yes'}", "abc"),
        ("{'n': '9'}", ""),
        ("{'n': '1', 'all': 'no'}", ""),
        ("{'N': '1'}", ""),
        (r#"{'q': 'it\'s "hi"'}"#, "c"),
        (r#"{"q": "it's \"hi\""}"#, "c"),
        ("{}", "abc-"),
        ("x", ""),
        ("{", ""),
        ("", ""),
        ("['n']", ""),
        // Cinder fails with 500 here.
        ("{'n': 1}", ""),
    ] {
        for version in ["3.22", "3.31", "3.71"] {
            assert_eq!(
                world.list(version, &[("metadata", literal)]).await,
                expected,
                "{literal}"
            );
        }
        for version in ["3.0", "3.21"] {
            assert_eq!(world.list(version, &[("metadata", literal)]).await, "abc-", "{literal}");
        }
    }
}

async fn a_tilde_finds_parts_of_texts(app: App) {
    let world = world(app).await;
    let fields = json!({"volume_id": world.volumes[0], "name": "Needle_in 100%"});
    world.app.new_snapshot(fields).await;
    for version in ["3.31", "3.34", "3.71"] {
        for (key, value, expected) in [
            ("name~", "eedl", "Needle_in 100%"),
            ("name~", "needle", ""),
            ("name~", "a", "a"),
            ("name~", "", "abcNeedle_in 100%"),
            ("name~", "_", "abcNeedle_in 100%"),
            ("name~", "n%1", "Needle_in 100%"),
            ("display_name~", "dle", "Needle_in 100%"),
            ("description~", "d", "abc-"),
            ("status~", "err", "b"),
            ("foo~", "a", ""),
        ] {
            assert_eq!(
                world.list(version, &[(key, value)]).await,
                expected,
                "{key}={value} at {version}"
            );
        }
    }
    assert_eq!(
        world.list("3.0", &[("name~", "nothing has this name")]).await,
        "abc-Needle_in 100%"
    );
}

async fn consuming_quota_is_a_filter_from_its_version_on(app: App) {
    let world = world(app).await;
    for version in ["3.31", "3.64", "3.65", "3.71"] {
        for (value, expected) in [("true", "abc-"), ("1", "abc-"), ("false", ""), ("No", "")] {
            assert_eq!(
                world.list(version, &[("consumes_quota", value)]).await,
                expected,
                "{value} at {version}"
            );
        }
        let reply = world.app.at(version).get("/snapshots?consumes_quota=maybe").await;
        reply.expect_fault(400, "Value 'maybe' for 'use_quota' is not a boolean.");
    }
    for version in ["3.0", "3.30"] {
        assert_eq!(world.list(version, &[("consumes_quota", "true")]).await, "");
    }
}

async fn all_tenants_widens_the_list_and_a_project_narrows_it(app: App) {
    let world = world(app).await;
    let stranger = world.app.api.of("stranger", OTHER);
    let fields = json!({"volume_id": world.volumes[0], "name": "x"});
    let reply = stranger
        .post("/snapshots", json!({"snapshot": fields}))
        .await
        .expect(202);
    let foreign = text(&reply.part("snapshot"), "id").to_owned();
    for version in ["3.0", "3.31", "3.71"] {
        for (query, expected) in [
            (&[("all_tenants", "1")][..], "abc-x"),
            (&[("all_tenants", "True")], "abc-x"),
            (&[("all_tenants", "0")], "abc-"),
            (&[("all_tenants", "bogus")], "abc-"),
            (&[("all_tenants", "")], "abc-"),
            (&[("all_tenants", "1"), ("project_id", OTHER)], "x"),
            (&[("all_tenants", "1"), ("project_id", PROJECT)], "abc-"),
            (&[("all_tenants", "1"), ("project_id", "nobody")], ""),
            (&[("all_tenants", "1"), ("tenant_id", OTHER)], ""),
            (&[("all_tenants", "1"), ("name", "x")], "x"),
            // Without all tenants the own project is the only one.
            (&[("project_id", OTHER)], "abc-"),
            (&[("project_id", PROJECT)], "abc-"),
            (&[("name", "x")], ""),
            (&[("id", &foreign)], ""),
            (&[("id", &foreign), ("all_tenants", "1")], "x"),
        ] {
            assert_eq!(world.list(version, query).await, expected, "{query:?} at {version}");
        }
    }
    let own = stranger.get("/snapshots").await.expect(200).part("snapshots");
    assert_eq!(column(&own, "name"), ["x"]);
}

async fn what_is_not_utf8_is_refused(app: App) {
    let message = "Error decoding your request. Either the URL or the request body contained characters that could \
                   not be decoded by Cinder.";
    for query in ["name=%ff", "%ff=a", "name=a&metadata=%C3%28"] {
        for path in ["/snapshots", "/snapshots/detail", "/volumes", "/volumes/detail"] {
            app.api.get(&format!("{path}?{query}")).await.expect_fault(400, message);
        }
    }
}
