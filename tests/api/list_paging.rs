//! Parts of lists: limit, marker, offset, count (cinder.md §5.1, §5.3).

use serde_json::json;

use crate::support::{App, NOWHERE, OTHER, column, keys};

api_suite!(
    the_newest_comes_first_and_ties_have_an_order,
    limit_marker_and_offset_cut_the_list,
    a_marker_need_not_pass_the_filters,
    a_limit_of_zero_is_an_empty_list,
    no_page_is_longer_than_the_server_allows["server.max_limit" = "3"],
    bad_limits_offsets_and_markers_are_refused,
    the_count_is_of_everything_that_passes_the_filters,
    the_count_is_an_unknown_filter_before_its_version,
    volumes_are_paged_alike,
);

/// Snapshots of one volume, the oldest first.
async fn snapshots(app: &App, names: &[&str]) -> Vec<String> {
    let volume = app.volume(1).await;
    let mut ids = Vec::new();
    for name in names {
        ids.push(app.new_snapshot(json!({"volume_id": volume, "name": name})).await);
    }
    ids
}

async fn names(app: &App, path: &str) -> Vec<String> {
    let list = app.at("latest").get(path).await.expect(200).part("snapshots");
    column(&list, "name").into_iter().map(str::to_owned).collect()
}

async fn the_newest_comes_first_and_ties_have_an_order(app: App) {
    let mut ids = Vec::new();
    for second in 0..3 {
        app.advance(second);
        // Volumes, unlike snapshots of one volume, can have the same time.
        for _ in 0..3 {
            let volume = app.volume(1).await;
            ids.push((second, app.new_snapshot(json!({"volume_id": volume})).await));
        }
    }
    ids.sort();
    ids.reverse();
    let expected: Vec<_> = ids.iter().map(|(_, id)| id.as_str()).collect();
    for path in ["/snapshots", "/snapshots/detail"] {
        for _ in 0..2 {
            let list = app.api.get(path).await.expect(200).part("snapshots");
            assert_eq!(column(&list, "id"), expected);
        }
    }
    let ascending = app
        .api
        .get("/snapshots?sort_dir=asc")
        .await
        .expect(200)
        .part("snapshots");
    let mut reversed = expected.clone();
    reversed.reverse();
    assert_eq!(column(&ascending, "id"), reversed);
}

async fn limit_marker_and_offset_cut_the_list(app: App) {
    let ids = snapshots(&app, &["a", "b", "c", "d", "e"]).await;
    let marker = &ids[3];
    for (query, expected) in [
        (String::new(), &["e", "d", "c", "b", "a"][..]),
        ("limit=2".to_owned(), &["e", "d"]),
        ("limit=%2B2".to_owned(), &["e", "d"]),
        ("limit=100000".to_owned(), &["e", "d", "c", "b", "a"]),
        ("limit=99999999999999999999".to_owned(), &["e", "d", "c", "b", "a"]),
        ("offset=0".to_owned(), &["e", "d", "c", "b", "a"]),
        ("offset=3".to_owned(), &["b", "a"]),
        ("offset=5".to_owned(), &[]),
        ("offset=2147483647".to_owned(), &[]),
        ("limit=2&offset=1".to_owned(), &["d", "c"]),
        (format!("marker={marker}"), &["c", "b", "a"]),
        (format!("marker={marker}&limit=1"), &["c"]),
        (format!("marker={marker}&offset=1"), &["b", "a"]),
        (format!("marker={marker}&offset=1&limit=1"), &["b"]),
        (format!("marker={marker}&sort_dir=asc"), &["e"]),
        (format!("marker={marker}&sort=display_name:asc"), &["e"]),
        (format!("marker={}", ids[0]), &[]),
    ] {
        for path in ["/snapshots", "/snapshots/detail"] {
            assert_eq!(names(&app, &format!("{path}?{query}")).await, expected, "{query}");
        }
    }
}

async fn a_marker_need_not_pass_the_filters(app: App) {
    let ids = snapshots(&app, &["a", "b", "c"]).await;
    app.drain().await;
    app.reset_snapshot(&ids[1], "error").await;
    assert_eq!(
        names(&app, &format!("/snapshots?status=available&marker={}", ids[1])).await,
        ["a"]
    );
    // Nor be one's own, for an admin.
    app.advance(1);
    let volume = app.volume(1).await;
    let stranger = app.api.of("stranger", OTHER);
    stranger
        .post("/snapshots", json!({"snapshot": {"volume_id": volume, "name": "x"}}))
        .await
        .expect(202);
    let list = stranger
        .get(&format!("/snapshots?marker={}&sort_dir=asc", ids[0]))
        .await
        .expect(200);
    assert_eq!(list.part("snapshots").as_array().unwrap().len(), 1);
}

async fn a_limit_of_zero_is_an_empty_list(app: App) {
    snapshots(&app, &["a"]).await;
    for path in ["/snapshots", "/snapshots/detail"] {
        let reply = app.api.get(&format!("{path}?limit=0")).await.expect(200);
        assert_eq!(reply.text, r#"{"snapshots": []}"#);
    }
    let reply = app.at("3.45").get("/snapshots?limit=0&with_count=1").await.expect(200);
    assert_eq!(reply.json(), json!({"snapshots": [], "count": 1}));
}

async fn no_page_is_longer_than_the_server_allows(app: App) {
    snapshots(&app, &["a", "b", "c", "d"]).await;
    for query in ["", "?limit=4", "?limit=1000"] {
        let page = app
            .at("latest")
            .get(&format!("/snapshots{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(column(&page["snapshots"], "name"), ["d", "c", "b"]);
        let next = app
            .at("latest")
            .follow(page["snapshots_links"][0]["href"].as_str().unwrap())
            .await;
        assert_eq!(column(&next.expect(200).part("snapshots"), "name"), ["a"]);
    }
}

async fn bad_limits_offsets_and_markers_are_refused(app: App) {
    let ids = snapshots(&app, &["a"]).await;
    for (query, message) in [
        ("limit=-1", "limit param must be positive"),
        ("limit=abc", "limit param must be an integer"),
        ("limit=", "limit param must be an integer"),
        ("limit=1.5", "limit param must be an integer"),
        ("limit=0x1", "limit param must be an integer"),
        ("offset=-1", "offset must be >= 0"),
        ("offset=abc", "offset must be an integer"),
        ("offset=", "offset must be an integer"),
        ("offset=2147483648", "offset must be <= 2147483647"),
        ("offset=99999999999999999999", "offset must be <= 2147483647"),
    ] {
        for path in ["/snapshots", "/snapshots/detail", "/volumes", "/volumes/detail"] {
            app.api.get(&format!("{path}?{query}")).await.expect_fault(400, message);
        }
    }
    for marker in [
        NOWHERE.to_owned(),
        "abc".to_owned(),
        String::new(),
        ids[0].to_uppercase(),
    ] {
        let reply = app.api.get(&format!("/snapshots?marker={marker}")).await;
        reply.expect_fault(404, &format!("Snapshot {marker} could not be found."));
        let reply = app.api.get(&format!("/volumes/detail?marker={marker}")).await;
        reply.expect_fault(404, &format!("Volume {marker} could not be found."));
    }
}

async fn the_count_is_of_everything_that_passes_the_filters(app: App) {
    let ids = snapshots(&app, &["a", "b", "c", "d"]).await;
    app.reset_snapshot(&ids[0], "error").await;
    for (query, count, shown) in [
        ("with_count=true", 4, 4),
        ("with_count=1&limit=2", 4, 2),
        ("with_count=T&status=error", 1, 1),
        (&format!("with_count=yes&marker={}", ids[1]), 4, 1),
        ("with_count=on&offset=3", 4, 1),
        ("with_count=Y&name=nope", 0, 0),
    ] {
        for path in ["/snapshots", "/snapshots/detail"] {
            let page = app.at("3.45").get(&format!("{path}?{query}")).await.expect(200).json();
            assert_eq!(page["count"], json!(count), "{query}");
            assert_eq!(page["snapshots"].as_array().unwrap().len(), shown, "{query}");
            assert_eq!(*keys(&page).last().unwrap(), "count");
        }
    }
    for query in ["with_count=false", "with_count=0", "with_count=no"] {
        let page = app
            .at("3.45")
            .get(&format!("/snapshots?{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(keys(&page), ["snapshots"]);
        assert_eq!(page["snapshots"].as_array().unwrap().len(), 4);
    }
    for value in ["bogus", ""] {
        let message = format!("Value '{value}' for 'with_count' is not a boolean.");
        app.at("3.45")
            .get(&format!("/snapshots?with_count={value}"))
            .await
            .expect_fault(400, &message);
    }
    // Other projects' rows count only when they are asked for.
    let stranger = app.at("latest").of("stranger", OTHER);
    assert_eq!(stranger.get("/snapshots?with_count=1").await.part("count"), json!(0));
    assert_eq!(
        stranger
            .get("/snapshots?with_count=1&all_tenants=1&limit=1")
            .await
            .part("count"),
        json!(4)
    );
}

async fn the_count_is_an_unknown_filter_before_its_version(app: App) {
    snapshots(&app, &["a"]).await;
    for version in ["3.0", "3.30", "3.31", "3.44"] {
        for value in ["true", "false", "bogus"] {
            let reply = app
                .at(version)
                .get(&format!("/snapshots?with_count={value}"))
                .await
                .expect(200);
            assert_eq!(reply.text, r#"{"snapshots": []}"#, "{version}");
        }
    }
}

async fn volumes_are_paged_alike(app: App) {
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        app.advance(1);
        ids.push(app.volume_with(json!({"size": 1, "name": name})).await);
    }
    let names = async |query: &str| {
        let list = app
            .at("latest")
            .get(&format!("/volumes?{query}"))
            .await
            .expect(200)
            .part("volumes");
        column(&list, "name").concat()
    };
    assert_eq!(names("").await, "dcba");
    assert_eq!(names("limit=2").await, "dc");
    assert_eq!(names(&format!("marker={}", ids[2])).await, "ba");
    assert_eq!(names(&format!("marker={}&offset=1", ids[3])).await, "ba");
    assert_eq!(names("sort=name:asc&limit=3").await, "abc");
    let page = app
        .at("3.45")
        .get("/volumes/detail?limit=1&with_count=true")
        .await
        .expect(200)
        .json();
    assert_eq!(page["count"], json!(4));
    assert_eq!(keys(&page), ["volumes", "volumes_links", "count"]);
    assert_eq!(app.api.get("/volumes?limit=0").await.json(), json!({"volumes": []}));
}
