//! Storage and database are compared, both ways, and nothing is concluded from one look.

use std::{fs, path::PathBuf};

use breezeblock::{audit::AuditError, domain::ResourceKind, worker::Reconciled};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{App, Client, column, text};

api_suite!(
    lost_bytes_are_an_error_only_after_a_second_look,
    bytes_that_come_back_are_forgiven,
    work_and_admins_win,
    a_storage_that_is_not_there_changes_nothing,
    what_is_all_gone_at_once_is_not_believed_to_be_lost,
    strangers_are_counted_and_stay,
    two_workers_tell_it_once,
    an_expired_reason_stays_as_long_as_the_error["message.ttl" = "60"],
    what_another_machine_has_is_listed,
);

async fn look(app: &App) -> Reconciled {
    app.worker().reconcile().await.unwrap().unwrap()
}

async fn messages(client: &Client) -> Value {
    client.get("/messages").await.expect(200).part("messages")
}

async fn lost_bytes_are_an_error_only_after_a_second_look(app: App) {
    let volume = app.volume(1).await;
    let (kept, lost) = (app.snapshot(&volume).await, app.snapshot(&volume).await);
    let first = look(&app).await;
    assert_eq!((first.held, first.unknown), (3, 0));
    assert!(first.missed.is_empty() && first.lost.is_empty());

    fs::remove_file(app.snapshot_file(&lost)).unwrap();
    let missed = look(&app).await.missed;
    assert_eq!(
        missed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [format!("snapshot {lost}")]
    );
    assert_eq!(app.snapshot_status(&lost).await, "available");
    assert_eq!(messages(&app.at("latest")).await, json!([]));

    app.advance(300);
    let second = look(&app).await;
    assert_eq!(second.lost, missed);
    assert!(second.missed.is_empty());
    assert_eq!(app.snapshot_status(&lost).await, "error");
    assert_eq!(app.snapshot_status(&kept).await, "available");
    let told = messages(&app.at("latest")).await;
    assert_eq!(column(&told, "resource_uuid"), [lost.as_str()]);
    assert_eq!(text(&told[0], "event_id"), "VOLUME_VOLUME_SNAPSHOT_903_903");
    assert_eq!(
        text(&told[0], "user_message"),
        format!(
            "check storage:The bytes are not in the storage any more. snapshot-{lost} was looked for twice and is not \
             there."
        )
    );
    assert!(text(&told[0], "request_id").starts_with("req-"));

    assert_eq!(look(&app).await.lost, []);
    app.api.delete(&format!("/snapshots/{lost}")).await.expect_bare(202);
    app.drain().await;
    app.api.get(&format!("/snapshots/{lost}")).await.expect(404);

    fs::remove_file(app.volume_file(&volume)).unwrap();
    look(&app).await;
    assert_eq!(look(&app).await.lost.len(), 1);
    assert_eq!(app.volume_status(&volume).await, "error");
}

async fn bytes_that_come_back_are_forgiven(app: App) {
    let volume = app.volume(1).await;
    let (file, aside) = (app.volume_file(&volume), app.volume_file("aside"));
    for _again in 0..2 {
        fs::rename(&file, &aside).unwrap();
        let missed = look(&app).await;
        assert_eq!((missed.missed.len(), missed.lost.len()), (1, 0));
        fs::rename(&aside, &file).unwrap();
        let back = look(&app).await;
        assert!(back.missed.is_empty() && back.lost.is_empty());
    }
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn work_and_admins_win(app: App) {
    let volume = app.volume(1).await;
    let (deleted, said) = (app.snapshot(&volume).await, app.snapshot(&volume).await);
    // Were nothing left, it would look like a lost mount.
    app.snapshot(&volume).await;
    for id in [&deleted, &said] {
        fs::remove_file(app.snapshot_file(id)).unwrap();
    }
    assert_eq!(look(&app).await.missed.len(), 2);
    app.api.delete(&format!("/snapshots/{deleted}")).await.expect_bare(202);
    app.reset_snapshot(&said, "available").await;
    let second = look(&app).await;
    assert!(second.missed.is_empty() && second.lost.is_empty(), "{second:?}");
    assert_eq!(app.snapshot_status(&said).await, "available");
    app.drain().await;
    app.api.get(&format!("/snapshots/{deleted}")).await.expect(404);
    assert_eq!(messages(&app.at("latest")).await, json!([]));
}

async fn a_storage_that_is_not_there_changes_nothing(app: App) {
    let volume = app.volume(1).await;
    let snapshot = app.snapshot(&volume).await;
    let root: PathBuf = app.volume_file(&volume).ancestors().nth(2).unwrap().to_owned();
    let unchanged = app.everything().await;
    // A folder without an id, as below a lost mount; and one that is of another database.
    let (id, other) = (root.join(".storage-id"), root.join("other"));
    for _look in 0..3 {
        fs::rename(&id, &other).unwrap();
        app.worker().reconcile().await.unwrap_err();
        fs::write(&id, "another").unwrap();
        app.worker().reconcile().await.unwrap_err();
        fs::rename(&other, &id).unwrap();
    }
    // A part of it, such as a mount point without its mount, has no id of its own.
    let (volumes, other) = (root.join("volumes"), root.join("other"));
    for _look in 0..3 {
        fs::rename(&volumes, &other).unwrap();
        fs::create_dir(&volumes).unwrap();
        app.worker().reconcile().await.unwrap_err();
        fs::remove_dir(&volumes).unwrap();
        fs::rename(&other, &volumes).unwrap();
    }
    assert_eq!(app.everything().await, unchanged);
    let whole = look(&app).await;
    assert!(whole.missed.is_empty(), "{whole:?}");
    assert_eq!(app.snapshot_status(&snapshot).await, "available");
}

async fn what_is_all_gone_at_once_is_not_believed_to_be_lost(app: App) {
    let volume = app.volume(1).await;
    let snapshots = [app.snapshot(&volume).await, app.snapshot(&volume).await];
    let files = snapshots.each_ref().map(|id| app.snapshot_file(id));
    let elsewhere = files[0].ancestors().nth(2).unwrap().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let away = files.each_ref().map(|file| elsewhere.join(file.file_name().unwrap()));
    for (file, away) in files.iter().zip(&away) {
        fs::rename(file, away).unwrap();
    }
    for _look in 0..3 {
        let error = app.worker().reconcile().await.unwrap_err();
        assert!(matches!(error, AuditError::Emptied(ResourceKind::Snapshot)), "{error}");
    }
    for (file, away) in files.iter().zip(&away) {
        fs::rename(away, file).unwrap();
    }
    assert!(look(&app).await.missed.is_empty());
    for id in &snapshots {
        assert_eq!(app.snapshot_status(id).await, "available");
    }
}

async fn strangers_are_counted_and_stay(app: App) {
    let volume = app.volume(1).await;
    let beside = |name: &str| app.snapshot_file("x").with_file_name(name);
    fs::write(beside("found"), b"bytes").unwrap();
    fs::write(beside(".hidden"), b"").unwrap();
    fs::create_dir(beside("folder")).unwrap();
    for _look in 0..2 {
        let found = look(&app).await;
        assert_eq!((found.held, found.unknown), (2, 1));
    }
    assert_eq!(fs::read(beside("found")).unwrap(), b"bytes");
    assert_eq!(app.volume_status(&volume).await, "available");
}

async fn two_workers_tell_it_once(app: App) {
    let volume = app.volume(1).await;
    let neighbour = app.neighbour().await;
    fs::remove_file(app.volume_file(&volume)).unwrap();
    let (one, other) = (app.worker(), neighbour.worker());
    // What one has seen, the other has not.
    assert_eq!(one.reconcile().await.unwrap().unwrap().missed.len(), 1);
    assert_eq!(other.reconcile().await.unwrap().unwrap().missed.len(), 1);
    let (one, other) = tokio::join!(one.reconcile(), other.reconcile());
    let lost = [one, other].map(|found| found.unwrap().unwrap().lost.len());
    assert_eq!(lost.iter().sum::<usize>(), 1, "{lost:?}");
    assert_eq!(app.volume_status(&volume).await, "error");
    let told = messages(&app.at("latest")).await;
    assert_eq!(column(&told, "resource_uuid"), [volume.as_str()]);
    neighbour.stop().await;
}

async fn an_expired_reason_stays_as_long_as_the_error(app: App) {
    let volume = app.volume(1).await;
    fs::remove_file(app.volume_file(&volume)).unwrap();
    look(&app).await;
    look(&app).await;
    app.advance(61);
    let now = app.now();
    assert_eq!(app.store().message_expire(now).await.unwrap(), 0);
    let told = messages(&app.at("latest")).await;
    let path = format!("/messages/{}", text(&told[0], "id"));
    app.at("latest").delete(&path).await.expect_bare(204);
    assert_eq!(messages(&app.at("latest")).await, json!([]));
    app.at("latest").get(&path).await.expect(404);
    app.at("latest").delete(&path).await.expect(404);
    assert_eq!(app.store().message_expire(now).await.unwrap(), 0);
    app.api.delete(&format!("/volumes/{volume}")).await.expect_bare(202);
    app.drain().await;
    assert_eq!(app.store().message_expire(now).await.unwrap(), 1);
}

async fn what_another_machine_has_is_listed(app: App) {
    let disk = TempDir::new().unwrap();
    let slab = app
        .neighbour_with(|settings| {
            "slab".clone_into(&mut settings.storage.host);
            disk.path().clone_into(&mut settings.storage.path);
        })
        .await
        .unwrap();
    fs::write(disk.path().join("snapshots/found"), b"bytes").unwrap();
    let names = async |host: &str| {
        let path = format!("/os-snapshot-manage?host={host}");
        let listed = app.api.get(&path).await.expect(200).part("manageable-snapshots");
        let listed = listed.as_array().unwrap().clone();
        listed
            .iter()
            .map(|item| item["reference"]["source-name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    slab.worker().reconcile().await.unwrap();
    for host in ["slab@file", "slab@file%23file"] {
        assert_eq!(names(host).await, ["found"], "{host}");
    }
    assert_eq!(names("brick@file").await, [""; 0]);
    fs::rename(disk.path().join("snapshots/found"), disk.path().join("snapshots/moved")).unwrap();
    slab.worker().reconcile().await.unwrap();
    assert_eq!(names("slab@file").await, ["moved"]);
    slab.stop().await;
}
