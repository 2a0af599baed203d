//! Short reads. Each thread that serves requests has a connection of its own, on which every statement is sent at
//! once, without waiting for the answers to those before it: one call of the kernel carries the statements, or the
//! answers, of many requests.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::line::{Address, Line};
use crate::store::{
    StoreError,
    engine::{Query, ReadRow, threads::this_place},
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
    line: Mutex<Option<Arc<Line>>>,
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
        let place = &self.places[this_place(self.places.len())];
        let answer = async {
            let line = self.line(place).await?;
            match line.mapped(query, &read).await {
                Err(error) if line.is_closed() => {
                    tracing::debug!(%error, "the database has closed a connection");
                    self.line(place).await?.mapped(query, &read).await
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
    async fn line(&self, place: &Place) -> Result<Arc<Line>, StoreError> {
        if let Some(line) = place.open() {
            return Ok(line);
        }
        let _only = place.connecting.lock().await;
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        if let Some(line) = place.open() {
            return Ok(line);
        }
        let line = Arc::new(self.address.connect().await?);
        place.put(Some(Arc::clone(&line)));
        Ok(line)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for place in &self.places {
            place.put(None);
        }
    }
}

impl Place {
    fn open(&self) -> Option<Arc<Line>> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.as_ref().filter(|line| !line.is_closed()).map(Arc::clone)
    }

    fn put(&self, line: Option<Arc<Line>>) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}
