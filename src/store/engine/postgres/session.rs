//! One PostgreSQL connection at work, and how long it may be without an answer.
//!
//! A server that is frozen, or behind a network that swallows packets, neither answers nor closes the
//! connection, and sqlx waits for ever: also when it puts a connection back into the pool. So every answer has a
//! deadline here, and whoever was not answered gives the connection up. Nobody knows what the server made of the
//! statement, so the connection is closed and never used again (`docs/adr/0012-database-deadline.md`).
//!
//! A caller that is dropped in the middle of a statement, such as the handler of a client that went away, leaves
//! the same uncertainty and is treated alike.

use std::{io, time::Duration};

use sqlx::{Executor, PgConnection, PgPool, Postgres, pool::PoolConnection};
use tokio::time::error::Elapsed;

/// A connection that goes back into the pool when it is dropped, if that is safe.
#[derive(Debug)]
pub(in crate::store) struct Session {
    connection: Option<PoolConnection<Postgres>>,
    patience: Duration,
    in_transaction: bool,
    /// A statement was sent whose answer has not been read to its end.
    unanswered: bool,
}

impl Session {
    /// A connection of the pool, whose answers may each take `patience`.
    pub(super) async fn acquire(pool: &PgPool, patience: Duration) -> sqlx::Result<Self> {
        let connection = tokio::time::timeout(patience, pool.acquire()).await;
        Ok(Self {
            connection: Some(connection.unwrap_or(Err(sqlx::Error::PoolTimedOut))?),
            patience,
            in_transaction: false,
            unanswered: false,
        })
    }

    /// A connection on which a transaction has begun with the statement `begin`.
    pub(super) async fn begin(pool: &PgPool, patience: Duration, begin: &'static str) -> sqlx::Result<Self> {
        let mut session = Self::acquire(pool, patience).await?;
        // Before it is known: a rollback too many does no harm.
        session.in_transaction = true;
        session.simple(begin).await?;
        Ok(session)
    }

    /// Commits what [`Session::begin`] began. An error after the statement was sent says nothing about the outcome.
    pub(in crate::store) async fn commit(mut self) -> sqlx::Result<()> {
        if self.unanswered {
            return Err(no_answer());
        }
        self.simple("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Runs a statement without values, rows or a place among those that are prepared.
    pub(in crate::store) async fn simple(&mut self, sql: &'static str) -> sqlx::Result<()> {
        self.answer(async |connection: &mut PgConnection| connection.execute(sql).await)
            .await
            .map(drop)
    }

    /// What one statement is answered, if it is within the deadline.
    pub(super) async fn answer<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        self.unanswered = true;
        let connection = self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        let answer = tokio::time::timeout(self.patience, statement(connection)).await;
        self.end(answer)
    }

    /// Takes note of an answer, or of none within the deadline.
    fn end<T>(&mut self, answer: Result<sqlx::Result<T>, Elapsed>) -> sqlx::Result<T> {
        let answer = answer.unwrap_or_else(|_elapsed| Err(no_answer()));
        self.unanswered = answer.as_ref().is_err_and(is_broken);
        answer
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // Whatever happens from here on, unless the connection is put back explicitly.
        connection.close_on_drop();
        if self.unanswered {
            return;
        }
        let in_transaction = self.in_transaction;
        let put_back = async move {
            if !in_transaction || connection.execute("ROLLBACK").await.is_ok() {
                connection.return_to_pool().await;
            }
        };
        let patience = self.patience;
        #[expect(
            clippy::disallowed_methods,
            reason = "the pool waits for its connections when it is closed"
        )]
        tokio::spawn(async move {
            if tokio::time::timeout(patience, put_back).await.is_err() {
                tracing::warn!("the database does not answer; a connection is given up");
            }
        });
    }
}

fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        "the database did not answer within database.timeout",
    ))
}

/// Whether nothing can be said about the connection after this error.
#[expect(clippy::wildcard_enum_match_arm, reason = "sqlx::Error is non-exhaustive")]
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _other => false,
    }
}
