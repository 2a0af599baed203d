//! Connections that one has for himself, for a while. A thread gets only those that were opened where it is: the answers
//! wake nobody else's thread, and nobody else's end takes the connection along.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{
    PATIENCE,
    line::{Address, Line},
};
use crate::store::{
    StoreError,
    engine::threads::this_place,
    error::{closed, silent},
};

/// One that was idle for longer is asked whether it is still there before somebody counts on it: a network may have
/// forgotten it.
const QUIET: Duration = Duration::from_secs(1);

/// The connections.
#[derive(Debug)]
pub(super) struct Pool {
    address: Address,
    permits: Arc<Semaphore>,
    most: usize,
    /// Those that nobody has, where they were opened.
    idle: Arc<Idle>,
}

#[derive(Debug)]
struct Idle {
    places: Box<[Mutex<Vec<Resting>>]>,
}

#[derive(Debug)]
struct Resting {
    line: Arc<Line>,
    since: Instant,
}

/// A connection that is somebody's. Dropped, it is closed; see [`Taken::put_back`].
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) line: Arc<Line>,
    place: usize,
    idle: Arc<Idle>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(address: Address, most: usize, places: usize) -> Self {
        Self {
            address,
            permits: Arc::new(Semaphore::new(most)),
            most,
            idle: Arc::new(Idle {
                places: (0..places).map(|_index| Mutex::default()).collect(),
            }),
        }
    }

    /// A connection, from among the idle ones or new.
    pub(super) async fn take(&self, patience: Duration) -> Result<Taken, StoreError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit
            .map_err(|_elapsed| StoreError::Unavailable("all connections to the database are in use".into()))?
            .map_err(|_closed| closed())?;
        let own = this_place(self.idle.places.len());
        let found = tokio::time::timeout(patience, self.find(own)).await;
        let (line, place) = found.map_err(|_elapsed| silent())??;
        Ok(Taken {
            line,
            place,
            idle: Arc::clone(&self.idle),
            _permit: permit,
        })
    }

    /// An idle one of this place, else a new one; if there are enough already, another place gives one up for it.
    async fn find(&self, own: usize) -> Result<(Arc<Line>, usize), StoreError> {
        while let Some(resting) = self.idle.pop(own) {
            if resting.is_there().await {
                return Ok((resting.line, own));
            }
        }
        let in_use = self.most - self.permits.available_permits();
        if self.idle.count() + in_use > self.most {
            let given_up = (0..self.idle.places.len()).find_map(|place| self.idle.pop(place));
            drop(given_up);
        }
        Ok((Arc::new(self.address.connect().await?), own))
    }

    /// Waits until all have come back, and closes them.
    pub(super) async fn close(&self) {
        let most = u32::try_from(self.most).unwrap_or(u32::MAX);
        let all = self.permits.acquire_many(most).await;
        self.permits.close();
        for place in &self.idle.places {
            lock(place).clear();
        }
        drop(all);
    }
}

impl Idle {
    fn pop(&self, place: usize) -> Option<Resting> {
        lock(&self.places[place]).pop()
    }

    fn push(&self, place: usize, resting: Resting) {
        lock(&self.places[place]).push(resting);
    }

    fn count(&self) -> usize {
        self.places.iter().map(|place| lock(place).len()).sum()
    }
}

impl Resting {
    async fn is_there(&self) -> bool {
        !self.line.is_closed() && (self.since.elapsed() < QUIET || self.line.simple("SELECT 1").await.is_ok())
    }
}

impl Taken {
    /// Lets others have it.
    pub(super) fn put_back(self) {
        let resting = Resting {
            line: Arc::clone(&self.line),
            since: Instant::now(),
        };
        self.idle.push(self.place, resting);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
