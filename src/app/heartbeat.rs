//! Signs of life: what this process is, written to the database every few seconds, so that others know where
//! volumes can go and operators see who is there (`GET /os-services`).

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::backend::Backend;
use crate::{
    clock::Clock,
    domain::Binary,
    standing::{Standing, State},
    store::{Heartbeat, Store, StoreError},
};

/// Writes them.
#[derive(Clone, Debug)]
pub struct Pulse {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) availability_zone: String,
    /// The machine, if this process takes requests.
    pub(super) scheduler: Option<String>,
    /// The back end, if this process works on it.
    pub(super) backend: Option<Backend>,
    /// Told whether the back end can be worked on.
    pub(super) standing: Standing,
}

impl Pulse {
    /// Writes one. A back end that cannot be used keeps silent: nobody should send volumes there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn beat(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let beat = |host, binary, pool, space| {
            self.store.service_beat(Heartbeat {
                host,
                binary,
                availability_zone: &self.availability_zone,
                pool,
                space,
                now,
            })
        };
        if let Some(host) = &self.scheduler {
            beat(host, Binary::Scheduler, None, None).await?;
        }
        let Some(Backend { host, driver, storage }) = &self.backend else {
            return Ok(());
        };
        if self.store.storage_registered(host).await?.as_ref() != Some(storage) {
            tracing::error!(%host, "another storage has taken this one's name; working on nothing until that is mended");
            self.standing.set(State::NotOurs);
            return Ok(());
        }
        let usable = async {
            driver.check().await?;
            driver.space().await
        };
        match usable.await {
            Ok(space) => {
                beat(host.service(), Binary::Volume, Some(host), space).await?;
                self.standing.set(State::Good);
            }
            Err(error) => {
                tracing::error!(%error, %host, "the storage cannot be used");
                self.standing.set(State::Unusable);
            }
        }
        Ok(())
    }

    /// Writes one each `interval` until `stop` fires.
    pub(super) async fn run(self, interval: Duration, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let beats = async {
            loop {
                ticks.tick().await;
                if let Err(error) = self.beat().await {
                    tracing::warn!(%error, "cannot write a sign of life");
                }
            }
        };
        // A storage or database that does not answer must not keep the process from ending.
        tokio::select! {
            () = stop.cancelled() => {}
            () = beats => {}
        }
    }
}
