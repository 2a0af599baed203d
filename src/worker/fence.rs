//! The fence: a driver asks it, right before a change becomes visible, whether the claim still holds.

use async_trait::async_trait;

use crate::{
    breakpoint,
    domain::Task,
    driver::{DriverError, Fence, Kind},
    store::Store,
};

/// Asks the database.
#[derive(Debug)]
pub(super) struct ClaimFence {
    pub(super) store: Store,
    pub(super) task: Task,
}

#[async_trait]
impl Fence for ClaimFence {
    async fn confirm(&self) -> Result<(), DriverError> {
        match self.store.task_owned(&self.task).await {
            Ok(true) => {
                breakpoint::hit("worker.confirmed");
                Ok(())
            }
            Ok(false) => Err(DriverError::later(Kind::Cancelled, "the task was taken away")),
            Err(error) => {
                tracing::warn!(resource = %self.task.resource, %error, "cannot confirm a claim");
                Err(DriverError::unknown(
                    Kind::Failed,
                    "the database did not confirm the task",
                ))
            }
        }
    }
}
