//! Short reads. Each thread that serves requests has a connection of its own, on which every statement is sent at
//! once, without waiting for the answers to those before it: one call of the kernel carries the statements, or the
//! answers, of many requests.
//!
//! Pages of lists are kept while PostgreSQL says that a statement would see just what it saw before.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{line::Address, pipe::Pipe};
use crate::store::{
    StoreError,
    engine::{
        Query, ReadRow,
        threads::{lock, this_place},
    },
    error::{closed, silent},
};

/// The connections that short reads share.
#[derive(Debug)]
pub(super) struct Pipelines {
    address: Address,
    places: Box<[Place]>,
    closed: AtomicBool,
}

/// Where a thread finds its connection.
#[derive(Debug, Default)]
struct Place {
    pipe: Mutex<Option<Arc<Pipe>>>,
    /// Held while one connects, so that the others wait for that one.
    connecting: tokio::sync::Mutex<()>,
}

impl Pipelines {
    pub(super) fn new(address: Address, places: usize) -> Self {
        Self {
            address,
            places: (0..places).map(|_index| Place::default()).collect(),
            closed: AtomicBool::new(false),
        }
    }

    /// What `read` makes of the rows of a statement. It changes nothing, so that it can be asked anew when the
    /// connection ended meanwhile.
    pub(super) async fn mapped<T>(
        &self,
        query: &Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Vec<T>, StoreError> {
        let read = &read;
        self.answer(patience, move |pipe: Arc<Pipe>| async move {
            pipe.line.mapped(query, read).await
        })
        .await
    }

    /// The same for a page, which is read only if it is not known.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: &Query<'_>,
        patience: Duration,
        read: impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        let read = &read;
        self.answer(
            patience,
            move |pipe: Arc<Pipe>| async move { pipe.page(query, read).await },
        )
        .await
    }

    /// What the connection of this thread, or a second one after it, is asked.
    async fn answer<T, A: Future<Output = Result<T, StoreError>>>(
        &self,
        patience: Duration,
        ask: impl Fn(Arc<Pipe>) -> A,
    ) -> Result<T, StoreError> {
        let place = &self.places[this_place(self.places.len())];
        let answer = async {
            let pipe = self.pipe(place).await?;
            match ask(Arc::clone(&pipe)).await {
                Err(error) if pipe.line.is_closed() => {
                    tracing::debug!(%error, "the database has closed a connection");
                    ask(self.pipe(place).await?).await
                }
                done => done,
            }
        };
        // Apart, or every future that reads would be as large as this.
        match tokio::time::timeout(patience, Box::pin(answer)).await {
            Ok(done) => done,
            Err(_elapsed) => {
                // Whatever else waits for an answer on this one finds out for itself.
                place.put(None);
                Err(silent())
            }
        }
    }

    /// The connection of this thread, opened if there is none.
    async fn pipe(&self, place: &Place) -> Result<Arc<Pipe>, StoreError> {
        if let Some(pipe) = place.open() {
            return Ok(pipe);
        }
        let _only = place.connecting.lock().await;
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        if let Some(pipe) = place.open() {
            return Ok(pipe);
        }
        let pipe = Arc::new(Pipe::new(self.address.connect().await?));
        place.put(Some(Arc::clone(&pipe)));
        Ok(pipe)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for place in &self.places {
            place.put(None);
        }
    }
}

impl Place {
    fn open(&self) -> Option<Arc<Pipe>> {
        let pipe = lock(&self.pipe);
        pipe.as_ref().filter(|pipe| !pipe.line.is_closed()).map(Arc::clone)
    }

    fn put(&self, pipe: Option<Arc<Pipe>>) {
        *lock(&self.pipe) = pipe;
    }
}
