//! Opening databases, and transactions.

use std::{sync::Arc, time::Duration};

use super::{
    StoreError,
    engine::{Engine, FromRow, Open, Query, ReadRow, none},
};
use crate::breakpoint;

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

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// To serve from it; made if it is not there.
    Serve,
    /// To change one that is there.
    Existing,
    /// To look at one that is there.
    Inspect,
}

/// The state of the service.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) engine: Arc<Engine>,
    /// How long PostgreSQL may take to answer.
    pub(super) patience: Duration,
}

/// A write transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx {
    pub(super) open: Open,
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
        Ok(Self {
            engine: Arc::new(Engine::open(database, access).await?),
            patience: TIMEOUT,
        })
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
        Ok(Tx {
            open: self.engine.begin(self.patience).await?,
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.engine.ping(self.patience).await
    }

    /// Closes all connections; SQLite merges its write-ahead log into the file.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// The rows of a reading statement.
    pub(super) async fn all<R: FromRow>(&self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        self.mapped(query, R::from_row).await
    }

    /// What `read` makes of the rows of a reading statement.
    pub(super) async fn mapped<T: Send + 'static>(
        &self,
        query: Query<'_>,
        read: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.engine.mapped(query, self.patience, read).await
    }

    /// The row of a reading statement that has at most one.
    pub(super) async fn optional<R: FromRow>(&self, query: Query<'_>) -> Result<Option<R>, StoreError> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// The row of a reading statement that always has one.
    pub(super) async fn one<R: FromRow>(&self, query: Query<'_>) -> Result<R, StoreError> {
        self.optional(query).await?.ok_or_else(none)
    }

    /// What `read` makes of the rows of a page.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: Query<'_>,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        self.engine.page(query, self.patience, read).await
    }

    /// Runs one writing statement as a transaction of its own and counts the rows that it changed.
    pub(super) async fn execute(&self, query: Query<'_>) -> Result<u64, StoreError> {
        let rows = self.engine.execute(query, self.patience).await?;
        if rows > 0 {
            breakpoint::hit("store.wrote");
        }
        Ok(rows)
    }

    /// Runs one writing statement that tells what it wrote, as a transaction of its own.
    pub(super) async fn returning<R: FromRow>(&self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        self.engine.returning(query, self.patience).await
    }
}

impl Tx {
    /// Makes everything done in this transaction durable.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was done, unless the connection broke while the database answered.
    pub async fn commit(self) -> Result<(), StoreError> {
        breakpoint::hit("store.before_commit");
        self.open.commit().await?;
        breakpoint::hit("store.committed");
        Ok(())
    }
}
