//! Who is asking, for which project, and what that project sees.

use reqwest::Method;
use serde_json::json;

use crate::support::{App, Client, OTHER, PROJECT, Reply, USER, column, text};

api_suite!(
    the_project_in_the_url_must_be_the_tokens,
    the_url_need_not_name_a_project,
    the_most_explicit_project_wins,
    a_request_without_any_project_is_the_admins,
    lists_show_the_own_project_and_ids_reach_any,
);

/// What a volume created by this request says about user and project.
async fn creator(app: &App, client: &Client, headers: &[(&str, &str)]) -> (String, String) {
    let mut request = client
        .request(Method::POST, "/volumes")
        .json(&json!({"volume": {"size": 1}}));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let volume = Reply::to(request).await.expect(202).part("volume");
    let volume = app.show_volume(text(&volume, "id")).await;
    let project = text(&volume, "os-vol-tenant-attr:tenant_id").to_owned();
    (text(&volume, "user_id").to_owned(), project)
}

async fn the_project_in_the_url_must_be_the_tokens(app: App) {
    let client = app.api.below(&format!("/v3/{OTHER}"));
    let before = app.everything().await;
    client
        .get("/snapshots")
        .await
        .expect_fault(400, "Malformed request url");
    client
        .delete("/snapshots/nope")
        .await
        .expect_fault(400, "Malformed request url");
    let body = json!({"volume": {"size": 1}});
    client
        .post("/volumes", body)
        .await
        .expect_fault(400, "Malformed request url");
    // What looks like a project id is one.
    let client = app.api.below("/v3");
    client
        .get("/abc/snapshots")
        .await
        .expect_fault(400, "Malformed request url");
    assert_eq!(app.everything().await, before);
}

async fn the_url_need_not_name_a_project(app: App) {
    let snapshot = app.snapshot(&app.volume(1).await).await;
    let client = app.api.below("/v3");
    for version in ["3.0", "3.66", "3.67", "3.71"] {
        let client = client.at(version);
        let list = client.get("/snapshots?limit=1").await.expect(200).json();
        assert_eq!(column(&list["snapshots"], "id"), [snapshot.as_str()]);
        let link = format!("{}/v3/snapshots?limit=1&marker={snapshot}", client.root());
        assert_eq!(text(&list["snapshots_links"][0], "href"), link);
        client.get(&format!("/snapshots/{snapshot}")).await.expect(200);
    }
    let volume = client.get("/volumes").await.expect(200).part("volumes")[0].take();
    let (root, id) = (client.root(), text(&volume, "id"));
    assert_eq!(
        column(&volume["links"], "href"),
        [format!("{root}/v3/volumes/{id}"), format!("{root}/volumes/{id}")]
    );
}

async fn the_most_explicit_project_wins(app: App) {
    let pair = |user: &str, project: &str| (user.to_owned(), project.to_owned());
    let nowhere = app.api.below("/v3");
    let in_url = app.api.below(&format!("/v3/{OTHER}"));
    let header = [("X-Project-Id", OTHER)];

    // The token, if it names one.
    assert_eq!(creator(&app, &nowhere, &header).await, pair(USER, PROJECT));
    let stored = [("X-Storage-Token", "other:abc"), ("X-Project-Id", OTHER)];
    assert_eq!(creator(&app, &nowhere.anonymous(), &stored).await, pair("other", "abc"));
    // Else the header, whatever the token is.
    for client in [
        nowhere.token("notused"),
        nowhere.token("x:"),
        nowhere.anonymous(),
        in_url.token("notused"),
    ] {
        assert_eq!(creator(&app, &client, &header).await, pair("admin", OTHER));
    }
    // Else the URL.
    for client in [in_url.token("notused"), in_url.anonymous()] {
        assert_eq!(creator(&app, &client, &[]).await, pair("admin", OTHER));
    }
    // A header that contradicts the URL is believed, and then the URL is wrong.
    let request = in_url
        .anonymous()
        .request(Method::GET, "/volumes")
        .header("X-Project-Id", PROJECT);
    Reply::to(request).await.expect_fault(400, "Malformed request url");
}

async fn a_request_without_any_project_is_the_admins(app: App) {
    let client = app.api.below("/v3").anonymous();
    let (user, project) = creator(&app, &client, &[]).await;
    assert_eq!((user.as_str(), project.as_str()), ("admin", "admin"));
}

async fn lists_show_the_own_project_and_ids_reach_any(app: App) {
    let own = app.snapshot(&app.volume(1).await).await;
    let stranger = app.api.of("stranger", OTHER);
    for path in ["/snapshots", "/snapshots/detail", "/volumes", "/volumes/detail"] {
        let key = if path.starts_with("/s") { "snapshots" } else { "volumes" };
        assert_eq!(stranger.get(path).await.expect(200).part(key), json!([]));
        let reply = stranger.get(&format!("{path}?all_tenants=1")).await.expect(200);
        assert_eq!(reply.part(key).as_array().unwrap().len(), 1);
    }
    let path = format!("/snapshots/{own}");
    let seen = stranger.get(&path).await.expect(200).part("snapshot");
    assert_eq!(text(&seen, "os-extended-snapshot-attributes:project_id"), PROJECT);
    stranger
        .put(&path, json!({"snapshot": {"name": "renamed"}}))
        .await
        .expect(200);
    stranger
        .post(&format!("{path}/metadata"), json!({"metadata": {"a": "b"}}))
        .await
        .expect(200);
    // A marker may be anybody's too.
    stranger.get(&format!("/snapshots?marker={own}")).await.expect(200);
    stranger.delete(&path).await.expect_bare(202);
    app.drain().await;
    app.api
        .get(&path)
        .await
        .expect_fault(404, &format!("Snapshot {own} could not be found."));
}
