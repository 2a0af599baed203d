//! Paths, methods, parameters, headers and links: how requests are read and answers dressed.

use md5::{Digest as _, Md5};
use reqwest::Method;
use serde_json::json;

use super::{Answer, client};
use crate::support::App;

api_suite!(
    parameters_come_from_everywhere,
    what_is_missing_is_a_plain_sentence,
    an_empty_parameter_is_there,
    paths_and_methods_that_there_are_not,
    forms_go_to_where_the_page_came_from,
    only_what_is_written_so_is_deltaclouds,
    browsers_delete_by_post,
    options_tell_what_there_is,
    every_answer_names_the_server,
    links_follow_the_request,
    hosts_in_links,
    links_follow_the_settings["server.public_endpoint" = "https://cloud.example/volume"],
    the_base_path_is_a_setting["deltacloud.base_path" = "/cloud/api"],
    it_can_be_switched_off["deltacloud.enabled" = "false"],
    other_drivers_are_not_available,
);

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

async fn forms_go_to_where_the_page_came_from(app: App) {
    let volume = app.volume(1).await;
    let dc = client(&app);
    let page = |path: &str| Answer::to(dc.accepting("text/html", path));
    for (path, action) in [
        ("/api/storage_volumes/new".to_owned(), "../storage_volumes".to_owned()),
        (
            "/api/storage_snapshots/new".to_owned(),
            "../storage_snapshots".to_owned(),
        ),
        (
            format!("/api/storage_volumes/{volume}"),
            format!("../storage_volumes/{volume}"),
        ),
    ] {
        let page = page(&path).await.expect(200);
        assert!(page.text.contains(&format!("action=\"{action}\"")), "{page:?}");
    }
    // The page that answers a form is at the form's address.
    let made = dc
        .post("/api/storage_snapshots?format=html", &[("volume_id", &volume)])
        .await
        .expect(201);
    assert!(made.text.contains("action=\"storage_snapshots/"), "{made:?}");
    app.drain().await;
    // What is at work cannot be deleted, and has no button for that.
    dc.delete(&format!(
        "/api/storage_snapshots/{}",
        dc.ids("storage_snapshots").await[0]
    ))
    .await
    .expect(204);
    app.drain().await;
    dc.delete(&format!("/api/storage_volumes/{volume}")).await.expect(204);
    let page = page(&format!("/api/storage_volumes/{volume}")).await.expect(200);
    assert!(!page.text.contains("_method"), "{page:?}");
    app.drain().await;
}

async fn only_what_is_written_so_is_deltaclouds(app: App) {
    let dc = client(&app);
    for path in ["/api.json", "//api", "/x/%2Fapi", "/api%2Frealms"] {
        let answer = Answer::to(dc.anonymous(Method::GET, path)).await;
        assert_eq!(
            (answer.status, answer.header("x-deltacloud-driver")),
            (404, None),
            "{path}: {answer:?}"
        );
    }
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
    // The address of the links, and the one that was asked: a proxy need not tell everything.
    let proxied = |origin: &str| foreign("Origin", origin).header("X-Forwarded-Host", "cloud.example:80");
    Answer::to(proxied("http://evil.example")).await.expect(403);
    let create = dc
        .request(Method::POST, "/api/storage_volumes")
        .header("Sec-Fetch-Site", "same-site");
    Answer::to(create).await.expect(403);
    Answer::to(proxied("http://cloud.example")).await.expect(204);
    app.drain().await;
    let snapshot = app.snapshot(&volume).await;
    let path = format!("/api/storage_snapshots/{snapshot}");
    let own = dc.request(Method::DELETE, &path).header("Origin", dc.root());
    Answer::to(own.header("X-Forwarded-Host", "cloud.example"))
        .await
        .expect(204);
    app.drain().await;
    let snapshot = app.snapshot(&volume).await;
    let own = dc.request(Method::DELETE, &format!("/api/storage_snapshots/{snapshot}"));
    Answer::to(own.header("Sec-Fetch-Site", "same-origin"))
        .await
        .expect(204);
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
    let digest = u128::from_be_bytes(Md5::digest(list.text.as_bytes()).into());
    assert_eq!(list.header("etag"), Some(&*format!("\"{digest:032x}\"")));
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

async fn hosts_in_links(app: App) {
    let dc = client(&app);
    for (host, base, realm) in [
        ("h:80", "http://h", "h"),
        ("h:443", "http://h:443", "h"),
        ("[::1]:8776", "http://[::1]:8776", "[::1]"),
    ] {
        let answer = Answer::to(dc.anonymous(Method::GET, "/api").header("X-Forwarded-Host", host)).await;
        let expected = format!("Basic realm=\"openstack-deltacloud@{realm}\"");
        assert_eq!(answer.expect(401).header("www-authenticate"), Some(&*expected));
        let request = dc.request(Method::GET, "/api").header("X-Forwarded-Host", host);
        assert!(
            Answer::to(request)
                .await
                .text
                .contains(&format!("href='{base}/api/realms'")),
            "{host}"
        );
    }
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
    // A POST says what it wants in its form, and nothing in its path.
    let volume = app.volume(1).await;
    dc.post("/api;driver=ec2/storage_snapshots", &[("volume_id", &volume)])
        .await
        .expect(201);
    app.drain().await;
    // Where nothing is chosen it means nothing.
    dc.get("/api/storage_snapshots;driver=ec2").await.expect(200);
    let moved = dc.post("/api", &[("driver", "mock")]).await.expect(301);
    assert_eq!(
        moved.header("location"),
        Some(&*format!("{}/api;driver=mock", dc.root()))
    );
}
