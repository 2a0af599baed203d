//! Lists without pages, however long they are.

use std::collections::HashSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Answer, client};
use crate::support::{App, PROJECT, USER, text};

api_suite!(
    a_long_list_comes_whole_and_piece_by_piece["quota.snapshots" = "2000"],
    one_of_a_list,
);

/// Just a page, just two, and a little more; see `deltacloud::list::PAGE`.
const SIZES: [usize; 3] = [500, 1000, 1010];

async fn a_long_list_comes_whole_and_piece_by_piece(app: App) {
    let volume = app.volume(1).await;
    let body = serde_json::json!({"snapshot": {"volume_id": volume}});
    let dc = client(&app);
    let mut made = HashSet::new();
    for size in SIZES {
        let more = stream::iter(made.len()..size).map(|_number| app.api.post("/snapshots", body.clone()));
        let more: Vec<_> = more.buffer_unordered(4).collect().await;
        made.extend(
            more.into_iter()
                .map(|reply| text(&reply.expect(202).part("snapshot"), "id").to_owned()),
        );
        let ids = dc.ids("storage_snapshots").await;
        assert_eq!(ids.len(), size);
        assert_eq!(ids.iter().cloned().collect::<HashSet<_>>(), made);
        for format in ["xml", "json", "html"] {
            let list = dc
                .get(&format!("/api/storage_snapshots?format={format}"))
                .await
                .expect(200);
            // Nobody has held all of it, to know how long it is.
            assert_eq!(
                (list.header("content-length"), list.header("etag")),
                (None, None),
                "{format}"
            );
            assert!(list.header("cache-control").is_some(), "{format}");
            is_whole(&list, format, &ids);
        }
    }
    // Nobody would read it, so nobody writes it.
    let head = Answer::to(dc.request(Method::HEAD, "/api/storage_snapshots"))
        .await
        .expect(200);
    assert_eq!((&*head.text, head.header("content-length")), ("", None));

    // The oldest HTTP knows no chunks.
    let address = app.api.root().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let login = BASE64_STANDARD.encode(format!("{USER}+{PROJECT}:any"));
    let request = format!("GET /api/storage_snapshots HTTP/1.0\r\nHost: h\r\nAuthorization: Basic {login}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200") && !head.contains("chunked"), "{head}");
    assert!(body.starts_with("<?xml") && body.ends_with("</storage_snapshots>\n"));
    assert_eq!(body.matches("<storage_snapshot ").count(), made.len());
}

/// Whether a list has these and its end.
fn is_whole(list: &Answer, format: &str, ids: &[String]) {
    let places: Vec<_> = ids
        .iter()
        .map(|id| list.text.find(&format!("storage_snapshots/{id}")))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{format}");
    match format {
        "xml" => assert_eq!(list.xml("storage_snapshot").len(), ids.len()),
        "json" => assert!(list.json().is_object()),
        _html => assert!(list.text.ends_with("</html>\n"), "{format}"),
    }
}

async fn one_of_a_list(app: App) {
    let volume = app.volume(1).await;
    let (one, two) = (app.snapshot(&volume).await, app.snapshot(&volume).await);
    let dc = client(&app);
    // The latest comes first, as in Cinder.
    assert_eq!(dc.ids("storage_snapshots").await, [&*two, &*one]);
    let list = dc
        .get(&format!("/api/storage_snapshots?id={one}&format=json"))
        .await
        .json();
    assert_eq!(list["storage_snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(list["storage_snapshots"][0]["id"], one.as_str());
    for (collection, id) in [("storage_snapshots", "unknown"), ("storage_volumes", "unknown")] {
        let list = dc.get(&format!("/api/{collection}?id={id}")).await.expect(200);
        assert_eq!(
            list.text,
            format!("<?xml version='1.0' encoding='utf-8' ?>\n<{collection}>\n</{collection}>\n")
        );
    }
}
