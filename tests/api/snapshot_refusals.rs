//! `POST /snapshots`: what is refused, with which words, and that nothing comes of it: the rules for names,
//! descriptions and metadata (cinder.md §3.5, §3.7).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, NOWHERE, invalid};

api_suite!(
    bodies_of_the_wrong_shape_are_refused,
    fields_of_the_wrong_type_are_refused,
    texts_that_are_too_long_or_unprintable_are_refused,
    metadata_that_is_no_metadata_is_refused,
    the_force_flag_is_true_or_false_or_a_word_for_it,
    a_volume_that_is_not_there_is_not_found,
    the_body_is_looked_at_before_the_volume,
);

/// Each of the fields, added to a good body, is refused with its text, and nothing changes.
async fn refuse(app: &App, cases: &[(Value, &str)]) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    for (fields, message) in cases {
        let mut snapshot = json!({"volume_id": volume});
        snapshot
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let message = message.replace("VOLUME", &volume);
        app.api
            .post("/snapshots", json!({"snapshot": snapshot}))
            .await
            .expect_fault(400, &message);
    }
    assert_eq!(app.everything().await, before);
}

async fn bodies_of_the_wrong_shape_are_refused(app: App) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    let inner = |value: &str, reason: &str| invalid("snapshot", value, reason);
    for (body, message) in [
        (json!([]), "[] is not of type 'object'".to_owned()),
        (json!(null), "None is not of type 'object'".to_owned()),
        (json!("x"), "'x' is not of type 'object'".to_owned()),
        (json!(1), "1 is not of type 'object'".to_owned()),
        (json!({}), "'snapshot' is a required property".to_owned()),
        (json!({"volume": {}}), "'snapshot' is a required property".to_owned()),
        (json!({"snapshot": null}), inner("None", "None is not of type 'object'")),
        (json!({"snapshot": []}), inner("[]", "[] is not of type 'object'")),
        (json!({"snapshot": "x"}), inner("x", "'x' is not of type 'object'")),
        (
            json!({"snapshot": {}}),
            inner("{}", "'volume_id' is a required property"),
        ),
        (
            json!({"snapshot": {"name": "x"}}),
            inner("{'name': 'x'}", "'volume_id' is a required property"),
        ),
        (
            json!({"snapshot": {"volume_id": volume}, "x": 1}),
            "Additional properties are not allowed ('x' was unexpected)".to_owned(),
        ),
        // Cinder fails with 500 here.
        (
            json!({"snapshot": {"volume_id": volume}, "type": "object"}),
            "Additional properties are not allowed ('type' was unexpected)".to_owned(),
        ),
    ] {
        app.api.post("/snapshots", body).await.expect_fault(400, &message);
    }
    let twice = format!(r#"{{"snapshot": {{"volume_id": "{volume}", "volume_id": "abc"}}}}"#);
    let text = invalid("volume_id", "abc", "'abc' is not valid under any of the given schemas");
    app.api
        .send(Method::POST, "/snapshots", twice)
        .await
        .expect_fault(400, &text);
    assert_eq!(app.everything().await, before);
}

async fn fields_of_the_wrong_type_are_refused(app: App) {
    let mut cases = Vec::new();
    for field in ["name", "display_name", "description"] {
        for (value, python) in [
            (json!(5), "5"),
            (json!([]), "[]"),
            (json!(true), "True"),
            (json!({}), "{}"),
            (json!(1.5), "1.5"),
        ] {
            let text = invalid(field, python, &format!("{python} is not of type 'string', 'null'"));
            cases.push((json!({field: value}), text));
        }
    }
    for (fields, shown, unexpected) in [
        (json!({"foo": "bar"}), "'foo': 'bar'", "('foo' was unexpected)"),
        (
            json!({"foo": "bar", "baz": 1}),
            "'foo': 'bar', 'baz': 1",
            "('baz', 'foo' were unexpected)",
        ),
        (json!({"type": "x"}), "'type': 'x'", "('type' was unexpected)"),
        (
            json!({"display_description": "dd"}),
            "'display_description': 'dd'",
            "('display_description' was unexpected)",
        ),
        (
            json!({"status": "error"}),
            "'status': 'error'",
            "('status' was unexpected)",
        ),
    ] {
        let reason = format!("Additional properties are not allowed {unexpected}");
        cases.push((
            fields,
            invalid("snapshot", &format!("{{'volume_id': 'VOLUME', {shown}}}"), &reason),
        ));
    }
    let cases: Vec<_> = cases
        .iter()
        .map(|(fields, text)| (fields.clone(), text.as_str()))
        .collect();
    refuse(&app, &cases).await;
}

async fn texts_that_are_too_long_or_unprintable_are_refused(app: App) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    let long = "x".repeat(256);
    // Counted before they are trimmed.
    let padded = format!(" {} ", "x".repeat(254));
    let blank = " ".repeat(256);
    for field in ["name", "display_name", "description"] {
        for value in [&long, &padded, &blank] {
            let body = json!({"snapshot": {"volume_id": volume, field: value}});
            let text = invalid(field, value, &format!("'{value}' is too long"));
            app.api.post("/snapshots", body).await.expect_fault(400, &text);
        }
    }
    // Cinder's text goes on with a regular expression of several kilobytes.
    for (value, shown) in [
        ("a\nb", r"'a\nb'"),
        ("a\r\nb", r"'a\r\nb'"),
        ("tab\t.", r"'tab\t.'"),
        ("soft\u{ad}hyphen", r"'soft\xadhyphen'"),
        ("emoji \u{1f600}", "'emoji \u{1f600}'"),
    ] {
        let body = json!({"snapshot": {"volume_id": volume, "description": value}});
        let reply = app.api.post("/snapshots", body).await.expect(400);
        let text = reply.part("badRequest")["message"].as_str().unwrap().to_owned();
        let start = invalid("description", value, &format!("{shown} does not match "));
        assert!(text.starts_with(&start), "{text}");
    }
    assert_eq!(app.everything().await, before);
}

async fn metadata_that_is_no_metadata_is_refused(app: App) {
    let pattern = "does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'";
    let (long_key, long_value) = ("k".repeat(256), "v".repeat(256));
    let mut cases = vec![
        (
            json!([]),
            invalid("metadata", "[]", "[] is not of type 'object', 'null'"),
        ),
        (
            json!("x"),
            invalid("metadata", "x", "'x' is not of type 'object', 'null'"),
        ),
        (
            json!({"": "v"}),
            invalid("metadata", "{'': 'v'}", &format!("'' {pattern}")),
        ),
        (
            json!({"a$%": "v"}),
            invalid("metadata", "{'a$%': 'v'}", &format!("'a$%' {pattern}")),
        ),
        (
            json!({"a": "b", "ключ": "знач"}),
            invalid("metadata", "{'a': 'b', 'ключ': 'знач'}", &format!("'ключ' {pattern}")),
        ),
        (
            json!({long_key.clone(): "v"}),
            invalid(
                "metadata",
                &format!("{{'{long_key}': 'v'}}"),
                &format!("'{long_key}' {pattern}"),
            ),
        ),
        (
            json!({"k": long_value}),
            invalid("k", &long_value, &format!("'{long_value}' is too long")),
        ),
    ];
    for (value, python) in [
        (json!(1), "1"),
        (Value::Null, "None"),
        (json!(true), "True"),
        (json!({}), "{}"),
        (json!(["b"]), "['b']"),
    ] {
        cases.push((
            json!({"a": value}),
            invalid("a", python, &format!("{python} is not of type 'string'")),
        ));
    }
    let cases: Vec<_> = cases
        .iter()
        .map(|(metadata, text)| (json!({"metadata": metadata}), text.as_str()))
        .collect();
    refuse(&app, &cases).await;
}

async fn the_force_flag_is_true_or_false_or_a_word_for_it(app: App) {
    let volume = app.volume(1).await;
    let words = "['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't', 'False', 'FALSE', \
                 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f']";
    for word in serde_json::from_str::<Vec<String>>(&words.replace('\'', "\"")).unwrap() {
        let body = json!({"snapshot": {"volume_id": volume, "force": word}});
        app.api.post("/snapshots", body).await.expect(202);
    }
    let before = app.everything().await;
    let listed = words
        .replace("['True'", "[True, 'True'")
        .replace("'False'", "False, 'False'");
    for word in ["maybe", "", " true ", "tRuE", "2"] {
        let body = json!({"snapshot": {"volume_id": volume, "force": word}});
        let text = invalid("force", word, &format!("'{word}' is not one of {listed}"));
        app.api.post("/snapshots", body).await.expect_fault(400, &text);
    }
    for (value, python) in [
        (json!(1), "1"),
        (json!(0), "0"),
        (json!(2), "2"),
        (json!(1.0), "1.0"),
        (json!([]), "[]"),
        (Value::Null, "None"),
    ] {
        let text = invalid("force", python, &format!("{python} is not of type 'boolean', 'string'"));
        for version in ["3.0", "3.65", "3.66"] {
            let body = json!({"snapshot": {"volume_id": volume, "force": value}});
            app.at(version).post("/snapshots", body).await.expect_fault(400, &text);
        }
    }
    assert_eq!(app.everything().await, before);
}

async fn a_volume_that_is_not_there_is_not_found(app: App) {
    let volume = app.volume(1).await;
    let before = app.everything().await;
    // Any spelling of a UUID passes the schema, but ids are compared as text.
    let strange = [
        volume.to_uppercase(),
        volume.replace('-', ""),
        format!("{{{volume}}}"),
        format!("urn:uuid:{volume}"),
    ];
    for id in strange.iter().map(String::as_str).chain([NOWHERE]) {
        let text = format!("Volume {id} could not be found.");
        app.api
            .post("/snapshots", json!({"snapshot": {"volume_id": id}}))
            .await
            .expect_fault(404, &text);
    }
    // Tempest relies on this one.
    let text = "Volume None could not be found.";
    app.api
        .post("/snapshots", json!({"snapshot": {"volume_id": null}}))
        .await
        .expect_fault(404, text);
    for (id, shown, python) in [
        (json!("abc"), "abc", "'abc'"),
        (json!(""), "", "''"),
        (json!(1), "1", "1"),
        (json!({}), "{}", "{}"),
        (
            json!(format!(" {volume} ")),
            &format!(" {volume} "),
            &format!("' {volume} '"),
        ),
    ] {
        let text = invalid(
            "volume_id",
            shown,
            &format!("{python} is not valid under any of the given schemas"),
        );
        app.api
            .post("/snapshots", json!({"snapshot": {"volume_id": id}}))
            .await
            .expect_fault(400, &text);
    }
    assert_eq!(app.everything().await, before);
}

async fn the_body_is_looked_at_before_the_volume(app: App) {
    let text = invalid("name", "5", "5 is not of type 'string', 'null'");
    let body = json!({"snapshot": {"volume_id": NOWHERE, "name": 5}});
    app.api.post("/snapshots", body).await.expect_fault(400, &text);
    // The flag that 3.66 refuses comes after the volume.
    let body = json!({"snapshot": {"volume_id": NOWHERE, "force": false}});
    let text = format!("Volume {NOWHERE} could not be found.");
    app.at("3.66").post("/snapshots", body).await.expect_fault(404, &text);
}
