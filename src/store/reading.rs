//! A read transaction: several statements that see the database as it was at one moment, while others go on
//! changing it.

use super::{Store, StoreError, engine::Open};

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
        Ok(Reading {
            open: self.engine.reading(self.patience).await?,
        })
    }
}
