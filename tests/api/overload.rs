//! More than there is room for, and clients that take their time.

use reqwest::{Method, Response};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{App, PROJECT};

api_suite!(
    what_there_is_no_room_for_is_refused_in_the_words_of_its_front["server.max_requests" = "1"],
    slow_clients_are_given_up["server.client_timeout" = "1"],
    idle_connections_do_not_keep_others_out["server.max_connections" = "8"],
    whoever_does_not_read_is_in_nobodys_way["server.max_unsent" = "1048576"],
    whoever_stops_reading_is_given_up["server.client_timeout" = "1"],
);

/// A connection of a client that does as it likes.
async fn connect(app: &App) -> TcpStream {
    let address = app.api.root().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// A request, with more lines of its head.
fn head(method: &str, path: &str, more: &str) -> String {
    format!("{method} /v3/{PROJECT}{path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: demo:{PROJECT}\r\n{more}\r\n")
}

/// The beginning of a create request whose body does not come.
async fn hang(app: &App) -> TcpStream {
    let mut client = connect(app).await;
    let head = head(
        "POST",
        "/snapshots",
        "Content-Type: application/json\r\nContent-Length: 2\r\n",
    );
    client.write_all(head.as_bytes()).await.unwrap();
    client
}

/// What comes until the server closes the connection; a reset is an end, too.
async fn rest(client: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _reset = client.read_to_end(&mut all).await;
    String::from_utf8(all).unwrap()
}

async fn get(app: &App, path: &str) -> Response {
    app.api.request(Method::GET, path).send().await.unwrap()
}

/// Asks until the answer has this status. What decides it happens on other connections, which nobody here sees.
async fn ask_until(app: &App, path: &str, status: u16) -> Response {
    for _ in 0..100_000 {
        let answer = get(app, path).await;
        if answer.status() == status {
            return answer;
        }
    }
    panic!("{path} is never answered with {status}");
}

async fn what_there_is_no_room_for_is_refused_in_the_words_of_its_front(app: App) {
    let mut first = hang(&app).await;

    let refused = ask_until(&app, "/snapshots", 503).await;
    let header = |name: &str| refused.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("retry-after"), "1");
    assert_eq!(header("content-type"), "application/json");
    assert!(header("x-openstack-request-id").starts_with("req-"));
    assert_eq!(header("x-openstack-request-id"), header("x-compute-request-id"));
    assert_eq!(
        refused.text().await.unwrap(),
        r#"{"serviceUnavailable": {"code": 503, "message": "The service is unavailable at this time."}}"#
    );

    // Deltacloud's clients know no 503.
    let other = app.api.below("/api");
    let refused = get_from(&other, "/storage_snapshots").await;
    assert_eq!(refused.status(), 502);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(refused.text().await.unwrap().starts_with("<error status='502'>"));

    let health = get_from(&app.api.below(""), "/healthcheck").await;
    assert_eq!(health.status(), 200, "it is well, only busy");

    first.write_all(b"{}").await.unwrap();
    ask_until(&app, "/snapshots", 200).await;
}

async fn get_from(client: &crate::support::Client, path: &str) -> Response {
    client.request(Method::GET, path).send().await.unwrap()
}

async fn slow_clients_are_given_up(app: App) {
    let mut silent = connect(&app).await;
    let mut half_head = connect(&app).await;
    half_head.write_all(b"GET /v3/").await.unwrap();
    let mut half_body = hang(&app).await;
    half_body.write_all(b"{").await.unwrap();

    let others = async {
        loop {
            assert_eq!(
                get(&app, "/snapshots").await.status(),
                200,
                "others are served meanwhile"
            );
        }
    };
    let given_up = async {
        (
            rest(&mut silent).await,
            rest(&mut half_head).await,
            rest(&mut half_body).await,
        )
    };
    let (silent, half_head, half_body) = tokio::select! {
        given_up = given_up => given_up,
        () = others => unreachable!("it never ends"),
    };
    for (what, end) in [
        ("silent", silent),
        ("half a head", half_head),
        ("half a body", half_body),
    ] {
        assert!(end.is_empty() || end.starts_with("HTTP/1.1 408 "), "{what}: {end}");
        let document = r#"{"computeFault": {"code": 408, "message": "The request body did not arrive in time."}}"#;
        assert_eq!(what == "half a body", end.ends_with(document), "{what}: {end}");
    }
}

async fn idle_connections_do_not_keep_others_out(app: App) {
    let mut kept = Vec::new();
    // More than there can be, of clients that would all keep theirs.
    for _ in 0..24 {
        let mut client = connect(&app).await;
        client
            .write_all(head("GET", "/snapshots", "").as_bytes())
            .await
            .unwrap();
        let mut reply = String::new();
        while !reply.ends_with(r#"{"snapshots": []}"#) {
            let mut part = [0; 1024];
            let read = client.read(&mut part).await.unwrap();
            assert_ne!(read, 0, "{reply}");
            reply.push_str(std::str::from_utf8(&part[..read]).unwrap());
        }
        if reply.to_lowercase().contains("\r\nconnection: close\r\n") {
            assert_eq!(rest(&mut client).await, "");
        } else {
            kept.push(client);
        }
    }
    assert!((2..=6).contains(&kept.len()), "{} are kept", kept.len());
}

const LONG: &str = "/snapshots/detail";

/// A client that asks for more than the system keeps for whoever does not read, and does not read.
async fn stall(app: &App) -> TcpStream {
    // Few rows in a reply that is long for its kind.
    let volume = app.volume(1).await;
    let metadata: serde_json::Map<_, _> = (0..25)
        .map(|n| (format!("{n:0>250}"), json!("ü".repeat(255))))
        .collect();
    for _ in 0..30 {
        let fields = json!({"volume_id": volume, "metadata": metadata});
        app.new_snapshot(fields).await;
    }
    let size = get(app, LONG).await.text().await.unwrap().len();
    assert!(size > 1_048_576, "{size} bytes");

    let mut client = connect(app).await;
    let many = head("GET", LONG, "").repeat(16);
    client.write_all(many.as_bytes()).await.unwrap();
    client
}

async fn whoever_does_not_read_is_in_nobodys_way(app: App) {
    let client = stall(&app).await;
    let refused = ask_until(&app, LONG, 503).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    let short = get(&app, "/snapshots?limit=1").await;
    assert_eq!(short.status(), 200, "it needs no room");
    drop(client);
    ask_until(&app, LONG, 200).await;
}

async fn whoever_stops_reading_is_given_up(app: App) {
    let mut client = stall(&app).await;
    // The end shows when something is sent to where nobody is any more.
    while client.write_all(b"\r\n").await.is_ok() {
        assert_eq!(get(&app, "/snapshots?limit=1").await.status(), 200);
    }
}
