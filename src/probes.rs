//! What the health check looks at; adapters between it and the parts that it must not know.

use std::{error::Error, sync::Arc};

use async_trait::async_trait;

use crate::{driver::Driver, http::health::Probe, store::Store};

/// The database answers.
#[derive(Debug)]
pub struct DatabaseProbe(pub Store);

/// The storage is where it was and can be written.
#[derive(Debug)]
pub struct StorageProbe(pub Arc<dyn Driver>);

#[async_trait]
impl Probe for DatabaseProbe {
    async fn probe(&self) -> Result<(), &'static str> {
        self.0.ping().await.map_err(|error| {
            tracing::error!(error = &error as &dyn Error, "the database does not answer");
            "DATABASE"
        })
    }
}

#[async_trait]
impl Probe for StorageProbe {
    async fn probe(&self) -> Result<(), &'static str> {
        self.0.check().await.map_err(|error| {
            tracing::error!(error = &error as &dyn Error, "the storage cannot be used");
            "STORAGE"
        })
    }
}
