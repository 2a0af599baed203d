//! A database and a storage folder of its own for each case, and the servers on them.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    api::Api,
    content,
    database::{Kind, TestDatabase},
    model::{Model, Snapshot, Volume},
    server::{Server, Start},
    sql::Sql,
    wait::Deadline,
};

/// Lines of each log that a failure shows.
const TAIL: usize = 15;
const PATIENCE: Duration = Duration::from_secs(30);

/// Shows on a panic what it was about and the logs of its servers.
#[derive(Debug)]
pub struct World {
    about: String,
    pub database: TestDatabase,
    pub sql: Sql,
    folder: TempDir,
    servers: AtomicU32,
}

impl World {
    pub async fn new(kind: Kind, about: &str) -> Self {
        Self::on(kind, TestDatabase::new(kind).await, about)
    }

    /// One whose database is there already.
    pub fn on(kind: Kind, database: TestDatabase, about: &str) -> Self {
        Self {
            about: format!("{about} on {kind:?}"),
            sql: Sql::new(&database.url),
            database,
            folder: tempfile::tempdir().unwrap(),
            servers: AtomicU32::new(0),
        }
    }

    /// The storage folder.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("storage")
    }

    pub fn volume(&self, id: Uuid) -> PathBuf {
        self.storage().join(format!("volumes/volume-{id}"))
    }

    pub fn snapshot(&self, id: Uuid) -> PathBuf {
        self.storage().join(format!("snapshots/snapshot-{id}"))
    }

    /// Starts a server.
    pub async fn serve(&self, breakpoint: Option<&str>) -> (Server, Api) {
        self.serve_with(breakpoint, &[]).await
    }

    /// Starts a server with further settings.
    pub async fn serve_with(&self, breakpoint: Option<&str>, settings: &[(&str, &str)]) -> (Server, Api) {
        let mut server = self.spawn(breakpoint, settings);
        server.listens().await;
        let api = Api::new(&server.address);
        (server, api)
    }

    /// Starts a server and does not wait for it.
    pub fn spawn(&self, breakpoint: Option<&str>, settings: &[(&str, &str)]) -> Server {
        let number = self.servers.fetch_add(1, Ordering::Relaxed);
        Server::spawn(Start {
            database: &self.database.url,
            storage: &self.storage(),
            log: &self.folder.path().join(format!("server-{number}.log")),
            breakpoint,
            settings,
        })
    }

    /// A volume with 3 in it, and snapshots of it from when it had 1 and 2; and a group of two volumes with 4 and 5.
    pub async fn set_the_scene(&self) -> Scene {
        let (server, api) = self.serve(None).await;
        let volume = api.create_volume(1, None).await.id();
        self.settled().await;
        let mut model = Model::default();
        let mut snapshots = [volume; 2];
        for (snapshot, seed) in snapshots.iter_mut().zip(1..) {
            content::write(&self.volume(volume), seed);
            *snapshot = api.create_snapshot(volume).await.id();
            self.settled().await;
            model.snapshots.insert(*snapshot, Snapshot::new(volume, seed));
        }
        content::write(&self.volume(volume), 3);
        model.volumes.insert(volume, Volume { gib: 1, seed: 3 });
        let group = api.create_group().await.id();
        for seed in 4..=5 {
            let member = api.create_volume_in(group).await.id();
            self.settled().await;
            content::write(&self.volume(member), seed);
            model.volumes.insert(member, Volume { gib: 1, seed });
        }
        server.stop().await;
        self.take_stock(5).await;
        Scene {
            model,
            volume,
            snapshots,
            group,
            taken: Vec::new(),
        }
    }

    /// Starts a server for as long as it takes to write down what the storage holds. The next one finds nothing new,
    /// so that its first commit is that of the first request.
    pub async fn take_stock(&self, objects: usize) {
        let (server, _api) = self.serve(None).await;
        let mut deadline = Deadline::new("the storage is known", PATIENCE);
        while self.count("stored_objects").await < objects {
            deadline.pause("it is not").await;
        }
        server.stop().await;
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        for number in 0..self.servers.load(Ordering::Relaxed) {
            let log = tail(&self.folder.path().join(format!("server-{number}.log")));
            let _infallible = write!(text, "--- log of server {number}\n{log}\n");
        }
        text
    }
}

/// What [`World::set_the_scene`] made.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    pub model: Model,
    pub volume: Uuid,
    /// The older one first.
    pub snapshots: [Uuid; 2],
    /// A group of two more volumes.
    pub group: Uuid,
    /// The snapshots of a group snapshot, and their volumes, once there is one.
    pub taken: Vec<(Uuid, Uuid)>,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Not eprintln: the test harness would keep it to itself.
            let text = format!("=== FAILED: {}\n{}", self.about, self.logs());
            let _closed = std::io::stderr().write_all(text.as_bytes());
        }
    }
}

fn tail(path: &Path) -> String {
    let log = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
