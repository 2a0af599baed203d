//! The real thing: the application over its database and storage, two workers that move only when told, and
//! a clock that stands still.

use std::{collections::BTreeMap, fs::File, os::unix::fs::FileExt, path::Path, pin::Pin, sync::Arc};

use breezeblock::{
    app::{AppError, Application, Sources},
    audit::{Backend, Finding, examine},
    clock::{Clock, ManualClock},
    domain::BackendHost,
    driver::{Driver, file::FileDriver},
    settings::Settings,
    store::{Store, StoreError},
    worker::{Step, Worker},
};
use chrono::{DateTime, TimeDelta};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    action::{self, Fault},
    api::Api,
    database::Kind,
    driver::{Faulty, Plan},
    gate::Gate,
    identity::Cast,
    ids::SeededIds,
    model::{DEFAULTS, LEASE, MAX_ATTEMPTS, Object, PLACES, Time},
    place::Place,
};

/// When every case begins.
pub fn start() -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

type Running = Pin<Box<dyn Future<Output = Result<Step, StoreError>>>>;

/// A step that waits at a gate.
struct Held {
    running: Running,
    gate: Arc<Gate>,
}

/// The world.
pub struct World {
    pub place: Place,
    pub notes: bool,
    clock: Arc<ManualClock>,
    ids: Arc<SeededIds>,
    process: Option<Process>,
    held: [Option<Held>; 2],
}

/// One life of the application.
struct Process {
    api: Api,
    store: Store,
    worker: Worker,
    driver: Arc<Faulty>,
    stop: CancellationToken,
    running: JoinSet<Result<(), AppError>>,
}

impl World {
    pub async fn new(kind: Kind) -> Self {
        let place = Place::new(kind).await;
        let mut world = Self {
            place,
            notes: false,
            clock: Arc::new(ManualClock::new(start())),
            ids: Arc::default(),
            process: None,
            held: [None, None],
        };
        world.start().await;
        world.notes = takes_notes(&world.place.storage());
        world
    }

    /// Everything is as at the beginning.
    pub async fn reset(&mut self, seed: u64) {
        self.held = [None, None];
        if self.process.is_none() {
            self.start().await;
        }
        self.place.clean().await;
        self.ids.restart(seed);
        self.clock.advance(start() - self.clock.now());
    }

    /// The process ends, whatever it is doing, and starts again.
    pub async fn restart(&mut self) {
        self.held = [None, None];
        self.stop().await;
        self.start().await;
    }

    /// The process ends.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // The server waits for connections that are open.
            drop(process.api);
            process.stop.cancel();
            process.running.join_next().await.unwrap().unwrap().unwrap();
        }
    }

    async fn start(&mut self) {
        let storage = self.place.storage();
        let driver = Arc::new(Faulty::new(FileDriver::open(&storage).await.unwrap()));
        let sources = Sources {
            clock: Arc::<ManualClock>::clone(&self.clock),
            ids: Arc::<SeededIds>::clone(&self.ids),
            driver: Some(Arc::<Faulty>::clone(&driver)),
        };
        let application = Application::build(settings(&self.place.url, &storage), sources)
            .await
            .unwrap();
        let application = application.with_identity(Arc::new(Cast)).by_hand();
        let api = Api::new(format!("http://{}", application.address().unwrap()));
        let (worker, stop) = (application.worker().unwrap(), CancellationToken::new());
        let store = application.store();
        let mut running = JoinSet::new();
        running.spawn(application.run(stop.clone()));
        self.process = Some(Process {
            api,
            store,
            worker,
            driver,
            stop,
            running,
        });
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    pub fn api(&self) -> &Api {
        &self.process().api
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// A worker claims a task and works on it. `None`: it waits at the gate.
    pub async fn step(&mut self, worker: usize, fault: Fault, gate: Option<action::Gate>) -> Option<Step> {
        let waits = Arc::new(Gate::default());
        let process = self.process();
        let gate = gate.map(|at| (at, Arc::clone(&waits)));
        process.driver.plan(Plan { fault, gate });
        // Two workers differ by their claims only.
        let own = process.worker.clone();
        let mut running: Running = Box::pin(async move { own.step().await });
        tokio::select! {
            step = &mut running => Some(step.unwrap()),
            () = waits.reached() => {
                self.held[worker] = Some(Held { running, gate: waits });
                None
            }
        }
    }

    /// A worker goes on with what it holds.
    pub async fn resume(&mut self, worker: usize) -> Step {
        let Held { running, gate } = self.held[worker].take().unwrap();
        gate.open();
        running.await.unwrap()
    }

    /// What the program's own audit finds wrong.
    pub async fn audit(&self) -> Vec<Finding> {
        let process = self.process();
        let host = BackendHost::new("brick", "file");
        let driver: &dyn Driver = &*process.driver;
        let backend = Backend { driver, host: &host };
        examine(&process.store, Some(backend)).await.unwrap().findings
    }

    /// A worker dies.
    pub fn crash(&mut self, worker: usize) {
        self.held[worker] = None;
    }

    /// Somebody writes into a file of the storage.
    pub fn write(&self, path: &str, at: u64, mark: u64) {
        let file = File::options()
            .write(true)
            .open(self.place.storage().join(path))
            .unwrap();
        file.write_all_at(&mark.to_le_bytes(), at).unwrap();
    }

    /// Somebody puts a new file there, of 1 GiB.
    pub fn put(&self, path: &str, mark: u64) {
        let file = File::create_new(self.place.storage().join(path)).unwrap();
        file.set_len(1 << 30).unwrap();
        file.write_all_at(&mark.to_le_bytes(), 0).unwrap();
    }

    /// Every file in the storage, unfinished ones too, with what is at the few places.
    pub fn objects(&self) -> BTreeMap<String, Object> {
        let mut found = BTreeMap::new();
        for folder in ["volumes", "snapshots"] {
            for entry in std::fs::read_dir(self.place.storage().join(folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
                found.insert(path, object(&entry.path()));
            }
        }
        found
    }
}

fn object(path: &Path) -> Object {
    let file = File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    let mut object = Object {
        gib: u32::try_from(size >> 30).unwrap(),
        ..Object::default()
    };
    for (place, mark) in PLACES.into_iter().zip(&mut object.content) {
        let mut bytes = [0; 8];
        if place + 8 <= size {
            file.read_exact_at(&mut bytes, place).unwrap();
        }
        *mark = u64::from_le_bytes(bytes);
    }
    object
}

/// Whether the storage keeps the note of a snapshot's volume (an extended attribute).
fn takes_notes(storage: &Path) -> bool {
    rustix::fs::setxattr(storage, "user.breezeblock.test", b"x", rustix::fs::XattrFlags::empty()).is_ok()
}

fn settings(database: &str, storage: &Path) -> Settings {
    let [volumes, snapshots, gigabytes] = DEFAULTS.map(|(_name, limit)| limit.to_string());
    let environment = [
        ("SERVER__BIND", "127.0.0.1:0".to_owned()),
        ("SERVER__WORKERS", "1".to_owned()),
        ("SERVER__SHUTDOWN_GRACE", "5".to_owned()),
        ("DATABASE__URL", database.to_owned()),
        ("DATABASE__MAX_CONNECTIONS", "4".to_owned()),
        ("STORAGE__PATH", storage.display().to_string()),
        ("STORAGE__HOST", "brick".to_owned()),
        ("WORKER__LEASE", LEASE.to_string()),
        ("WORKER__MAX_ATTEMPTS", MAX_ATTEMPTS.to_string()),
        ("QUOTA__VOLUMES", volumes),
        ("QUOTA__SNAPSHOTS", snapshots),
        ("QUOTA__GIGABYTES", gigabytes),
    ];
    let environment = environment.map(|(key, value)| (format!("BREEZEBLOCK__{key}"), value));
    Settings::load(None, environment).unwrap()
}
