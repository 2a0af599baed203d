//! Replays one section and reports.

use std::{fmt::Write as _, sync::Arc};

use breezeblock::{
    app::{Application, Sources},
    settings::Settings,
    worker::{Step, Worker},
};
use reqwest::{Client, Method, header::HeaderMap};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accepted::EQUAL,
    compare::differences,
    database::{Kind, TestDatabase},
    exchange::{self, Exchange},
    identity::{Recorded, id_of},
    world::World,
};

/// Where the recording's Cinder listened; links in replies carry it.
const HOST: &str = "127.0.0.1:8776";

pub async fn section(section: &str, kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let storage = tempfile::tempdir().unwrap();
    let (application, worker) = application(&database, storage.path()).await;
    let address = application.address().unwrap();
    let store = database.store().await;
    let mut world = World::new(store, storage.path());
    let exchanges = exchange::read(section);
    world.order_ids(&exchanges);
    fixtures(&database, kind, &mut world).await;
    world.begin(&exchanges).await;
    for volume in ["vol1", "vol_states", "altvol", "manvol", "revvol"] {
        world.named_volume(volume).await;
    }
    let (stop, running) = (CancellationToken::new(), TaskTracker::new());
    running.spawn(application.run(stop.clone()));
    running.close();

    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut equal = 0;
    let mut report = Vec::new();
    let mut listed = false;
    for exchange in &exchanges {
        if section == "volumes" && !listed && exchange.call.contains("/volumes?limit") {
            world.prune(&exchanges).await;
            listed = true;
        }
        let found = one(&client, &format!("http://{address}"), &mut world, &worker, exchange).await;
        if found.is_empty() {
            equal += 1;
            continue;
        }
        report.push(format!(
            "{} {}: {} as {:?} {:?} {}\n    {}",
            exchange.n,
            exchange.what,
            exchange.call,
            exchange.user,
            exchange.version,
            exchange.sent().chars().take(200).collect::<String>(),
            found.join("\n    ")
        ));
    }
    stop.cancel();
    running.wait().await;
    println!("golden {section} on {kind:?}: {equal} of {} equal", exchanges.len());
    let floor = EQUAL
        .iter()
        .find(|(of, _)| *of == section)
        .map_or(0, |(_, floor)| *floor);
    assert!(
        equal >= floor,
        "{section} had {floor} equal exchanges and now has {equal}:\n{}",
        report.join("\n")
    );
    assert!(
        equal == floor,
        "{section} now has {equal} equal exchanges: write that into accepted.rs"
    );
    if std::env::var_os("GOLDEN_REPORT").is_some() {
        println!("{}", report.join("\n"));
    }
}

async fn application(database: &TestDatabase, storage: &std::path::Path) -> (Application, Worker) {
    let settings = [
        ("DATABASE__URL", database.url.as_str()),
        ("SERVER__BIND", "127.0.0.1:0"),
        ("SERVER__WORKERS", "1"),
        ("STORAGE__PATH", storage.to_str().unwrap()),
        ("STORAGE__HOST", "peer"),
        ("STORAGE__BACKEND", "peer"),
        ("VOLUME__DEFAULT_TYPE", "peer"),
        ("WORKER__ENABLED", "false"),
    ]
    .map(|(key, value)| (format!("BREEZEBLOCK__{key}"), value.to_owned()));
    let settings = Settings::load(None, settings).unwrap();
    let application = Application::build(settings, Sources::default()).await.unwrap();
    let worker = application.worker();
    (application.with_identity(Arc::new(Recorded)), worker)
}

/// The volume type, the quotas and the volumes of the recording's installation.
async fn fixtures(database: &TestDatabase, kind: Kind, world: &mut World) {
    let peer = world.resolve("${type_peer}");
    let peer = match kind {
        Kind::Sqlite => format!("x'{}'", peer.replace('-', "")),
        Kind::Postgres => format!("'{peer}'"),
    };
    let public = if kind == Kind::Sqlite { "1" } else { "TRUE" };
    let mut sql =
        format!("INSERT INTO volume_types (id, name, description, is_public) VALUES ({peer}, 'peer', NULL, {public});");
    for (project, resource, limit) in [
        ("demo", "volumes", 100),
        ("demo", "snapshots", 400),
        ("demo", "gigabytes", 2000),
        ("demo", "groups", 20),
        ("alt", "volumes", 20),
        ("alt", "snapshots", 50),
        ("alt", "gigabytes", 200),
    ] {
        let project = id_of(&format!("project_{project}"));
        write!(sql, "INSERT INTO quotas VALUES ('{project}', '{resource}', {limit});").unwrap();
    }
    match kind {
        Kind::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&database.url).await.unwrap();
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        Kind::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&database.url).await.unwrap();
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
}

/// Sends one request and says where the reply differs.
async fn one(client: &Client, base: &str, world: &mut World, worker: &Worker, exchange: &Exchange) -> Vec<String> {
    let creates = exchange.creates();
    let recorded_text = world.resolve(&exchange.reply);
    let recorded: Value = serde_json::from_str(&recorded_text).unwrap_or_default();
    world.force(exchange).await;
    if !creates && exchange.status < 300 {
        world.prepare(&recorded, exchange.method() == "GET").await;
    }

    let method = Method::from_bytes(exchange.method().as_bytes()).unwrap();
    let mut request = client
        .request(method, format!("{base}{}", world.resolve(exchange.path())))
        .header("Host", HOST);
    if !exchange.headers.contains_key("Accept") {
        request = request.header("Accept", "application/json");
    }
    for (name, value) in exchange
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    {
        request = request.header(name, value.as_bytes());
    }
    if let Some(version) = &exchange.version {
        request = request.header("OpenStack-API-Version", version);
    }
    if let Some(user) = exchange
        .user
        .as_ref()
        .filter(|_user| !exchange.headers.contains_key("X-Auth-Token"))
    {
        request = request.header("X-Auth-Token", user);
    }
    if exchange.json.is_some() {
        request = request.header("Content-Type", "application/json");
    }
    request = request.body(world.resolve(exchange.sent()));

    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return vec![format!("no reply: {error}")],
    };
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();

    let mut found = Vec::new();
    if status != exchange.status {
        found.push(format!("status: recorded {}, ours {status}: {text}", exchange.status));
        found.push(format!("recorded {recorded_text}"));
    } else if let Ok(ours) = serde_json::from_str::<Value>(&text) {
        if creates {
            world.created(&serde_json::from_str(&exchange.reply).unwrap_or_default(), &ours);
        }
        let recorded = serde_json::from_str(&world.resolve(&exchange.reply)).unwrap_or_default();
        differences("", &recorded, &ours, &mut found);
    } else if text != recorded_text {
        found.push(format!("body: recorded {recorded_text:?}, ours {text:?}"));
    }
    if found.is_empty() {
        compare_headers(exchange, &headers, &mut found);
    }
    while !matches!(worker.step().await.unwrap(), Step::Idle) {}
    found
}

fn compare_headers(exchange: &Exchange, headers: &HeaderMap, found: &mut Vec<String>) {
    for name in [
        "OpenStack-API-Version",
        "Vary",
        "WWW-Authenticate",
        "Retry-After",
        "Location",
    ] {
        let recorded = exchange.reply_headers.get(name).map(String::as_str);
        let ours = headers.get(name).map(|value| value.to_str().unwrap());
        if recorded != ours {
            found.push(format!("header {name}: recorded {recorded:?}, ours {ours:?}"));
        }
    }
    let recorded = exchange
        .reply_headers
        .get("Content-Type")
        .map_or("application/json", String::as_str);
    let ours = headers.get("Content-Type").map_or("", |value| value.to_str().unwrap());
    if exchange.method() != "OPTIONS" && !recorded.eq_ignore_ascii_case(ours) {
        found.push(format!("header Content-Type: recorded {recorded:?}, ours {ours:?}"));
    }
    let ids = ["x-openstack-request-id", "x-compute-request-id"];
    let ours = ids.iter().filter(|name| headers.contains_key(**name)).count();
    if ours != exchange.ids {
        found.push(format!("request id headers: recorded {}, ours {ours}", exchange.ids));
    }
}
