//! One application for one case.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use breezeblock::{
    app::{AppError, Application, Pulse, Sources},
    auth::Authenticator,
    clock::{Clock, ManualClock, RandomIds},
    settings::Settings,
    store::Store,
    worker::{Step, Worker},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    Client,
    audit::{self, Touched},
    text,
};
use crate::{
    database::{Kind, TestDatabase},
    history,
};

/// The application from outside, and the hands that a test needs inside: its clock, its worker, its
/// storage folder.
#[derive(Debug)]
pub struct App {
    /// A client at version 3.0.
    pub api: Client,
    clock: Arc<ManualClock>,
    worker: Worker,
    pulse: Pulse,
    store: Store,
    storage: PathBuf,
    settings: Settings,
    touched: Touched,
}

/// Another process of the same installation: over the same database and storage, at the same time.
#[derive(Debug)]
pub struct Neighbour {
    pub api: Client,
    worker: Option<Worker>,
    pulse: Pulse,
    stop: CancellationToken,
    running: JoinSet<Result<(), AppError>>,
}

/// Starts an application over an empty database of this kind, gives it to the case, and stops it
/// properly.
pub async fn run<F>(
    kind: Kind,
    settings: &[(&str, &str)],
    identity: impl Authenticator + 'static,
    case: impl FnOnce(App) -> F,
) where
    F: Future<Output = ()>,
{
    serve(kind, settings, Some(Arc::new(identity)), case).await;
}

/// The same with `auth.strategy = dev`, as it is.
pub async fn run_dev<F>(kind: Kind, settings: &[(&str, &str)], case: impl FnOnce(App) -> F)
where
    F: Future<Output = ()>,
{
    let settings: Vec<_> = [("auth.strategy", "dev")].iter().chain(settings).copied().collect();
    serve(kind, &settings, None, case).await;
}

async fn serve<F>(
    kind: Kind,
    settings: &[(&str, &str)],
    identity: Option<Arc<dyn Authenticator>>,
    case: impl FnOnce(App) -> F,
) where
    F: Future<Output = ()>,
{
    let database = TestDatabase::new(kind).await;
    let storage = TempDir::new().unwrap();
    let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
    let sources = Sources {
        clock: Arc::<ManualClock>::clone(&clock),
        ids: Arc::new(RandomIds),
        ..Sources::default()
    };
    let settings = load(&database.url, storage.path(), settings);
    let mut application = Application::build(settings.clone(), sources).await.unwrap().by_hand();
    if let Some(identity) = identity {
        application = application.with_identity(identity);
    }
    let app = App {
        settings,
        api: Client::new(format!("http://{}", application.address().unwrap())),
        clock,
        worker: application.worker().unwrap(),
        pulse: application.pulse(),
        store: application.store(),
        storage: storage.path().to_owned(),
        touched: Touched::default(),
    };
    history::install(&database.url).await;
    let (store, touched) = (app.store(), Touched::clone(&app.touched));

    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(application.run(stop.clone()));
    Box::pin(case(app)).await;
    audit::check(&store, &database.url, storage.path(), &touched).await;
    stop.cancel();
    running.join_next().await.expect("it runs").unwrap().unwrap();
}

fn load(database: &str, storage: &Path, settings: &[(&str, &str)]) -> Settings {
    let storage = storage.display().to_string();
    let usual = [
        ("server.bind", "127.0.0.1:0"),
        ("server.workers", "1"),
        ("server.shutdown_grace", "5"),
        ("database.url", database),
        ("database.max_connections", "4"),
        ("storage.path", &storage),
        ("storage.host", "brick"),
        ("quota.volumes", "1000"),
        ("quota.snapshots", "1000"),
        ("quota.gigabytes", "100000"),
    ];
    // `file` is no setting but a whole file of them, for what the environment cannot say.
    let (files, settings): (Vec<_>, Vec<_>) = settings.iter().partition(|(key, _value)| *key == "file");
    let file = files.first().map(|(_key, text)| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    });
    let environment = usual.iter().chain(&settings).map(|(key, value)| {
        let key = format!("BREEZEBLOCK__{}", key.replace('.', "__").to_uppercase());
        (key, (*value).to_owned())
    });
    Settings::load(file.as_ref().map(NamedTempFile::path), environment).unwrap()
}

impl App {
    /// A client at a microversion.
    pub fn at(&self, version: &str) -> Client {
        self.api.at(version)
    }

    /// The clock moves on.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The worker, for what is not a task.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// The state, from behind.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Gives a sign of life.
    pub async fn beat(&self) {
        self.pulse.beat().await.unwrap();
    }

    /// Whether others may work on its database, too.
    pub fn is_shared(&self) -> bool {
        self.settings.database.url.expose_secret().starts_with("postgres")
    }

    /// Starts another process of the installation.
    pub async fn neighbour(&self) -> Neighbour {
        self.neighbour_with(|_settings| ()).await.unwrap()
    }

    /// The same with other settings; it may refuse to start.
    pub async fn neighbour_with(&self, change: impl FnOnce(&mut Settings)) -> Result<Neighbour, AppError> {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let sources = Sources {
            clock: Arc::<ManualClock>::clone(&self.clock),
            ids: Arc::new(RandomIds),
            ..Sources::default()
        };
        let application = Application::build(settings, sources).await?.by_hand();
        let api = Client::new(format!("http://{}", application.address().unwrap()));
        let (worker, pulse) = (application.worker(), application.pulse());
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        running.spawn(application.run(stop.clone()));
        Ok(Neighbour {
            api,
            worker,
            pulse,
            stop,
            running,
        })
    }

    /// Lets the worker do everything that is due.
    pub async fn drain(&self) {
        drain(&self.worker).await;
    }

    /// A finished volume.
    pub async fn volume(&self, size: u32) -> String {
        self.volume_with(json!({"size": size})).await
    }

    /// A finished volume as the fields say.
    pub async fn volume_with(&self, fields: Value) -> String {
        let reply = self.api.post("/volumes", json!({"volume": fields})).await.expect(202);
        let id = text(&reply.part("volume"), "id").to_owned();
        self.drain().await;
        assert_eq!(self.volume_status(&id).await, "available");
        id
    }

    /// A finished snapshot.
    pub async fn snapshot(&self, volume: &str) -> String {
        let id = self.new_snapshot(json!({"volume_id": volume})).await;
        self.drain().await;
        assert_eq!(self.snapshot_status(&id).await, "available");
        id
    }

    /// A snapshot as the fields say, not yet finished.
    pub async fn new_snapshot(&self, fields: Value) -> String {
        let reply = self
            .api
            .post("/snapshots", json!({"snapshot": fields}))
            .await
            .expect(202);
        text(&reply.part("snapshot"), "id").to_owned()
    }

    /// Gives a snapshot a status.
    pub async fn reset_snapshot(&self, id: &str, status: &str) {
        let argument = json!({"status": status});
        let reply = self
            .api
            .act(&format!("/snapshots/{id}"), "os-reset_status", argument)
            .await;
        reply.expect_empty_json(202);
    }

    /// Gives a volume a status.
    pub async fn reset_volume(&self, id: &str, status: &str) {
        let argument = json!({"status": status});
        let reply = self
            .api
            .act(&format!("/volumes/{id}"), "os-reset_status", argument)
            .await;
        reply.expect_empty_json(202);
    }

    /// The snapshot as it is now, at the newest version.
    pub async fn show_snapshot(&self, id: &str) -> Value {
        let reply = self.at("latest").get(&format!("/snapshots/{id}")).await;
        reply.expect(200).part("snapshot")
    }

    /// The volume as it is now, at the newest version.
    pub async fn show_volume(&self, id: &str) -> Value {
        let reply = self.at("latest").get(&format!("/volumes/{id}")).await;
        reply.expect(200).part("volume")
    }

    pub async fn snapshot_status(&self, id: &str) -> String {
        text(&self.show_snapshot(id).await, "status").to_owned()
    }

    pub async fn volume_status(&self, id: &str) -> String {
        text(&self.show_volume(id).await, "status").to_owned()
    }

    /// Everything that can be seen from outside, to find out whether something changed.
    pub async fn everything(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for path in [
            "/snapshots/detail?all_tenants=1",
            "/volumes/detail?all_tenants=1",
            "/messages",
        ] {
            all.push(self.at("latest").get(path).await.expect(200).json());
        }
        all
    }

    /// Where the bytes of a volume are.
    pub fn volume_file(&self, id: &str) -> PathBuf {
        let name = format!("volume-{id}");
        self.touched.lock().unwrap().insert(name.clone());
        self.storage.join("volumes").join(name)
    }

    /// Where the bytes of a snapshot are.
    pub fn snapshot_file(&self, id: &str) -> PathBuf {
        let name = format!("snapshot-{id}");
        self.touched.lock().unwrap().insert(name.clone());
        self.storage.join("snapshots").join(name)
    }

    /// The names in a folder of the storage, `volumes` or `snapshots`.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.storage.join(folder)).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

async fn drain(worker: &Worker) {
    for _ in 0..1000 {
        if worker.step().await.unwrap() == Step::Idle {
            return;
        }
    }
    panic!("the worker never rests");
}

impl Neighbour {
    /// Gives a sign of life.
    pub async fn beat(&self) {
        self.pulse.beat().await.unwrap();
    }

    /// Its worker, for what is not a task.
    pub fn worker(&self) -> &Worker {
        self.worker.as_ref().expect("it works on tasks")
    }

    /// Lets its worker do everything that is due.
    pub async fn drain(&self) {
        drain(self.worker.as_ref().expect("it works on tasks")).await;
    }

    /// Stops it properly.
    pub async fn stop(mut self) {
        self.stop.cancel();
        self.running.join_next().await.expect("it runs").unwrap().unwrap();
    }
}
