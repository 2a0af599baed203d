//! Fences for tests.

use std::sync::Arc;

use async_trait::async_trait;
use breezeblock::driver::{Context, DriverError, Fence, Kind};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A context in which everything is wanted.
pub fn wanted() -> Context {
    Context::new(CancellationToken::new(), Arc::new(Wanted))
}

/// The same, and the token that cancels it.
pub fn cancellable() -> (Context, CancellationToken) {
    let token = CancellationToken::new();
    (Context::new(token.clone(), Arc::new(Wanted)), token)
}

/// A context of a worker that has lost its task.
pub fn refused() -> Context {
    Context::new(CancellationToken::new(), Arc::new(Refused))
}

/// A context whose fence holds the operation until the [`Gate`] is opened.
pub fn gated() -> (Context, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let fence: Arc<dyn Fence> = Arc::clone(&gate) as _;
    (Context::new(CancellationToken::new(), fence), gate)
}

#[derive(Debug)]
struct Wanted;

#[async_trait]
impl Fence for Wanted {
    async fn confirm(&self) -> Result<(), DriverError> {
        Ok(())
    }
}

#[derive(Debug)]
struct Refused;

#[async_trait]
impl Fence for Refused {
    async fn confirm(&self) -> Result<(), DriverError> {
        Err(DriverError::later(
            Kind::Cancelled,
            "the task belongs to another worker now",
        ))
    }
}

/// A fence that stops the operation right before its change becomes visible.
#[derive(Debug)]
pub struct Gate {
    reached: Semaphore,
    open: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            reached: Semaphore::new(0),
            open: Semaphore::new(0),
        }
    }
}

impl Gate {
    /// Returns once an operation waits at the gate.
    pub async fn reached(&self) {
        self.reached.acquire().await.unwrap().forget();
    }

    /// Lets one operation through.
    pub fn open(&self) {
        self.open.add_permits(1);
    }
}

#[async_trait]
impl Fence for Gate {
    async fn confirm(&self) -> Result<(), DriverError> {
        self.reached.add_permits(1);
        self.open.acquire().await.unwrap().forget();
        Ok(())
    }
}
