//! The one writer, and the commits that transactions share.
//!
//! A commit waits for the disk. While it does, others queue; they then run one after the other, each behind a
//! savepoint of its own, in one transaction of SQLite that is committed once for all of them. Who finds nobody behind
//! him commits at once, so that one alone waits for nothing but the disk. Nobody is told that he has committed before
//! the disk has it.
//!
//! Those of a group see what the ones before them did. If the group cannot be committed, all of them are told so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{PATIENCE, blocking, connection, file::DatabaseFile};
use crate::store::{
    StoreError,
    engine::{FromRow, Query},
    error::closed,
};

/// At most so many transactions share a commit, and none waits longer than this for others to join.
const MOST: usize = 64;
const LONGEST: Duration = Duration::from_millis(5);

/// Where transactions queue.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<DatabaseFile>,
    group: Arc<Mutex<Group>>,
    committer: Committer,
}

/// The transaction of SQLite that is open, if one is, and who is in it.
#[derive(Debug)]
pub(super) struct Group {
    /// None once it is closed.
    connection: Option<Connection>,
    began: Instant,
    /// Who has done his part, and waits to hear that the disk has it.
    members: Vec<oneshot::Sender<Result<(), Failure>>>,
}

/// What went wrong, for each of a group.
#[derive(Clone, Debug)]
struct Failure {
    code: ffi::Error,
    text: Option<String>,
}

/// A thread that waits for the disk.
#[derive(Clone, Debug)]
struct Committer {
    jobs: mpsc::Sender<Job>,
    /// How many wait for the group.
    queue: Arc<AtomicUsize>,
}

#[derive(Debug)]
enum Job {
    /// Commit this.
    Commit(OwnedMutexGuard<Group>),
    /// Somebody who would have gone on has left the queue.
    Look(Arc<Mutex<Group>>),
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
            group: Arc::new(Mutex::new(Group {
                connection: Some(connection),
                began: Instant::now(),
                members: Vec::new(),
            })),
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
                    let begun = group.start_patiently();
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
            group.commit();
            drop(group.connection.take());
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the database was not closed");
        }
    }
}

impl Group {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(closed)
    }

    /// The connection, unless SQLite has ended the transaction by itself, as it does when the disk is full or broken:
    /// what came after would be outside of any.
    fn within(&self) -> Result<&Connection, StoreError> {
        let connection = self.connection()?;
        if connection.is_autocommit() {
            return Err(Failure::ended().into());
        }
        Ok(connection)
    }

    /// Opens the group if it is not, and the next transaction in it.
    fn start(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        if connection.is_autocommit() {
            connection.busy_timeout(Duration::ZERO)?;
            // The write lock at once: a transaction that reads first and upgrades later fails with
            // `SQLITE_BUSY_SNAPSHOT`, which no timeout can wait out.
            let begun = run(connection, "BEGIN IMMEDIATE");
            connection.busy_timeout(PATIENCE)?;
            begun?;
            self.began = Instant::now();
        }
        run(self.connection()?, "SAVEPOINT own")
    }

    fn start_patiently(&mut self) -> Result<(), StoreError> {
        run(self.connection()?, "BEGIN IMMEDIATE")?;
        self.began = Instant::now();
        run(self.connection()?, "SAVEPOINT own")
    }

    /// Takes back what the last transaction has done.
    fn undo(&mut self) {
        let undone = self.within().and_then(|connection| {
            run(connection, "ROLLBACK TO own")?;
            run(connection, "RELEASE own")
        });
        if undone.is_err() {
            self.fail(&Failure::ended());
        }
    }

    /// Commits what the group has done, and tells its members. It may take as long as the disk does.
    fn commit(&mut self) {
        let Some(connection) = &self.connection else { return };
        if connection.is_autocommit() {
            return self.fail(&Failure::ended());
        }
        match connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()))
        {
            Ok(_none) => {
                for member in self.members.drain(..) {
                    // Whoever does not listen any more has committed all the same.
                    let _gone = member.send(Ok(()));
                }
            }
            Err(error) => self.fail(&Failure::from(&error)),
        }
    }

    /// Takes everything back, and tells so.
    fn fail(&mut self, failure: &Failure) {
        if let Some(connection) = self.connection.as_ref().filter(|open| !open.is_autocommit())
            && let Err(error) = run(connection, "ROLLBACK")
        {
            tracing::error!(%error, "a failed transaction cannot be taken back");
        }
        for member in self.members.drain(..) {
            let _gone = member.send(Err(failure.clone()));
        }
    }

    fn is_full(&self) -> bool {
        self.members.len() >= MOST || self.began.elapsed() >= LONGEST
    }
}

impl Committer {
    fn start() -> Self {
        let (jobs, work) = mpsc::channel::<Job>();
        let queue = Arc::new(AtomicUsize::new(0));
        let waiting = Arc::clone(&queue);
        std::thread::spawn(move || {
            for job in work {
                match job {
                    Job::Commit(mut group) => group.commit(),
                    Job::Look(group) => {
                        let mut group = group.blocking_lock_owned();
                        if waiting.load(Ordering::SeqCst) == 0 {
                            group.commit();
                        }
                    }
                }
            }
        });
        Self { jobs, queue }
    }

    /// Waits until it is the caller's turn to write.
    async fn turn(&self, group: &Arc<Mutex<Group>>) -> Result<OwnedMutexGuard<Group>, StoreError> {
        if let Ok(free) = Arc::clone(group).try_lock_owned() {
            return Ok(free);
        }
        self.queue.fetch_add(1, Ordering::SeqCst);
        let mut place = Place {
            committer: self,
            group,
            served: false,
        };
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(group).lock_owned()).await;
        let turn = turn.map_err(|elapsed| StoreError::Unavailable(elapsed.into()))?;
        place.served = true;
        Ok(turn)
    }

    /// Behind each transaction: the next one goes on with the group, or it is committed.
    fn pass_on(&self, group: OwnedMutexGuard<Group>) {
        if group.is_full() || self.queue.load(Ordering::SeqCst) == 0 {
            // Without the thread nobody could be told anything.
            if let Err(mpsc::SendError(job)) = self.jobs.send(Job::Commit(group)) {
                tracing::error!(?job, "there is nobody to commit");
            }
        }
    }
}

/// A place in the queue.
struct Place<'a> {
    committer: &'a Committer,
    group: &'a Arc<Mutex<Group>>,
    served: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.committer.queue.fetch_sub(1, Ordering::SeqCst);
        if !self.served {
            // Whoever was before may count on this one to go on.
            let _ended = self.committer.jobs.send(Job::Look(Arc::clone(self.group)));
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
        run(self.group()?.within()?, "RELEASE own")?;
        let Some(mut group) = self.group.take() else {
            return Err(closed());
        };
        let (tell, told) = oneshot::channel();
        group.members.push(tell);
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

fn run(connection: &Connection, sql: &'static str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}

fn is_busy(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else {
        return false;
    };
    let cause = cause.downcast_ref::<rusqlite::Error>();
    cause.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseBusy)
}

impl Failure {
    /// SQLite rolls back by itself after a full disk and after input and output errors; the statement that met it has
    /// said which.
    fn ended() -> Self {
        Self {
            code: ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK),
            text: Some("the database has taken back a transaction that was not finished".to_owned()),
        }
    }
}

impl From<&rusqlite::Error> for Failure {
    fn from(error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error().copied();
        Self {
            code: code.unwrap_or_else(|| ffi::Error::new(ffi::SQLITE_ERROR)),
            text: Some(error.to_string()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        rusqlite::Error::SqliteFailure(failure.code, failure.text).into()
    }
}
