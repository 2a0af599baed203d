//! What is wrong changes nothing.

use reqwest::{Method, RequestBuilder};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Answer, Client, client};
use crate::support::App;

api_suite!(
    nothing_wrong_changes_anything["server.max_request_body_size" = "2000"],
    wrong_credentials,
    a_request_without_a_host,
);

async fn nothing_wrong_changes_anything(app: App) {
    let volume = app.volume(1).await;
    let dc = client(&app);
    let before = app.everything().await;
    let long = "n".repeat(256);
    let huge = "h".repeat(3000);
    let many: Vec<_> = (0..101).map(|number| format!("p{number}=")).collect();
    let create = |dc: &Client, body: String| form(dc, "/api/storage_snapshots", body);
    for (request, status) in [
        (create(&dc, format!("volume_id={volume}&name=a%00b")), 400),
        (create(&dc, format!("volume_id={volume}&name=bell%07")), 400),
        (create(&dc, format!("volume_id={volume}&name={long}")), 400),
        (create(&dc, format!("volume_id={volume}&description=a%0Ab")), 400),
        (create(&dc, format!("volume_id={volume}&name=%ff")), 400),
        (create(&dc, format!("volume_id={volume}&name={huge}")), 400),
        (create(&dc, format!("volume_id={volume}&{}", many.join("&"))), 400),
        (
            dc.request(Method::GET, &format!("/api/storage_volumes?{}", many.join("&"))),
            400,
        ),
        // What is wrong with the path is said first, and nobody reads on.
        (form(&dc, "/api/nothing", huge.clone()), 404),
        (form(&dc, "/api/nothing?x=%ff", String::new()), 404),
        // Of a description that nobody has given, nothing is said.
        (create(&dc, format!("volume_id={long}")), 404),
        (create(&dc, "volume_id=a%0Ab".to_owned()), 404),
        (create(&dc, "volume_id=".to_owned()), 404),
        (create(&dc, "volume_id=../../etc".to_owned()), 404),
        (create(&dc, "name=x".to_owned()), 400),
        (
            form(&dc, "/api/storage_snapshots?format=gif", format!("volume_id={volume}")),
            406,
        ),
        (
            form(&dc, "/api/storage_snapshots?name=%ff", format!("volume_id={volume}")),
            400,
        ),
        (form(&dc, "/api/storage_volumes", "capacity=0".to_owned()), 400),
        (form(&dc, "/api/storage_volumes", "capacity=-1".to_owned()), 400),
        (form(&dc, "/api/storage_volumes", "capacity=1.5".to_owned()), 400),
        (form(&dc, "/api/storage_volumes", "capacity=many".to_owned()), 400),
        (
            form(&dc, "/api/storage_volumes", "capacity=99999999999999".to_owned()),
            400,
        ),
        (form(&dc, "/api/storage_volumes", "realm_id=mars".to_owned()), 400),
        (form(&dc, "/api/storage_volumes", "snapshot_id=nope".to_owned()), 404),
        (dc.request(Method::DELETE, "/api/storage_volumes/nope"), 404),
        (dc.request(Method::DELETE, "/api/storage_volumes/..%2F..%2Fetc"), 404),
        (dc.request(Method::DELETE, "/api/storage_snapshots"), 404),
        (dc.request(Method::PUT, &format!("/api/storage_volumes/{volume}")), 404),
        (
            create(&dc, "--x\r\nno part".to_owned()).header("Content-Type", "multipart/form-data; boundary=x"),
            400,
        ),
    ] {
        let asked = format!("{request:?}");
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, status, "{asked}: {answer:?}");
    }
    assert_eq!(app.everything().await, before);
}

fn form(dc: &Client, path: &str, body: String) -> RequestBuilder {
    dc.request(Method::POST, path).body(body)
}

async fn wrong_credentials(app: App) {
    let dc = client(&app);
    let path = "/api/storage_snapshots/x";
    let with = |header: &str| dc.anonymous(Method::GET, path).header("Authorization", header);
    // "abc", which has no colon.
    for request in [
        dc.anonymous(Method::GET, path),
        with("Basic YWJj"),
        with("Basic ??"),
        with("Bearer x"),
    ] {
        let answer = Answer::to(request).await.expect_error(401, "Unauthorized");
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Basic realm=\"openstack-deltacloud@127.0.0.1\"")
        );
    }
    let answer = dc.log_in("", "x").get(path).await;
    let answer = answer.expect_error(401, "Error: you must supply the username");
    assert_eq!(answer.header("www-authenticate"), None);
    let words = "Error: expected \"username+tenantname\" as username, you provided: demo";
    dc.log_in("demo", "x").get(path).await.expect_error(400, words);
    // Lists tell nothing but the standard words.
    dc.log_in("demo", "x")
        .get("/api/storage_snapshots")
        .await
        .expect_error(400, "Bad Request");
    dc.log_in("a+b+c", "x").get("/api").await.expect(400);
}

async fn a_request_without_a_host(app: App) {
    let address = app.api.root().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /api HTTP/1.0\r\n\r\n").await.unwrap();
    let mut text = String::new();
    connection.read_to_string(&mut text).await.unwrap();
    assert!(
        text.starts_with("HTTP/1.0 400") && text.ends_with("Unable to find HTTP Host header"),
        "{text}"
    );
}
