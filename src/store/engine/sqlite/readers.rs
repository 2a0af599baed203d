//! Connections that read. They see what was committed last, and neither wait for the writer nor keep it waiting (WAL).

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    PATIENCE, blocking,
    connection::{self, Opening},
    file::DatabaseFile,
};
use crate::store::{
    StoreError,
    engine::{
        ReadRow,
        pages::{Asked, Pages},
        query::Key,
        threads::{lock, this_thread},
    },
    error::closed,
};

/// The readers of one database.
#[derive(Debug)]
pub(super) struct Readers {
    shared: Arc<Shared>,
    /// Each thread has one of these for itself, as long as there are enough, so that nobody waits for a lock. A
    /// connection is opened when it is used first.
    here: Box<[Mutex<Own>]>,
    /// How many reads may take long at a time: they must not take all of the machine from the short ones.
    elsewhere: Arc<Semaphore>,
}

/// What a thread has for itself.
#[derive(Debug, Default)]
struct Own {
    connection: Option<Connection>,
    /// Of what it was like when this connection looked last.
    pages: Pages<i64>,
}

#[derive(Debug)]
struct Shared {
    file: Arc<DatabaseFile>,
    opening: Opening,
    /// Connections of long reads that nobody uses now.
    idle: Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(file: Arc<DatabaseFile>, opening: Opening, most: u32) -> Self {
        let most = usize::try_from(most.max(2)).unwrap_or(usize::MAX);
        Self {
            shared: Arc::new(Shared {
                file,
                opening,
                idle: Mutex::default(),
                closed: AtomicBool::new(false),
            }),
            here: (0..most).map(|_index| Mutex::default()).collect(),
            elsewhere: Arc::new(Semaphore::new(most.div_ceil(4))),
        }
    }

    /// Reads on this thread.
    pub(super) fn here<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut own = self.own();
        read(own.open(&self.shared)?.0)
    }

    /// Reads a page on this thread, unless it has it.
    pub(super) fn page<T: Send + Sync + 'static>(
        &self,
        key: Key,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        let mut own = self.own();
        let (connection, pages) = own.open(&self.shared)?;
        // Before the rows: what is committed in between belongs to the next version, and so do the rows then.
        pages.see(connection::version(connection)?);
        let asked = pages.ask(&key);
        if let Some(page) = pages.get(&key) {
            return Ok(page);
        }
        let page = Arc::new(connection::rows(connection, (&key.sql, &key.values), read)?);
        if asked != Asked::First {
            pages.keep(key, &page);
        }
        Ok(page)
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        lock(&self.here[this_thread() % self.here.len()])
    }

    /// Reads on a thread for what may take long; at most a few do at a time.
    pub(super) async fn elsewhere<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.elsewhere).acquire_owned()).await;
        let permit = permit
            .map_err(|elapsed| StoreError::Unavailable(elapsed.into()))?
            .map_err(|_closed| closed())?;
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            // The permit is this thread's: whoever asked may be gone before the read is over.
            let _permit = permit;
            let idle = lock(&shared.idle).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => shared.open()?,
            };
            let done = read(&connection);
            if !shared.closed.load(Ordering::Acquire) {
                lock(&shared.idle).push(connection);
            }
            done
        })
        .await
    }

    /// A connection for one use.
    pub(super) async fn connect(&self) -> Result<Connection, StoreError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.open()).await
    }

    /// Closes the connections that nobody uses now, and opens none any more.
    pub(super) fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
        self.elsewhere.close();
        for own in &self.here {
            *lock(own) = Own::default();
        }
        lock(&self.shared.idle).clear();
    }
}

impl Own {
    fn open(&mut self, shared: &Shared) -> Result<(&Connection, &mut Pages<i64>), StoreError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(shared.open()?),
        };
        Ok((connection, &mut self.pages))
    }
}

impl Shared {
    fn open(&self) -> Result<Connection, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        connection::open(&self.file.path, self.opening)
    }
}
