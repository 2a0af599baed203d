//! Connections that one has for himself, for a while. A thread gets only those that were opened where it is: the answers
//! wake nobody else's thread, and nobody else's end takes the connection along.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    PATIENCE,
    line::{Address, Line},
    places::{Now, Places},
};
use crate::store::{
    StoreError,
    engine::threads::{lock, this_place},
    error::{closed, silent},
};

/// One that was idle for longer is asked whether it is still there before somebody counts on it: a network may have
/// forgotten it.
const QUIET: Duration = Duration::from_secs(1);

/// Who has waited for so long takes what another place does not use.
const LONG: Duration = Duration::from_millis(100);

/// The connections.
#[derive(Debug)]
pub(super) struct Pool {
    address: Address,
    desk: Arc<Desk>,
}

/// Where they are handed out.
#[derive(Debug)]
struct Desk {
    places: Mutex<Places<Resting, oneshot::Sender<Taken>>>,
    /// Somebody has brought one back.
    returned: Notify,
}

#[derive(Debug)]
struct Resting {
    line: Arc<Line>,
    since: Instant,
}

/// A connection that is somebody's. Dropped, it is closed; see [`Taken::put_back`].
#[derive(Debug)]
pub(super) struct Taken {
    /// None while it is only the right to open one.
    resting: Option<Resting>,
    /// Whether it is of use to others.
    whole: bool,
    place: usize,
    desk: Arc<Desk>,
}

impl Pool {
    /// At most so many connections; but each of the `places` can have one.
    pub(super) fn new(address: Address, most: usize, places: usize) -> Self {
        Self {
            address,
            desk: Arc::new(Desk {
                places: Mutex::new(Places::new(most, places)),
                returned: Notify::new(),
            }),
        }
    }

    /// A connection, from among the idle ones or new.
    pub(super) async fn take(&self, patience: Duration) -> Result<Taken, StoreError> {
        let mut taken = self.desk.turn().await?;
        let ready = tokio::time::timeout(patience, async {
            match &taken.resting {
                Some(resting) if resting.is_there().await => Ok(None),
                // Where it will be used, which is this thread.
                Some(_) | None => self.address.connect().await.map(Some),
            }
        });
        if let Some(line) = ready.await.map_err(|_elapsed| silent())?? {
            taken.resting = Some(Resting::new(Arc::new(line)));
        }
        Ok(taken)
    }

    /// Waits until all have come back, and closes them.
    pub(super) async fn close(&self) {
        self.desk.lock().close();
        loop {
            let returned = self.desk.returned.notified();
            if self.desk.lock().is_empty() {
                return;
            }
            returned.await;
        }
    }
}

impl Desk {
    /// A connection or the right to open one, as soon as there is one.
    async fn turn(self: &Arc<Self>) -> Result<Taken, StoreError> {
        let (own, turn) = {
            let mut places = self.lock();
            if places.is_closed() {
                return Err(closed());
            }
            let own = this_place(places.count());
            match places.now(own) {
                Now::Resting(resting) => return Ok(self.taken(own, Some(resting))),
                Now::Open => return Ok(self.taken(own, None)),
                Now::Nothing => {
                    let (give, turn) = oneshot::channel();
                    places.wait(own, give);
                    (own, turn)
                }
            }
        };
        match tokio::time::timeout(PATIENCE, self.given(own, turn)).await {
            Ok(given) => given,
            Err(_elapsed) => Err(StoreError::Unavailable(
                "all connections to the database are in use".into(),
            )),
        }
    }

    /// What somebody gets who waits in the place `own`.
    async fn given(self: &Arc<Self>, own: usize, mut turn: oneshot::Receiver<Taken>) -> Result<Taken, StoreError> {
        loop {
            match tokio::time::timeout(LONG, &mut turn).await {
                Ok(given) => return given.map_err(|_closed| closed()),
                Err(_elapsed) if self.lock().borrow(own) => return Ok(self.taken(own, None)),
                Err(_elapsed) => {}
            }
        }
    }

    /// Takes back what was opened in the place `from`, or the right to it if that has ended, and passes it on.
    fn back(self: &Arc<Self>, from: usize, line: Option<Arc<Line>>) {
        let next = {
            let mut places = self.lock();
            places.forget(oneshot::Sender::is_closed);
            places.back(from, line.map(Resting::new))
        };
        let Some((give, place, resting)) = next else {
            return self.returned.notify_waiters();
        };
        if let Err(taken) = give.send(self.taken(place, resting)) {
            // Who waited has left meanwhile.
            taken.put_back();
        }
    }

    fn taken(self: &Arc<Self>, place: usize, resting: Option<Resting>) -> Taken {
        Taken {
            resting,
            whole: false,
            place,
            desk: Arc::clone(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places<Resting, oneshot::Sender<Taken>>> {
        lock(&self.places)
    }
}

impl Resting {
    fn new(line: Arc<Line>) -> Self {
        Self {
            line,
            since: Instant::now(),
        }
    }

    async fn is_there(&self) -> bool {
        !self.line.is_closed() && (self.since.elapsed() < QUIET || self.line.simple("SELECT 1").await.is_ok())
    }
}

impl Taken {
    /// The connection.
    pub(super) fn line(&self) -> Option<&Arc<Line>> {
        self.resting.as_ref().map(|resting| &resting.line)
    }

    /// Lets others have it.
    pub(super) fn put_back(mut self) {
        self.whole = true;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let line = self.resting.take().filter(|_resting| self.whole);
        self.desk.back(self.place, line.map(|resting| resting.line));
    }
}
