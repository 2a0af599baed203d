//! Which tokens are no longer valid before their time.
//!
//! The database has them all; this process keeps a copy in memory, so that a request costs no query. What
//! is revoked here counts here at once, what another process revokes after [`STALE`] at most.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::store::{Store, StoreError};

/// How old the copy may be.
const STALE: TimeDelta = TimeDelta::seconds(1);

/// The revoked ids, with the time from which each does not matter any more.
#[derive(Debug)]
pub struct Revocations {
    store: Store,
    known: RwLock<Known>,
    /// Held by the one that asks the database for all.
    loading: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    ids: HashMap<String, DateTime<Utc>>,
    loaded_at: Option<DateTime<Utc>>,
}

impl Revocations {
    /// Of a database.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            known: RwLock::default(),
            loading: Mutex::default(),
        }
    }

    /// Whether any of these ids is revoked.
    ///
    /// # Errors
    /// [`StoreError`] when the copy is old and the database does not answer: then nobody knows.
    pub async fn any(&self, ids: &[&str], now: DateTime<Utc>) -> Result<bool, StoreError> {
        if !self.is_fresh(now) {
            let _loading = self.loading.lock().await;
            // Somebody else may have been quicker.
            if !self.is_fresh(now) {
                let loaded = self.store.revocations(now).await?;
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                known.ids.retain(|_id, expires_at| *expires_at > now);
                // Added, and not put in the place of what was there: something may have been revoked since.
                known.ids.extend(loaded);
                known.loaded_at = Some(now);
            }
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.iter().any(|id| known.ids.contains_key(*id)))
    }

    /// Revokes, for everybody and for ever: an id has nothing valid after `expires_at`.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is revoked.
    pub async fn add(&self, id: &str, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.store.revocation_insert(id, expires_at).await?;
        self.added(id, expires_at);
        Ok(())
    }

    /// Takes note of what a transaction has revoked.
    pub fn added(&self, id: &str, expires_at: DateTime<Utc>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.ids.insert(id.to_owned(), expires_at);
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        // Not from a time to come either: the clock may have been set back.
        known
            .loaded_at
            .is_some_and(|loaded| loaded <= now && now - loaded < STALE)
    }
}
