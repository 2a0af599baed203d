//! What each call answers, by the contract.

use md5::{Digest as _, Md5};
use reqwest::Method;
use serde_json::json;

use super::{Answer, client};
use crate::support::{App, NOWHERE, keys};

api_suite!(
    a_snapshot_lives_and_dies,
    a_volume_lives_and_dies,
    a_volume_starts_as_a_snapshot,
    parameters_come_from_everywhere,
    what_is_missing_is_a_plain_sentence,
    an_empty_parameter_is_there,
    paths_and_methods_that_there_are_not,
    browsers_delete_by_post,
    options_tell_what_there_is,
    every_answer_names_the_server,
    links_follow_the_request,
    links_follow_the_settings["server.public_endpoint" = "https://cloud.example/volume"],
    the_base_path_is_a_setting["deltacloud.base_path" = "/cloud/api"],
    it_can_be_switched_off["deltacloud.enabled" = "false"],
    small_collections,
    times_can_be_written_as_cinder_does["deltacloud.dates" = "iso8601"],
    a_quota_is_told_as_403["quota.snapshots" = "1"],
    other_drivers_are_not_available,
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

async fn parameters_come_from_everywhere(app: App) {
    let (volume, other) = (app.volume(1).await, app.volume(1).await);
    let dc = client(&app);
    let volume_of = |answer: &Answer| answer.json()["storage_snapshot"]["storage_volume"]["id"].clone();
    // The Ruby client: everything in the query, and an empty body.
    let path = format!("/api/storage_snapshots?format=json&volume_id={volume}");
    let made = Answer::to(dc.request(Method::POST, &path).header("Content-Length", "0")).await;
    assert_eq!(volume_of(&made.expect(201)), json!(volume));
    // A form counts more than the query; of repeated names the last one.
    let made = dc.post(&path, &[("volume_id", "nope"), ("volume_id", &other)]).await;
    assert_eq!(volume_of(&made.expect(201)), json!(other));
    // No type at all is a form.
    let bare = dc.request(Method::POST, "/api/storage_snapshots?format=json");
    let made = Answer::to(bare.body(format!("volume_id={other}&commit=Create"))).await;
    assert_eq!(volume_of(&made.expect(201)), json!(other));
    let parts = format!("--x\r\nContent-Disposition: form-data; name=\"volume_id\"\r\n\r\n{volume}\r\n--x--\r\n");
    let multipart = dc
        .request(Method::POST, "/api/storage_snapshots?format=json")
        .header("Content-Type", "multipart/form-data; boundary=x");
    assert_eq!(
        volume_of(&Answer::to(multipart.body(parts)).await.expect(201)),
        json!(volume)
    );
    app.drain().await;
}

async fn what_is_missing_is_a_plain_sentence(app: App) {
    let dc = client(&app);
    for path in [
        "/api/storage_snapshots?format=json&name=x",
        "/api/storage_snapshots?format=html&name=x",
    ] {
        let answer = dc.post(path, &[("description", "y")]).await.expect(400);
        assert_eq!(answer.header("content-type"), Some("text/html;charset=utf-8"));
        assert_eq!(
            answer.text,
            "Required parameter 'volume_id' not found in [format,name,description]"
        );
    }
    // Even to a stranger: what is wrong without knowing who asks is said first.
    Answer::to(dc.anonymous(Method::POST, "/api/storage_snapshots"))
        .await
        .expect(400);
    for kind in ["text/plain", "application/json"] {
        let request = dc
            .request(Method::POST, "/api/storage_snapshots")
            .header("Content-Type", kind);
        Answer::to(request.body("volume_id=v")).await.expect(400);
    }
}

async fn an_empty_parameter_is_there(app: App) {
    let dc = client(&app);
    let answer = dc.post("/api/storage_snapshots", &[("volume_id", "")]).await;
    let answer = answer.expect_error(404, "Volume  could not be found.");
    assert_eq!(answer.xml("param"), ["\"\""]);
    let volume = app.volume(1).await;
    let form = [("volume_id", &*volume), ("name", ""), ("description", "")];
    let made = dc
        .post("/api/storage_snapshots?format=json", &form)
        .await
        .expect(201)
        .json();
    let id = made["storage_snapshot"]["id"].as_str().unwrap();
    assert_eq!(app.show_snapshot(id).await["name"], json!(""));
    // Clients want a name.
    assert_eq!(dc.get(&format!("/api/storage_snapshots/{id}")).await.xml("name"), [id]);
    app.drain().await;
}

async fn paths_and_methods_that_there_are_not(app: App) {
    let dc = client(&app);
    for (method, path) in [
        (Method::GET, "/api/storage_snapshots/"),
        (Method::GET, "/api/storage_snapshots/a/b"),
        (Method::GET, "/api/instances"),
        (Method::PUT, "/api/storage_snapshots/a"),
        (Method::PATCH, "/api/storage_snapshots/a"),
        (Method::POST, "/api/storage_snapshots/a"),
        (Method::DELETE, "/api/storage_snapshots"),
        (Method::POST, "/api/realms"),
        (Method::DELETE, "/api/realms/nova"),
        (Method::POST, "/api/storage_volumes/a/attach"),
        (Method::GET, "/api/docs/nothing"),
        (Method::GET, "/api/instance_states/start"),
        (Method::OPTIONS, "/api/storage_snapshots/some-id"),
    ] {
        let answer = Answer::to(dc.anonymous(method.clone(), path)).await;
        assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/html;charset=utf-8"), "{path}");
        assert_eq!(answer.header("x-cascade"), Some("pass"), "{path}");
    }
    // The next door is not Deltacloud's.
    let other = Answer::to(dc.anonymous(Method::GET, "/apis")).await.expect(404);
    assert_eq!(other.header("x-deltacloud-driver"), None);
}

async fn browsers_delete_by_post(app: App) {
    let volume = app.volume(1).await;
    let dc = client(&app);
    let list = format!("{}/api/storage_snapshots", dc.root());
    let snapshot = app.snapshot(&volume).await;
    let path = format!("/api/storage_snapshots/{snapshot}");
    let answer = dc
        .post(&format!("{path}?format=html"), &[("_method", "delete")])
        .await
        .expect(303);
    assert_eq!(answer.header("location"), Some(&*list));
    assert_eq!(app.snapshot_status(&snapshot).await, "deleting");
    app.drain().await;

    let snapshot = app.snapshot(&volume).await;
    let path = format!("/api/storage_snapshots/{snapshot}");
    let foreign = |name: &str, value: &str| {
        let request = dc.request(Method::POST, &path).header(name, value);
        request.header("X-HTTP-Method-Override", "DELETE")
    };
    // Another site's page must not use the password that the browser knows.
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
    ] {
        Answer::to(foreign(name, value))
            .await
            .expect_error(403, "A page of another site sent this.");
    }
    Answer::to(foreign("Origin", dc.root())).await.expect(204);
    app.drain().await;
}

async fn options_tell_what_there_is(app: App) {
    let dc = client(&app);
    for (path, allow) in [
        (
            "/api",
            Some("drivers,instance_states,realms,storage_snapshots,storage_volumes"),
        ),
        ("/api/storage_snapshots", Some("OPTIONS,GET,POST,DELETE")),
        ("/api/realms", Some("OPTIONS,GET")),
        ("/api/storage_snapshots/index", None),
        ("/api/storage_snapshots/show", Some("id:string:required")),
        (
            "/api/storage_snapshots/create",
            Some("volume_id:string:required,name:string:optional,description:string:optional"),
        ),
    ] {
        let answer = Answer::to(dc.anonymous(Method::OPTIONS, path)).await.expect(200);
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

async fn every_answer_names_the_server(app: App) {
    let dc = client(&app);
    for path in [
        "/api",
        "/api/storage_snapshots",
        "/api/storage_snapshots/x",
        "/api/nothing",
        "/api/docs",
    ] {
        let answer = dc.get(path).await;
        assert_eq!(answer.header("server"), Some("Apache-Deltacloud/1.1.3"), "{path}");
        assert_eq!(answer.header("x-deltacloud-driver"), Some("openstack"), "{path}");
        assert_eq!(answer.header("x-deltacloud-provider"), None, "{path}");
        assert!(answer.header("x-openstack-request-id").is_some(), "{path}");
    }
    let chosen = Answer::to(
        dc.request(Method::GET, "/api")
            .header("X-Deltacloud-Provider", "http://K/v2.0;R1"),
    )
    .await;
    assert_eq!(chosen.header("x-deltacloud-provider"), Some("http://k/v2.0;r1"));
    assert!(
        chosen
            .text
            .starts_with("<api driver='openstack' provider='http://k/v2.0;r1' version='1.1.3'>")
    );
    assert_eq!(
        dc.get("/api;provider=P9").await.header("x-deltacloud-provider"),
        Some("p9")
    );

    let list = dc.get("/api/storage_snapshots").await.expect(200);
    let digest = Md5::digest(list.text.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(list.header("etag"), Some(&*format!("\"{digest}\"")));
    assert!(list.header("x-backend-runtime").unwrap().parse::<f64>().unwrap() >= 0.0);
    let head = Answer::to(dc.request(Method::HEAD, "/api/storage_snapshots"))
        .await
        .expect(200);
    assert_eq!(head.header("content-length"), Some(&*list.text.len().to_string()));
}

async fn links_follow_the_request(app: App) {
    let dc = client(&app);
    let request = dc
        .request(Method::GET, "/api")
        .header("X-Forwarded-Host", "cloud.example")
        .header("X-Forwarded-Proto", "https");
    let answer = Answer::to(request).await.expect(200);
    assert!(
        answer
            .text
            .contains("<link href='https://cloud.example/api/storage_snapshots' rel='storage_snapshots'>")
    );
}

async fn links_follow_the_settings(app: App) {
    let answer = client(&app).get("/api").await.expect(200);
    assert!(
        answer
            .text
            .contains("<link href='https://cloud.example/volume/api/realms' rel='realms'>")
    );
}

async fn the_base_path_is_a_setting(app: App) {
    let dc = client(&app);
    let answer = dc.get("/cloud/api").await.expect(200);
    assert!(answer.text.contains(&format!("href='{}/cloud/api/realms'", dc.root())));
    dc.get("/cloud/api/storage_snapshots").await.expect(200);
    let answer = dc.get("/api").await.expect(404);
    assert_eq!(answer.header("server"), None);
}

async fn it_can_be_switched_off(app: App) {
    let answer = client(&app).get("/api").await.expect(404);
    assert_eq!(answer.header("server"), None);
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

async fn other_drivers_are_not_available(app: App) {
    let dc = client(&app);
    for request in [
        dc.request(Method::GET, "/api/storage_snapshots")
            .header("X-Deltacloud-Driver", "EC2"),
        dc.request(Method::GET, "/api/storage_snapshots?api[driver]=ec2"),
        dc.request(Method::GET, "/api;driver=ec2/storage_snapshots"),
    ] {
        let answer = Answer::to(request).await.expect(500);
        assert!(
            answer.xml("message")[0].starts_with("Driver 'ec2' is not available ("),
            "{answer:?}"
        );
    }
    // Where nothing is chosen it means nothing.
    dc.get("/api/storage_snapshots;driver=ec2").await.expect(200);
    let moved = dc.post("/api", &[("driver", "mock")]).await.expect(301);
    assert_eq!(
        moved.header("location"),
        Some(&*format!("{}/api;driver=mock", dc.root()))
    );
}
