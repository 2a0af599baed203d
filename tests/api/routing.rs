//! Which paths exist, and what the others answer.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use reqwest::{Method, header::ACCEPT};

use crate::support::{App, NOT_FOUND, NOWHERE, PROJECT, Reply, text};

api_suite!(
    unknown_paths_and_methods_are_one_kind_of_404,
    the_404_has_the_form_that_accept_asks_for,
    a_trailing_slash_is_another_path,
    doubled_slashes_before_a_name_count_once,
    a_json_suffix_is_ignored,
    the_router_knows_new_and_edit,
    head_is_not_routed,
    options_is_answered_before_routing,
    what_accept_says_does_not_matter_to_an_answer,
);

/// As a client that accepts JSON.
async fn ask(app: &App, method: Method, path: &str) -> Reply {
    Reply::to(app.api.request(method, path).header(ACCEPT, "application/json")).await
}

async fn unknown_paths_and_methods_are_one_kind_of_404(app: App) {
    let snapshot = format!("/snapshots/{NOWHERE}");
    let volume = format!("/volumes/{NOWHERE}");
    for (method, path) in [
        (Method::GET, "/nosuchthing"),
        (Method::PUT, "/snapshots"),
        (Method::DELETE, "/snapshots"),
        (Method::PATCH, "/snapshots"),
        (Method::POST, "/snapshots/detail"),
        (Method::GET, "/snapshots/detail/x"),
        (Method::PATCH, &snapshot),
        (Method::POST, &snapshot),
        (Method::GET, &format!("{snapshot}/action")),
        (Method::PUT, &format!("{snapshot}/action")),
        (Method::DELETE, &format!("{snapshot}/metadata")),
        (Method::PATCH, &format!("{snapshot}/metadata")),
        (Method::POST, &format!("{snapshot}/metadata/k")),
        (Method::GET, &format!("{snapshot}/metadata/k/more")),
        (Method::GET, &format!("{snapshot}/nosuchthing")),
        (Method::PUT, "/volumes"),
        (Method::PATCH, &volume),
        (Method::GET, &format!("{volume}/action")),
        (Method::DELETE, &format!("{volume}/metadata")),
        (Method::POST, "/limits"),
        (Method::GET, &format!("/os-quota-sets/{PROJECT}/detail")),
        (Method::POST, "/messages"),
        (Method::GET, "/backups"),
        (Method::GET, "/attachments"),
        (Method::TRACE, "/snapshots"),
        (Method::from_bytes(b"PROPFIND").unwrap(), "/snapshots"),
    ] {
        ask(&app, method, path).await.expect_no_route();
    }
    // An odd project id is no project id, and then the rest is no path.
    for prefix in ["/v3/not-hex", "/v3/0123456789ABCDEF", "/v3/demo"] {
        let request = app.api.below(prefix).request(Method::GET, "/snapshots");
        Reply::to(request.header(ACCEPT, "application/json"))
            .await
            .expect_no_route();
    }
}

async fn the_404_has_the_form_that_accept_asks_for(app: App) {
    for accept in ["*/*", "text/html"] {
        let request = app.api.request(Method::GET, "/nosuchthing").header(ACCEPT, accept);
        let reply = Reply::to(request).await.expect(404);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=UTF-8"));
        assert_eq!(
            reply.text,
            "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  \
             The resource could not be found.<br /><br />\n\n\n\n </body>\n</html>"
        );
    }
    let text = "404 Not Found\n\nThe resource could not be found.\n\n   ";
    let request = app
        .api
        .request(Method::GET, "/nosuchthing")
        .header(ACCEPT, "application/xml");
    let reply = Reply::to(request).await.expect(404);
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=UTF-8"));
    assert_eq!(reply.text, text);

    // reqwest always sends the header.
    let address = app.api.root().strip_prefix("http://").unwrap().to_owned();
    let raw = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "GET /v3/nosuchthing HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut raw = String::new();
        stream.read_to_string(&mut raw).unwrap();
        raw
    });
    let raw = raw.await.unwrap();
    assert!(
        raw.starts_with("HTTP/1.1 404 ") && raw.ends_with(&format!("\r\n\r\n{text}")),
        "{raw:?}"
    );
}

async fn a_trailing_slash_is_another_path(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    for path in [
        "/snapshots".to_owned(),
        "/snapshots/detail".to_owned(),
        format!("/snapshots/{snapshot}"),
        format!("/snapshots/{snapshot}/metadata"),
        "/volumes".to_owned(),
        format!("/volumes/{volume}"),
        "/limits".to_owned(),
        "/extensions".to_owned(),
    ] {
        app.api.get(&path).await.expect(200);
        ask(&app, Method::GET, &format!("{path}/")).await.expect_no_route();
    }
    ask(&app, Method::DELETE, "/snapshots/").await.expect_no_route();
}

async fn doubled_slashes_before_a_name_count_once(app: App) {
    let volume = app.volume(1).await;
    let root = app.api.below("");
    for path in [
        format!("/v3/{PROJECT}//volumes"),
        "/v3//volumes".to_owned(),
        "//v3/volumes".to_owned(),
        format!("/v3/{PROJECT}///volumes//{volume}"),
    ] {
        root.get(&path).await.expect(200);
    }
    let request = app
        .api
        .request(Method::GET, "/volumes//")
        .header(ACCEPT, "application/json");
    Reply::to(request).await.expect_no_route();
}

async fn a_json_suffix_is_ignored(app: App) {
    let snapshot = app.snapshot(&app.volume(1).await).await;
    for path in [
        "/snapshots",
        "/snapshots/detail",
        "/volumes",
        &format!("/snapshots/{snapshot}"),
    ] {
        let plain = app.api.get(path).await.expect(200);
        let suffixed = app.api.get(&format!("{path}.json")).await.expect(200);
        assert_eq!(plain.text, suffixed.text);
    }
    let page = app.api.get("/snapshots.json?limit=1").await.expect(200).json();
    let link = text(&page["snapshots_links"][0], "href");
    assert!(link.contains("/snapshots?limit=1&marker="), "{link}");
}

async fn the_router_knows_new_and_edit(app: App) {
    for path in ["/snapshots/new", &format!("/snapshots/{NOWHERE}/edit")] {
        app.api.get(path).await.expect_fault(404, NOT_FOUND);
    }
    let text = "Snapshot detail could not be found.";
    app.api.delete("/snapshots/detail").await.expect_fault(404, text);
}

async fn head_is_not_routed(app: App) {
    for path in ["/snapshots", "/volumes/detail", "/limits", "/nosuchthing"] {
        let reply = Reply::to(app.api.request(Method::HEAD, path)).await.expect(404);
        assert_eq!(reply.header("openstack-api-version"), None);
        assert_eq!(reply.text, "");
    }
}

async fn options_is_answered_before_routing(app: App) {
    for path in [
        "/",
        "/v3",
        "/v3/snapshots",
        "/v3/not-hex/nosuchthing",
        "/nosuchthing",
        "/healthcheck",
    ] {
        let request = app.at("3.72").anonymous().below("").request(Method::OPTIONS, path);
        let reply = Reply::to(request).await.expect(200);
        assert_eq!(reply.text, "");
        assert_eq!(reply.header("openstack-api-version"), None);
    }
}

async fn what_accept_says_does_not_matter_to_an_answer(app: App) {
    for accept in [
        "*/*",
        "text/html",
        "application/xml",
        "application/vnd.openstack.volume+json",
        "nonsense",
    ] {
        let request = app.api.request(Method::GET, "/snapshots").header(ACCEPT, accept);
        let reply = Reply::to(request).await.expect(200);
        assert_eq!(reply.text, r#"{"snapshots": []}"#);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        // The vendor's type closes Cinder's connection here.
        let request = app
            .api
            .request(Method::GET, &format!("/snapshots/{NOWHERE}"))
            .header(ACCEPT, accept);
        let text = format!("Snapshot {NOWHERE} could not be found.");
        Reply::to(request).await.expect_fault(404, &text);
    }
}
