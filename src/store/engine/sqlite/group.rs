//! Transactions that are committed together: one of SQLite, in which each but the first has a savepoint of its own.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ffi};
use tokio::sync::oneshot;

use super::PATIENCE;
use crate::store::{StoreError, error::closed};

/// At most so many share a commit, and none waits longer than this for others to join.
const MOST: usize = 64;
const LONGEST: Duration = Duration::from_millis(5);

/// The transaction of SQLite that is open, if one is, and who is in it.
#[derive(Debug)]
pub(super) struct Group {
    /// None once it is closed.
    connection: Option<Connection>,
    began: Instant,
    /// Whether the last transaction is the only one: it needs no savepoint, behind which SQLite keeps a copy of every
    /// page that is changed.
    alone: bool,
    /// Who has done his part, and waits to hear that the disk has it.
    members: Vec<oneshot::Sender<Result<(), Failure>>>,
}

/// What went wrong, for each of a group.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    code: ffi::Error,
    text: Option<String>,
}

impl Group {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection: Some(connection),
            began: Instant::now(),
            alone: true,
            members: Vec::new(),
        }
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(closed)
    }

    /// The connection, unless SQLite has ended the transaction by itself, as it does when the disk is full or broken:
    /// what came after would be outside of any.
    pub(super) fn within(&self) -> Result<&Connection, StoreError> {
        let connection = self.connection()?;
        if connection.is_autocommit() {
            return Err(Failure::ended().into());
        }
        Ok(connection)
    }

    /// Opens the group if it is not, and the next transaction in it.
    pub(super) fn start(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        if !connection.is_autocommit() {
            // Before it is known: without its savepoint nobody can take back his part alone.
            self.alone = false;
            return run(self.connection()?, "SAVEPOINT own");
        }
        connection.busy_timeout(Duration::ZERO)?;
        let begun = self.begin();
        self.connection()?.busy_timeout(PATIENCE)?;
        begun
    }

    /// Opens the group with its first transaction. Another program that writes is waited for as long as the connection may.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        // The write lock at once: a transaction that reads first and upgrades later fails with
        // `SQLITE_BUSY_SNAPSHOT`, which no timeout can wait out.
        run(self.connection()?, "BEGIN IMMEDIATE")?;
        self.began = Instant::now();
        self.alone = true;
        Ok(())
    }

    /// Takes back what the last transaction has done.
    pub(super) fn undo(&mut self) {
        let undone = self.within().and_then(|connection| {
            if self.alone {
                return run(connection, "ROLLBACK");
            }
            run(connection, "ROLLBACK TO own")?;
            run(connection, "RELEASE own")
        });
        if undone.is_err() {
            self.fail(&Failure::ended());
        }
    }

    /// Ends the last transaction, so that the next one cannot take it back with its own.
    pub(super) fn release(&self) -> Result<(), StoreError> {
        let connection = self.within()?;
        if self.alone {
            Ok(())
        } else {
            run(connection, "RELEASE own")
        }
    }

    /// The last transaction has done its part, and wants to be told.
    pub(super) fn join(&mut self, member: oneshot::Sender<Result<(), Failure>>) {
        self.members.push(member);
    }

    /// Commits what there is, and closes the connection.
    pub(super) fn close(&mut self) {
        self.commit();
        self.connection = None;
    }

    /// Commits what the group has done, and tells its members. It may take as long as the disk does.
    pub(super) fn commit(&mut self) {
        let Some(connection) = &self.connection else { return };
        if connection.is_autocommit() {
            // Nobody is left in it, or it has ended by itself.
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

    pub(super) fn is_full(&self) -> bool {
        self.members.len() >= MOST || self.began.elapsed() >= LONGEST
    }
}

/// Runs a statement without values or rows.
pub(super) fn run(connection: &Connection, sql: &'static str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
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
