//! Four processes on one PostgreSQL: two that take requests, two that work.

use std::{fmt::Write as _, net::TcpListener, time::Duration};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::postgres::Postgres;
use crate::server::{Server, Start};

/// Lines of each log that a failure shows.
const TAIL: usize = 25;
const PATIENCE: Duration = Duration::from_mins(1);
/// `database.timeout`: not the default, so that who waits for nothing notices sooner.
pub const DATABASE_TIMEOUT: Duration = Duration::from_secs(5);

/// Everything of a cluster but its clients.
#[derive(Debug)]
pub struct Cluster {
    pub postgres: Postgres,
    folder: TempDir,
    members: Vec<Member>,
}

/// One place in the cluster, in which processes come and go.
#[derive(Debug)]
struct Member {
    name: &'static str,
    /// Of the API; it stays, so that clients find it again.
    port: Option<u16>,
    /// The process, and how many there were.
    server: Mutex<(Option<Server>, usize)>,
}

pub const FRONTS: [usize; 2] = [0, 1];
pub const WORKERS: [usize; 2] = [2, 3];

impl Cluster {
    pub async fn start() -> Self {
        let member = |name, port| Member {
            name,
            port,
            server: Mutex::new((None, 0)),
        };
        let cluster = Self {
            postgres: Postgres::start().await,
            folder: tempfile::tempdir().unwrap(),
            members: vec![
                member("api-1", Some(free_port())),
                member("api-2", Some(free_port())),
                member("worker-1", None),
                member("worker-2", None),
            ],
        };
        // The workers first: a new volume needs a back end.
        for number in [2, 3, 0, 1] {
            cluster.run(number).await;
        }
        cluster
    }

    pub fn storage(&self) -> std::path::PathBuf {
        self.folder.path().join("storage")
    }

    /// The addresses of the API.
    pub fn addresses(&self) -> Vec<String> {
        let ports = self.members.iter().filter_map(|member| member.port);
        ports.map(|port| format!("http://127.0.0.1:{port}")).collect()
    }

    /// Starts a process in a place that has none, and waits until it serves.
    pub async fn run(&self, number: usize) {
        let member = &self.members[number];
        let mut place = member.server.lock().await;
        place.1 += 1;
        let bind = format!("127.0.0.1:{}", member.port.unwrap_or(0));
        let (takes, does) = if member.port.is_some() {
            ("true", "false")
        } else {
            ("false", "true")
        };
        let log = self.folder.path().join(format!("{}-{}.log", member.name, place.1));
        let timeout = DATABASE_TIMEOUT.as_secs().to_string();
        let settings = [
            ("BREEZEBLOCK__SERVER__BIND", bind.as_str()),
            ("BREEZEBLOCK__SERVER__ENABLED", takes),
            ("BREEZEBLOCK__WORKER__ENABLED", does),
            ("BREEZEBLOCK__SERVER__SHUTDOWN_GRACE", "5"),
            ("BREEZEBLOCK__DATABASE__MAX_CONNECTIONS", "6"),
            ("BREEZEBLOCK__DATABASE__TIMEOUT", timeout.as_str()),
            ("BREEZEBLOCK__QUOTA__VOLUMES", "-1"),
            ("BREEZEBLOCK__QUOTA__SNAPSHOTS", "-1"),
            ("BREEZEBLOCK__QUOTA__GIGABYTES", "-1"),
        ];
        let mut server = Server::spawn(Start {
            database: &self.postgres.url(),
            storage: &self.storage(),
            log: &log,
            breakpoint: None,
            settings: &settings,
        });
        server.listens().await;
        place.0 = Some(server);
    }

    /// Kills the process in a place.
    pub async fn kill(&self, number: usize) {
        let mut place = self.members[number].server.lock().await;
        place.0.take().unwrap().kill();
    }

    /// Asks the process in a place to stop, and waits until it has, well.
    pub async fn stop(&self, number: usize) {
        let mut place = self.members[number].server.lock().await;
        let mut server = place.0.take().unwrap();
        server.terminate();
        let status = server.wait(PATIENCE).await;
        assert!(
            status.success(),
            "{} ended badly: {status}\n{}",
            self.members[number].name,
            server.log()
        );
    }

    /// Freezes the process in a place, or lets it go on.
    pub async fn signal(&self, number: usize, signal: Signal) {
        let place = self.members[number].server.lock().await;
        place.0.as_ref().unwrap().signal(signal);
    }

    /// Whether every place has a process that has not ended by itself.
    pub async fn assert_alive(&self) {
        for member in &self.members {
            let mut place = member.server.lock().await;
            let server = place.0.as_mut().unwrap();
            assert_eq!(server.ended(), None, "{} has ended: {}", member.name, server.log());
        }
    }

    /// The ends of all logs.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        let mut logs: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        logs.sort();
        for path in logs
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        {
            let log = std::fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
            let _infallible = write!(text, "--- {}\n{tail}\n", path.display());
        }
        text
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            crate::report(&self.logs());
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
