//! Calls between processes: PostgreSQL's LISTEN and NOTIFY. A call only says that there may be work, or that work
//! may have been taken away; it may be lost, and nothing depends on it but how soon somebody looks.

use std::time::Duration;

use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};

use super::{
    Store, StoreError,
    engine::Engine,
    error::{closed, silent},
};

const CHANNEL: &str = "breezeblock";
/// Payloads; see [`Call`].
const RECALL: &str = "recall";

/// A connection that says nothing for so long is asked whether it is still there.
const QUIET: Duration = Duration::from_mins(1);

/// What other processes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// There may be work.
    Work,
    /// Work that is under way may have been taken away.
    Recall,
}

/// Hears calls from other processes.
#[derive(Debug)]
pub struct Listener {
    connection: PgListener,
    /// How long an answer may take.
    patience: Duration,
}

impl Store {
    /// Whether other processes may work on this database. SQLite is for one.
    pub fn is_shared(&self) -> bool {
        match &*self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(_) => true,
        }
    }

    /// Calls every process that listens.
    ///
    /// # Errors
    /// [`StoreError`]; then nobody may have heard.
    pub async fn call(&self, call: Call) -> Result<(), StoreError> {
        let notify = match call {
            Call::Work => "NOTIFY breezeblock",
            Call::Recall => "NOTIFY breezeblock, 'recall'",
        };
        match &*self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => postgres.session(self.patience).await?.simple(notify).await,
        }
    }

    /// Begins to listen, on a connection of its own; `None` where there is nobody to hear.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Listener>, StoreError> {
        match &*self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => within(self.patience, Listener::open(postgres.options(), self.patience))
                .await
                .map(Some),
        }
    }
}

impl Listener {
    async fn open(options: PgConnectOptions, patience: Duration) -> Result<Self, sqlx::Error> {
        // Not one of the connections that requests wait for.
        let own = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        let mut connection = PgListener::connect_with(&own).await?;
        connection.eager_reconnect(false);
        connection.listen(CHANNEL).await?;
        Ok(Self { connection, patience })
    }

    /// Waits for a call.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost; calls may have been lost with it.
    pub async fn heard(&mut self) -> Result<Call, StoreError> {
        loop {
            match tokio::time::timeout(QUIET, self.connection.try_recv()).await {
                Ok(Ok(Some(said))) if said.payload() == RECALL => return Ok(Call::Recall),
                Ok(Ok(Some(_said))) => return Ok(Call::Work),
                Ok(Ok(None)) => return Err(closed()),
                Ok(Err(error)) => return Err(error.into()),
                // A network that swallows packets closes no connection.
                Err(_quiet) => {
                    within(self.patience, self.connection.execute("SELECT 1")).await?;
                }
            }
        }
    }
}

async fn within<T>(patience: Duration, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => Err(silent()),
    }
}
