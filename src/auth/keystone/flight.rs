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

use super::Trouble;
use crate::trail;

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
        match self.tasks.spawn(trail::carried(work)).await {
            Ok(value) => value,
            Err(error) => {
                tracing::error!(%error, "the task that asks Keystone broke off");
                Err(Arc::new(Trouble::Nonsense("the task that asked broke off")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use tokio::sync::Semaphore;

    use super::*;

    /// What is made: the how manieth it is.
    #[derive(Debug)]
    struct Made(usize);

    impl Perishable for Made {
        fn keeping(&self) -> Option<Duration> {
            None
        }
    }

    /// Makes numbers, one for each permit that is given.
    #[derive(Clone)]
    struct Maker {
        flights: Flights<u8, Made>,
        started: Arc<AtomicUsize>,
        permits: Arc<Semaphore>,
    }

    impl Maker {
        fn new() -> Self {
            Self {
                flights: Flights::new(10),
                started: Arc::default(),
                permits: Arc::new(Semaphore::new(0)),
            }
        }

        async fn get(&self, good: impl Fn(usize) -> bool + Send + Sync + 'static) -> Result<usize, Arc<Trouble>> {
            let (started, permits) = (Arc::clone(&self.started), Arc::clone(&self.permits));
            let make = async move {
                let number = started.fetch_add(1, SeqCst);
                match permits.acquire().await {
                    Ok(permit) => permit.forget(),
                    Err(_closed) => return Err(Trouble::Nonsense("closed")),
                }
                Ok(Made(number))
            };
            let value = self.flights.get(1, move |made| good(made.0), make).await?;
            Ok(value.0)
        }

        /// Asks in this many tasks, and waits until all of them wait.
        async fn crowd(&self, count: usize) -> tokio::task::JoinSet<Result<usize, Arc<Trouble>>> {
            let mut crowd = tokio::task::JoinSet::new();
            for _ in 0..count {
                let maker = self.clone();
                crowd.spawn(async move { maker.get(|_any| true).await });
            }
            // One thread: whoever can go on has done so when this one is on again.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert_eq!(self.started.load(SeqCst), 1);
            crowd
        }
    }

    #[tokio::test]
    async fn who_gives_up_takes_nothing_from_the_others() {
        let maker = Maker::new();
        let mut first = maker.crowd(1).await;
        let others = maker.crowd(10).await;
        first.shutdown().await;
        maker.permits.add_permits(1);
        let all = others.join_all().await;
        assert!(all.iter().all(|made| matches!(made, Ok(0))), "{all:?}");
        assert_eq!(maker.started.load(SeqCst), 1);
    }

    #[tokio::test]
    async fn all_get_the_same_error_and_nobody_keeps_it() {
        let maker = Maker::new();
        let crowd = maker.crowd(10).await;
        maker.permits.close();
        let all = crowd.join_all().await;
        assert!(all.iter().all(Result::is_err), "{all:?}");
        assert_eq!(maker.started.load(SeqCst), 1);
        assert!(maker.get(|_any| true).await.is_err());
        assert_eq!(maker.started.load(SeqCst), 2);
    }

    #[tokio::test]
    async fn what_is_no_longer_good_is_made_again_once() {
        let maker = Maker::new();
        maker.permits.add_permits(10);
        assert_eq!(maker.get(|_any| true).await.unwrap(), 0);
        assert_eq!(maker.get(|_any| true).await.unwrap(), 0);
        let both = futures_util::join!(maker.get(|number| number > 0), maker.get(|number| number > 0));
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (1, 1));
        assert_eq!(maker.get(|number| number > 0).await.unwrap(), 1);
        // What comes out of a flight is taken, good or not: it could not be any newer.
        assert_eq!(maker.get(|number| number > 5).await.unwrap(), 2);
    }
}
