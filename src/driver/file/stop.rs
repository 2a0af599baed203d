//! Blocking work on threads of its own, and how it learns that nobody waits for it any more.

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::driver::{Context, DriverError, Kind};

/// What long work asks between two steps.
#[derive(Debug)]
pub(super) struct Stop {
    cx: Context,
    abandoned: CancellationToken,
}

impl Stop {
    fn new(cx: &Context) -> (Self, DropGuard) {
        let abandoned = CancellationToken::new();
        let guard = abandoned.clone().drop_guard();
        (
            Self {
                cx: cx.clone(),
                abandoned,
            },
            guard,
        )
    }

    /// `Err` with [`Kind::Cancelled`] once the worker has asked to stop, or has dropped the future.
    pub(super) fn check(&self) -> Result<(), DriverError> {
        self.cx.cancelled()?;
        if self.abandoned.is_cancelled() {
            return Err(DriverError::later(Kind::Cancelled, "the operation was abandoned"));
        }
        Ok(())
    }

    /// Tells the worker that `done` of `total` bytes are finished, unless it wants to stop.
    pub(super) fn progress(&self, done: u64, total: u64) -> Result<(), DriverError> {
        self.cx.progress.report(done, total);
        self.check()
    }
}

/// Does `work` where it may block. If the returned future is dropped, [`Stop::check`] tells `work`,
/// which runs on until then; so whatever protects it must be moved into it.
pub(super) async fn interruptible<T, F>(cx: &Context, work: F) -> Result<T, DriverError>
where
    T: Send + 'static,
    F: FnOnce(&Stop) -> Result<T, DriverError> + Send + 'static,
{
    let (stop, _abandons_on_drop) = Stop::new(cx);
    run(move || work(&stop)).await
}

/// Does `work`, which is short, where it may block.
pub(super) async fn run<T, F>(work: F) -> Result<T, DriverError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, DriverError> + Send + 'static,
{
    // Only a panic or the end of the runtime loses the result of a blocking task.
    tokio::task::spawn_blocking(work).await.map_err(|_cause| no_result())?
}

fn no_result() -> DriverError {
    DriverError::unknown(Kind::Failed, "the storage operation ended without a result")
}

/// A value that takes a while to drop, such as a large file without a name. If a future that holds it is dropped, it
/// goes where it may block, and not where everybody else waits.
#[derive(Debug)]
pub(super) struct DropsElsewhere<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> DropsElsewhere<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value, for somebody who may block.
    pub(super) fn take(mut self) -> Result<T, DriverError> {
        self.0.take().ok_or_else(no_result)
    }
}

impl<T: Send + 'static> Drop for DropsElsewhere<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            drop(runtime.spawn_blocking(move || drop(value)));
        }
    }
}
