//! What the worker hands to a driver operation: where to report progress, when to stop, and
//! whether the result is still wanted.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{DriverError, Kind};

/// Tells whether the worker still owns the task it is working on.
#[async_trait]
pub trait Fence: Send + Sync + std::fmt::Debug {
    /// `Ok(())` when it does. An error (lost lease, database not reachable) stops the operation.
    async fn confirm(&self) -> Result<(), DriverError>;
}

/// Percentage of an operation, shared with the task that writes it to the database.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU8>);

impl Progress {
    /// Records that `done` of `total` bytes are finished. Never goes down, and stays below 100:
    /// only the end of the whole operation makes it 100.
    pub fn report(&self, done: u64, total: u64) {
        let percent = u128::from(done) * 100 / u128::from(total.max(1));
        let percent = u8::try_from(percent.min(99)).unwrap_or(99);
        self.0.fetch_max(percent, Ordering::Relaxed);
    }

    /// The percentage so far, 0 to 99.
    pub fn percent(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The worker's side of one driver operation.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where to report how far a copy is.
    pub progress: Progress,
    cancel: CancellationToken,
    fence: Arc<dyn Fence>,
}

impl Context {
    /// A context whose operation ends early when `cancel` fires.
    pub fn new(cancel: CancellationToken, fence: Arc<dyn Fence>) -> Self {
        Self {
            progress: Progress::default(),
            cancel,
            fence,
        }
    }

    /// `Err` with [`Kind::Cancelled`] once the worker wants the operation to stop.
    pub fn cancelled(&self) -> Result<(), DriverError> {
        if self.cancel.is_cancelled() {
            return Err(DriverError::later(Kind::Cancelled, "the operation was cancelled"));
        }
        Ok(())
    }

    /// Asks, right before a change becomes visible, whether it is still wanted.
    pub async fn confirm(&self) -> Result<(), DriverError> {
        self.cancelled()?;
        self.fence.confirm().await
    }
}
