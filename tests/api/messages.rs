//! `/messages`: why something that was accepted went wrong.

use serde_json::{Value, json};

use crate::support::{App, NOT_FOUND, NOWHERE, OTHER, PROJECT, column, keys, text};

api_suite!(
    a_failed_snapshot_tells_why,
    every_failure_tells_why,
    messages_belong_to_the_owner_of_the_thing,
    they_appear_with_their_version,
    they_are_kept_as_long_as_the_settings_say["message.ttl" = "60"],
    they_are_paged_sorted_and_filtered_from_a_later_version_on,
    they_can_be_deleted,
);

/// Lets a snapshot fail, and returns it with the id of the request that asked for it.
async fn failed_snapshot(app: &App) -> (String, String) {
    let volume = app.volume(1).await;
    std::fs::remove_file(app.volume_file(&volume)).unwrap();
    let reply = app
        .api
        .post("/snapshots", json!({"snapshot": {"volume_id": volume}}))
        .await
        .expect(202);
    let request = reply.header("x-openstack-request-id").unwrap().to_owned();
    let id = text(&reply.part("snapshot"), "id").to_owned();
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "error");
    (id, request)
}

async fn messages(app: &App) -> Value {
    app.at("latest").get("/messages").await.expect(200).part("messages")
}

async fn a_failed_snapshot_tells_why(app: App) {
    let volume = app.volume(1).await;
    std::fs::remove_file(app.volume_file(&volume)).unwrap();
    let reply = app
        .api
        .post("/snapshots", json!({"snapshot": {"volume_id": volume}}))
        .await
        .expect(202);
    let request = reply.header("x-openstack-request-id").unwrap().to_owned();
    let snapshot = reply.part("snapshot");
    let id = text(&snapshot, "id");
    app.advance(2);
    app.drain().await;
    let shown = app.show_snapshot(id).await;
    assert_eq!(text(&shown, "status"), "error");
    assert_eq!(text(&shown, "os-extended-snapshot-attributes:progress"), "0%");
    assert!(!app.snapshot_file(id).exists());

    let listed = messages(&app).await;
    let message = &listed[0];
    let (message_id, root) = (text(message, "id"), app.api.root());
    assert_eq!(
        listed,
        json!([{
            "id": message_id,
            "event_id": "VOLUME_VOLUME_SNAPSHOT_009_013",
            "user_message": format!(
                "create snapshot:Snapshot failed to create. volume-{volume} is missing from the storage folder."
            ),
            "message_level": "ERROR",
            "created_at": "2027-01-15T08:00:02.000000",
            "guaranteed_until": "2027-02-14T08:00:02.000000",
            "request_id": request,
            "links": [
                {"rel": "self", "href": format!("{root}/v3/{PROJECT}/messages/{message_id}")},
                {"rel": "bookmark", "href": format!("{root}/{PROJECT}/messages/{message_id}")},
            ],
            "resource_type": "VOLUME_SNAPSHOT",
            "resource_uuid": id,
        }])
    );
    assert_eq!(
        keys(message),
        [
            "id",
            "event_id",
            "user_message",
            "message_level",
            "created_at",
            "guaranteed_until",
            "request_id",
            "links",
            "resource_type",
            "resource_uuid",
        ]
    );
    let alone = app
        .at("latest")
        .get(&format!("/messages/{message_id}"))
        .await
        .expect(200);
    assert_eq!(alone.json(), json!({"message": message}));
}

async fn every_failure_tells_why(app: App) {
    let latest = async || messages(&app).await[0].take();
    let expect = |message: &Value, id: &str, event: &str, start: &str| {
        assert_eq!(text(message, "resource_uuid"), id);
        assert_eq!(text(message, "event_id"), event);
        let told = text(message, "user_message");
        assert!(told.starts_with(start) && told.len() > start.len(), "{told}");
    };

    // A deletion, of what is not a file.
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    std::fs::remove_file(app.snapshot_file(&snapshot)).unwrap();
    std::fs::create_dir(app.snapshot_file(&snapshot)).unwrap();
    app.api.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
    app.advance(1);
    app.drain().await;
    assert_eq!(app.snapshot_status(&snapshot).await, "error_deleting");
    let start = "delete snapshot:Snapshot failed to delete. ";
    expect(&latest().await, &snapshot, "VOLUME_VOLUME_SNAPSHOT_010_016", start);

    // A copy, whose source is gone.
    let source = app.snapshot(&volume).await;
    std::fs::remove_file(app.snapshot_file(&source)).unwrap();
    let reply = app
        .api
        .post("/volumes", json!({"volume": {"snapshot_id": source}}))
        .await
        .expect(202);
    let copy = text(&reply.part("volume"), "id").to_owned();
    app.advance(1);
    app.drain().await;
    assert_eq!(app.volume_status(&copy).await, "error");
    let start = "create volume from backend storage:Driver failed to create the volume. ";
    expect(&latest().await, &copy, "VOLUME_VOLUME_008_012", start);

    // A revert to it.
    app.at("3.40")
        .act(&format!("/volumes/{volume}"), "revert", json!({"snapshot_id": source}))
        .await
        .expect(202);
    app.advance(1);
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "error");
    assert_eq!(app.snapshot_status(&source).await, "available");
    let message = latest().await;
    assert_eq!(text(&message, "resource_uuid"), volume);
    assert!(text(&message, "user_message").contains(&source), "{message}");

    // Growth, and then removal, of what is not a file.
    let volume = app.volume(1).await;
    std::fs::remove_file(app.volume_file(&volume)).unwrap();
    std::fs::create_dir(app.volume_file(&volume)).unwrap();
    app.api
        .act(&format!("/volumes/{volume}"), "os-extend", json!({"new_size": 2}))
        .await
        .expect(202);
    app.advance(1);
    app.drain().await;
    let shown = app.show_volume(&volume).await;
    assert_eq!((text(&shown, "status"), &shown["size"]), ("error_extending", &json!(1)));
    assert!(text(&latest().await, "user_message").starts_with("extend volume:"));
    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.advance(1);
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "error_deleting");
    assert_eq!(text(&latest().await, "resource_uuid"), volume);
}

async fn messages_belong_to_the_owner_of_the_thing(app: App) {
    let snapshot = app.snapshot(&app.volume(1).await).await;
    std::fs::remove_file(app.snapshot_file(&snapshot)).unwrap();
    std::fs::create_dir(app.snapshot_file(&snapshot)).unwrap();
    let stranger = app.at("latest").of("stranger", OTHER);
    stranger.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
    app.drain().await;
    assert_eq!(
        stranger.get("/messages").await.expect(200).json(),
        json!({"messages": []})
    );
    let own = messages(&app).await;
    assert_eq!(column(&own, "resource_uuid"), [snapshot.as_str()]);
    // A snapshot of another's volume is the own one.
    let volume = app.volume(1).await;
    std::fs::remove_file(app.volume_file(&volume)).unwrap();
    let body = json!({"snapshot": {"volume_id": volume}});
    let theirs = stranger.post("/snapshots", body).await.expect(202).part("snapshot");
    app.drain().await;
    let listed = stranger.get("/messages").await.expect(200).part("messages");
    assert_eq!(column(&listed, "resource_uuid"), [text(&theirs, "id")]);
    assert_eq!(messages(&app).await, own);
    // By its id an admin finds any.
    stranger
        .get(&format!("/messages/{}", text(&own[0], "id")))
        .await
        .expect(200);
}

async fn they_appear_with_their_version(app: App) {
    failed_snapshot(&app).await;
    let id = messages(&app).await[0]["id"].as_str().unwrap().to_owned();
    for version in ["3.0", "3.2"] {
        let client = app.at(version);
        client.get("/messages").await.expect_fault(404, NOT_FOUND);
        client
            .get(&format!("/messages/{id}"))
            .await
            .expect_fault(404, NOT_FOUND);
        client
            .delete(&format!("/messages/{id}"))
            .await
            .expect_fault(404, NOT_FOUND);
    }
    for version in ["3.3", "3.5", "3.71"] {
        app.at(version).get("/messages").await.expect(200);
        app.at(version).get(&format!("/messages/{id}")).await.expect(200);
    }
    for wrong in [NOWHERE, "nope"] {
        let message = format!("Message {wrong} could not be found.");
        app.at("3.3")
            .get(&format!("/messages/{wrong}"))
            .await
            .expect_fault(404, &message);
        app.at("3.3")
            .delete(&format!("/messages/{wrong}"))
            .await
            .expect_fault(404, &message);
    }
}

async fn they_are_kept_as_long_as_the_settings_say(app: App) {
    failed_snapshot(&app).await;
    let message = messages(&app).await[0].take();
    assert_eq!(text(&message, "created_at"), "2027-01-15T08:00:00.000000");
    assert_eq!(text(&message, "guaranteed_until"), "2027-01-15T08:01:00.000000");
}

async fn they_are_paged_sorted_and_filtered_from_a_later_version_on(app: App) {
    let mut failed = Vec::new();
    for _ in 0..3 {
        failed.push(failed_snapshot(&app).await);
        app.advance(1);
    }
    let (first, second, third) = (failed[0].0.as_str(), failed[1].0.as_str(), failed[2].0.as_str());
    let about = async |version: &str, query: &str| {
        let list = app
            .at(version)
            .get(&format!("/messages{query}"))
            .await
            .expect(200)
            .part("messages");
        column(&list, "resource_uuid")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let marker = text(&messages(&app).await[0], "id").to_owned();
    assert_eq!(about("3.3", "?limit=1&foo=bar").await, [third, second, first]);
    assert_eq!(about("3.5", "").await, [third, second, first]);
    assert_eq!(about("3.5", "?sort=created_at:asc").await, [first, second, third]);
    assert_eq!(about("3.5", "?limit=1&offset=1").await, [second]);
    assert_eq!(about("3.5", &format!("?marker={marker}")).await, [second, first]);
    assert_eq!(about("3.5", &format!("?resource_uuid={second}")).await, [second]);
    assert_eq!(about("3.5", &format!("?request_id={}", failed[0].1)).await, [first]);
    assert_eq!(about("3.5", "?event_id=VOLUME_VOLUME_SNAPSHOT_009_013").await.len(), 3);
    assert_eq!(about("3.5", "?resource_type=VOLUME").await.len(), 0);
    assert_eq!(about("3.5", "?message_level=ERROR").await.len(), 3);
    assert_eq!(about("3.5", "?resource_uuid=nope").await.len(), 0);

    let page = app.at("3.5").get("/messages?limit=1").await.expect(200).json();
    let href = text(&page["messages_links"][0], "href");
    assert_eq!(
        href,
        format!("{}/v3/{PROJECT}/messages?limit=1&marker={marker}", app.api.root())
    );
    let message = format!("Message {NOWHERE} could not be found.");
    app.at("3.5")
        .get(&format!("/messages?marker={NOWHERE}"))
        .await
        .expect_fault(404, &message);
    app.at("3.5")
        .get("/messages?limit=x")
        .await
        .expect_fault(400, "limit param must be an integer");
    let message = "Invalid input received: Invalid sort key";
    app.at("3.5")
        .get("/messages?sort=bogus")
        .await
        .expect_fault(400, message);
}

async fn they_can_be_deleted(app: App) {
    failed_snapshot(&app).await;
    let id = messages(&app).await[0]["id"].as_str().unwrap().to_owned();
    let reply = app.at("3.3").delete(&format!("/messages/{id}")).await.expect(204);
    assert_eq!(reply.text, "");
    assert_eq!(reply.header("x-compute-request-id"), None);
    let message = format!("Message {id} could not be found.");
    app.at("3.3")
        .delete(&format!("/messages/{id}"))
        .await
        .expect_fault(404, &message);
    assert_eq!(messages(&app).await, json!([]));
}
