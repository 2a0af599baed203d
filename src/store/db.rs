//! Opening databases, and transactions.

use std::{
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, Executor, PgPool, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnectionMetadata,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    StoreError,
    dialect::BEGIN_SQLITE,
    session::{Session, on_postgres},
    sqlite_file::{DatabaseFile, refuse_fragment},
};
use crate::breakpoint;

/// How long a request waits for a connection or for SQLite's write lock before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long PostgreSQL may take to answer, unless [`Store::with_timeout`] says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the state is kept.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Most connections, or readers for SQLite.
    pub max_connections: u32,
}

/// The state of the service.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) db: Db,
    /// How long PostgreSQL may take to answer.
    pub(super) patience: Duration,
}

#[derive(Clone, Debug)]
pub(super) enum Db {
    /// One writer, because SQLite has one anyway and queueing in the pool is fair where its lock is
    /// not; readers beside it never wait for it (WAL).
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        file: Arc<DatabaseFile>,
    },
    Postgres(PgPool),
}

/// A write transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx {
    pub(super) open: Open,
}

#[derive(Debug)]
pub(super) enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Session),
}

impl Store {
    /// Opens the database and, for SQLite, makes its file and folder. Changes no schema; see
    /// [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the URL is of no known kind, [`StoreError::Unavailable`] or
    /// [`StoreError::Database`] when the database cannot be opened.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        Self::open_as(database, Access::Serve).await
    }

    async fn open_as(database: &Database, access: Access) -> Result<Self, StoreError> {
        let db = match database.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(database, access).await?,
            Some("postgres" | "postgresql") => open_postgres(database, access).await?,
            _other => {
                return Err(StoreError::Schema(
                    "database.url must start with sqlite:// or postgres://".to_owned(),
                ));
            }
        };
        Ok(Self { db, patience: TIMEOUT })
    }

    /// The same store, for which PostgreSQL must answer each statement within `timeout`; if it does not, the
    /// statement fails as [`StoreError::Unavailable`], and nobody knows whether it was done.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self {
            patience: timeout,
            ..self
        }
    }

    /// Opens a database that is there already, as [`Store::open`] does.
    ///
    /// # Errors
    /// [`StoreError`], also when there is none.
    pub async fn open_existing(database: &Database) -> Result<Self, StoreError> {
        Self::open_as(database, Access::Existing).await
    }

    /// Opens a database that is there already, in order to look at it: with this nothing can be written.
    ///
    /// # Errors
    /// [`StoreError`], also when there is none.
    pub async fn inspect(database: &Database) -> Result<Self, StoreError> {
        Self::open_as(database, Access::Inspect).await
    }

    /// Starts a write transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection or no write lock can be had in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let open = match &self.db {
            Db::Sqlite { write, file, .. } => {
                file.check()?;
                let tx = write.begin_with(BEGIN_SQLITE).await?;
                file.check_log()?;
                Open::Sqlite(tx)
            }
            Db::Postgres(pool) => Open::Postgres(Session::begin(pool, self.patience).await?),
        };
        Ok(Tx { open })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { read, file, .. } => {
                file.check()?;
                read.execute("SELECT 1").await.map(drop)?;
                file.check_log()?;
            }
            Db::Postgres(pool) => on_postgres!(self, pool, |connection| connection.execute("SELECT 1")).map(drop)?,
        }
        Ok(())
    }

    /// Closes all connections; SQLite merges its write-ahead log into the file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything done in this transaction durable.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was done, unless the connection broke while the database answered.
    pub async fn commit(self) -> Result<(), StoreError> {
        breakpoint::hit("store.before_commit");
        match self.open {
            Open::Sqlite(open) => open.commit().await?,
            Open::Postgres(open) => open.commit().await?,
        }
        breakpoint::hit("store.committed");
        Ok(())
    }
}

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// To serve from it; made if it is not there.
    Serve,
    /// To change one that is there.
    Existing,
    /// To look at one that is there.
    Inspect,
}

async fn open_sqlite(database: &Database, access: Access) -> Result<Db, StoreError> {
    let options = SqliteConnectOptions::from_str(&database.url)?
        .create_if_missing(access == Access::Serve)
        .foreign_keys(true)
        // We answer 202 and must not forget: NORMAL may lose the last commits in a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        // PostgreSQL's LIKE minds the case of letters; so must SQLite's.
        .pragma("case_sensitive_like", "ON")
        .disable_statement_logging();
    if access == Access::Inspect {
        return inspect_sqlite(options).await;
    }
    let options = options.journal_mode(SqliteJournalMode::Wal);
    if let Some(folder) = options
        .get_filename()
        .parent()
        .filter(|folder| access == Access::Serve && *folder != Path::new(""))
    {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|error| StoreError::Unavailable(sqlx::Error::Io(error)))?;
    }
    // The writer first: it creates the file and switches it to WAL.
    let path = options.get_filename().to_owned();
    refuse_fragment(&path)?;
    let running = Arc::new(AtomicBool::new(false));
    let started = Arc::clone(&running);
    let write = sqlite_pool(1)
        .after_connect(move |connection, _about| Box::pin(refuse_reader(connection, started.load(Ordering::Relaxed))))
        .connect_with(options.clone())
        .await?;
    let file = Arc::new(DatabaseFile::opened(&path)?);
    // From now on there is one, and a new connection must not make another in its place.
    let options = options.create_if_missing(false);
    write.set_connect_options(options.clone());
    let read = sqlite_pool(database.max_connections.max(1))
        .connect_with(options.read_only(true))
        .await?;
    running.store(true, Ordering::Relaxed);
    Ok(Db::Sqlite { read, write, file })
}

/// SQLite ends a transaction by itself when the disk is full or broken. sqlx does not notice: its rollback then fails, and
/// for it the connection is in a transaction for ever, in which no other can begin. Such a connection is replaced.
///
/// The pool has pinged it before, so whatever rollback was on its way has been tried.
fn has_ended_its_transaction(
    connection: &mut SqliteConnection,
    _about: PoolConnectionMetadata,
) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    let ended = !connection.is_in_transaction();
    Box::pin(std::future::ready(Ok(ended)))
}

/// A writer that SQLite opened for reading only, because the file could not be written at that moment, would stay one for
/// ever. The pool makes another instead, and another. At the start the first statement says it better.
async fn refuse_reader(connection: &mut SqliteConnection, running: bool) -> Result<(), sqlx::Error> {
    if running {
        connection.begin_with(BEGIN_SQLITE).await?.rollback().await?;
    }
    Ok(())
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(has_ended_its_transaction)
}

/// The file as it is: its journal mode stays, and what looks like the writer can only read.
async fn inspect_sqlite(options: SqliteConnectOptions) -> Result<Db, StoreError> {
    let file = Arc::new(DatabaseFile::opened(options.get_filename())?);
    let options = options.read_only(true);
    let read = sqlite_pool(2).connect_with(options.clone()).await?;
    let write = sqlite_pool(1).connect_lazy_with(options);
    Ok(Db::Sqlite { read, write, file })
}

async fn open_postgres(database: &Database, access: Access) -> Result<Db, StoreError> {
    let options = PgConnectOptions::from_str(&database.url)?
        .application_name("breezeblock")
        // Times travel as text in some replies; the session must not move them.
        .options([
            ("timezone", "UTC"),
            // A peer that stopped in the middle of a transaction must not hold everybody up for ever.
            ("lock_timeout", "4s"),
            ("idle_in_transaction_session_timeout", "15s"),
            (
                "default_transaction_read_only",
                if access == Access::Inspect { "on" } else { "off" },
            ),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(database.max_connections.max(2))
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await?;
    Ok(Db::Postgres(pool))
}
