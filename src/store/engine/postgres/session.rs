//! One PostgreSQL connection at work, and how long it may be without an answer.
//!
//! A server that is frozen, or behind a network that swallows packets, neither answers nor closes the
//! connection. So every answer has a deadline here, and whoever was not answered gives the connection up. Nobody
//! knows what the server made of the statement, so the connection is closed and never used again
//! (`docs/adr/0012-database-deadline.md`).
//!
//! A caller that is dropped in the middle of a statement, such as the handler of a client that went away, leaves
//! the same uncertainty and is treated alike.
//!
//! What nobody waits for, such as the beginning of a transaction, is sent together with what comes next: one trip to the
//! server and back for both.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::future;

use super::{
    line::{Line, Said},
    pool::Taken,
};
use crate::store::{
    StoreError,
    engine::{FromRow, Promised, Query, ReadRow, Statement},
    error::{closed, silent},
};

/// A connection that goes back into the pool when it is dropped, if that is safe.
pub(in crate::store) struct Session {
    taken: Option<Taken>,
    patience: Duration,
    in_transaction: bool,
    /// Something was sent, the beginning of the transaction at least.
    sent: bool,
    /// A statement was sent whose answer has not been read to its end.
    unanswered: bool,
    /// Statements that are not sent yet.
    later: Vec<Later>,
}

type Later = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

impl Session {
    pub(super) fn new(taken: Taken, patience: Duration) -> Self {
        Self {
            taken: Some(taken),
            patience,
            in_transaction: false,
            sent: false,
            unanswered: false,
            later: Vec::new(),
        }
    }

    /// Begins a transaction with the statement `begin`.
    pub(super) fn begin(&mut self, begin: &'static str) -> Result<(), StoreError> {
        let line = Arc::clone(self.line()?);
        // Before it is known: a rollback too many does no harm.
        self.in_transaction = true;
        self.later.push(Box::pin(async move { line.simple(begin).await }));
        Ok(())
    }

    /// Commits what [`Session::begin`] began. An error after the statement was sent says nothing about the outcome.
    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        if self.unanswered {
            return Err(silent());
        }
        self.simple("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// The rows of a statement.
    pub(in crate::store) async fn all<R: FromRow>(&mut self, query: Query<'_>) -> Result<Vec<R>, StoreError> {
        self.mapped(query, R::from_row).await
    }

    /// What `read` makes of the rows of a statement.
    pub(super) async fn mapped<T>(&mut self, query: Query<'_>, read: impl ReadRow<T>) -> Result<Vec<T>, StoreError> {
        self.prepare(&query).await?;
        let line = Arc::clone(self.line()?);
        self.answer(line.mapped(&query, &read)).await
    }

    /// Runs a statement and counts the rows that it changed.
    pub(in crate::store) async fn execute(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        self.prepare(&query).await?;
        let line = Arc::clone(self.line()?);
        self.answer(line.execute(&query)).await
    }

    /// Runs a statement together with the next one. Whether it could be done, that one tells, or the commit.
    pub(in crate::store) async fn execute_later(&mut self, query: Query<'_>) -> Result<(), StoreError> {
        self.prepare(&query).await?;
        let (line, query) = (Arc::clone(self.line()?), query.into_owned());
        self.later
            .push(Box::pin(async move { line.execute(&query).await.map(drop) }));
        Ok(())
    }

    /// Reads together with the next statement; only then are the rows there.
    pub(in crate::store) async fn all_later<R: FromRow>(
        &mut self,
        query: Query<'_>,
    ) -> Result<Promised<R>, StoreError> {
        self.prepare(&query).await?;
        let (line, query) = (Arc::clone(self.line()?), query.into_owned());
        let (promised, fulfil) = Promised::new();
        self.later.push(Box::pin(async move {
            fulfil(line.mapped(&query, &R::from_row).await?);
            Ok(())
        }));
        Ok(promised)
    }

    /// Runs a statement without values or rows.
    pub(in crate::store) async fn simple(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let line = Arc::clone(self.line()?);
        self.answer(line.simple(sql)).await
    }

    /// Whether the server can prepare a statement.
    pub(super) async fn describe(&mut self, statement: Statement) -> Result<(), StoreError> {
        let line = Arc::clone(self.line()?);
        self.answer(line.describe(statement.postgres)).await
    }

    fn line(&self) -> Result<&Arc<Line>, StoreError> {
        self.taken.as_ref().and_then(Taken::line).ok_or_else(closed)
    }

    /// Makes the statement known to the server, before anything is sent that it belongs to: statements go out in the
    /// order in which they are polled first.
    async fn prepare(&mut self, query: &Query<'_>) -> Result<(), StoreError> {
        let line = Arc::clone(self.line()?);
        if line.knows(query) {
            return Ok(());
        }
        self.unanswered = true;
        let known = tokio::time::timeout(self.patience, Box::pin(line.prepared(query))).await;
        let known = known.unwrap_or_else(|_elapsed| Err(silent()));
        self.unanswered = known.as_ref().is_err_and(is_broken);
        known.map(drop)
    }

    /// What one statement is answered, if it is within the deadline; it is sent behind those that wait to be.
    async fn answer<T>(&mut self, statement: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        (self.unanswered, self.sent) = (true, true);
        let before = future::join_all(std::mem::take(&mut self.later));
        // Apart, or every future that has to do with the database would be as large as the statement.
        let both = Box::pin(future::join(before, statement));
        let answers = tokio::time::timeout(self.patience, both).await;
        let answer = match answers {
            // What failed first is why the rest did.
            Ok((before, answer)) => before.into_iter().collect::<Result<(), _>>().and(answer),
            Err(_elapsed) => Err(silent()),
        };
        self.unanswered = answer.as_ref().is_err_and(is_broken);
        answer
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(taken) = self.taken.take() else { return };
        if self.unanswered {
            return;
        }
        if !(self.in_transaction && self.sent) {
            return taken.put_back();
        }
        let patience = self.patience;
        #[expect(
            clippy::disallowed_methods,
            reason = "the pool waits for its connections when it is closed"
        )]
        tokio::spawn(async move {
            let Some(line) = taken.line() else { return };
            match tokio::time::timeout(patience, line.simple("ROLLBACK")).await {
                Ok(Ok(())) => taken.put_back(),
                Ok(Err(_broken)) => {}
                Err(_elapsed) => tracing::warn!("the database does not answer; a connection is given up"),
            }
        });
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("in_transaction", &self.in_transaction)
            .field("unanswered", &self.unanswered)
            .field("later", &self.later.len())
            .finish_non_exhaustive()
    }
}

/// Whether nothing can be said about the connection after this error.
fn is_broken(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(cause) => !cause.downcast_ref::<Said>().is_some_and(Said::is_answer),
        StoreError::Damaged(_) | StoreError::Database(_) | StoreError::Schema(_) | StoreError::Corrupt { .. } => false,
    }
}
