//! What the back end holds, for use cases that look at it while the caller waits.

use async_trait::async_trait;

use crate::domain::StoredSnapshot;

/// The back end cannot be asked; the cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the back end does not answer")]
pub struct BackendUnavailable;

/// A look into the back end; the application connects it to the driver.
#[async_trait]
pub trait Inventory: Send + Sync + std::fmt::Debug {
    /// Every snapshot in the back end, by name.
    async fn snapshots(&self) -> Result<Vec<StoredSnapshot>, BackendUnavailable>;
}
