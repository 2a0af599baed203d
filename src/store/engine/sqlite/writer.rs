//! The one writer, and the commits that transactions share.
//!
//! A commit waits for the disk. While it does, others queue; they then run one after the other, each but the first behind
//! a savepoint of its own, in one transaction of SQLite that is committed once for all of them. Who finds nobody behind
//! him commits at once, so that one alone waits for nothing but the disk. Nobody is told that he has committed before
//! the disk has it.
//!
//! Those of a group see what the ones before them did. If the group cannot be committed, all of them are told so.

use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{blocking, committer::Committer, connection, file::DatabaseFile, group::Group};
use crate::store::{
    StoreError,
    engine::{FromRow, Query},
    error::closed,
};

/// Where transactions queue.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<DatabaseFile>,
    group: Arc<Mutex<Group>>,
    committer: Committer,
}

/// A write transaction. Dropped without [`Transaction::commit`], it changes nothing.
#[derive(Debug)]
pub(in crate::store) struct Transaction {
    group: Option<OwnedMutexGuard<Group>>,
    committer: Committer,
}

impl Writer {
    pub(super) fn new(file: Arc<DatabaseFile>, connection: Connection) -> Self {
        Self {
            file,
            group: Arc::new(Mutex::new(Group::new(connection))),
            committer: Committer::start(),
        }
    }

    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.file.check()?;
        let mut group = self.committer.turn(&self.group).await?;
        let begun = match group.start() {
            Err(error) if is_busy(&error) => {
                // Another process writes; waiting for it is not for this thread.
                let (back, begun) = blocking(move || {
                    let begun = group.begin();
                    Ok((group, begun))
                })
                .await?;
                group = back;
                begun
            }
            begun => begun,
        };
        let group = Transaction {
            group: Some(group),
            committer: self.committer.clone(),
        };
        begun?;
        self.file.check_log()?;
        Ok(group)
    }

    /// Waits until nobody writes, then closes the connection.
    pub(super) async fn close(&self) {
        let mut group = Arc::clone(&self.group).lock_owned().await;
        let closed = blocking(move || {
            group.close();
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the database was not closed");
        }
    }
}

impl Transaction {
    /// The rows of a statement.
    pub(in crate::store) fn all<R: FromRow>(&mut self, query: &Query<'_>) -> Result<Vec<R>, StoreError> {
        connection::rows(self.group()?.within()?, query.sqlite(), R::from_row)
    }

    /// Runs a statement and counts the rows that it changed.
    pub(in crate::store) fn execute(&mut self, query: &Query<'_>) -> Result<u64, StoreError> {
        connection::execute(self.group()?.within()?, query)
    }

    /// Returns when what was done here is on the disk.
    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        self.group()?.release()?;
        let Some(mut group) = self.group.take() else {
            return Err(closed());
        };
        let (tell, told) = oneshot::channel();
        group.join(tell);
        self.committer.pass_on(group);
        match told.await {
            Ok(done) => Ok(done?),
            Err(_ended) => Err(closed()),
        }
    }

    fn group(&self) -> Result<&Group, StoreError> {
        self.group.as_deref().ok_or_else(closed)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(mut group) = self.group.take() {
            group.undo();
            self.committer.pass_on(group);
        }
    }
}

fn is_busy(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else {
        return false;
    };
    let cause = cause.downcast_ref::<rusqlite::Error>();
    cause.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseBusy)
}

#[cfg(test)]
mod tests {
    use std::{future::Future as _, pin::pin, task::Context};

    use super::*;
    use crate::store::engine::{Weight, sqlite::connection::Opening};

    fn writer(folder: &tempfile::TempDir) -> Writer {
        let path = folder.path().join("db");
        let connection = connection::open(&path, Opening::Make).unwrap();
        connection
            .execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY)")
            .unwrap();
        Writer::new(Arc::new(DatabaseFile::opened(&path).unwrap()), connection)
    }

    fn statement(sql: &str) -> Query<'static> {
        Query::built(sql.to_owned(), Vec::new(), Weight::Light)
    }

    async fn numbers(writer: &Writer) -> Vec<i64> {
        let mut tx = writer.begin().await.unwrap();
        tx.all(&statement("SELECT n FROM t ORDER BY n")).unwrap()
    }

    #[tokio::test]
    async fn those_who_wait_commit_together_and_fail_alone() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Arc::new(writer(&folder));
        let first = writer.begin().await.unwrap();
        let mut all = tokio::task::JoinSet::new();
        for number in 0..200 {
            let writer = Arc::clone(&writer);
            all.spawn(async move {
                let mut tx = writer.begin().await.unwrap();
                tx.execute(&statement(&format!("INSERT INTO t VALUES ({number})")))
                    .unwrap();
                if number % 3 == 0 {
                    // What a statement refuses, or nobody commits, takes nothing else along.
                    assert!(tx.execute(&statement("INSERT INTO t VALUES (-1), (-1)")).is_err());
                    return;
                }
                tx.commit().await.unwrap();
            });
        }
        first.commit().await.unwrap();
        all.join_all().await;
        let expected: Vec<i64> = (0..200).filter(|number| number % 3 != 0).collect();
        assert_eq!(numbers(&writer).await, expected);
    }

    #[tokio::test]
    async fn somebody_who_leaves_the_queue_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        for number in 0..50 {
            let mut first = writer.begin().await.unwrap();
            first
                .execute(&statement(&format!("INSERT INTO t VALUES ({number})")))
                .unwrap();
            let mut second = Box::pin(writer.begin());
            let mut context = Context::from_waker(std::task::Waker::noop());
            assert!(second.as_mut().poll(&mut context).is_pending());
            // Before, while or after the first one looks for the next.
            let mut commit = pin!(first.commit());
            if number % 2 == 0 {
                assert!(commit.as_mut().poll(&mut context).is_pending());
            }
            drop(second);
            tokio::time::timeout(crate::store::engine::sqlite::PATIENCE, commit)
                .await
                .unwrap()
                .unwrap();
        }
        assert_eq!(numbers(&writer).await.len(), 50);
    }

    #[tokio::test]
    async fn a_writer_of_another_program_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let other = connection::open(&folder.path().join("db"), Opening::Write).unwrap();
        other
            .execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
            .unwrap();
        let mut begin = Box::pin(writer.begin());
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(begin.as_mut().poll(&mut context).is_pending());
        other.execute_batch("COMMIT").unwrap();
        let mut tx = begin.await.unwrap();
        tx.execute(&statement("INSERT INTO t VALUES (2)")).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(numbers(&writer).await, [1, 2]);
    }
}
