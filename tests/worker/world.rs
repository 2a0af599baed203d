//! A service, a worker and a scripted driver around one database, and a clock that stands still.

use std::{pin::Pin, sync::Arc, time::Duration};

use breezeblock::{
    auth::{
        Caller,
        policy::{Action, Permission, Policy},
    },
    clock::{Clock, Ids, ManualClock, RandomIds},
    domain::{
        BackendHost, Binary, Direction, Gib, ListQuery, Message, MessageKey, Scope, Snapshot, SnapshotId,
        SnapshotStatus, Volume, VolumeId, VolumeStatus,
    },
    driver::Driver,
    inventory::DriverInventory,
    service::{Call, Installation, Inventory, NewSnapshot, NewVolume, QuotaDefaults, Service, Source, VolumeReset},
    standing::Standing,
    store::{Heartbeat, Store, StoreError},
    wakeup::Wakeup,
    worker::{Options, Step, Worker},
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    database::{Kind, TestDatabase},
    script::{Gate, Script},
};

/// A step that has been started.
pub type Running<'w> = Pin<Box<dyn Future<Output = Result<Step, StoreError>> + 'w>>;

pub const GIB_1: Gib = Gib::new(1).unwrap();
pub const GIB_2: Gib = Gib::new(2).unwrap();
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
pub const MESSAGE_TTL: TimeDelta = TimeDelta::days(30);

/// How the world's worker behaves. The lease is long in real time, so that only the clock ends it.
pub const OPTIONS: Options = Options {
    concurrency: 2,
    lease: Duration::from_secs(30),
    // Nobody waits for the poll: what is to be done is called for.
    poll_interval: Duration::from_hours(1),
    max_attempts: 3,
    message_ttl: MESSAGE_TTL,
    reconcile_interval: None,
};

/// Everything but the front and the storage.
#[derive(Debug)]
pub struct World {
    pub store: Store,
    pub service: Service,
    pub worker: Worker,
    pub script: Arc<Script>,
    pub clock: Arc<ManualClock>,
    pub wakeup: Wakeup,
    pub database: TestDatabase,
}

/// Rows as a task row has them: resource, operation, attempts, whether it is leased.
pub type TaskRow = (Uuid, String, i64, bool);

impl World {
    pub async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let store = database.store().await;
        crate::history::install(&database.url).await;
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_767_323_045, 0).unwrap()));
        let wakeup = Wakeup::default();
        let installation = Installation {
            machine: "host".to_owned(),
            backend: Some(host()),
            standing: Standing::default(),
            down_time: TimeDelta::seconds(60),
            default_volume_type: "__DEFAULT__".to_owned(),
            quotas: QuotaDefaults::new([("volumes", 1000), ("snapshots", 1000)], true),
            message_ttl: 3600,
            vendor: "breezeblock",
            storage_protocol: "file",
        };
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let script = Arc::new(Script::default());
        let inventory: Arc<dyn Inventory> = Arc::new(DriverInventory(Arc::clone(&script) as _));
        let service = Service::new(
            store.clone(),
            shared,
            ids(),
            wakeup.clone(),
            installation,
            Some(inventory),
        );
        let worker = worker(&store, &script, &clock, OPTIONS);
        let backend = host();
        let beat = Heartbeat {
            host: backend.service(),
            binary: Binary::Volume,
            availability_zone: "nova",
            pool: Some(&backend),
            space: None,
            now: clock.now(),
        };
        store.service_beat(beat).await.unwrap();
        Self {
            store,
            service,
            worker,
            script,
            clock,
            wakeup,
            database,
        }
    }

    /// Another worker on the same database and driver.
    pub fn worker_with(&self, options: Options) -> Worker {
        worker(&self.store, &self.script, &self.clock, options)
    }

    /// Another worker with a clock of its own.
    pub fn worker_at(&self, clock: &Arc<ManualClock>) -> Worker {
        worker(&self.store, &self.script, clock, OPTIONS)
    }

    /// One task from claim to outcome.
    pub async fn step(&self) -> Step {
        self.worker.step().await.unwrap()
    }

    /// Starts a step and returns it when its call waits at the gate. From then on it does nothing,
    /// not even renew its lease, until somebody awaits it.
    pub async fn step_until(&self, gate: &Gate) -> Running<'_> {
        let mut running: Running<'_> = Box::pin(self.worker.step());
        tokio::select! {
            step = &mut running => panic!("did not wait: {step:?}"),
            () = gate.reached() => running,
        }
    }

    /// All tasks that are due.
    pub async fn drain(&self) {
        while self.step().await != Step::Idle {}
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// An available volume of project `p`.
    pub async fn volume(&self) -> Volume {
        let volume = self.accept_volume(Source::Empty).await;
        self.drain().await;
        self.volume_now(volume.id).await
    }

    /// An available snapshot.
    pub async fn snapshot(&self, volume: &Volume) -> Snapshot {
        let snapshot = self.accept_snapshot(volume).await;
        self.drain().await;
        self.snapshot_now(snapshot.id).await
    }

    /// A volume that is about to be made.
    pub async fn accept_volume(&self, source: Source) -> Volume {
        let new = NewVolume {
            size: Some(GIB_1),
            source,
            ..NewVolume::default()
        };
        Box::pin(self.service.volume_create(&call(), new)).await.unwrap()
    }

    /// A snapshot that is about to be taken.
    pub async fn accept_snapshot(&self, volume: &Volume) -> Snapshot {
        let new = NewSnapshot {
            volume_id: volume.id.to_string(),
            ..NewSnapshot::default()
        };
        self.service.snapshot_create(&call(), new).await.unwrap()
    }

    /// An admin decides the status of a volume.
    pub async fn reset_volume(&self, id: VolumeId, status: VolumeStatus) {
        let reset = VolumeReset {
            status: Some(status),
            ..VolumeReset::default()
        };
        let done = self.service.volume_reset_status(&call(), &id.to_string(), reset).await;
        done.unwrap();
    }

    /// An admin decides the status of a snapshot.
    pub async fn reset_snapshot(&self, id: SnapshotId, status: SnapshotStatus) {
        let done = self
            .service
            .snapshot_reset_status(&call(), &id.to_string(), status)
            .await;
        done.unwrap();
    }

    pub async fn find_volume(&self, id: VolumeId) -> Option<Volume> {
        self.store.volume(&Scope::All, id).await.unwrap()
    }

    pub async fn find_snapshot(&self, id: SnapshotId) -> Option<Snapshot> {
        self.store.snapshot(&Scope::All, id).await.unwrap()
    }

    pub async fn volume_now(&self, id: VolumeId) -> Volume {
        self.find_volume(id).await.unwrap()
    }

    pub async fn snapshot_now(&self, id: SnapshotId) -> Snapshot {
        self.find_snapshot(id).await.unwrap()
    }

    /// All messages, oldest first.
    pub async fn messages(&self) -> Vec<Message> {
        let query = everything(MessageKey::CreatedAt);
        let page = self.store.message_list(&query).await.unwrap().unwrap();
        page.items.to_vec()
    }

    /// The only message.
    pub async fn message(&self) -> Message {
        let [message] = self.messages().await.try_into().unwrap();
        message
    }

    /// Until when the only task is claimed.
    pub async fn lease_until(&self) -> Option<DateTime<Utc>> {
        let rows = crate::raw::rows(&self.database.url, "SELECT lease_until FROM tasks").await;
        let [(until,)] = rows.try_into().unwrap();
        until
    }

    /// Asks until the answer is yes. Not a guess at how long something takes: only a limit for what
    /// would never end.
    pub async fn eventually(&self, mut holds: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !holds().await {
            assert!(
                Instant::now() < deadline,
                "it never happened; tasks: {:?}",
                self.tasks().await
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// All tasks.
    pub async fn tasks(&self) -> Vec<TaskRow> {
        let sql = "SELECT resource_id, operation, attempts, lease_token IS NOT NULL FROM tasks ORDER BY seq";
        crate::raw::rows(&self.database.url, sql).await
    }
}

/// Everybody's rows.
pub fn everything<K>(key: K) -> ListQuery<K> {
    ListQuery {
        scope: Scope::All,
        filters: Vec::new(),
        sort: vec![(key, Direction::Asc)],
        marker: None,
        marker_scope: Scope::All,
        limit: 1000,
        offset: 0,
        with_count: false,
    }
}

/// What a front may do that offers every call.
struct Everything;

impl Permission for Everything {
    const ACTIONS: &'static [Action] = Action::ALL;
}

/// A call by an admin of project `p`.
pub fn call() -> Call {
    call_of("p")
}

/// A call by an admin of another project.
pub fn call_of(project: &str) -> Call {
    let caller = Arc::new(Caller::in_project("u", project, ["admin", "member", "reader"]));
    let policy = Arc::new(Policy::load(None).unwrap());
    Call::new::<Everything>(caller, format!("req-{project}"), &policy)
}

/// Where all volumes are.
pub fn host() -> BackendHost {
    BackendHost::new("host", "file")
}

fn ids() -> Arc<dyn Ids> {
    Arc::new(RandomIds)
}

fn worker(store: &Store, script: &Arc<Script>, clock: &Arc<ManualClock>, options: Options) -> Worker {
    let driver: Arc<dyn Driver> = Arc::clone(script) as _;
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    Worker::new(store.clone(), host(), driver, clock, ids(), options)
}
