//! Types that ask for what the back end is not, as Cinder's scheduler answers them.

use serde_json::json;

use super::group_types::make as make_type;
use crate::support::{App, PROJECT, text};

api_suite!(
    a_type_for_another_back_end_ends_in_error_with_a_message,
    a_type_that_describes_the_back_end_is_served,
    a_group_for_another_back_end_is_in_error_and_says_why,
);

async fn type_with(app: &App, specs: serde_json::Value) -> String {
    let new = json!({"volume_type": {"name": "special", "extra_specs": specs}});
    let made = app.api.post("/types", new).await.expect(200);
    text(&made.part("volume_type"), "id").to_owned()
}

async fn a_type_for_another_back_end_ends_in_error_with_a_message(app: App) {
    let kind = type_with(
        &app,
        json!({"vendor_name": "somebody else", "storage_protocol": "file"}),
    )
    .await;
    let new = json!({"volume": {"size": 1, "volume_type": kind}});
    let reply = app.api.post("/volumes", new).await.expect(202);
    let volume = reply.part("volume");
    assert_eq!(text(&volume, "status"), "creating");
    let id = text(&volume, "id");
    app.drain().await;
    assert_eq!(app.volume_status(id).await, "error");
    assert!(app.files("volumes").is_empty());

    let messages = app.at("3.5").get("/messages").await.expect(200).part("messages");
    let [message] = messages.as_array().unwrap().as_slice() else {
        panic!("{messages}");
    };
    assert_eq!(text(message, "event_id"), "VOLUME_VOLUME_001_003");
    assert_eq!(text(message, "resource_uuid"), id);
    assert_eq!(
        text(message, "user_message"),
        "schedule allocate volume:Could not find any available weighted backend. no back end that works has \
         everything that the volume's type asks for."
    );
    assert_eq!(message["request_id"], reply.header("x-openstack-request-id").unwrap());

    let shown = app
        .at("3.71")
        .get(&format!("/volumes/{id}"))
        .await
        .expect(200)
        .part("volume");
    assert_eq!(shown["os-vol-host-attr:host"], json!(null));
    assert_eq!(shown["service_uuid"], json!(null));
    // Nobody has to do anything for it to be gone.
    app.api.delete(&format!("/volumes/{id}")).await.expect_bare(202);
    app.api.get(&format!("/volumes/{id}")).await.expect(404);
    app.api.delete(&format!("/types/{kind}")).await.expect_bare(202);
    let usage = app
        .api
        .get(&format!("/os-quota-sets/{PROJECT}?usage=True"))
        .await
        .expect(200);
    assert_eq!(usage.part("quota_set")["volumes"]["in_use"], 0);
}

async fn a_type_that_describes_the_back_end_is_served(app: App) {
    let specs = json!({
        "vendor_name": "breezeblock",
        "capabilities:storage_protocol": "<in> file",
        "thin_provisioning_support": "<is> True",
        "RESKEY:availability_zones": "elsewhere",
    });
    let kind = type_with(&app, specs).await;
    app.volume_with(json!({"size": 1, "volume_type": kind})).await;
}

async fn a_group_for_another_back_end_is_in_error_and_says_why(app: App) {
    let volume_type = type_with(&app, json!({"vendor_name": "somebody else"})).await;
    let kind = make_type(&app, json!({"name": "n"})).await;
    let group = json!({"group_type": text(&kind, "id"), "volume_types": [volume_type]});
    let reply = app
        .at("3.13")
        .post("/groups", json!({"group": group}))
        .await
        .expect(202);
    let group = reply.part("group");
    let id = text(&group, "id");
    let shown = app.at("3.13").get(&format!("/groups/{id}")).await.expect(200);
    assert_eq!(text(&shown.part("group"), "status"), "error");
    let messages = app.at("3.5").get("/messages").await.expect(200).part("messages");
    let [message] = messages.as_array().unwrap().as_slice() else {
        panic!("{messages}");
    };
    assert_eq!(text(message, "resource_uuid"), id);
    assert_eq!(
        text(message, "user_message"),
        "create group:Could not find any available weighted backend. no back end that works has everything that the \
         types of the group's volumes ask for."
    );
}
