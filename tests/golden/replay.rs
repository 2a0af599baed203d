//! Replays one section and reports.

use std::{path::Path, sync::Arc};

use breezeblock::{
    app::{Application, Sources},
    clock::RandomIds,
    settings::Settings,
    worker::{Step, Worker},
};
use reqwest::{Client, Method, Response, header::HeaderMap};
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::RecordedClock,
    compare::differences,
    database::{Kind, TestDatabase},
    exchange::{self, Exchange},
    fixtures,
    identity::Recorded,
    pace,
    report::Report,
    rows::time,
    sql::Sql,
    usage::{self, Shown},
    world::World,
};

/// Where the recording's Cinder listened; links in replies carry it.
const HOST: &str = "127.0.0.1:8776";

/// A section in the middle of being replayed.
struct Replay {
    client: Client,
    base: String,
    world: World,
    worker: Worker,
    clock: Arc<RecordedClock>,
    /// Whether the limits are the recording's secret.
    with_limits: bool,
}

pub async fn section(section: &str, kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let storage = tempfile::tempdir().unwrap();
    let sql = Sql {
        kind,
        url: database.url.clone(),
    };
    let mut world = World::new(database.store().await, sql.clone(), storage.path());
    let clock = Arc::new(RecordedClock::new(world.default_time));
    let (application, worker) = application(&database, storage.path(), Arc::clone(&clock)).await;
    let address = application.address().unwrap();
    let exchanges = exchange::read(section);
    world.order_ids(&exchanges);
    fixtures::installation(&sql, &mut world).await;
    world.begin(&exchanges).await;
    for volume in fixtures::VOLUMES {
        world.named_volume(volume).await;
    }
    let (stop, running) = (CancellationToken::new(), TaskTracker::new());
    running.spawn(application.run(stop.clone()));
    running.close();

    let mut replay = Replay {
        client: crate::http::client()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
        base: format!("http://{address}"),
        world,
        worker,
        clock,
        with_limits: !usage::sets_limits(&exchanges),
    };
    let mut report = Report::new(section, kind, exchanges.len());
    let mut listed = false;
    for (index, exchange) in exchanges.iter().enumerate() {
        if pace::worked(&exchanges[index..]) {
            replay.work().await;
        }
        if section == "volumes" && !listed && exchange.call.contains("/volumes?limit") {
            replay.world.prune(&exchanges).await;
            listed = true;
        }
        report.add(exchange, &replay.one(exchange).await);
    }
    stop.cancel();
    running.wait().await;
    report.finish();
}

async fn application(database: &TestDatabase, storage: &Path, clock: Arc<RecordedClock>) -> (Application, Worker) {
    let settings = [
        ("DATABASE__URL", database.url.as_str()),
        ("SERVER__BIND", "127.0.0.1:0"),
        ("SERVER__WORKERS", "1"),
        ("STORAGE__PATH", storage.to_str().unwrap()),
        ("STORAGE__HOST", "peer"),
        ("STORAGE__BACKEND", "peer"),
        ("VOLUME__DEFAULT_TYPE", "peer"),
    ]
    .map(|(key, value)| (format!("BREEZEBLOCK__{key}"), value.to_owned()));
    let sources = Sources {
        clock,
        ids: Arc::new(RandomIds),
        ..Sources::default()
    };
    let settings = Settings::load(None, settings).unwrap();
    let application = Application::build(settings, sources).await.unwrap().by_hand();
    let worker = application.worker().unwrap();
    (application.with_identity(Arc::new(Recorded)), worker)
}

impl Replay {
    /// Lets the back end do what is left to do.
    async fn work(&self) {
        while !matches!(self.worker.step().await.unwrap(), Step::Idle) {}
    }

    /// Sends one request, in the state of the recording, and says where the reply differs.
    async fn one(&mut self, exchange: &Exchange) -> Vec<String> {
        let creates = exchange.creates();
        let recorded_text = self.world.resolve(&exchange.reply);
        let recorded: Value = serde_json::from_str(&recorded_text).unwrap_or_default();
        let path = self.world.resolve(exchange.path());
        let made_at = ["snapshot", "volume"]
            .iter()
            .find_map(|kind| recorded[kind]["created_at"].as_str().filter(|_any| creates));
        self.clock.turn(made_at.map(time));
        if !creates && exchange.status < 300 {
            self.world.prepare(&recorded, exchange.method() == "GET").await;
        }
        let forced = self.world.force(exchange).await;
        let shown = Shown::of(&path, &recorded);
        if let Some(shown) = &shown {
            self.world.pretend(shown, self.with_limits).await;
        }
        let reply = self.send(exchange, &path).await;
        if let Some(shown) = &shown {
            self.world.end_pretending(shown, self.with_limits).await;
        }
        self.world.unforce(forced).await;

        let status = reply.status().as_u16();
        let headers = reply.headers().clone();
        let text = reply.text().await.unwrap();
        let mut found = Vec::new();
        if status != exchange.status {
            found.push(format!("status: recorded {}, ours {status}: {text}", exchange.status));
            found.push(format!("recorded {recorded_text}"));
        } else if let Ok(ours) = serde_json::from_str::<Value>(&text) {
            if creates {
                let recorded = serde_json::from_str(&exchange.reply).unwrap_or_default();
                self.world.created(&recorded, &ours).await;
            }
            let recorded = serde_json::from_str(&self.world.resolve(&exchange.reply)).unwrap_or_default();
            differences("", &recorded, &ours, &mut found);
        } else if text != recorded_text {
            found.push(format!("body: recorded {recorded_text:?}, ours {text:?}"));
        }
        if found.is_empty() {
            compare_headers(exchange, &headers, &mut found);
        }
        found
    }

    async fn send(&mut self, exchange: &Exchange, path: &str) -> Response {
        let method = Method::from_bytes(exchange.method().as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
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
        let body = self.world.resolve(exchange.sent());
        request.body(body).send().await.expect("a reply")
    }
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
