//! What the health check looks at; adapters between it and the parts that it must not know.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::{driver::Driver, http::health::Probe, store::Store};

/// How long a good look at the storage counts: it writes, and anybody may ask as often as he likes.
const COUNTS: Duration = Duration::from_secs(2);
/// How long a look may take. A broken disk may never answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database answers.
#[derive(Debug)]
pub struct DatabaseProbe(pub Store);

/// The storage is where it was and can be written.
#[derive(Debug)]
pub struct StorageProbe {
    driver: Arc<dyn Driver>,
    /// When it was last in order.
    good: Mutex<Option<Instant>>,
}

impl StorageProbe {
    /// A probe of what the driver reaches.
    pub fn new(driver: Arc<dyn Driver>) -> Self {
        Self {
            driver,
            good: Mutex::default(),
        }
    }

    async fn look(&self) -> bool {
        match tokio::time::timeout(PATIENCE, self.driver.check()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn Error, "the storage cannot be used");
                false
            }
            Err(_elapsed) => {
                tracing::error!("the storage does not answer");
                false
            }
        }
    }
}

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
        // One look at a time: who comes meanwhile waits for it and takes its word.
        let mut good = self.good.lock().await;
        if good.is_some_and(|when| when.elapsed() < COUNTS) {
            return Ok(());
        }
        if self.look().await {
            *good = Some(Instant::now());
            return Ok(());
        }
        *good = None;
        Err("STORAGE")
    }
}
