//! The link to the next page, and what following it shows.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Client, PROJECT, Reply, column, keys, text};

api_suite!(
    a_full_page_has_a_link_and_a_shorter_one_has_none,
    the_link_keeps_every_parameter_and_ends_with_the_marker,
    the_link_has_the_address_that_the_client_used,
    the_link_has_the_public_endpoint_if_there_is_one["server.public_endpoint" = "https://pub.example/volume/"],
    with_a_count_every_page_that_is_not_empty_has_a_link,
    following_the_links_visits_each_row_once,
    following_the_links_visits_rows_without_a_value_too,
    following_the_links_of_volumes_visits_each_row_once,
);

/// Snapshots of one volume, the oldest first; some without a name.
async fn snapshots(app: &App, names: &[Option<&str>]) -> Vec<String> {
    let volume = app.volume(1).await;
    let mut ids = Vec::new();
    for name in names {
        ids.push(app.new_snapshot(json!({"volume_id": volume, "name": name})).await);
    }
    ids
}

fn link<'p>(page: &'p Value, key: &str) -> Option<&'p str> {
    let links = page.get(key)?.as_array().unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(keys(&links[0]), ["rel", "href"]);
    assert_eq!(text(&links[0], "rel"), "next");
    Some(text(&links[0], "href"))
}

/// The ids on each page, until a page has no link.
async fn pages(client: &Client, path: &str, items: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut page = client.get(path).await.expect(200).json();
    loop {
        pages.push(column(&page[items], "id").into_iter().map(str::to_owned).collect());
        assert!(pages.len() < 50, "the links go round in circles");
        let Some(href) = link(&page, &format!("{items}_links")) else {
            return pages;
        };
        page = client.follow(href).await.expect(200).json();
    }
}

async fn a_full_page_has_a_link_and_a_shorter_one_has_none(app: App) {
    let ids = snapshots(&app, &[Some("a"), Some("b"), Some("c")]).await;
    for path in ["snapshots", "snapshots/detail"] {
        for (limit, marker) in [(1, Some(&ids[2])), (2, Some(&ids[1])), (3, Some(&ids[0])), (4, None)] {
            let page = app.api.get(&format!("/{path}?limit={limit}")).await.expect(200).json();
            let expected = marker.map(|id| format!("{}/v3/{PROJECT}/{path}?limit={limit}&marker={id}", app.api.root()));
            assert_eq!(link(&page, "snapshots_links"), expected.as_deref());
            let order: &[_] = if marker.is_some() {
                &["snapshots", "snapshots_links"]
            } else {
                &["snapshots"]
            };
            assert_eq!(keys(&page), order);
        }
    }
    // Nothing follows a last page that is just full, and an empty one leads nowhere.
    assert_eq!(pages(&app.api, "/snapshots?limit=3", "snapshots").await.len(), 2);
    let page = app.api.get("/snapshots?limit=1&offset=9").await.expect(200).json();
    assert_eq!(page, json!({"snapshots": []}));
}

async fn the_link_keeps_every_parameter_and_ends_with_the_marker(app: App) {
    let volume = app.volume(1).await;
    let metadata = json!({"all": "yes"});
    let mut ids = Vec::new();
    for _ in 0..3 {
        let fields = json!({"volume_id": volume, "metadata": metadata, "name": "a b&c=d☃"});
        ids.push(app.new_snapshot(fields).await);
    }
    let (last, first) = (&ids[2], &ids[1]);
    for (sent, kept) in [
        ("limit=1&sort=created_at:desc", "limit=1&sort=created_at%3Adesc"),
        (
            "limit=1&all_tenants=1&status=creating",
            "limit=1&all_tenants=1&status=creating",
        ),
        (
            "metadata=%7B%27all%27:%27yes%27%7D&limit=1",
            "metadata=%7B%27all%27%3A%27yes%27%7D&limit=1",
        ),
        ("name=a+b%26c%3Dd%E2%98%83&limit=1", "name=a+b%26c%3Dd%E2%98%83&limit=1"),
        (
            "name=a%20b%26c%3Dd%E2%98%83&limit=1",
            "name=a+b%26c%3Dd%E2%98%83&limit=1",
        ),
        ("name~=a&limit=1&with_count=True", "name~=a&limit=1&with_count=True"),
        ("limit=%2B1", "limit=%2B1"),
    ] {
        let page = app
            .at("latest")
            .get(&format!("/snapshots?{sent}"))
            .await
            .expect(200)
            .json();
        let expected = format!("{}/v3/{PROJECT}/snapshots?{kept}&marker={last}", app.api.root());
        assert_eq!(link(&page, "snapshots_links"), Some(expected.as_str()));
    }
    // The marker of this page gives way to the next one; the offset stays, as in Cinder.
    let page = app
        .api
        .get(&format!("/snapshots?marker={last}&limit=1"))
        .await
        .expect(200)
        .json();
    let expected = format!("{}/v3/{PROJECT}/snapshots?limit=1&marker={first}", app.api.root());
    assert_eq!(link(&page, "snapshots_links"), Some(expected.as_str()));
    let page = app.api.get("/snapshots?offset=1&limit=1").await.expect(200).json();
    let expected = format!(
        "{}/v3/{PROJECT}/snapshots?offset=1&limit=1&marker={first}",
        app.api.root()
    );
    assert_eq!(link(&page, "snapshots_links"), Some(expected.as_str()));
}

async fn the_link_has_the_address_that_the_client_used(app: App) {
    let ids = snapshots(&app, &[Some("a")]).await;
    let own = app.api.root().strip_prefix("http://").unwrap();
    for (headers, base) in [
        (&[][..], format!("http://{own}")),
        (
            &[("Host", "cinder.example:8080")],
            "http://cinder.example:8080".to_owned(),
        ),
        (&[("X-Forwarded-Proto", "https")], format!("https://{own}")),
        (
            &[("X-Forwarded-Host", "inner.example, vol.example.org")],
            "http://vol.example.org".to_owned(),
        ),
        (
            &[("X-Forwarded-Host", "vol.example.org"), ("X-Forwarded-Proto", "https")],
            "https://vol.example.org".to_owned(),
        ),
    ] {
        let mut request = app.api.request(Method::GET, "/snapshots?limit=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = Reply::to(request).await.expect(200).json();
        let expected = format!("{base}/v3/{PROJECT}/snapshots?limit=1&marker={}", ids[0]);
        assert_eq!(link(&page, "snapshots_links"), Some(expected.as_str()));
    }
}

async fn the_link_has_the_public_endpoint_if_there_is_one(app: App) {
    let ids = snapshots(&app, &[Some("a")]).await;
    let page = app.api.get("/snapshots?limit=1").await.expect(200).json();
    // Cinder doubles a slash at the end of the option here.
    let expected = format!(
        "https://pub.example/volume/v3/{PROJECT}/snapshots?limit=1&marker={}",
        ids[0]
    );
    assert_eq!(link(&page, "snapshots_links"), Some(expected.as_str()));
}

async fn with_a_count_every_page_that_is_not_empty_has_a_link(app: App) {
    snapshots(&app, &[Some("a"), Some("b"), Some("c")]).await;
    let path = "/snapshots?limit=2&with_count=1";
    assert_eq!(
        pages(&app.at("3.45"), path, "snapshots")
            .await
            .iter()
            .map(Vec::len)
            .collect::<Vec<_>>(),
        [2, 1, 0]
    );
}

/// For each order: the pages of any size, put together, are the list as a whole.
async fn walk(app: &App, path: &str, items: &str, orders: &[&str], rows: usize) {
    for order in orders {
        let client = app.at("latest");
        let whole = pages(&client, &format!("{path}?sort={order}"), items).await.concat();
        let mut distinct = whole.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((whole.len(), distinct.len()), (rows, rows), "{order}");
        for limit in [1, 2, 3] {
            let walked = pages(&client, &format!("{path}?sort={order}&limit={limit}"), items).await;
            assert_eq!(walked.concat(), whole, "{order} by {limit}");
        }
    }
}

async fn following_the_links_visits_each_row_once(app: App) {
    let ids = snapshots(&app, &[Some("b"), Some("a"), Some("b"), Some("c"), Some("a")]).await;
    app.reset_snapshot(&ids[1], "error").await;
    app.reset_snapshot(&ids[4], "error").await;
    let orders = [
        "created_at",
        "created_at:asc",
        "id:asc",
        "id:desc",
        "status:asc",
        "status:desc,created_at:asc",
        "volume_id",
        "volume_size:asc,id:desc",
        "project_id:asc",
        "user_id",
        "consumes_quota",
        "volume_type_id:asc",
    ];
    walk(&app, "/snapshots", "snapshots", &orders, ids.len()).await;
}

async fn following_the_links_visits_rows_without_a_value_too(app: App) {
    // Cinder loses the rows without a name.
    let names = [None, Some("b"), None, Some("a"), Some("B"), None, Some("b")];
    let ids = snapshots(&app, &names).await;
    for (second, id) in ids.iter().enumerate().filter(|(second, _)| second % 2 == 0) {
        app.advance(i64::try_from(second).unwrap());
        app.api
            .put(&format!("/snapshots/{id}"), json!({"snapshot": {"description": "d"}}))
            .await
            .expect(200);
    }
    let orders = [
        "name:asc",
        "name:desc",
        "display_name:asc,created_at:desc",
        "display_name:desc,id:asc",
        "status:asc,name:asc",
        "updated_at:asc",
        "updated_at:desc",
        "updated_at:desc,name:asc",
        "display_description:asc",
        "display_description:desc,display_name:desc",
        "group_snapshot_id:asc",
        "group_snapshot_id:desc,created_at:asc",
        "progress:asc",
    ];
    walk(&app, "/snapshots/detail", "snapshots", &orders, ids.len()).await;

    let list = app
        .at("latest")
        .get("/snapshots?sort=name:asc")
        .await
        .expect(200)
        .part("snapshots");
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|snapshot| snapshot["name"].clone())
        .collect();
    assert_eq!(json!(names), json!(["B", "a", "b", "b", null, null, null]));
    let list = app
        .at("latest")
        .get("/snapshots?sort=name:desc")
        .await
        .expect(200)
        .part("snapshots");
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|snapshot| snapshot["name"].clone())
        .collect();
    assert_eq!(json!(names), json!([null, null, null, "b", "b", "a", "B"]));
}

async fn following_the_links_of_volumes_visits_each_row_once(app: App) {
    let mut ids = Vec::new();
    for (name, size) in [(None, 2), (Some("a"), 1), (Some("b"), 2), (None, 1), (Some("a"), 3)] {
        ids.push(app.volume_with(json!({"size": size, "name": name})).await);
    }
    let source = app.snapshot(&ids[0]).await;
    ids.push(app.volume_with(json!({"snapshot_id": source})).await);
    let orders = [
        "created_at",
        "name:asc",
        "name:desc,size:asc",
        "size:desc",
        "snapshot_id:asc",
        "source_volid:desc",
        "migration_status:asc,name:desc",
        "updated_at:asc",
        "bootable",
        "host:asc",
        "attach_status",
        "availability_zone",
    ];
    walk(&app, "/volumes/detail", "volumes", &orders, ids.len()).await;
}
