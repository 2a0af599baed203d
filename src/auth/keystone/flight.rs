//! Values that are made once for all who ask for them meanwhile, and kept as long as they are good.
//!
//! What is being made belongs to a task of its own, so that a client who goes away in the middle takes
//! nothing from the others who wait for the same.

use std::{fmt, future::ready, hash::Hash, sync::Arc, time::Duration};

use moka::{
    Expiry,
    future::{Cache, CacheBuilder},
    ops::compute::Op,
};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::Trouble;

/// A value that says how long it is worth keeping.
pub trait Perishable {
    /// From when it was made; `None` for ever. This only bounds memory: whether a value is good is asked
    /// anew whenever it is taken out.
    fn keeping(&self) -> Option<Duration>;
}

/// The values by key. Clones share them.
pub struct Flights<K, V> {
    kept: Cache<K, Arc<V>>,
    tasks: TaskTracker,
}

impl<K, V> Clone for Flights<K, V> {
    fn clone(&self) -> Self {
        Self {
            kept: self.kept.clone(),
            tasks: self.tasks.clone(),
        }
    }
}

// Not derived: it would print the values.
impl<K, V> fmt::Debug for Flights<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

struct Keeping;

impl<K, V: Perishable> Expiry<K, Arc<V>> for Keeping {
    fn expire_after_create(&self, _key: &K, value: &Arc<V>, _now: std::time::Instant) -> Option<Duration> {
        value.keeping()
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Perishable + Send + Sync + 'static,
{
    /// Keeps at most `size` values.
    pub fn new(size: u64) -> Self {
        Self {
            kept: CacheBuilder::new(size).expire_after(Keeping).build(),
            tasks: TaskTracker::new(),
        }
    }

    /// The kept value, good or not.
    pub async fn kept(&self, key: &K) -> Option<Arc<V>> {
        self.kept.get(key).await
    }

    /// The kept value if it is `good`, else what `make` makes. Everybody who waits for it gets the same,
    /// even the same error; errors are not kept.
    ///
    /// # Errors
    /// [`Trouble`] of `make`.
    pub async fn get<F>(
        &self,
        key: K,
        good: impl Fn(&Arc<V>) -> bool + Send + Sync + 'static,
        make: F,
    ) -> Result<Arc<V>, Arc<Trouble>>
    where
        F: Future<Output = Result<V, Trouble>> + Send + 'static,
    {
        if let Some(value) = self.kept.get(&key).await.filter(&good) {
            return Ok(value);
        }
        let kept = self.kept.clone();
        let work = async move {
            // One after the other for each key, so that nobody throws away what another has just made
            // in place of the same bad value.
            kept.entry_by_ref(&key)
                .and_compute_with(|entry| {
                    ready(match entry {
                        Some(entry) if !good(entry.value()) => Op::Remove,
                        Some(_) | None => Op::Nop,
                    })
                })
                .await;
            kept.try_get_with(key, async { make.await.map(Arc::new) }).await
        };
        match self.tasks.spawn(work.in_current_span()).await {
            Ok(value) => value,
            Err(error) => {
                tracing::error!(%error, "the task that asks Keystone broke off");
                Err(Arc::new(Trouble::Nonsense("the task that asked broke off")))
            }
        }
    }
}
