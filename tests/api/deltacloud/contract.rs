//! What each call does, by the contract.

use reqwest::Method;
use serde_json::json;

use super::{Answer, client};
use crate::support::{App, NOWHERE, keys};

api_suite!(
    a_snapshot_lives_and_dies,
    a_volume_lives_and_dies,
    a_volume_starts_as_a_snapshot,
    a_name_need_not_be_a_description,
    small_collections,
    times_can_be_written_as_cinder_does["deltacloud.dates" = "iso8601"],
    a_quota_is_told_as_403["quota.snapshots" = "1"],
);

async fn a_snapshot_lives_and_dies(app: App) {
    let volume = app.volume(2).await;
    let dc = client(&app);
    let form = [("volume_id", &*volume), ("name", "N"), ("description", "D")];
    let made = dc.post("/api/storage_snapshots?format=json", &form).await.expect(201);
    let item = made.json()["storage_snapshot"].clone();
    let id = item["id"].as_str().unwrap();
    let href = format!("{}/api/storage_snapshots/{id}", dc.root());
    assert_eq!(made.header("location"), Some(&*href));
    assert_eq!(
        item,
        json!({
            "id": id, "href": href, "state": "creating",
            "storage_volume": {
                "id": volume, "href": format!("{}/api/storage_volumes/{volume}", dc.root()), "rel": "storage_volume",
            },
            "created": "Fri Jan 15 08:00:00 UTC 2027", "name": "N", "description": "D", "size": 2,
        })
    );
    assert_eq!(
        keys(&item),
        [
            "id",
            "href",
            "state",
            "storage_volume",
            "created",
            "name",
            "description",
            "size"
        ]
    );
    // Cinder's clients see it as theirs, and without metadata.
    let shown = app.show_snapshot(id).await;
    assert_eq!((&shown["name"], &shown["metadata"]), (&json!("N"), &json!({})));
    app.drain().await;

    let path = format!("/api/storage_snapshots/{id}");
    let xml = dc.get(&format!("{path}?format=xml")).await.expect(200);
    assert!(
        xml.text
            .starts_with("<?xml version='1.0' encoding='utf-8' ?>\n<storage_snapshot href='")
    );
    assert_eq!(
        (xml.xml("state"), xml.xml("name")),
        (vec!["available".to_owned()], vec!["N".to_owned()])
    );

    let gone = dc.delete(&path).await;
    // Without a format a program that says nothing gets XML, and so no redirection.
    let gone = gone.expect(204);
    assert_eq!((gone.header("content-type"), &*gone.text), (None, ""));
    assert_eq!(dc.get(&format!("{path}?format=xml")).await.xml("state"), ["deleting"]);
    app.drain().await;
    let message = format!("Snapshot {id} could not be found.");
    dc.get(&path).await.expect_error(404, &message);
    dc.delete(&path).await.expect_error(404, &message);
}

async fn a_volume_lives_and_dies(app: App) {
    let dc = client(&app);
    let made = dc.post("/api/storage_volumes?format=json", &[]).await.expect(201);
    let item = made.json()["storage_volume"].clone();
    let id = item["id"].as_str().unwrap().to_owned();
    assert_eq!(
        keys(&item),
        [
            "id",
            "href",
            "name",
            "description",
            "state",
            "created",
            "realm",
            "device",
            "kind",
            "capacity",
            "actions",
            "instance",
        ]
    );
    assert_eq!(item["capacity"], json!(1));
    assert_eq!(item["name"], json!("Volume2027-01-15 08:00:00 +0000"));
    assert_eq!((&item["state"], &item["instance"]), (&json!("CREATING"), &json!({})));
    app.drain().await;
    let path = format!("/api/storage_volumes/{id}");
    assert_eq!(dc.get(&path).await.xml("state"), ["AVAILABLE"]);

    let attach = json!({"instance_uuid": NOWHERE, "mountpoint": "/dev/vdb"});
    app.api
        .act(&format!("/volumes/{id}"), "os-attach", attach)
        .await
        .expect(202);
    let used = dc.get(&path).await.expect(200);
    assert_eq!(
        (used.xml("state"), used.xml("device")[0].as_str()),
        (vec!["IN-USE".to_owned()], "/dev/vdb")
    );
    assert!(used.text.contains(&format!(
        "<instance href='{}/api/instances/{NOWHERE}' id='{NOWHERE}'>",
        dc.root()
    )));
    let instance = dc.get(&format!("{path}?format=json")).await.json()["storage_volume"]["instance"].clone();
    assert_eq!(keys(&instance), ["id", "href", "rel"]);
    let refused = dc.delete(&path).await.expect(400);
    assert!(refused.xml("message")[0].starts_with("Invalid volume: "), "{refused:?}");
    app.api
        .act(&format!("/volumes/{id}"), "os-detach", json!({}))
        .await
        .expect(202);

    dc.delete(&path).await.expect(204);
    app.drain().await;
    dc.get(&path).await.expect(404);
}

async fn a_volume_starts_as_a_snapshot(app: App) {
    let snapshot = app.snapshot(&app.volume(3).await).await;
    let dc = client(&app);
    let form = [("snapshot_id", &*snapshot), ("realm_id", "nova")];
    let made = dc.post("/api/storage_volumes?format=json", &form).await.expect(201);
    let item = made.json()["storage_volume"].clone();
    assert_eq!(item["capacity"], json!(3));
    let volume = app.show_volume(item["id"].as_str().unwrap()).await;
    assert_eq!(volume["snapshot_id"], json!(snapshot));
    app.drain().await;
    // Any realm means what Cinder's clients mean by none.
    let form = [("capacity", "1"), ("realm_id", "default")];
    dc.post("/api/storage_volumes", &form).await.expect(201);
    app.drain().await;
}

async fn a_name_need_not_be_a_description(app: App) {
    let dc = client(&app);
    let form = [("name", "\u{1f4be} tab\t")];
    let made = dc
        .post("/api/storage_volumes?format=json", &form)
        .await
        .expect(201)
        .json();
    let volume = app.show_volume(made["storage_volume"]["id"].as_str().unwrap()).await;
    assert_eq!(
        (&volume["name"], &volume["description"]),
        (&json!("\u{1f4be} tab"), &json!(null))
    );
    app.drain().await;
}

async fn small_collections(app: App) {
    let dc = client(&app);
    for path in [
        "/api/drivers",
        "/api/drivers/openstack",
        "/api/instance_states",
        "/api/docs",
        "/api/docs/realms/show",
    ] {
        Answer::to(dc.anonymous(Method::GET, path)).await.expect(200);
    }
    let drivers = dc.get("/api/drivers?format=json").await.json();
    assert_eq!(drivers, json!({"openstack": {"name": "Openstack"}}));
    let nothing = dc.get("/api/drivers/mock").await.expect(404);
    assert_eq!(nothing.text, "");
    assert_eq!(dc.ids("realms").await, ["default", "nova"]);
    assert_eq!(dc.get("/api/realms?id=nova").await.xml("name"), ["nova"]);
    assert_eq!(dc.get("/api/realms?id=mars").await.text.matches("realm").count(), 2);
    dc.get("/api/realms/mars").await.expect_error(404, "Not Found");
    // Each address that is handed out answers.
    for href in dc.get("/api?format=json").await.json()["api"]["links"]
        .as_array()
        .unwrap()
    {
        let path = href["href"]
            .as_str()
            .unwrap()
            .strip_prefix(dc.root())
            .unwrap()
            .to_owned();
        dc.get(&path).await.expect(200);
    }
}

async fn times_can_be_written_as_cinder_does(app: App) {
    app.snapshot(&app.volume(1).await).await;
    let created = client(&app).get("/api/storage_snapshots").await.xml("created");
    assert_eq!(created, ["2027-01-15T08:00:00.000000"]);
}

async fn a_quota_is_told_as_403(app: App) {
    let volume = app.volume(1).await;
    app.snapshot(&volume).await;
    let answer = client(&app)
        .post("/api/storage_snapshots", &[("volume_id", &volume)])
        .await;
    answer.expect_error(
        403,
        "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded",
    );
}
