//! The database and the storage folder of a run: in memory where the machine offers that, because neither is
//! asked to survive a power cut here.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection, query_as};
use tempfile::TempDir;
use uuid::Uuid;

use crate::database::{Kind, TestDatabase};

/// What a case leaves behind; children before parents.
const LEFT_BEHIND: [&str; 7] = [
    "tasks",
    "snapshots",
    "volumes",
    "messages",
    "quotas",
    "snapshot_tombstones",
    "volume_tombstones",
];

/// A volume (status, size, target size, attach status), a snapshot (status, size, nothing, progress) or a task
/// (operation, attempts, whether it is claimed, nothing), by the id of its resource.
pub type StateRow = (Uuid, String, i64, i64, String);

const STATE: &str = "
    SELECT id, status, CAST(size AS BIGINT), CAST(coalesce(target_size, 0) AS BIGINT), attach_status FROM volumes
    UNION ALL
    SELECT id, status, CAST(volume_size AS BIGINT), CAST(0 AS BIGINT), progress FROM snapshots
    UNION ALL
    SELECT resource_id, operation, CAST(attempts AS BIGINT),
           CAST(CASE WHEN lease_token IS NULL THEN 0 ELSE 1 END AS BIGINT), '' FROM tasks";

/// Where everything is.
#[derive(Debug)]
pub struct Place {
    pub url: String,
    folder: TempDir,
    connection: Connected,
    _database: Option<TestDatabase>,
}

#[derive(Debug)]
enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Place {
    /// An empty database, migrated.
    pub async fn new(kind: Kind) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        let (url, database) = match kind {
            Kind::Sqlite => (format!("sqlite://{}", folder.path().join("db.sqlite").display()), None),
            Kind::Postgres => {
                let database = TestDatabase::new(kind).await;
                (database.url.clone(), Some(database))
            }
        };
        let store = breezeblock::store::Store::open(&breezeblock::store::Database {
            url: url.clone(),
            max_connections: 2,
        })
        .await
        .unwrap();
        store.migrate().await.unwrap();
        store.close().await;
        let connection = match kind {
            Kind::Sqlite => Connected::Sqlite(SqliteConnection::connect(&url).await.unwrap()),
            Kind::Postgres => Connected::Postgres(PgConnection::connect(&url).await.unwrap()),
        };
        Self {
            url,
            folder,
            connection,
            _database: database,
        }
    }

    /// The storage folder.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("storage")
    }

    /// Removes everything that a case has left.
    pub async fn clean(&mut self) {
        let sql: String = LEFT_BEHIND.map(|table| format!("DELETE FROM {table};")).concat();
        let sql = format!("BEGIN; {sql} COMMIT;");
        match &mut self.connection {
            Connected::Sqlite(connection) => connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop),
            Connected::Postgres(connection) => connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop),
        }
        .unwrap();
        for folder in ["volumes", "snapshots", ".locks"] {
            for entry in std::fs::read_dir(self.storage().join(folder)).into_iter().flatten() {
                std::fs::remove_file(entry.unwrap().path()).unwrap();
            }
        }
    }

    /// Every row and every task, in order.
    pub async fn state(&mut self) -> Vec<StateRow> {
        let mut rows: Vec<StateRow> = match &mut self.connection {
            Connected::Sqlite(connection) => query_as(STATE).fetch_all(connection).await,
            Connected::Postgres(connection) => query_as(STATE).fetch_all(connection).await,
        }
        .unwrap();
        rows.sort();
        rows
    }
}
