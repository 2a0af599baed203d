//! Requests and workers at the same time. Whoever wins, nothing is done twice or left behind.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{App, Reply, text};

api_suite!(
    what_is_deleted_many_times_at_once_is_deleted_once,
    two_workers_do_each_task_once,
    a_volume_that_goes_leaves_no_snapshot_behind,
    a_revert_and_other_wishes_exclude_each_other,
    anything_at_once_comes_to_rest,
);

/// Sends all requests at the same time.
async fn at_once(app: &App, requests: Vec<(Method, String, Value)>) -> Vec<Reply> {
    let mut sending = JoinSet::new();
    for (method, path, body) in requests {
        let api = app.at("3.40");
        sending.spawn(async move { api.send(method, &path, body.to_string()).await });
    }
    sending.join_all().await
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

/// Lets all work end, and looks whether rows and files agree.
async fn expect_rest(app: &App) {
    for _ in 0..3 {
        app.drain().await;
        app.advance(600);
    }
    for (kind, folder, prefix) in [
        ("snapshots", "snapshots", "snapshot-"),
        ("volumes", "volumes", "volume-"),
    ] {
        let rows = app
            .api
            .get(&format!("/{kind}/detail?all_tenants=1"))
            .await
            .expect(200)
            .part(kind);
        let mut expected = Vec::new();
        for row in rows.as_array().unwrap() {
            let status = text(row, "status");
            assert!(["available", "error", "in-use"].contains(&status), "{row}");
            if status != "error" {
                expected.push(format!("{prefix}{}", text(row, "id")));
            }
        }
        let mut files = app.files(folder);
        expected.sort();
        files.sort();
        assert_eq!(files, expected);
    }
}

async fn what_is_deleted_many_times_at_once_is_deleted_once(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let delete = |path: String| (0..10).map(|_| (Method::DELETE, path.clone(), json!(null))).collect();
    let replies = at_once(&app, delete(format!("/snapshots/{snapshot}"))).await;
    assert_eq!((count(&replies, 202), count(&replies, 400)), (1, 9));
    app.drain().await;
    let replies = at_once(&app, delete(format!("/volumes/{volume}"))).await;
    assert_eq!((count(&replies, 202), count(&replies, 400)), (1, 9));
    expect_rest(&app).await;
}

async fn two_workers_do_each_task_once(app: App) {
    let volume = app.volume(1).await;
    for _ in 0..4 {
        app.new_snapshot(json!({"volume_id": volume})).await;
        app.api
            .post("/volumes", json!({"volume": {"size": 1}}))
            .await
            .expect(202);
        app.api
            .post("/volumes", json!({"volume": {"source_volid": volume}}))
            .await
            .expect(202);
    }
    tokio::join!(app.drain(), app.drain(), app.drain());
    expect_rest(&app).await;
    let list = app
        .at("3.45")
        .get("/snapshots?status=available&with_count=1")
        .await
        .expect(200);
    assert_eq!(list.part("count"), json!(4));
    let list = app
        .at("3.45")
        .get("/volumes?status=available&with_count=1")
        .await
        .expect(200);
    assert_eq!(list.part("count"), json!(9));
}

async fn a_volume_that_goes_leaves_no_snapshot_behind(app: App) {
    let volume = app.volume(1).await;
    app.snapshot(&volume).await;
    let mut requests = Vec::new();
    for _ in 0..6 {
        let body = json!({"snapshot": {"volume_id": volume}});
        requests.push((Method::POST, "/snapshots".to_owned(), body));
        let path = format!("/volumes/{volume}?cascade=1&force=1");
        requests.push((Method::DELETE, path, json!(null)));
    }
    for reply in at_once(&app, requests).await {
        assert!([202, 400, 404].contains(&reply.status), "{reply:?}");
    }
    expect_rest(&app).await;
    // Whatever came too late for the cascade is still whole, and goes with the next.
    let reply = app.api.delete(&format!("/volumes/{volume}?cascade=1")).await;
    assert!([202, 404].contains(&reply.status), "{reply:?}");
    expect_rest(&app).await;
    assert_eq!(app.api.get("/snapshots").await.json(), json!({"snapshots": []}));
    assert_eq!(app.api.get("/volumes").await.json(), json!({"volumes": []}));
}

async fn a_revert_and_other_wishes_exclude_each_other(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let action = format!("/volumes/{volume}/action");
    let requests = vec![
        (
            Method::POST,
            action.clone(),
            json!({"revert": {"snapshot_id": snapshot}}),
        ),
        (Method::DELETE, format!("/snapshots/{snapshot}"), json!(null)),
        (Method::POST, action.clone(), json!({"os-extend": {"new_size": 2}})),
        (Method::DELETE, format!("/volumes/{volume}?cascade=1"), json!(null)),
        (Method::POST, action, json!({"revert": {"snapshot_id": snapshot}})),
    ];
    let replies = at_once(&app, requests).await;
    // The first to come closes the door on most of the others, but a deleted snapshot does not keep its
    // volume from growing or going.
    assert!((1..=2).contains(&count(&replies, 202)), "{replies:?}");
    expect_rest(&app).await;
}

async fn anything_at_once_comes_to_rest(app: App) {
    let volumes = [app.volume(1).await, app.volume(1).await];
    for round in 0..4 {
        let mut requests = Vec::new();
        let list = app.api.get("/snapshots").await.expect(200).part("snapshots");
        for snapshot in list.as_array().unwrap() {
            let id = text(snapshot, "id");
            let volume = text(snapshot, "volume_id");
            requests.extend([
                (Method::DELETE, format!("/snapshots/{id}"), json!(null)),
                (
                    Method::POST,
                    "/volumes".to_owned(),
                    json!({"volume": {"snapshot_id": id}}),
                ),
                (
                    Method::PUT,
                    format!("/snapshots/{id}/metadata"),
                    json!({"metadata": {"round": "x"}}),
                ),
                (
                    Method::POST,
                    format!("/volumes/{volume}/action"),
                    json!({"revert": {"snapshot_id": id}}),
                ),
            ]);
        }
        for volume in &volumes {
            let body = json!({"snapshot": {"volume_id": volume, "name": format!("round {round}")}});
            requests.push((Method::POST, "/snapshots".to_owned(), body.clone()));
            requests.push((Method::POST, "/snapshots".to_owned(), body));
            let body = json!({"volume": {"source_volid": volume}});
            requests.push((Method::POST, "/volumes".to_owned(), body));
        }
        let (replies, ()) = tokio::join!(at_once(&app, requests), app.drain());
        for reply in replies {
            assert!([200, 202, 400, 404, 409].contains(&reply.status), "{reply:?}");
        }
        app.advance(1);
    }
    expect_rest(&app).await;
}
