//! Who may do what: the same users, projects and rules as for the Cinder front.

use serde_json::json;

use super::{Client, client};
use crate::support::App;

api_suite!(dev;
    a_password_is_needed,
    projects_keep_apart,
    a_reader_reads,
    strangers_learn_nothing,
    a_password_outlives_every_token,
);

const PASSWORD: &str = "breezeblock";

fn log_in(app: &App, user: &str) -> Client {
    client(app).log_in(user, PASSWORD)
}

async fn a_password_is_needed(app: App) {
    let wrong = client(&app).log_in("demo+demo", "guess");
    let words = "Authentication failed with response code 401";
    for (client, path) in [
        (wrong.clone(), "/api"),
        (wrong.clone(), "/api/storage_volumes/x"),
        (log_in(&app, "nobody+demo"), "/api"),
        (log_in(&app, "demo+nowhere"), "/api"),
        // A project that exists, where he has no role.
        (log_in(&app, "demo+admin"), "/api"),
    ] {
        let answer = client.get(path).await.expect_error(401, words);
        assert_eq!(answer.header("www-authenticate"), None);
    }
    wrong
        .get("/api/storage_volumes")
        .await
        .expect_error(401, "Unauthorized");
    let plain = wrong.get("/api?force_auth=1").await.expect(401);
    assert_eq!(
        (&*plain.text, plain.header("content-type")),
        ("Authentication failed", Some("text/html;charset=utf-8"))
    );
    log_in(&app, "demo+demo").get("/api?force_auth=1").await.expect(200);
}

async fn projects_keep_apart(app: App) {
    let (demo, admin) = (log_in(&app, "demo+demo"), log_in(&app, "admin+admin"));
    let volume = demo.made("storage_volumes", &[]).await;
    app.drain().await;
    let form = [("volume_id", &*volume)];
    let snapshot = demo.made("storage_snapshots", &form).await;
    app.drain().await;
    assert_eq!(demo.ids("storage_snapshots").await, [&*snapshot]);
    // An admin lists the project's own, as in Cinder.
    assert_eq!(admin.ids("storage_snapshots").await, Vec::<String>::new());
    assert_eq!(log_in(&app, "admin+demo").ids("storage_snapshots").await, [&*snapshot]);

    let theirs = admin.made("storage_volumes", &[]).await;
    app.drain().await;
    demo.get(&format!("/api/storage_volumes/{theirs}")).await.expect(404);
    demo.delete(&format!("/api/storage_volumes/{theirs}")).await.expect(404);
    demo.post("/api/storage_snapshots", &[("volume_id", &theirs)])
        .await
        .expect(404);
    // The row is that user's and that project's, as if Cinder's client had made it.
    let shown = app
        .cinder_as("demo")
        .await
        .at("latest")
        .get(&format!("/snapshots/{snapshot}"))
        .await;
    assert_eq!(
        shown.expect(200).part("snapshot")["user_id"],
        json!(crate::support::Ids::DEMO)
    );
}

async fn a_reader_reads(app: App) {
    let (demo, reader) = (log_in(&app, "demo+demo"), log_in(&app, "reader+demo"));
    let volume = demo.made("storage_volumes", &[]).await;
    app.drain().await;
    reader.get(&format!("/api/storage_volumes/{volume}")).await.expect(200);
    let answer = reader.post("/api/storage_snapshots", &[("volume_id", &volume)]).await;
    answer.expect_error(403, "Policy doesn't allow volume:create_snapshot to be performed.");
    reader.post("/api/storage_volumes", &[]).await.expect(403);
    reader
        .delete(&format!("/api/storage_volumes/{volume}"))
        .await
        .expect(403);
    assert_eq!(demo.ids("storage_volumes").await, [volume]);
}

async fn strangers_learn_nothing(app: App) {
    let demo = log_in(&app, "demo+demo");
    let volume = demo.made("storage_volumes", &[]).await;
    let stranger = client(&app).log_in("demo+demo", "guess");
    let known = stranger
        .get(&format!("/api/storage_volumes/{volume}?format=json"))
        .await
        .expect(401);
    let unknown = stranger.get("/api/storage_volumes/x?format=json").await.expect(401);
    assert_eq!(known.text, unknown.text);
    app.drain().await;
}

async fn a_password_outlives_every_token(app: App) {
    let demo = log_in(&app, "demo+demo");
    for seconds in [0, 59, 1, 100_000] {
        app.advance(seconds);
        demo.get("/api").await.expect(200);
    }
    // Another password is another login, whatever is remembered of the right one.
    client(&app).log_in("demo+demo", "guess").get("/api").await.expect(401);
}
