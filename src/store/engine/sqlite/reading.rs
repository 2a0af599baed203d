//! A read transaction: several statements that see one moment. It belongs to audits, which read whole tables; so each
//! of its statements runs on a thread for what may take long.

use rusqlite::Connection;

use super::{blocking, connection};
use crate::store::{
    StoreError,
    engine::{FromRow, Query},
    error::closed,
};

/// An open read transaction.
#[derive(Debug)]
pub(in crate::store) struct Reading {
    /// Not here while a statement runs; somebody who does not wait for its end loses the connection with it.
    connection: Option<Connection>,
}

impl Reading {
    /// Begins; the first statement decides the moment.
    pub(super) fn begin(connection: Connection) -> Result<Self, StoreError> {
        connection.execute_batch("BEGIN")?;
        Ok(Self {
            connection: Some(connection),
        })
    }

    /// The rows of a statement.
    pub(in crate::store) async fn all<R: FromRow>(&mut self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        let connection = self.connection.take().ok_or_else(closed)?;
        let query = query.into_owned();
        let (connection, rows) = blocking(move || {
            let rows = connection::rows(&connection, query.sqlite(), R::from_row);
            Ok((connection, rows))
        })
        .await?;
        self.connection = Some(connection);
        rows
    }
}
