//! Where a case keeps its database, its storage and its logs.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    api::Api,
    server::{Refusal, Server},
};

/// Lines of each log that a failure shows.
const TAIL: usize = 20;

/// Shows the logs of its servers on a panic.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    /// The database's URL.
    pub database: String,
    pub storage: PathBuf,
    servers: AtomicU32,
}

impl Site {
    /// A SQLite database and a storage folder that nothing is wrong with.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            database: url(&folder.path().join("db.sqlite")),
            storage: folder.path().join("storage"),
            folder,
            servers: AtomicU32::new(0),
        }
    }

    /// With the database below another folder.
    pub fn database_in(mut self, folder: &Path) -> Self {
        self.database = url(&folder.join("db.sqlite"));
        self
    }

    /// With the storage in another folder.
    pub fn storage_in(mut self, folder: &Path) -> Self {
        self.storage = folder.join("storage");
        self
    }

    /// The database's file.
    pub fn file(&self) -> PathBuf {
        PathBuf::from(self.database.trim_start_matches("sqlite://"))
    }

    /// The folder for all that is not on a broken disk.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn volume(&self, id: Uuid) -> PathBuf {
        self.storage.join(format!("volumes/volume-{id}"))
    }

    pub fn snapshot(&self, id: Uuid) -> PathBuf {
        self.storage.join(format!("snapshots/snapshot-{id}"))
    }

    /// All that is stored, hidden files and other left-overs included.
    pub fn stored(&self) -> Vec<String> {
        let mut all = Vec::new();
        for folder in ["volumes", "snapshots"] {
            for entry in self.storage.join(folder).read_dir().unwrap() {
                all.push(entry.unwrap().file_name().into_string().unwrap());
            }
        }
        all.sort();
        all
    }

    /// Starts a server, which must succeed.
    pub async fn serve(&self) -> (Server, Api) {
        self.serve_with(&[]).await
    }

    /// The same with further settings.
    pub async fn serve_with(&self, settings: &[(&str, &str)]) -> (Server, Api) {
        match self.start(settings).await {
            Ok(server) => {
                let api = Api::new(&server.address);
                (server, api)
            }
            Err(refusal) => panic!("it did not start: {refusal:?}"),
        }
    }

    /// Starts a server, which must refuse. Answers with the last line of what it says.
    pub async fn refused(&self) -> String {
        match self.start(&[]).await {
            Ok(_server) => panic!("it started"),
            Err(refusal) => {
                assert_eq!(refusal.code, Some(1), "{refusal:?}");
                assert!(!refusal.log.contains("panicked"), "{refusal:?}");
                refusal.log.lines().last().unwrap_or_default().to_owned()
            }
        }
    }

    async fn start(&self, settings: &[(&str, &str)]) -> Result<Server, Refusal> {
        let number = self.servers.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.path().join(format!("server-{number}.log"));
        Server::start(&self.database, &self.storage, &log, settings).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for number in 0..self.servers.load(Ordering::Relaxed) {
            let log = fs::read_to_string(self.folder.path().join(format!("server-{number}.log"))).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
            // Not eprintln: the test harness would keep it to itself.
            let _closed = writeln!(std::io::stderr(), "--- log of server {number}\n{tail}");
        }
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
