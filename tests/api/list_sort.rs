//! The order of lists (cinder.md §5.2).

use serde_json::json;

use crate::support::{App, column};

api_suite!(
    every_column_sorts_both_ways,
    the_default_direction_is_down_and_blanks_do_not_matter,
    the_name_sorts_snapshots_from_its_version_on,
    unknown_keys_and_directions_are_refused,
    the_two_ways_to_sort_do_not_mix,
    volumes_sort_by_name_at_every_version,
);

/// Three snapshots, each before the next by every column that can differ.
async fn three(app: &App) {
    for (n, status) in [(1, "available"), (2, "creating"), (3, "error")] {
        let volume = app.volume(n).await;
        let client = app.api.of(&format!("user{n}"), crate::support::PROJECT);
        let fields = json!({"volume_id": volume, "name": format!("n{n}"), "description": format!("d{n}")});
        let reply = client.post("/snapshots", json!({"snapshot": fields})).await.expect(202);
        let id = reply.part("snapshot")["id"].as_str().unwrap().to_owned();
        app.reset_snapshot(&id, "creating").await;
        let argument = json!({"status": "creating", "progress": format!("{n}%")});
        app.api
            .act(&format!("/snapshots/{id}"), "os-update_snapshot_status", argument)
            .await
            .expect(202);
        app.reset_snapshot(&id, status).await;
        app.advance(1);
    }
}

async fn names(app: &App, version: &str, query: &str) -> String {
    let list = app
        .at(version)
        .get(&format!("/snapshots?{query}"))
        .await
        .expect(200)
        .part("snapshots");
    column(&list, "name").concat()
}

async fn every_column_sorts_both_ways(app: App) {
    three(&app).await;
    for key in [
        "created_at",
        "updated_at",
        "status",
        "volume_size",
        "display_name",
        "display_description",
        "user_id",
        "progress",
    ] {
        for version in ["3.0", "3.71"] {
            assert_eq!(
                names(&app, version, &format!("sort={key}:asc")).await,
                "n1n2n3",
                "{key}"
            );
            assert_eq!(
                names(&app, version, &format!("sort={key}:desc")).await,
                "n3n2n1",
                "{key}"
            );
            assert_eq!(
                names(&app, version, &format!("sort_key={key}&sort_dir=asc")).await,
                "n1n2n3",
                "{key}"
            );
            assert_eq!(
                names(&app, version, &format!("sort_key={key}")).await,
                "n3n2n1",
                "{key}"
            );
        }
    }
    // Where all are equal, the time decides, with the direction of the first key.
    for key in ["project_id", "volume_type_id", "group_snapshot_id", "consumes_quota"] {
        assert_eq!(names(&app, "3.0", &format!("sort={key}:asc")).await, "n1n2n3", "{key}");
        assert_eq!(names(&app, "3.0", &format!("sort={key}")).await, "n3n2n1", "{key}");
    }
    for key in ["id", "volume_id"] {
        let up = names(&app, "3.0", &format!("sort={key}:asc")).await;
        let down = names(&app, "3.0", &format!("sort={key}:desc")).await;
        assert_eq!([&up[4..], &up[2..4], &up[..2]].concat(), down, "{key}");
    }
}

async fn the_default_direction_is_down_and_blanks_do_not_matter(app: App) {
    three(&app).await;
    for (query, expected) in [
        ("", "n3n2n1"),
        ("sort_dir=asc", "n1n2n3"),
        ("sort=created_at", "n3n2n1"),
        ("sort=created_at:", "n3n2n1"),
        ("sort=%20created_at%20:%20asc%20", "n1n2n3"),
        ("sort=created_at:asc,created_at:desc", "n1n2n3"),
        ("sort=project_id:asc,created_at:desc", "n3n2n1"),
        ("sort=project_id:desc,status:asc", "n1n2n3"),
        ("sort=deleted", "n3n2n1"),
        ("sort=volume:asc", "n1n2n3"),
        ("sort=deleted:asc,status:desc", "n3n2n1"),
        ("sort_key=%20status%20&sort_dir=%20asc%20", "n1n2n3"),
    ] {
        assert_eq!(names(&app, "3.0", query).await, expected, "{query}");
    }
}

async fn the_name_sorts_snapshots_from_its_version_on(app: App) {
    three(&app).await;
    for version in ["3.0", "3.29"] {
        for query in ["sort=name:asc", "sort_key=name", "sort=status:asc,name"] {
            let reply = app.at(version).get(&format!("/snapshots?{query}")).await;
            reply.expect_fault(400, "Invalid input received: Invalid sort key");
        }
    }
    for version in ["3.30", "3.71"] {
        assert_eq!(names(&app, version, "sort=name:asc").await, "n1n2n3");
        assert_eq!(names(&app, version, "sort_key=name").await, "n3n2n1");
    }
}

async fn unknown_keys_and_directions_are_refused(app: App) {
    for path in ["/snapshots", "/snapshots/detail", "/volumes", "/volumes/detail"] {
        for key in ["bogus", "metadata", "", "__class__", "name;", "id,bogus"] {
            let message = "Invalid input received: Invalid sort key";
            app.at("latest")
                .get(&format!("{path}?sort={key}"))
                .await
                .expect_fault(400, message);
        }
        for query in [
            "sort=created_at:up",
            "sort=created_at:ASC",
            "sort=created_at:asc:desc",
            "sort=updated_at:asc-nullslast",
            "sort_dir=bogus",
            "sort_dir=",
        ] {
            let message = "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.";
            app.api.get(&format!("{path}?{query}")).await.expect_fault(400, message);
        }
    }
    for key in ["size", "description"] {
        let message = "Invalid input received: Invalid sort key";
        app.at("latest")
            .get(&format!("/snapshots?sort={key}"))
            .await
            .expect_fault(400, message);
    }
}

async fn the_two_ways_to_sort_do_not_mix(app: App) {
    let message =
        "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.";
    for path in ["/snapshots", "/snapshots/detail", "/volumes"] {
        for query in ["sort=name&sort_key=id", "sort=created_at&sort_dir=asc"] {
            app.api.get(&format!("{path}?{query}")).await.expect_fault(400, message);
        }
    }
}

async fn volumes_sort_by_name_at_every_version(app: App) {
    for (name, size) in [("b", 1), ("a", 2), ("c", 3)] {
        app.advance(1);
        app.volume_with(json!({"size": size, "name": name})).await;
    }
    for (query, expected) in [
        ("sort=name:asc", "abc"),
        ("sort=display_name:desc", "cba"),
        ("sort=size", "cab"),
        ("sort_key=name", "cba"),
        ("sort=status:asc,size:asc", "bac"),
        ("sort=created_at:asc", "bac"),
    ] {
        for version in ["3.0", "3.29", "3.71"] {
            let list = app
                .at(version)
                .get(&format!("/volumes?{query}"))
                .await
                .expect(200)
                .part("volumes");
            assert_eq!(column(&list, "name").concat(), expected, "{query}");
        }
    }
}
