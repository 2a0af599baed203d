//! A read transaction: several statements that see the database as it was at one moment, while others go on
//! changing it.

use super::{
    Store, StoreError,
    db::{Db, Open},
    session::Session,
};

/// PostgreSQL's default would let each statement see what was committed before it.
const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// An open read transaction.
#[derive(Debug)]
pub struct Reading {
    pub(super) open: Open,
}

impl Store {
    /// Starts a read transaction. It takes no locks, but keeps a connection, so it should not last.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection can be had in time.
    pub async fn reading(&self) -> Result<Reading, StoreError> {
        let open = match &self.db {
            // The first statement decides the moment.
            Db::Sqlite { read, file, .. } => {
                file.check()?;
                Open::Sqlite(read.begin().await?)
            }
            Db::Postgres(pool) => Open::Postgres(Session::begin_with(pool, self.patience, BEGIN_POSTGRES).await?),
        };
        Ok(Reading { open })
    }
}
