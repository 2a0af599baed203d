//! Lists without pages, however long they are.

use std::collections::HashSet;

use futures_util::{StreamExt as _, stream};
use reqwest::Method;

use super::{Answer, client};
use crate::support::{App, text};

api_suite!(
    a_long_list_comes_whole_and_piece_by_piece["quota.snapshots" = "2000"],
    one_of_a_list,
);

/// Two full pages and a little; see `deltacloud::list::PAGE`.
const MANY: usize = 1010;

async fn a_long_list_comes_whole_and_piece_by_piece(app: App) {
    let volume = app.volume(1).await;
    let body = serde_json::json!({"snapshot": {"volume_id": volume}});
    let made = stream::iter(0..MANY).map(|_number| app.api.post("/snapshots", body.clone()));
    let made: HashSet<_> = made
        .buffer_unordered(4)
        .map(|reply| text(&reply.expect(202).part("snapshot"), "id").to_owned())
        .collect()
        .await;
    let dc = client(&app);
    let json = dc.ids("storage_snapshots").await;
    assert_eq!(json.len(), MANY);
    assert_eq!(json.iter().cloned().collect::<HashSet<_>>(), made);
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
        let places: Vec<_> = json
            .iter()
            .map(|id| list.text.find(&format!("storage_snapshots/{id}")))
            .collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{format}");
        if format == "xml" {
            assert_eq!(list.xml("storage_snapshot").len(), MANY);
        }
        if format == "html" {
            assert!(list.text.ends_with("</html>\n"), "{format}");
        }
    }
    let head = Answer::to(dc.request(Method::HEAD, "/api/storage_snapshots")).await;
    assert_eq!(head.expect(200).text, "");
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
