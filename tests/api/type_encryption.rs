//! `/types/{id}/encryption`: what a type says about encryption (Cinder: `contrib/volume_type_encryption.py`), and
//! that no volume is of a type that says something.

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, invalid, text};

api_suite!(
    a_type_says_how_it_encrypts_and_says_it_no_more,
    the_size_of_the_key_is_a_number_or_its_digits,
    bad_bodies_are_refused,
    what_a_type_does_not_say_is_not_found,
    a_type_in_use_says_nothing_new,
    no_volume_is_of_a_type_that_encrypts,
    a_volume_and_encryption_exclude_each_other,
);

/// The id of a new type.
async fn new_type(app: &App, name: &str) -> String {
    let new = json!({"volume_type": {"name": name}});
    let made = app.api.post("/types", new).await.expect(200).part("volume_type");
    text(&made, "id").to_owned()
}

fn path(id: &str) -> String {
    format!("/types/{id}/encryption")
}

fn luks() -> Value {
    json!({"encryption": {
        "provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64", "key_size": 256,
    }})
}

async fn shown(app: &App, id: &str) -> Value {
    app.api.get(&path(id)).await.expect(200).json()
}

async fn a_type_says_how_it_encrypts_and_says_it_no_more(app: App) {
    let (id, other) = (new_type(&app, "vault").await, new_type(&app, "other").await);
    let path = path(&id);
    let made = app.api.post(&path, luks()).await.expect(200).part("encryption");
    let encryption_id = text(&made, "encryption_id").to_owned();
    let mut expected = luks()["encryption"].clone();
    expected["volume_type_id"] = json!(id);
    expected["encryption_id"] = json!(encryption_id);
    assert_eq!(made, expected);

    for (key, value) in [
        ("created_at", json!("2027-01-15T08:00:00.000000")),
        ("updated_at", Value::Null),
        ("deleted_at", Value::Null),
        ("deleted", json!(false)),
    ] {
        expected[key] = value;
    }
    assert_eq!(shown(&app, &id).await, expected);
    assert_eq!(shown(&app, &other).await, json!({}));
    for (key, value) in expected.as_object().unwrap() {
        let item = app.api.get(&format!("{path}/{key}")).await.expect(200).json();
        assert_eq!(item, json!({key: value}));
    }
    let none = format!("Volume type encryption for type {id} does not exist.");
    app.api.get(&format!("{path}/id")).await.expect_fault(404, &none);
    let twice = format!("Volume type encryption for type {id} already exists.");
    app.api.post(&path, luks()).await.expect_fault(400, &twice);

    app.advance(5);
    let change = json!({"encryption": {"provider": "", "control_location": "back-end", "cipher": null}});
    let own = format!("{path}/{encryption_id}");
    assert_eq!(app.api.put(&own, change.clone()).await.expect(200).json(), change);
    expected["provider"] = json!("");
    expected["control_location"] = json!("back-end");
    expected["cipher"] = Value::Null;
    expected["updated_at"] = json!("2027-01-15T08:00:05.000000");
    assert_eq!(shown(&app, &id).await, expected);
    // The id in the path does not matter, and what is not sent stays.
    app.advance(5);
    let nothing = json!({"encryption": {}});
    let anything = format!("{path}/provider");
    assert_eq!(
        app.api.put(&anything, nothing.clone()).await.expect(200).json(),
        nothing
    );
    expected["updated_at"] = json!("2027-01-15T08:00:10.000000");
    assert_eq!(shown(&app, &id).await, expected);

    app.api.delete(&own).await.expect_bare(202);
    assert_eq!(shown(&app, &id).await, json!({}));
    app.api.delete(&own).await.expect_fault(404, &none);
    app.api.post(&path, luks()).await.expect(200);
    // It goes with its type.
    app.api.delete(&format!("/types/{id}")).await.expect_bare(202);
    let gone = format!("Volume type {id} could not be found.");
    app.api.get(&path).await.expect_fault(404, &gone);
}

async fn the_size_of_the_key_is_a_number_or_its_digits(app: App) {
    let path = path(&new_type(&app, "vault").await);
    app.api.post(&path, luks()).await.expect(200);
    let item = format!("{path}/key_size");
    for (sent, expected) in [
        (json!("512"), json!(512)),
        (json!(0), json!(0)),
        (json!("2147483647"), json!(2_147_483_647)),
        (json!(null), json!(null)),
    ] {
        let change = json!({"encryption": {"key_size": sent}});
        let reply = app.api.put(&item, change).await.expect(200).part("encryption");
        assert_eq!(reply, json!({"key_size": expected}));
        assert_eq!(
            app.api.get(&item).await.expect(200).json(),
            json!({"key_size": expected})
        );
    }
    let no_type = |value: &str| {
        let reason = format!("{value} is not of type 'string', 'integer', 'null'");
        invalid("key_size", value, &reason)
    };
    let small = |value: &str| invalid("key_size", value, &format!("{value} is less than the minimum of 0"));
    let large = |value: &str| {
        let reason = format!("{value} is greater than the maximum of 2147483647");
        invalid("key_size", value, &reason)
    };
    let no_number = || "Invalid input received: key_size must be an integer.".to_owned();
    for (sent, refusal) in [
        (json!(-1), small("-1")),
        (json!("-1"), small("-1")),
        (json!(2_147_483_648_i64), large("2147483648")),
        (json!("2147483648"), large("2147483648")),
        (json!(u64::MAX), large("18446744073709551615")),
        (json!(256.0), no_type("256.0")),
        (json!(true), no_type("True")),
        (json!([256]), no_type("[256]")),
        (json!(""), no_number()),
        (json!("many"), no_number()),
        (json!("+1"), no_number()),
        (json!(" 1"), no_number()),
        (json!("01"), no_number()),
        (json!("1.0"), no_number()),
    ] {
        let change = json!({"encryption": {"key_size": sent}});
        app.api.put(&item, change).await.expect_fault(400, &refusal);
    }
    assert_eq!(app.api.get(&item).await.expect(200).json(), json!({"key_size": null}));
}

async fn bad_bodies_are_refused(app: App) {
    let id = new_type(&app, "vault").await;
    let path = path(&id);
    let long = "x".repeat(256);
    let missing = |fields: &str, key: &str| invalid("encryption", fields, &format!("'{key}' is a required property"));
    for (fields, refusal) in [
        (json!({}), missing("{}", "provider")),
        (
            json!({"provider": "luks"}),
            missing("{'provider': 'luks'}", "control_location"),
        ),
        (
            json!({"provider": null, "control_location": "front-end"}),
            invalid("provider", "None", "None is not of type 'string'"),
        ),
        (
            json!({"provider": long, "control_location": "front-end"}),
            invalid("provider", &long, &format!("'{long}' is too long")),
        ),
        (
            json!({"provider": "luks", "control_location": "sideways"}),
            invalid(
                "control_location",
                "sideways",
                "'sideways' is not one of ['front-end', 'back-end']",
            ),
        ),
        (
            json!({"provider": "luks", "control_location": null}),
            invalid(
                "control_location",
                "None",
                "None is not one of ['front-end', 'back-end']",
            ),
        ),
        (
            json!({"provider": "luks", "control_location": "front-end", "cipher": 1}),
            invalid("cipher", "1", "1 is not of type 'string', 'null'"),
        ),
        (
            json!({"provider": "luks", "control_location": "front-end", "cipher": long}),
            invalid("cipher", &long, &format!("'{long}' is too long")),
        ),
        (
            json!("luks"),
            invalid("encryption", "luks", "'luks' is not of type 'object'"),
        ),
    ] {
        let body = json!({"encryption": fields});
        app.api.post(&path, body).await.expect_fault(400, &refusal);
    }
    let unnamed = "'encryption' is a required property";
    app.api.post(&path, json!({})).await.expect_fault(400, unnamed);
    let mut more = luks();
    more["other"] = json!(1);
    let unexpected = "Additional properties are not allowed ('other' was unexpected)";
    app.api.post(&path, more).await.expect_fault(400, unexpected);
    assert_eq!(shown(&app, &id).await, json!({}));

    // Inside, Cinder takes whatever comes and sends it back. The ids are not the client's to choose.
    let mut more = luks();
    more["encryption"]["note"] = json!("n");
    more["encryption"]["volume_type_id"] = json!(NOWHERE);
    more["encryption"]["encryption_id"] = json!(NOWHERE);
    let made = app.api.post(&path, more).await.expect(200).part("encryption");
    assert_eq!((&made["note"], &made["volume_type_id"]), (&json!("n"), &json!(id)));
    assert_ne!(made["encryption_id"], NOWHERE);
    let before = shown(&app, &id).await;
    let refusal = invalid(
        "encryption",
        "{'provider': 'x', 'note': 'n'}",
        "Additional properties are not allowed ('note' was unexpected)",
    );
    let change = json!({"encryption": {"provider": "x", "note": "n"}});
    app.api
        .put(&format!("{path}/x"), change)
        .await
        .expect_fault(400, &refusal);
    assert_eq!(shown(&app, &id).await, before);
}

async fn what_a_type_does_not_say_is_not_found(app: App) {
    let id = new_type(&app, "plain").await;
    let none = format!("Volume type encryption for type {id} does not exist.");
    let item = format!("{}/provider", path(&id));
    app.api.get(&item).await.expect_fault(404, &none);
    app.api.put(&item, luks()).await.expect_fault(404, &none);
    app.api.delete(&item).await.expect_fault(404, &none);
}

async fn a_type_in_use_says_nothing_new(app: App) {
    let id = new_type(&app, "plain").await;
    let (path, item) = (path(&id), format!("{}/provider", path(&id)));
    let volume = app.volume_with(json!({"size": 1, "volume_type": id})).await;
    let in_use = |verb: &str| format!("Cannot {verb} encryption specs. Volume type in use.");
    app.api.post(&path, luks()).await.expect_fault(400, &in_use("create"));
    app.api.put(&item, luks()).await.expect_fault(400, &in_use("update"));
    app.api.delete(&item).await.expect_fault(400, &in_use("delete"));
    assert_eq!(shown(&app, &id).await, json!({}));
    app.api.delete(&format!("/volumes/{volume}")).await.expect(202);
    app.drain().await;
    app.api.post(&path, luks()).await.expect(200);
}

async fn no_volume_is_of_a_type_that_encrypts(app: App) {
    let id = new_type(&app, "vault").await;
    let path = path(&id);
    app.api.post(&path, luks()).await.expect(200);
    let before = app.everything().await;
    let new = json!({"volume": {"size": 1, "volume_type": "vault"}});
    let refusal =
        format!("Key manager error: volumes of type {id} are to be encrypted, and this service has no key manager.");
    app.api.post("/volumes", new.clone()).await.expect_fault(400, &refusal);
    let change = json!({"encryption": {"cipher": null}});
    app.api.put(&format!("{path}/x"), change).await.expect(200);
    let refusal = "Invalid encryption spec";
    app.api.post("/volumes", new.clone()).await.expect_fault(400, refusal);
    assert_eq!(app.everything().await, before);
    app.drain().await;
    assert!(app.files("volumes").is_empty());

    // The default type is one like the others.
    let default = app.api.get("/types/default").await.expect(200).part("volume_type");
    let default = format!("/types/{}/encryption", text(&default, "id"));
    app.api.post(&default, luks()).await.expect(200);
    let unnamed = json!({"volume": {"size": 1}});
    app.api.post("/volumes", unnamed).await.expect(400);
    app.api.delete(&format!("{default}/x")).await.expect(202);
    app.volume(1).await;
    app.api.delete(&format!("{path}/x")).await.expect(202);
    app.volume_with(json!({"size": 1, "volume_type": "vault"})).await;
}

async fn a_volume_and_encryption_exclude_each_other(app: App) {
    for round in 0..20 {
        let id = new_type(&app, &format!("t{round}")).await;
        let (path, mut volumes) = (path(&id), tokio::task::JoinSet::new());
        for _ in 0..4 {
            let (api, id) = (app.at("3.0"), id.clone());
            volumes.spawn(async move {
                let new = json!({"volume": {"size": 1, "volume_type": id}});
                api.post("/volumes", new).await.status
            });
        }
        let encrypted = app.api.post(&path, luks()).await.status;
        let made = volumes.join_all().await;
        let accepted = made.iter().filter(|status| **status == 202).count();
        // Whoever was first: never both, and never neither.
        let refused = made.iter().filter(|status| **status == 400).count();
        assert_eq!(accepted + refused, 4, "{made:?}");
        assert_eq!(encrypted, if accepted == 0 { 200 } else { 400 }, "{made:?}");
    }
}
