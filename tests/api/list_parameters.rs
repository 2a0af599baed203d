//! Every parameter of the snapshot list, with values that are fine and values that are not, at each version
//! that changes one, for members and for admins (cinder.md §5.1, §5.2, §5.4; what a version changes: §1.4).

use serde_json::json;

use crate::support::{App, Client, NOWHERE, OTHER, PROJECT, text};

api_suite!(
    identity crate::support::Cast;
    every_parameter_at_every_version,
);

const VERSIONS: [u32; 10] = [0, 30, 31, 33, 34, 45, 60, 65, 66, 71];

/// What a request comes to.
#[derive(Clone, Debug)]
enum Outcome {
    Rows(usize),
    Refused(u16, String),
}

use Outcome::{Refused, Rows};

fn bad(message: &str) -> Outcome {
    Refused(400, message.to_owned())
}

/// What an unknown parameter is: dropped for members before 3.31 and refused from then on; for admins a filter
/// that no row passes.
fn unknown(admin: bool, minor: u32, name: &str) -> Outcome {
    match (admin, minor) {
        (true, _) => Rows(0),
        (false, 0..31) => Rows(3),
        (false, _) => bad(&format!("Invalid filters {name} are found in query options.")),
    }
}

/// A filter that members have from 3.31 on; before, theirs is dropped.
fn filter_since_31(admin: bool, minor: u32, rows: usize) -> Outcome {
    if admin || minor >= 31 { Rows(rows) } else { Rows(3) }
}

async fn three(app: &App, client: &Client) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for fields in [
        json!({"name": "alpha", "metadata": {"k": "v"}}),
        json!({"name": null}),
        json!({"name": "beta"}),
    ] {
        let volume = client
            .post("/volumes", json!({"volume": {"size": 1}}))
            .await
            .expect(202);
        let volume = text(&volume.part("volume"), "id").to_owned();
        app.drain().await;
        app.advance(1);
        let mut fields = fields;
        fields["volume_id"] = json!(volume);
        let reply = client.post("/snapshots", json!({"snapshot": fields})).await.expect(202);
        made.push((text(&reply.part("snapshot"), "id").to_owned(), volume));
        app.drain().await;
    }
    made
}

async fn every_parameter_at_every_version(app: App) {
    let member = app.api.of("reader+member/ann", PROJECT);
    let admin = app.api.of("reader+member+admin/root", PROJECT);
    let made = three(&app, &member).await;
    three(&app, &app.api.of("reader+member/bob", OTHER)).await;
    let ([_, (second, _), _], (_, volume)) = (&made[..], &made[0]) else {
        unreachable!("three were made");
    };
    for minor in VERSIONS {
        for (is_admin, client) in [(false, &member), (true, &admin)] {
            for (query, expected) in expectations(is_admin, minor, second, volume) {
                for path in ["/snapshots", "/snapshots/detail"] {
                    let reply = client.at(&format!("3.{minor}")).get(&format!("{path}?{query}")).await;
                    let asked = format!("{path}?{query} at 3.{minor}, admin: {is_admin}");
                    match &expected {
                        Refused(status, message) => {
                            let fault = reply.expect(*status).json();
                            let inner = fault.as_object().unwrap().values().next().unwrap();
                            assert_eq!(inner["message"], json!(message), "{asked}");
                        }
                        Rows(rows) => {
                            let body = reply.expect(200).json();
                            assert_eq!(body["snapshots"].as_array().unwrap().len(), *rows, "{asked}");
                            let counted = query == "with_count=true" && minor >= 45;
                            assert_eq!(body.get("count"), counted.then_some(&json!(3)), "{asked}");
                        }
                    }
                }
            }
        }
    }
}

fn expectations(admin: bool, minor: u32, second: &str, volume: &str) -> Vec<(String, Outcome)> {
    let missing = |id: &str| Refused(404, format!("Snapshot {id} could not be found."));
    let sort_key = bad("Invalid input received: Invalid sort key");
    let direction = bad("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.");
    let both =
        bad("The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.");
    let mut all = vec![
        (String::new(), Rows(3)),
        (format!("marker={second}"), Rows(1)),
        (format!("marker={NOWHERE}"), missing(NOWHERE)),
        (format!("volume_id={volume}"), Rows(1)),
    ];
    let fixed = [
        ("limit=0", Rows(0)),
        ("limit=2", Rows(2)),
        ("limit=1001", Rows(3)),
        ("limit=-1", bad("limit param must be positive")),
        ("limit=x", bad("limit param must be an integer")),
        ("limit=", bad("limit param must be an integer")),
        ("offset=1", Rows(2)),
        ("offset=x", bad("offset must be an integer")),
        ("offset=-1", bad("offset must be >= 0")),
        ("offset=2147483648", bad("offset must be <= 2147483647")),
        ("marker=nope", missing("nope")),
        ("sort=display_name", Rows(3)),
        ("sort=created_at:asc,id:desc", Rows(3)),
        ("sort=bogus", sort_key.clone()),
        ("sort=size", sort_key.clone()),
        ("sort=id:up", direction.clone()),
        ("sort=id:ASC", direction),
        ("sort_key=id&sort_dir=asc", Rows(3)),
        ("sort=id&sort_key=id", both),
        ("sort=name:asc", if minor < 30 { sort_key } else { Rows(3) }),
        ("all_tenants=1", if admin { Rows(6) } else { Rows(3) }),
        ("all_tenants=bogus", Rows(3)),
        ("name=alpha", Rows(1)),
        ("name=nope", Rows(0)),
        ("status=available", Rows(3)),
        ("status=error", Rows(0)),
        ("volume_id=nope", Rows(0)),
        (
            "metadata=%7B%27k%27:%27v%27%7D",
            if minor < 22 { Rows(3) } else { Rows(1) },
        ),
        ("metadata=nonsense", if minor < 22 { Rows(3) } else { Rows(0) }),
        ("availability_zone=nova", Rows(3)),
        ("availability_zone=x", filter_since_31(admin, minor, 0)),
        ("created_at=gt:2020-01-01", unknown(admin, minor, "created_at")),
        ("bogus=1", unknown(admin, minor, "bogus")),
        (
            "bogus=1&name=alpha",
            if minor < 31 && !admin {
                Rows(1)
            } else {
                unknown(admin, minor, "bogus")
            },
        ),
    ];
    all.extend(fixed.map(|(query, outcome)| (query.to_owned(), outcome)));
    // A pattern is for admins: the default list of filters has none that members may use.
    let like = match (admin, minor) {
        (_, 0..31) => Rows(3),
        (true, _) => Rows(1),
        (false, _) => unknown(false, minor, "name~"),
    };
    all.push(("name~=lph".to_owned(), like));
    // Honoured from 3.31 on, though the field is of 3.65; before, an admin's is a filter on nothing.
    let quota = |rows: usize| match (admin, minor) {
        (true, 0..31) => Rows(0),
        (false, 0..31) => Rows(3),
        _since => Rows(rows),
    };
    all.push(("consumes_quota=true".to_owned(), quota(3)));
    all.push(("consumes_quota=no".to_owned(), quota(0)));
    let not_boolean = |name: &str| bad(&format!("Value 'x' for '{name}' is not a boolean."));
    let wrong = if minor < 31 { quota(0) } else { not_boolean("use_quota") };
    all.push(("consumes_quota=x".to_owned(), wrong));
    for (value, since) in [("true", Rows(3)), ("x", not_boolean("with_count"))] {
        let outcome = if minor < 45 {
            unknown(admin, minor, "with_count")
        } else {
            since
        };
        all.push((format!("with_count={value}"), outcome));
    }
    all
}
