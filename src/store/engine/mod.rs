//! How statements get to the databases: **the one place that decides how each is executed** (docs/adr/0015).
//!
//! | | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | short reads | on the thread that asks | on a connection for each thread, without waiting for answers in between |
//! | pages of lists | the same, those of an unchanged database once | the same, those of an unchanged database once |
//! | reads that may take long | on a few threads of their own | on a connection for itself |
//! | writes | by one writer, which commits for all who wait | on a connection for itself |
//!
//! The rest of the store has statements, their values and what rows become; it does not know of this.

mod pages;
mod postgres;
mod promised;
mod query;
mod row;
mod sqlite;
mod threads;
mod times;

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::sqlite::SqliteConnectOptions;

pub(super) use self::{
    postgres::{Postgres, Session},
    promised::Promised,
    query::{Query, Statement, Value, Weight, statement},
    row::{FromRow, ReadRow, Row, TableRow, row},
    sqlite::Sqlite,
};
use super::{Access, Database, StoreError};

/// PostgreSQL's default would let each statement see what was committed before it.
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Which SQL a statement that is put together has to be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// An open database.
#[derive(Debug)]
pub(super) enum Engine {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

/// An open transaction.
#[derive(Debug)]
pub(super) enum Open {
    Sqlite(sqlite::Transaction),
    /// One that only reads.
    SqliteReading(sqlite::Reading),
    Postgres(Session),
}

impl Engine {
    pub(super) async fn open(database: &Database, access: Access) -> Result<Self, StoreError> {
        let most = database.max_connections;
        match database.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => {
                let options = SqliteConnectOptions::from_str(&database.url)?;
                Ok(Self::Sqlite(Box::new(Sqlite::open(options, most, access).await?)))
            }
            Some("postgres" | "postgresql") => Ok(Self::Postgres(Box::new(
                Postgres::open(&database.url, most, access).await?,
            ))),
            _other => Err(StoreError::Schema(
                "database.url must start with sqlite:// or postgres://".to_owned(),
            )),
        }
    }

    /// Which SQL it understands.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// What `read` makes of the rows of a reading statement.
    pub(super) async fn mapped<T: Send + 'static>(
        &self,
        query: Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.mapped(query, read).await,
            Self::Postgres(postgres) => postgres.mapped(query, patience, read).await,
        }
    }

    /// A page of a list, whose rows others may have, too.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.page(query, read).await,
            Self::Postgres(postgres) => postgres.page(query, patience, read).await,
        }
    }

    /// Begins a write transaction.
    pub(super) async fn begin(&self, patience: Duration) -> Result<Open, StoreError> {
        Ok(match self {
            Self::Sqlite(sqlite) => Open::Sqlite(sqlite.begin().await?),
            Self::Postgres(postgres) => Open::Postgres(postgres.begin("BEGIN", patience).await?),
        })
    }

    /// Begins a read transaction: all of its statements see one moment.
    pub(super) async fn reading(&self, patience: Duration) -> Result<Open, StoreError> {
        Ok(match self {
            Self::Sqlite(sqlite) => Open::SqliteReading(sqlite.reading().await?),
            Self::Postgres(postgres) => Open::Postgres(postgres.begin(BEGIN_READING, patience).await?),
        })
    }

    /// One statement that writes, as a transaction of its own; how many rows it changed.
    pub(super) async fn execute(&self, query: Query<'_>, patience: Duration) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => {
                let mut open = sqlite.begin().await?;
                let rows = open.execute(&query)?;
                open.commit().await?;
                Ok(rows)
            }
            Self::Postgres(postgres) => postgres.session(patience).await?.execute(query).await,
        }
    }

    /// The same for a statement that tells what it wrote.
    pub(super) async fn returning<R: FromRow>(
        &self,
        query: Query<'_>,
        patience: Duration,
    ) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => {
                let mut open = sqlite.begin().await?;
                let rows = open.all(&query)?;
                open.commit().await?;
                Ok(rows)
            }
            Self::Postgres(postgres) => postgres.session(patience).await?.all(query).await,
        }
    }

    /// Whether the database answers.
    pub(super) async fn ping(&self, patience: Duration) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.ping(),
            Self::Postgres(postgres) => postgres.ping(patience).await,
        }
    }

    /// Whether a statement fits the schema.
    pub(super) async fn prepare(&self, statement: Statement, patience: Duration) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.prepare(statement),
            Self::Postgres(postgres) => postgres.prepare(statement, patience).await,
        }
    }

    /// Closes all connections; SQLite merges its write-ahead log into the file.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}

impl Open {
    /// The rows of a statement.
    pub(super) async fn all<R: FromRow>(&mut self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Sqlite(open) => open.all(&query),
            Self::SqliteReading(open) => open.all(query).await,
            Self::Postgres(open) => open.all(query).await,
        }
    }

    /// The row of a statement that has at most one.
    pub(super) async fn optional<R: FromRow>(&mut self, query: Query<'_>) -> Result<Option<R>, StoreError> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// The row of a statement that always has one.
    pub(super) async fn one<R: FromRow>(&mut self, query: Query<'_>) -> Result<R, StoreError> {
        self.optional(query).await?.ok_or_else(none)
    }

    /// Reads. Where that saves a trip to a server, the statement goes there with the next one, and the rows are there
    /// only then.
    pub(super) async fn all_later<R: FromRow>(&mut self, query: Query<'_>) -> Result<Promised<R>, StoreError> {
        match self {
            Self::Postgres(open) => open.all_later(query).await,
            Self::Sqlite(_) | Self::SqliteReading(_) => Ok(Promised::kept(self.all(query).await?)),
        }
    }

    /// Runs a statement and counts the rows that it changed.
    pub(super) async fn execute(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(open) => open.execute(&query),
            Self::SqliteReading(_open) => Err(StoreError::Database("a read transaction does not write".into())),
            Self::Postgres(open) => open.execute(query).await,
        }
    }

    /// Runs a statement of which nobody needs to know more than that the transaction was committed with it. Where that
    /// saves a trip to a server, it goes there with the next one.
    pub(super) async fn execute_later(&mut self, query: Query<'_>) -> Result<(), StoreError> {
        match self {
            Self::Postgres(open) => open.execute_later(query).await,
            Self::Sqlite(_) | Self::SqliteReading(_) => self.execute(query).await.map(drop),
        }
    }

    /// Returns when what was done is durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(open) => open.commit().await,
            Self::SqliteReading(_read) => Ok(()),
            Self::Postgres(open) => open.commit().await,
        }
    }
}

/// What must have a row has none.
pub(super) fn none() -> StoreError {
    StoreError::Database("a statement that always has a row had none".into())
}
