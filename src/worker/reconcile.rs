//! Compares what the storage of this worker's host holds with what the database says, both ways.
//!
//! A row whose bytes are gone becomes an error with a message for its owner, but only when a second look, one
//! period after the first, still misses them. What the first look saw is kept in memory: it is a fact about this
//! process's view of the storage, which another process, with a mount of its own, must not confirm; and forgetting
//! it at a restart only means to wait once more. Any number of workers may do this at a time, since each change is
//! a compare-and-swap.
//!
//! What no row is about is told once in the log and shown in the list of manageable snapshots. Nothing is deleted.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::{
    audit::{self, AuditError, Backend, Note, Objects},
    domain::{Gib, Resource, ResourceKind, StoredObject, VolumeId},
    store::KnownObject,
};

/// What earlier looks have seen.
#[derive(Debug, Default)]
pub(super) struct Sightings(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    missing: HashSet<Resource>,
    too_small: HashSet<Resource>,
    unknown: HashSet<(ResourceKind, String)>,
}

/// What one comparison found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// How many objects there are.
    pub held: usize,
    /// Rows whose bytes were missed for the first time.
    pub missed: Vec<Resource>,
    /// Rows that became errors, because their bytes were missed again.
    pub lost: Vec<Resource>,
    /// How many objects no row is about.
    pub unknown: usize,
}

impl Worker {
    /// Looks once. `None` where the storage cannot list what it holds.
    ///
    /// # Errors
    /// [`AuditError`], above all when the storage is not the one that the database knows; nothing is changed then.
    pub async fn reconcile(&self) -> Result<Option<Reconciled>, AuditError> {
        let backend = Backend {
            driver: &*self.driver,
            host: &self.host,
        };
        let Some(found) = Objects::compare(&self.store, backend).await? else {
            return Ok(None);
        };
        if let Some(kind) = found.emptied() {
            return Err(AuditError::Emptied(kind));
        }
        let (again, missed) = self.sightings.note(&found);
        for resource in &missed {
            tracing::warn!(%resource, "its bytes are not in the storage; looking again before anything is done");
        }
        let mut lost = Vec::new();
        for resource in again {
            let request_id = format!("req-{}", self.ids.next().as_hyphenated());
            let note = Note {
                clock: &*self.clock,
                ids: &*self.ids,
                message_ttl: self.options.message_ttl,
                request_id: &request_id,
            };
            if audit::lose(&self.store, backend, resource, note).await? {
                tracing::error!(%resource, request_id, "its bytes are still not in the storage; it is in error now");
                lost.push(resource);
            }
        }
        let unknown = found.unknown.len();
        let held = found.held.len();
        self.tell_others(found.held).await?;
        Ok(Some(Reconciled {
            held,
            missed,
            lost,
            unknown,
        }))
    }

    /// Tells other processes what is here, before anything is compared.
    async fn take_stock(&self) -> Result<(), AuditError> {
        match self.driver.stored_objects().await? {
            Some(held) => self.tell_others(held).await,
            None => Ok(()),
        }
    }

    /// Writes down what is here for processes that cannot look into this storage.
    async fn tell_others(&self, held: Vec<StoredObject>) -> Result<(), AuditError> {
        let snapshots = self.driver.stored_snapshots().await?;
        let volumes = held.into_iter().filter(|object| object.kind == ResourceKind::Volume);
        let volumes = volumes.filter_map(|object| {
            // What is too large to have a size here can be no volume either.
            Gib::at_least(object.bytes).map(|size| KnownObject {
                kind: ResourceKind::Volume,
                name: object.name,
                size: size.get(),
                volume: None,
            })
        });
        let snapshots = snapshots.into_iter().map(|snapshot| KnownObject {
            kind: ResourceKind::Snapshot,
            name: snapshot.name,
            size: snapshot.size.get(),
            volume: snapshot.volume.map(VolumeId::uuid),
        });
        let all = volumes.chain(snapshots).collect();
        self.store.stored_objects_set(&self.host, all, self.clock.now()).await?;
        Ok(())
    }
}

impl Sightings {
    /// Remembers what is missing now, and tells which of it was missing before as well, and which was not. What
    /// else is new goes to the log.
    fn note(&self, found: &Objects) -> (Vec<Resource>, Vec<Resource>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (again, first) = found
            .missing
            .iter()
            .partition(|resource| seen.missing.contains(*resource));
        seen.missing = found.missing.iter().copied().collect();
        for (resource, size, bytes) in &found.too_small {
            if !seen.too_small.contains(resource) {
                tracing::error!(%resource, size = size.get(), bytes, "the storage has fewer bytes of it than its size");
            }
        }
        seen.too_small = found.too_small.iter().map(|(resource, ..)| *resource).collect();
        for object in &found.unknown {
            let key = (object.kind, object.name.clone());
            if !seen.unknown.contains(&key) {
                tracing::info!(kind = %object.kind, name = object.name, "the storage has what no row is about");
            }
        }
        let unknown = found.unknown.iter();
        seen.unknown = unknown.map(|object| (object.kind, object.name.clone())).collect();
        (again, first)
    }
}

/// Looks every now and then until `stop` fires. The first look is one period after the start, when whatever has to
/// be mounted is; what is there is told to the others at once.
pub(super) async fn regularly(worker: Worker, stop: CancellationToken) {
    let Some(period) = worker.options.reconcile_interval else {
        return;
    };
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looks = async {
        if let Err(error) = worker.take_stock().await {
            tracing::warn!(%error, "cannot tell other processes what the storage holds");
        }
        loop {
            ticks.tick().await;
            match worker.reconcile().await {
                Ok(Some(found)) => {
                    tracing::debug!(
                        objects = found.held,
                        unknown = found.unknown,
                        lost = found.lost.len(),
                        "storage and database compared"
                    );
                }
                Ok(None) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(
                        error,
                        "the storage cannot be compared with the database; nothing was changed"
                    );
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = looks => {}
    }
}
