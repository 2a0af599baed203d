//! The walk through the whole route table: what each call tells those who are nobody, who come from
//! elsewhere, and who ask for what is not there. `strangers.txt` has the expected replies; a call without a
//! row there fails, and a row without a call.
//!
//! Refusals are decided before the database matters, so the walk is made on one of the two only.

use std::collections::BTreeSet;

use breezeblock::cinder;
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};

use crate::{
    openapi,
    support::{App, Client, NOWHERE, OTHER, PROJECT, Reply},
};

api_suite!(@on sqlite Sqlite crate::support::Cast,
    every_call_has_a_row_and_every_row_a_call []
    nobody_gets_in []
    other_projects_are_refused_in_the_url []
    roles_and_ids_decide []
    what_they_are_told_is_described []
    methods_that_a_path_lacks_are_not_found []
);

const CALLERS: [&str; 3] = ["reader", "reader+member", "reader+member+admin"];

/// A line of the table.
#[derive(Debug)]
struct Row {
    method: Method,
    path: &'static str,
    /// For each caller, with the id of nothing.
    absent: [u16; 3],
    /// For each caller, with an id that is none.
    malformed: [u16; 3],
    body: &'static str,
    /// What every 404 of the row says, with `{id}` for the id.
    text: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("strangers.txt").lines();
    let filled = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    filled.map(row).collect()
}

fn row(line: &'static str) -> Row {
    let columns: Vec<_> = line.split('|').map(str::trim).collect();
    let [method, path, absent, malformed, body, text] = columns[..] else {
        panic!("not six columns: {line}");
    };
    let statuses = |column: &str| -> [u16; 3] {
        let numbers: Vec<_> = column.split(' ').map(|number| number.parse().unwrap()).collect();
        numbers.try_into().expect("three statuses")
    };
    Row {
        method: method.parse().unwrap(),
        path,
        absent: statuses(absent),
        malformed: statuses(malformed),
        body,
        text,
    }
}

/// A path with its variables given; keys of metadata are never what a row is about.
fn fill(path: &str, id: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{key}" => "k",
        part if part.starts_with('{') => id,
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(client: &Client, method: &Method, path: &str, body: &str) -> Reply {
    let request = client.request(method.clone(), path).header(ACCEPT, "application/json");
    let request = if body.is_empty() {
        request
    } else {
        request.header(CONTENT_TYPE, "application/json").body(body.to_owned())
    };
    Reply::to(request).await
}

async fn every_call_has_a_row_and_every_row_a_call(_app: App) {
    let routed: BTreeSet<_> = cinder::table()
        .into_iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let rows = rows();
    let expected: BTreeSet<_> = rows.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let without_row: Vec<_> = routed.difference(&expected).collect();
    let without_call: Vec<_> = expected.difference(&routed).collect();
    assert!(
        without_row.is_empty() && without_call.is_empty(),
        "no row in strangers.txt: {without_row:?}; no call: {without_call:?}"
    );
}

async fn nobody_gets_in(app: App) {
    for client in [app.api.anonymous(), app.api.token("nonsense")] {
        for row in rows() {
            for id in [NOWHERE, "nope"] {
                let reply = ask(&client, &row.method, &fill(row.path, id), row.body)
                    .await
                    .expect(401);
                assert_eq!(reply.json()["error"]["title"], "Unauthorized", "{reply:?}");
            }
        }
    }
}

async fn other_projects_are_refused_in_the_url(app: App) {
    for caller in CALLERS {
        let client = app
            .api
            .of(&format!("{caller}/ann"), PROJECT)
            .below(&format!("/v3/{OTHER}"));
        for row in rows() {
            for id in [NOWHERE, "nope"] {
                let reply = ask(&client, &row.method, &fill(row.path, id), row.body).await;
                reply.expect_fault(400, "Malformed request url");
            }
        }
    }
}

async fn roles_and_ids_decide(app: App) {
    let mut wrong = Vec::new();
    for row in rows() {
        for (id, expected) in [(NOWHERE, row.absent), ("nope", row.malformed)] {
            let mut got = Vec::new();
            for caller in CALLERS {
                let client = app.at("3.71").of(&format!("{caller}/ann"), PROJECT);
                let reply = ask(&client, &row.method, &fill(row.path, id), row.body).await;
                if reply.status == 404 && reply.json()["itemNotFound"]["message"] != row.text.replace("{id}", id) {
                    wrong.push(format!("{caller}: {reply:?}"));
                }
                got.push(reply.status);
            }
            if got != expected {
                wrong.push(format!(
                    "{} {} {} {id}: {got:?}, not {expected:?}",
                    row.method, row.path, row.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

async fn what_they_are_told_is_described(app: App) {
    let document = openapi::document(&app).await;
    for row in rows() {
        let call = &document["paths"][row.path][row.method.as_str().to_lowercase()];
        for status in row.absent.iter().chain(&row.malformed).chain(&[400, 401]) {
            let described = &call["responses"][status.to_string()];
            assert!(described.is_object(), "{} {} lacks {status}", row.method, row.path);
        }
    }
}

async fn methods_that_a_path_lacks_are_not_found(app: App) {
    let routes = cinder::table();
    for path in routes.iter().map(|route| route.path).collect::<BTreeSet<_>>() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let concrete = fill(path, NOWHERE);
            // To the router, a fixed name may also be an id.
            let answers = |known: &str| {
                let same = known.split('/').count() == concrete.split('/').count();
                same && known
                    .split('/')
                    .zip(concrete.split('/'))
                    .all(|(known, part)| known == part || known.starts_with('{'))
            };
            let first = routes.iter().find(|route| answers(route.path)).expect("a route").path;
            if routes
                .iter()
                .any(|route| route.path == first && route.method == method.as_str())
            {
                continue;
            }
            for caller in CALLERS {
                let client = app.api.of(&format!("{caller}/ann"), PROJECT);
                ask(&client, &method, &concrete, "").await.expect_no_route();
            }
        }
    }
}
