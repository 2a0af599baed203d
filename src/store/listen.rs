//! Calls between processes: PostgreSQL's LISTEN and NOTIFY. A call only says that there may be work; it may
//! be lost, and nothing depends on it but how soon somebody looks.

use sqlx::{
    Executor, PgPool,
    postgres::{PgListener, PgPoolOptions},
};

use super::{Store, StoreError, db::Db, session::on_postgres};

const CHANNEL: &str = "breezeblock";

/// Hears calls from other processes.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Store {
    /// Whether other processes may work on this database. SQLite is for one.
    pub const fn is_shared(&self) -> bool {
        match &self.db {
            Db::Sqlite { .. } => false,
            Db::Postgres(_) => true,
        }
    }

    /// Calls every process that listens.
    ///
    /// # Errors
    /// [`StoreError`]; then nobody may have heard.
    pub async fn call(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { .. } => Ok(()),
            Db::Postgres(pool) => Ok(on_postgres!(self, pool, |c| c.execute("NOTIFY breezeblock")).map(drop)?),
        }
    }

    /// Begins to listen, on a connection of its own; `None` where there is nobody to hear.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Listener>, StoreError> {
        match &self.db {
            Db::Sqlite { .. } => Ok(None),
            Db::Postgres(pool) => Ok(Some(Listener::open(pool).await?)),
        }
    }
}

impl Listener {
    async fn open(pool: &PgPool) -> Result<Self, StoreError> {
        // Not one of the connections that requests wait for.
        let own = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with((*pool.connect_options()).clone())
            .await?;
        let mut listener = PgListener::connect_with(&own).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Waits for a call.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost; calls may have been lost with it.
    pub async fn heard(&mut self) -> Result<(), StoreError> {
        match self.0.try_recv().await? {
            Some(_call) => Ok(()),
            None => Err(StoreError::Unavailable(sqlx::Error::PoolClosed)),
        }
    }
}
