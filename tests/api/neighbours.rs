//! Small calls that clients make: types, zones, extensions, filters.

use serde_json::{Value, json};

use crate::support::{App, NOT_FOUND, NOWHERE, column, keys, text};

api_suite!(
    the_default_type_is_the_only_one,
    a_type_is_shown_by_its_id_only,
    there_is_one_availability_zone,
    the_zone_has_the_name_of_the_settings["storage.availability_zone" = "az 1"],
    extensions_are_listed_and_shown,
    the_resource_filters_are_listed_from_their_version_on,
);

const TYPE: [&str; 6] = ["id", "name", "is_public", "description", "extra_specs", "qos_specs_id"];

async fn the_default_type_is_the_only_one(app: App) {
    let types = app.api.get("/types").await.expect(200).part("volume_types");
    assert_eq!(column(&types, "name"), ["__DEFAULT__"]);
    assert_eq!(
        keys(&types[0]),
        [&TYPE[..], &["os-volume-type-access:is_public"]].concat()
    );
    // The only call that lacks the access field.
    let default = app.api.get("/types/default").await.expect(200).part("volume_type");
    assert_eq!(keys(&default), TYPE);
    for kind in [&types[0], &default] {
        assert_eq!(kind["is_public"], json!(true));
        assert_eq!(kind["description"], json!("Default Volume Type"));
        assert_eq!(kind["extra_specs"], json!({}));
        assert_eq!(kind["qos_specs_id"], Value::Null);
    }
    assert_eq!(default["id"], types[0]["id"]);
}

async fn a_type_is_shown_by_its_id_only(app: App) {
    let types = app.api.get("/types").await.expect(200).part("volume_types");
    let shown = app
        .api
        .get(&format!("/types/{}", text(&types[0], "id")))
        .await
        .expect(200)
        .part("volume_type");
    assert_eq!(shown, types[0]);
    for wrong in ["__DEFAULT__", "nope", NOWHERE] {
        let message = format!("Volume type {wrong} could not be found.");
        app.api
            .get(&format!("/types/{wrong}"))
            .await
            .expect_fault(404, &message);
    }
}

async fn there_is_one_availability_zone(app: App) {
    let reply = app.api.get("/os-availability-zone").await.expect(200);
    assert_eq!(
        reply.text,
        r#"{"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": true}}]}"#
    );
}

async fn the_zone_has_the_name_of_the_settings(app: App) {
    let zones = app
        .api
        .get("/os-availability-zone")
        .await
        .expect(200)
        .part("availabilityZoneInfo");
    assert_eq!(column(&zones, "zoneName"), ["az 1"]);
    let volume = app.volume(1).await;
    assert_eq!(text(&app.show_volume(&volume).await, "availability_zone"), "az 1");
    let body = json!({"volume": {"size": 1, "availability_zone": "nova"}});
    app.api
        .post("/volumes", body)
        .await
        .expect_fault(400, "Availability zone 'nova' is invalid.");
}

async fn extensions_are_listed_and_shown(app: App) {
    let all = app.api.get("/extensions").await.expect(200).part("extensions");
    let aliases = column(&all, "alias");
    for alias in [
        "os-snapshot-actions",
        "os-extended-snapshot-attributes",
        "os-quota-sets",
        "os-vol-host-attr",
    ] {
        assert!(aliases.contains(&alias), "{alias}");
    }
    for extension in all.as_array().unwrap() {
        assert_eq!(keys(extension), ["name", "alias", "description", "updated", "links"]);
        let path = format!("/extensions/{}", text(extension, "alias"));
        assert_eq!(
            app.api.get(&path).await.expect(200).json(),
            json!({"extension": extension})
        );
    }
    app.api.get("/extensions/os-nope").await.expect_fault(404, NOT_FOUND);
    let reply = app.api.get("/extensions/os-snapshot-actions").await.expect(200);
    assert_eq!(
        reply.text,
        r#"{"extension": {"name": "SnapshotActions", "alias": "os-snapshot-actions", "description": "Enable snapshot manager actions.", "updated": "2013-07-16T00:00:00+00:00", "links": []}}"#
    );
}

async fn the_resource_filters_are_listed_from_their_version_on(app: App) {
    app.at("3.32")
        .get("/resource_filters")
        .await
        .expect_fault(404, NOT_FOUND);
    let one = app
        .at("3.33")
        .get("/resource_filters?resource=snapshot")
        .await
        .expect(200);
    assert_eq!(
        one.text,
        r#"{"resource_filters": [{"resource": "snapshot", "filters": ["name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"]}]}"#
    );
    let all = app
        .at("3.33")
        .get("/resource_filters")
        .await
        .expect(200)
        .part("resource_filters");
    assert!(column(&all, "resource").contains(&"volume"));
    let none = app.at("3.33").get("/resource_filters?resource=nope").await.expect(200);
    assert_eq!(none.text, r#"{"resource_filters": []}"#);
}
