//! Limits that requests meet (cinder.md §4.8).

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{App, OTHER, Reply, text};

api_suite!(
    too_many_snapshots_are_refused ["quota.snapshots" = "2"],
    a_limit_of_zero_allows_none ["quota.snapshots" = "0"],
    too_many_gigabytes_are_refused ["quota.gigabytes" = "5"],
    a_type_has_limits_of_its_own,
    gigabytes_are_reported_before_snapshots ["quota.gigabytes" = "2", "quota.snapshots" = "0"],
    snapshots_can_be_left_out_of_the_gigabytes ["quota.gigabytes" = "1", "quota.no_snapshot_gb_quota" = "true"],
    too_many_or_too_large_volumes_are_refused ["quota.volumes" = "2", "quota.per_volume_gigabytes" = "3"],
    minus_one_is_unlimited ["quota.snapshots" = "-1", "quota.gigabytes" = "-1", "quota.volumes" = "-1"],
    what_failed_counts_until_it_is_gone ["quota.snapshots" = "1"],
    a_project_is_not_charged_for_another ["quota.snapshots" = "1", "quota.volumes" = "1"],
    snapshots_asked_for_at_once_stay_within_the_limit ["quota.snapshots" = "5"],
    volumes_asked_for_at_once_stay_within_the_limit ["quota.volumes" = "5", "quota.gigabytes" = "100"],
    gigabytes_asked_for_at_once_stay_within_the_limit ["quota.gigabytes" = "7"],
);

async fn snapshot(app: &App, volume: &str) -> Reply {
    app.api
        .post("/snapshots", json!({"snapshot": {"volume_id": volume}}))
        .await
}

async fn volume(app: &App, fields: Value) -> Reply {
    app.api.post("/volumes", json!({"volume": fields})).await
}

fn too_many(limit: u32) -> String {
    format!("SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded")
}

fn too_large(requested: u32, limit: u32, used: u32) -> String {
    format!(
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested \
         {requested}G, quota is {limit}G and {used}G has been consumed."
    )
}

async fn too_many_snapshots_are_refused(app: App) {
    let source = app.volume(1).await;
    let first = app.snapshot(&source).await;
    app.snapshot(&source).await;
    let before = app.everything().await;
    let reply = snapshot(&app, &source).await.expect(413);
    assert_eq!(
        reply.text,
        r#"{"overLimit": {"code": 413, "message": "SnapshotLimitExceeded: Maximum number of snapshots allowed (2) exceeded", "retryAfter": "0"}}"#
    );
    assert_eq!(reply.header("retry-after"), Some("0"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(app.everything().await, before);

    app.api.delete(&format!("/snapshots/{first}")).await.expect(202);
    // Room is made when the bytes are gone, not before.
    snapshot(&app, &source).await.expect_fault(413, &too_many(2));
    app.drain().await;
    snapshot(&app, &source).await.expect(202);
    snapshot(&app, &source).await.expect_fault(413, &too_many(2));
}

async fn a_limit_of_zero_allows_none(app: App) {
    let source = app.volume(1).await;
    snapshot(&app, &source).await.expect_fault(413, &too_many(0));
}

async fn too_many_gigabytes_are_refused(app: App) {
    let source = app.volume(2).await;
    let taken = app.snapshot(&source).await;
    // Volumes, snapshots, copies and growth share the limit.
    snapshot(&app, &source).await.expect_fault(413, &too_large(2, 5, 4));
    volume(&app, json!({"size": 2}))
        .await
        .expect_fault(413, &too_large(2, 5, 4));
    volume(&app, json!({"snapshot_id": taken}))
        .await
        .expect_fault(413, &too_large(2, 5, 4));
    volume(&app, json!({"source_volid": source, "size": 3}))
        .await
        .expect_fault(413, &too_large(3, 5, 4));
    let path = format!("/volumes/{source}");
    let reply = app.api.act(&path, "os-extend", json!({"new_size": 4})).await;
    let reply = reply.expect_fault(413, &too_large(2, 5, 4));
    assert_eq!(reply.header("retry-after"), Some("0"));
    app.api
        .act(&path, "os-extend", json!({"new_size": 3}))
        .await
        .expect(202);
    // Growth counts as soon as it is accepted.
    volume(&app, json!({"size": 1}))
        .await
        .expect_fault(413, &too_large(1, 5, 5));
    app.drain().await;
    volume(&app, json!({"size": 1}))
        .await
        .expect_fault(413, &too_large(1, 5, 5));
}

async fn a_type_has_limits_of_its_own(app: App) {
    let gold = json!({"volume_type": {"name": "gold"}});
    app.api.post("/types", gold).await.expect(200);
    let volume = app.volume_with(json!({"size": 2, "volume_type": "gold"})).await;
    let set = format!("/os-quota-sets/{}", crate::support::PROJECT);
    for (resource, limit, message) in [
        // The text does not say whose limit it is, as in Cinder (gap G18).
        (
            "snapshots_gold",
            0,
            "SnapshotLimitExceeded: Maximum number of snapshots allowed (0) exceeded",
        ),
        (
            "gigabytes_gold",
            3,
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_gold quota. \
             Requested 2G, quota is 3G and 2G has been consumed.",
        ),
    ] {
        app.api
            .put(&set, json!({"quota_set": {resource: limit}}))
            .await
            .expect(200);
        snapshot(&app, &volume).await.expect_fault(413, message);
        app.api
            .put(&set, json!({"quota_set": {resource: -1}}))
            .await
            .expect(200);
    }
    snapshot(&app, &volume).await.expect(202);
    // Other types do not mind.
    app.api
        .put(&set, json!({"quota_set": {"snapshots_gold": 1}}))
        .await
        .expect(200);
    let other = app.volume(1).await;
    snapshot(&app, &other).await.expect(202);
}

async fn gigabytes_are_reported_before_snapshots(app: App) {
    let source = app.volume(2).await;
    snapshot(&app, &source).await.expect_fault(413, &too_large(2, 2, 2));
}

async fn snapshots_can_be_left_out_of_the_gigabytes(app: App) {
    let source = app.volume(1).await;
    for _ in 0..3 {
        snapshot(&app, &source).await.expect(202);
    }
    let limits = app.api.get("/limits").await.expect(200).part("limits");
    assert_eq!(limits["absolute"]["totalGigabytesUsed"], json!(1));
    assert_eq!(limits["absolute"]["totalSnapshotsUsed"], json!(3));
    volume(&app, json!({"size": 1}))
        .await
        .expect_fault(413, &too_large(1, 1, 1));
}

async fn too_many_or_too_large_volumes_are_refused(app: App) {
    let source = app.volume(3).await;
    let message = "VolumeSizeExceedsLimit: Requested volume size 4G is larger than maximum allowed limit 3G.";
    volume(&app, json!({"size": 4})).await.expect_fault(413, message);
    let path = format!("/volumes/{source}");
    app.api
        .act(&path, "os-extend", json!({"new_size": 4}))
        .await
        .expect_fault(413, message);
    app.volume(1).await;
    let message = "VolumeLimitExceeded: Maximum number of volumes allowed (2) exceeded for quota 'volumes'.";
    let reply = volume(&app, json!({"size": 1})).await.expect_fault(413, message);
    assert_eq!(reply.header("retry-after"), Some("0"));
    app.api.delete(&path).await.expect(202);
    app.drain().await;
    volume(&app, json!({"size": 1})).await.expect(202);
}

async fn minus_one_is_unlimited(app: App) {
    let source = app.volume(2000).await;
    for _ in 0..12 {
        snapshot(&app, &source).await.expect(202);
    }
}

async fn what_failed_counts_until_it_is_gone(app: App) {
    let source = app.volume(1).await;
    let id = app.snapshot(&source).await;
    app.reset_snapshot(&id, "error").await;
    snapshot(&app, &source).await.expect_fault(413, &too_many(1));
    app.reset_snapshot(&id, "error_deleting").await;
    snapshot(&app, &source).await.expect_fault(413, &too_many(1));
    app.api
        .act(&format!("/snapshots/{id}"), "os-force_delete", json!(null))
        .await
        .expect(202);
    app.drain().await;
    snapshot(&app, &source).await.expect(202);
}

async fn a_project_is_not_charged_for_another(app: App) {
    let source = app.volume(1).await;
    let stranger = app.api.of("stranger", OTHER);
    let body = json!({"snapshot": {"volume_id": source}});
    stranger.post("/snapshots", body.clone()).await.expect(202);
    stranger.post("/snapshots", body).await.expect_fault(413, &too_many(1));
    snapshot(&app, &source).await.expect(202);
    stranger
        .post("/volumes", json!({"volume": {"size": 1}}))
        .await
        .expect(202);
}

/// How many of twenty equal requests at the same time are accepted; the others meet this fault.
async fn accepted(app: &App, path: &str, bodies: impl Fn(usize) -> Value, refusal: &str) -> usize {
    let mut requests = JoinSet::new();
    for n in 0..20 {
        let (api, path, body) = (app.api.clone(), path.to_owned(), bodies(n));
        requests.spawn(async move { api.post(&path, body).await });
    }
    let replies = requests.join_all().await;
    let (accepted, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 202);
    for reply in refused {
        let fault = reply.expect(413).part("overLimit");
        assert!(text(&fault, "message").starts_with(refusal), "{fault}");
    }
    accepted.len()
}

async fn snapshots_asked_for_at_once_stay_within_the_limit(app: App) {
    let sources = [app.volume(1).await, app.volume(1).await];
    let body = |n: usize| json!({"snapshot": {"volume_id": sources[n % 2]}});
    assert_eq!(accepted(&app, "/snapshots", body, &too_many(5)).await, 5);
    app.drain().await;
    let list = app
        .at("3.45")
        .get("/snapshots?with_count=1&status=available")
        .await
        .expect(200);
    assert_eq!(list.part("count"), json!(5));
}

async fn volumes_asked_for_at_once_stay_within_the_limit(app: App) {
    let body = |_| json!({"volume": {"size": 1}});
    let refusal = "VolumeLimitExceeded: Maximum number of volumes allowed (5) exceeded for quota 'volumes'.";
    assert_eq!(accepted(&app, "/volumes", body, refusal).await, 5);
}

async fn gigabytes_asked_for_at_once_stay_within_the_limit(app: App) {
    let source = app.volume(1).await;
    let body = |_| json!({"snapshot": {"volume_id": source}});
    assert_eq!(accepted(&app, "/snapshots", body, &too_large(1, 7, 7)).await, 6);
    let limits = app.api.get("/limits").await.expect(200).part("limits");
    assert_eq!(limits["absolute"]["totalGigabytesUsed"], json!(7));
}
