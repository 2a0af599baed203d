//! The service's look into the back end, connected to the driver.

use std::{error::Error, sync::Arc};

use async_trait::async_trait;

use crate::{
    domain::{Space, StoredSnapshot},
    driver::{Driver, DriverError},
    service::{BackendUnavailable, Inventory},
};

/// The driver of this process.
#[derive(Debug)]
pub struct DriverInventory(pub Arc<dyn Driver>);

#[async_trait]
impl Inventory for DriverInventory {
    async fn space(&self) -> Result<Option<Space>, BackendUnavailable> {
        self.0.space().await.map_err(|error| unavailable(&error))
    }

    async fn snapshots(&self) -> Result<Vec<StoredSnapshot>, BackendUnavailable> {
        self.0.stored_snapshots().await.map_err(|error| unavailable(&error))
    }
}

fn unavailable(error: &DriverError) -> BackendUnavailable {
    tracing::error!(error = error as &dyn Error, "the storage cannot be looked at");
    BackendUnavailable
}
