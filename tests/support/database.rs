//! A database of its own for each test: a SQLite file, or a database in the PostgreSQL server at
//! `TEST_POSTGRES_URL` (`scripts/with-postgres` starts one).

use breezeblock::store::{Database, Store};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// Which database a suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// An empty database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    pub url: String,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Folder { _folder: TempDir },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    pub async fn new(kind: Kind) -> Self {
        Self::from_template(kind, "template1").await
    }

    /// On PostgreSQL a copy of another database in the same server, which nobody may be using.
    pub async fn from_template(kind: Kind, template: &str) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}", folder.path().join("db.sqlite").display());
                Self {
                    url,
                    kept: Kept::Folder { _folder: folder },
                }
            }
            Kind::Postgres => {
                let server = std::env::var("TEST_POSTGRES_URL")
                    .expect("TEST_POSTGRES_URL is not set; run the tests with `make test` or `scripts/with-postgres cargo test`");
                let name = format!("test_{}", uuid_like());
                // Copying files costs a third of what PostgreSQL 15 does by default.
                run(
                    &server,
                    format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"),
                )
                .await;
                let (address, query) = server.split_once('?').unwrap_or((&server, ""));
                let (base, _database) = address.rsplit_once('/').unwrap();
                let url = format!("{base}/{name}?{query}");
                Self {
                    url,
                    kept: Kept::Postgres { server, name },
                }
            }
        }
    }

    /// The database, migrated.
    pub async fn store(&self) -> Store {
        let store = Store::open(&Database {
            url: self.url.clone(),
            max_connections: 8,
        })
        .await
        .unwrap();
        store.migrate().await.unwrap();
        store
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Kept::Postgres { server, name } = &self.kept {
            let (server, sql) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
            // A runtime of its own: the test's may be ending.
            let dropped = std::thread::spawn(move || {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(run(&server, sql));
            });
            let _panicked = dropped.join();
        }
    }
}

async fn run(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// Unique among all tests of a run, which are in many processes.
fn uuid_like() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!(
        "{}_{nanos}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
