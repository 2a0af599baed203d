//! Attaching without a compute service, the flags of volumes, and the summary (cinder.md §6.2).

use serde_json::{Value, json};

use crate::support::{App, NOWHERE};

api_suite!(
    an_attached_volume_is_in_use_and_shows_by_whom,
    reserving_and_detaching_can_be_taken_back,
    a_volume_in_the_wrong_status_is_refused,
    bad_attachments_are_refused,
    a_reset_takes_the_attachment_away,
    flags_are_shown,
    the_summary_counts_what_the_caller_sees,
);

const SERVER: &str = "11111111-2222-4333-8444-555555555555";

async fn act(app: &App, id: &str, action: &str, argument: Value) {
    let reply = app.api.act(&format!("/volumes/{id}"), action, argument).await;
    reply.expect_empty_json(202);
}

async fn refused(app: &App, id: &str, action: &str, argument: Value, status: u16, message: &str) {
    let reply = app.api.act(&format!("/volumes/{id}"), action, argument).await;
    reply.expect_fault(status, message);
}

fn server() -> Value {
    json!({"instance_uuid": SERVER, "mountpoint": "/dev/vdb"})
}

async fn an_attached_volume_is_in_use_and_shows_by_whom(app: App) {
    let id = app.volume_with(json!({"size": 1, "metadata": {"own": "1"}})).await;
    act(&app, &id, "os-attach", server()).await;
    let shown = app.show_volume(&id).await;
    let attachment = shown["attachments"][0].clone();
    assert_eq!(
        shown["attachments"],
        json!([{
            "id": id, "volume_id": id, "attachment_id": attachment["attachment_id"], "server_id": SERVER,
            "host_name": null, "device": "/dev/vdb", "attached_at": attachment["attached_at"],
        }])
    );
    assert_eq!(
        (&shown["status"], &shown["metadata"]),
        (&json!("in-use"), &json!({"own": "1", "attached_mode": "rw"}))
    );
    let listed = app.api.get("/volumes/detail").await.expect(200).part("volumes");
    assert_eq!(listed[0]["attachments"], shown["attachments"]);
    // The user's own metadata is without the item that is only shown.
    let own = app.api.get(&format!("/volumes/{id}/metadata")).await.expect(200);
    assert_eq!(own.json(), json!({"metadata": {"own": "1"}}));

    let text = format!("Invalid volume: Volume {id} status must be available, but current status is: in-use.");
    let body = json!({"snapshot": {"volume_id": id}});
    app.api.post("/snapshots", body.clone()).await.expect_fault(400, &text);
    app.at("3.66").post("/snapshots", body).await.expect(202);
    app.drain().await;
    app.api.delete(&format!("/volumes/{id}?cascade=true")).await.expect(400);

    let other = json!({"attachment_id": NOWHERE});
    let missing = format!("Volume attachment could not be found with filter: attachment_id = {NOWHERE}.");
    refused(&app, &id, "os-detach", other, 404, &missing).await;
    act(
        &app,
        &id,
        "os-detach",
        json!({"attachment_id": attachment["attachment_id"]}),
    )
    .await;
    let shown = app.show_volume(&id).await;
    assert_eq!(
        (&shown["status"], &shown["attachments"]),
        (&json!("available"), &json!([]))
    );
    assert_eq!(shown["metadata"], json!({"own": "1"}));
}

async fn reserving_and_detaching_can_be_taken_back(app: App) {
    let id = app.volume(1).await;
    for (action, status) in [
        ("os-unreserve", "available"),
        ("os-reserve", "attaching"),
        ("os-unreserve", "available"),
        ("os-reserve", "attaching"),
    ] {
        act(&app, &id, action, json!({})).await;
        assert_eq!(app.volume_status(&id).await, status, "{action}");
    }
    act(&app, &id, "os-attach", json!({"host_name": "h", "mode": "ro"})).await;
    let shown = app.show_volume(&id).await;
    assert_eq!(
        (
            &shown["attachments"][0]["host_name"],
            &shown["attachments"][0]["server_id"]
        ),
        (&json!("h"), &Value::Null)
    );
    assert_eq!(shown["metadata"], json!({"attached_mode": "ro"}));
    for (action, status) in [
        ("os-roll_detaching", "in-use"),
        ("os-begin_detaching", "detaching"),
        ("os-roll_detaching", "in-use"),
        ("os-begin_detaching", "detaching"),
        ("os-detach", "available"),
    ] {
        act(&app, &id, action, Value::Null).await;
        assert_eq!(app.volume_status(&id).await, status, "{action}");
    }
}

async fn a_volume_in_the_wrong_status_is_refused(app: App) {
    let id = app.volume(1).await;
    app.reset_volume(&id, "error").await;
    let text = "Invalid volume: Volume status must be available to reserve, but the status is error.";
    refused(&app, &id, "os-reserve", json!({}), 400, text).await;
    let text = "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be \
                'attached' to detach.";
    refused(&app, &id, "os-begin_detaching", json!({}), 400, text).await;
    let text = format!(
        "Invalid volume: Volume {id} status must be available or attaching to attach, but the status is error."
    );
    refused(&app, &id, "os-attach", server(), 400, &text).await;
    let text =
        format!("Invalid volume: Volume {id} status must be in-use or detaching to detach, but the status is error.");
    refused(&app, &id, "os-detach", json!({}), 400, &text).await;
    let shown = app.show_volume(&id).await;
    assert_eq!((&shown["status"], &shown["attachments"]), (&json!("error"), &json!([])));
    let missing = format!("Volume {NOWHERE} could not be found.");
    for action in [
        "os-reserve",
        "os-unreserve",
        "os-begin_detaching",
        "os-roll_detaching",
        "os-detach",
    ] {
        refused(&app, NOWHERE, action, json!({}), 404, &missing).await;
    }
}

async fn bad_attachments_are_refused(app: App) {
    let id = app.volume(1).await;
    let nobody = "Invalid request to attach volume to an invalid target";
    refused(&app, &id, "os-attach", json!({"mountpoint": "/dev/vdb"}), 400, nobody).await;
    let both = json!({"instance_uuid": SERVER, "host_name": "h"});
    let two = "Invalid request to attach volume to an instance and a host simultaneously";
    refused(&app, &id, "os-attach", both, 400, two).await;
    for argument in [
        json!({"instance_uuid": "x"}),
        json!({"host_name": "h", "mode": "wo"}),
        json!({"host_name": "h", "other": 1}),
        json!({"host_name": 1}),
        Value::Null,
    ] {
        let reply = app.api.act(&format!("/volumes/{id}"), "os-attach", argument).await;
        reply.expect(400);
    }
    assert_eq!(app.volume_status(&id).await, "available");
}

async fn a_reset_takes_the_attachment_away(app: App) {
    let id = app.volume(1).await;
    act(&app, &id, "os-attach", server()).await;
    act(
        &app,
        &id,
        "os-reset_status",
        json!({"status": "available", "attach_status": "detached"}),
    )
    .await;
    let shown = app.show_volume(&id).await;
    assert_eq!(
        (&shown["status"], &shown["attachments"]),
        (&json!("available"), &json!([]))
    );
    act(&app, &id, "os-attach", server()).await;
}

async fn flags_are_shown(app: App) {
    let id = app.volume(1).await;
    let path = format!("/volumes/{id}");
    for (flag, shown) in [(json!(true), "true"), (json!("no"), "false")] {
        let argument = json!({"bootable": flag});
        app.api
            .act(&path, "os-set_bootable", argument)
            .await
            .expect_empty_json(200);
        assert_eq!(app.show_volume(&id).await["bootable"], shown);
    }
    act(&app, &id, "os-update_readonly_flag", json!({"readonly": true})).await;
    assert_eq!(app.show_volume(&id).await["metadata"], json!({"readonly": "True"}));
    let text = format!("Invalid attaching mode 'rw' for volume {id}.");
    refused(&app, &id, "os-attach", server(), 400, &text).await;
    act(&app, &id, "os-update_readonly_flag", json!({"readonly": false})).await;
    act(&app, &id, "os-attach", server()).await;
    let both = json!({"readonly": "False", "attached_mode": "rw"});
    assert_eq!(app.show_volume(&id).await["metadata"], both);
    let text = format!(
        "Invalid volume: Volume {id} status must be available to update readonly flag, but current status is: in-use."
    );
    refused(
        &app,
        &id,
        "os-update_readonly_flag",
        json!({"readonly": true}),
        400,
        &text,
    )
    .await;
    for (action, argument) in [
        ("os-set_bootable", json!({})),
        ("os-set_bootable", json!({"bootable": "perhaps"})),
        ("os-update_readonly_flag", json!({"readonly": null})),
    ] {
        app.api.act(&path, action, argument).await.expect(400);
    }
}

async fn the_summary_counts_what_the_caller_sees(app: App) {
    let other = app.api.of("someone", "abc");
    for (client, size, metadata) in [
        (&app.api, 1, json!({"a": "1"})),
        (&app.api, 2, json!({"a": "2", "b": "1"})),
        (&other, 4, json!({"a": "3"})),
    ] {
        let body = json!({"volume": {"size": size, "metadata": metadata}});
        client.post("/volumes", body).await.expect(202);
    }
    let summary = async |version: &str, query: &str| {
        let path = format!("/volumes/summary{query}");
        app.at(version).get(&path).await.expect(200).part("volume-summary")
    };
    assert_eq!(summary("3.12", "").await, json!({"total_count": 2, "total_size": 3}));
    let own = json!({"total_count": 2, "total_size": 3, "metadata": {"a": ["1", "2"], "b": ["1"]}});
    assert_eq!(summary("3.36", "?name=ignored").await, own);
    let all = json!({"total_count": 3, "total_size": 7, "metadata": {"a": ["1", "2", "3"], "b": ["1"]}});
    assert_eq!(summary("3.36", "?all_tenants=1").await, all);
    let hidden = "The resource could not be found.";
    app.at("3.11").get("/volumes/summary").await.expect_fault(404, hidden);
}
