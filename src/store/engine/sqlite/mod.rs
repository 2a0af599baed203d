//! SQLite, in this process and through rusqlite (docs/adr/0015): statements run on the thread that asks, because
//! handing them to another one costs several times what they cost themselves. Only what may take long goes elsewhere.

mod committer;
mod connection;
mod file;
mod group;
mod readers;
mod reading;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::sqlite::SqliteConnectOptions;

use self::{
    connection::Opening,
    file::{DatabaseFile, refuse_fragment},
    readers::Readers,
    writer::Writer,
};
pub(in crate::store) use self::{reading::Reading, writer::Transaction};
use super::{Dialect, Query, ReadRow, Statement, Weight};
use crate::store::{Access, StoreError};

/// How long somebody waits for SQLite's write lock, or for a connection, before he is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open database.
#[derive(Debug)]
pub(in crate::store) struct Sqlite {
    pub(in crate::store) file: Arc<DatabaseFile>,
    options: SqliteConnectOptions,
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    pub(super) async fn open(options: SqliteConnectOptions, readers: u32, access: Access) -> Result<Self, StoreError> {
        let path = options.get_filename().to_owned();
        let (writing, reading) = match access {
            Access::Serve => (Opening::Make, Opening::Read),
            Access::Existing => (Opening::Write, Opening::Read),
            Access::Inspect => (Opening::Read, Opening::Read),
        };
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder.filter(|_folder| access == Access::Serve) {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| StoreError::Unavailable(error.into()))?;
        }
        if access != Access::Inspect {
            refuse_fragment(&path)?;
        }
        // The writer first: it creates the file and switches it to WAL. Its lock may be another process's for a while.
        let connection = blocking({
            let path = path.clone();
            move || connection::open(&path, writing)
        })
        .await?;
        let file = Arc::new(DatabaseFile::opened(&path)?);
        Ok(Self {
            readers: Readers::new(Arc::clone(&file), reading, readers),
            writer: Writer::new(Arc::clone(&file), connection),
            file,
            options,
        })
    }

    /// What `read` makes of the rows of a reading statement.
    pub(super) async fn mapped<T: Send + 'static>(
        &self,
        query: Query<'_>,
        read: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.file.check()?;
        match query.weight {
            Weight::Light => self
                .readers
                .here(|connection| connection::rows(connection, query.sqlite(), read)),
            Weight::Heavy => {
                let query = query.into_owned();
                self.readers
                    .elsewhere(move |connection| connection::rows(connection, query.sqlite(), read))
                    .await
            }
        }
    }

    /// A page of rows, which others may have, too.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: Query<'_>,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        if query.weight == Weight::Heavy {
            return self.mapped(query, read).await.map(Arc::new);
        }
        self.file.check()?;
        self.readers.page(query.into_key(Dialect::Sqlite), read)
    }

    /// Starts a write transaction.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.writer.begin().await
    }

    /// Starts a read transaction.
    pub(super) async fn reading(&self) -> Result<Reading, StoreError> {
        self.file.check()?;
        Reading::begin(self.readers.connect().await?)
    }

    /// Whether the database answers.
    pub(super) fn ping(&self) -> Result<(), StoreError> {
        self.file.check()?;
        self.readers
            .here(|connection| Ok(connection.query_row("SELECT 1", (), |_row| Ok(()))?))?;
        self.file.check_log()
    }

    /// Whether a statement fits the schema.
    pub(super) fn prepare(&self, statement: Statement) -> Result<(), StoreError> {
        self.readers
            .here(|connection| Ok(connection.prepare(statement.sqlite).map(drop)?))
    }

    /// How sqlx finds the same database, for migrations.
    pub(in crate::store) fn options(&self) -> SqliteConnectOptions {
        self.options.clone()
    }

    /// Closes everything; SQLite merges its write-ahead log into the file.
    pub(super) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
    }
}

/// Runs what may take long, or wait, where it keeps nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => Err(StoreError::Unavailable(ended.into())),
    }
}
