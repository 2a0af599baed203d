//! A clock that is set back, as seen from outside.

use serde_json::{Value, json};

use crate::support::{App, text};

api_suite!(
    snapshots_stay_in_their_order_and_the_newest_is_the_last_taken,
    work_that_was_accepted_before_is_done,
);

const DAY: i64 = 86_400;

async fn snapshots_stay_in_their_order_and_the_newest_is_the_last_taken(app: App) {
    let volume = app.volume(1).await;
    let mut taken = Vec::new();
    for seconds in [0, -DAY, -1, 1, -DAY] {
        app.advance(seconds);
        taken.push(app.snapshot(&volume).await);
    }
    let list = app
        .api
        .get("/snapshots?sort=created_at:asc")
        .await
        .expect(200)
        .part("snapshots");
    let listed: Vec<_> = list.as_array().unwrap().iter().map(|one| text(one, "id")).collect();
    assert_eq!(listed, taken);
    // Page by page it is the same order.
    let mut marker = String::new();
    for id in &taken {
        let page = app
            .api
            .get(&format!("/snapshots?sort=created_at:asc&limit=1{marker}"))
            .await;
        let page: Value = page.expect(200).part("snapshots");
        assert_eq!(text(&page[0], "id"), id);
        marker = format!("&marker={id}");
    }
    // A revert takes nothing but the newest.
    let revert = |id: &str| json!({"revert": {"snapshot_id": id}});
    let action = format!("/volumes/{volume}/action");
    app.at("3.40").post(&action, revert(&taken[3])).await.expect(400);
    app.at("3.40").post(&action, revert(&taken[4])).await.expect(202);
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn work_that_was_accepted_before_is_done(app: App) {
    let volume = app.volume(1).await;
    let id = app.new_snapshot(json!({"volume_id": volume})).await;
    app.advance(-DAY);
    app.drain().await;
    assert_eq!(app.snapshot_status(&id).await, "available");
}
