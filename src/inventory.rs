//! The service's look into the back end, connected to the driver.

use std::{error::Error, sync::Arc};

use async_trait::async_trait;

use crate::{
    domain::StoredSnapshot,
    driver::Driver,
    service::{BackendUnavailable, Inventory},
};

/// The driver of this process.
#[derive(Debug)]
pub struct DriverInventory(pub Arc<dyn Driver>);

#[async_trait]
impl Inventory for DriverInventory {
    async fn snapshots(&self) -> Result<Vec<StoredSnapshot>, BackendUnavailable> {
        self.0.stored_snapshots().await.map_err(|error| {
            tracing::error!(error = &error as &dyn Error, "the storage cannot be listed");
            BackendUnavailable
        })
    }
}
