//! Several machines with disks of their own on one database.

use std::path::Path;

use breezeblock::app::AppError;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{App, Client, Neighbour, column, text};

api_suite!(
    work_is_done_where_the_volume_is,
    a_process_without_storage_takes_requests,
    a_back_end_that_is_down_gets_no_new_volumes,
    a_storage_keeps_its_name,
    a_name_is_for_one_storage,
);

/// Another machine with a disk of its own, in another zone.
async fn slab(app: &App, disk: &TempDir) -> Neighbour {
    let slab = app.neighbour_with(|settings| {
        "slab".clone_into(&mut settings.storage.host);
        "attic".clone_into(&mut settings.storage.availability_zone);
        disk.path().clone_into(&mut settings.storage.path);
    });
    slab.await.unwrap()
}

async fn create(api: &Client, kind: &str, fields: Value) -> String {
    let body = Value::Object([(kind.to_owned(), fields)].into_iter().collect());
    let reply = api.post(&format!("/{kind}s"), body).await.expect(202);
    text(&reply.part(kind), "id").to_owned()
}

fn is_there(disk: &Path, kind: &str, id: &str) -> bool {
    disk.join(format!("{kind}s/{kind}-{id}")).exists()
}

async fn work_is_done_where_the_volume_is(app: App) {
    let disk = TempDir::new().unwrap();
    let slab = slab(&app, &disk).await;
    let zones = app.api.get("/os-availability-zone").await.expect(200);
    assert_eq!(
        column(&zones.part("availabilityZoneInfo"), "zoneName"),
        ["attic", "nova"]
    );
    let pools = app
        .api
        .get("/scheduler-stats/get_pools")
        .await
        .expect(200)
        .part("pools");
    assert_eq!(column(&pools, "name"), ["brick@file#file", "slab@file#file"]);

    let there = create(&app.api, "volume", json!({"size": 1, "availability_zone": "attic"})).await;
    app.drain().await;
    assert_eq!(app.volume_status(&there).await, "creating", "not this machine's");
    slab.drain().await;
    let shown = app.show_volume(&there).await;
    assert_eq!(text(&shown, "status"), "available");
    assert_eq!(text(&shown, "os-vol-host-attr:host"), "slab@file#file");
    assert_eq!(text(&shown, "availability_zone"), "attic");
    assert!(is_there(disk.path(), "volume", &there));

    // Each by whichever process is asked, and all of it where the volume is.
    let snapshot = create(&app.api, "snapshot", json!({"volume_id": there})).await;
    let copy = create(&slab.api, "volume", json!({"source_volid": there})).await;
    app.drain().await;
    assert_eq!(app.snapshot_status(&snapshot).await, "creating");
    slab.drain().await;
    let restored = create(&app.api, "volume", json!({"snapshot_id": snapshot})).await;
    slab.drain().await;
    for id in [&copy, &restored] {
        assert_eq!(app.volume_status(id).await, "available");
        assert!(is_there(disk.path(), "volume", id));
    }
    assert!(is_there(disk.path(), "snapshot", &snapshot));
    let body = json!({"volume": {"snapshot_id": snapshot, "availability_zone": "nova"}});
    app.api.post("/volumes", body).await.expect_fault(
        400,
        "Invalid input received: Volume must be in the same availability zone as the snapshot",
    );

    let here = app.volume_with(json!({"size": 1, "availability_zone": "nova"})).await;
    let own = app.snapshot(&here).await;
    for (filter, expected) in [
        ("host=slab", &snapshot),
        ("host=slab@file", &snapshot),
        ("host=slab@file%23file", &snapshot),
        ("availability_zone=attic", &snapshot),
        ("host=brick", &own),
        ("availability_zone=nova", &own),
    ] {
        let path = format!("/snapshots?all_tenants=1&{filter}");
        let found = app.at("3.0").get(&path).await.expect(200).part("snapshots");
        assert_eq!(column(&found, "id"), [expected], "{filter}");
    }
    for nowhere in ["host=sla", "host=s%25", "availability_zone=cellar"] {
        let path = format!("/snapshots?all_tenants=1&{nowhere}");
        let found = app.at("3.0").get(&path).await.expect(200).part("snapshots");
        assert_eq!(found, json!([]), "{nowhere}");
    }

    app.api
        .delete(&format!("/volumes/{there}?cascade=true"))
        .await
        .expect(202);
    app.drain().await;
    assert!(is_there(disk.path(), "volume", &there));
    slab.drain().await;
    assert!(!is_there(disk.path(), "volume", &there) && !is_there(disk.path(), "snapshot", &snapshot));
    slab.stop().await;
}

async fn a_process_without_storage_takes_requests(app: App) {
    let disk = TempDir::new().unwrap();
    let front = app.neighbour_with(|settings| {
        settings.worker.enabled = false;
        "desk".clone_into(&mut settings.storage.host);
        disk.path().join("none").clone_into(&mut settings.storage.path);
    });
    let front = front.await.unwrap();
    let services = front.api.get("/os-services").await.expect(200).part("services");
    assert_eq!(column(&services, "host"), ["brick", "desk", "brick@file"]);
    let volume = create(&front.api, "volume", json!({"size": 1})).await;
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
    front.api.below("").get("/healthcheck").await.expect(200);
    assert!(!disk.path().join("none").exists(), "it has made a storage");
    front.stop().await;
}

async fn a_back_end_that_is_down_gets_no_new_volumes(app: App) {
    let disk = TempDir::new().unwrap();
    let slab = slab(&app, &disk).await;
    app.advance(60);
    let state = async |api: &Client| {
        let path = "/os-services?host=slab@file";
        let services = api.get(path).await.expect(200).part("services");
        text(&services[0], "state").to_owned()
    };
    assert_eq!(state(&app.api).await, "up");
    app.advance(1);
    assert_eq!(state(&app.api).await, "down");
    assert_eq!(state(&slab.api).await, "up", "it knows better of itself");
    let wanted = json!({"size": 1, "availability_zone": "attic"});
    let failed = create(&app.api, "volume", wanted.clone()).await;
    assert_eq!(app.volume_status(&failed).await, "error");
    let made = create(&slab.api, "volume", wanted).await;
    slab.drain().await;
    assert_eq!(app.volume_status(&made).await, "available");
    slab.stop().await;
}

async fn a_storage_keeps_its_name(app: App) {
    // As long as nothing is there, it may be called anything, once nobody works under the old name.
    let rename = || app.neighbour_with(|settings| "slab".clone_into(&mut settings.storage.host));
    if app.is_shared() {
        assert!(matches!(rename().await, Err(AppError::Renamed { .. })));
    }
    app.advance(61);
    let renamed = rename().await.unwrap();
    let services = app.api.get("/os-services?binary=cinder-volume").await;
    assert_eq!(column(&services.expect(200).part("services"), "host"), ["slab@file"]);
    let volume = create(&renamed.api, "volume", json!({"size": 1})).await;
    renamed.drain().await;
    assert_eq!(
        text(&app.show_volume(&volume).await, "os-vol-host-attr:host"),
        "slab@file#file"
    );
    renamed.stop().await;

    let error = app.neighbour_with(|_settings| ()).await.unwrap_err();
    let AppError::Renamed { name, wanted } = &error else {
        panic!("{error}")
    };
    assert_eq!((name.machine(), wanted.machine()), ("slab", "brick"));
    // A machine whose name is left open takes the one that the storage has.
    let nameless = app.neighbour_with(|settings| settings.storage.host.clear());
    let nameless = nameless.await.unwrap();
    nameless.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    nameless.drain().await;
    app.api.get(&format!("/volumes/{volume}")).await.expect(404);
    nameless.stop().await;
}

async fn a_name_is_for_one_storage(app: App) {
    let disk = TempDir::new().unwrap();
    let take = || app.neighbour_with(|settings| disk.path().clone_into(&mut settings.storage.path));
    if app.is_shared() {
        let error = take().await.unwrap_err();
        assert!(matches!(error, AppError::NameTaken(_)), "{error}");
    }
    // Nobody has been seen for a while, and there is nothing to lose.
    app.advance(61);
    let taken = take().await.unwrap();
    let service = async |api: &Client| {
        let path = "/os-services?binary=cinder-volume";
        let services = api.get(path).await.expect(200).part("services");
        text(&services[0], "state").to_owned()
    };
    assert_eq!(service(&taken.api).await, "up");
    // Who is back finds the name taken, and does nothing under it.
    app.advance(61);
    app.beat().await;
    assert_eq!(service(&app.api).await, "down");
    taken.beat().await;
    let volume = create(&app.api, "volume", json!({"size": 1})).await;
    app.drain().await;
    assert_eq!(app.volume_status(&volume).await, "creating");
    taken.drain().await;
    assert_eq!(app.volume_status(&volume).await, "available");
    assert!(is_there(disk.path(), "volume", &volume));
    taken.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    taken.drain().await;
    taken.stop().await;
}
